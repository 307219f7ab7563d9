// Package archtest tests that the module keeps to its architecture. Its tests check the
// direction of imports, the documentation, the length of files, and texts that files must
// not contain. The package has only tests.
//
// A new package needs a line in the table of imports_test.go. ARCHITECTURE.md has a drawing
// of the layers in that table.
package archtest
