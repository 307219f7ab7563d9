// Package interop tests that clients of other projects work with thriftserver as with a node of
// Cassandra. The package has only tests:
//
//	WIDEROW_TEST_CLIENTS=1 go test ./internal/testkit/interop
//
// downloads the clients from their registries. Each client has a directory of scripts in testdata. The
// tests run each script with its client against a server in the test's process, and compare the output
// of the client with a transcript. The transcript is the client's output for the same script on
// Cassandra 1.2.19. It is stored beside the script.
//
//	WIDEROW_TEST_CLIENTS=1 WIDEROW_TEST_CASSANDRA=1.2.19 go test ./internal/testkit/interop -rewrite
//
// starts Cassandra and rewrites the transcripts. Without -rewrite, it compares them with Cassandra's
// answers. Some output always differs between runs, such as timestamps. The rules in rules_test.go
// replace such output before an output is compared or stored.
//
// The tests need Java 11 or later with its compiler, and Maven.
package interop
