// Package differential compares what package thriftserver says with what real Cassandra
// says to the same requests, right and wrong ones: its test sends one list to each.
//
// The answers of real nodes are recorded in testdata, so that the comparison needs
// none. With real nodes (see package realcass) the records are checked too, and
// rewritten by -rewrite. Each answer of ours that differs from that of
// Cassandra 1.2, which the server acts as, must be listed in differences.txt with its reason.
package differential
