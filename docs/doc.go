// Package docs is the manual: the pages in Markdown, and the tests that run their examples.
//
// Each block of Go of a page PAGE.md stands word for word in PAGE_test.go: in an Example function, whose output is
// compared, or as a declaration. Each block of the shell, which has prompts `>>>`, runs in the shell on the keyspace of
// `widerow shell --demo`, one session for a page, and must print what the page shows.
//
//	go test ./docs                          runs all examples
//	go test ./docs -run Shell -rewrite      writes what the shell prints into the pages
//	WIDEROW_TEST_CASSANDRA=1.2,3.11,5.0 go test ./docs -run Cassandra
//	                                        runs the shell's examples on real Cassandra
package docs
