// Package cli is the program widerow: a file and a test for each command.
//
// Commands work on the store that --store names. A command writes its results to the standard
// output, and all other text to the standard error. The error of a command says what was asked,
// what was wrong and what to do. [Run] converts the error to an exit code.
package cli
