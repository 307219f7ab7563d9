// Package interop shows that clients that others wrote take thriftserver for a node
// of Cassandra. It has tests only:
//
//	WIDEROW_TEST_CLIENTS=1 go test ./internal/testkit/interop
//
// gets the clients from their registries, has each do the work of the scripts in its directory of
// testdata against a server in the test's process, and compares what the client printed with what it
// printed when it did the same work on Cassandra 1.2.19, which is kept beside the script.
//
//	WIDEROW_TEST_CLIENTS=1 WIDEROW_TEST_CASSANDRA=1.2.19 go test ./internal/testkit/interop -rewrite
//
// starts Cassandra and rewrites the transcripts; without -rewrite it compares. What is bound to differ, such
// as timestamps, is replaced by the rules in rules_test.go before anything is compared or kept.
//
// Needed are Java 11 or later with its compiler, and Maven.
package interop
