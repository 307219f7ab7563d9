// Package cli is the program widerow: a file and a test for each command.
//
// Commands work on the store that --store names. Results go to the standard
// output, all else to the standard error. A command returns an error that says
// what was asked, what was wrong and what to do; [Run] turns it into an exit code.
package cli
