// Package archtest holds the module to its architecture: tests for the direction
// of imports, documentation, length of files and what may not stand in them. It
// has no code of its own.
//
// A new package needs a line in the table of imports_test.go. The layers that the
// table spells out are drawn in ARCHITECTURE.md.
package archtest
