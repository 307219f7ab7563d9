// Package differential compares the answers of package thriftserver with the answers of real
// Cassandra to the same requests, valid and invalid. Its test sends the same list to both.
//
// The answers of real nodes are recorded in testdata, so that the comparison needs no
// nodes. With real nodes (see package realcass) the test also checks the records, and -rewrite
// rewrites them. The server acts as Cassandra 1.2. Each of our answers that differs from that of
// Cassandra 1.2 must be listed in differences.txt with its reason.
package differential
