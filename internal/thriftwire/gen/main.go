// Command gen writes the Go types, encoders and decoders of package thriftwire from the description
// of Cassandra's interface in cassandra.thrift. Run it with go generate in the directory of that
// package. A test there fails if the committed files differ from gen's output.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run() error {
	files, err := generate("cassandra.thrift")
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns the contents of the generated files by file name.
func generate(description string) (map[string][]byte, error) {
	text, err := os.ReadFile(description)
	if err != nil {
		return nil, err
	}
	f, err := parse(description, string(text))
	if err != nil {
		return nil, err
	}
	return emit(f)
}
