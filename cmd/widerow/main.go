// Command widerow loads, dumps and looks into stores of wide rows.
//
// Run widerow --help for its commands.
package main

import (
	"os"

	"github.com/widerow/widerow/internal/cli"
)

func main() { os.Exit(cli.Main()) }
