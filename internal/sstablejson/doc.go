// Package sstablejson reads the files of Cassandra's tools that print tables as JSON: sstable2json of 1.2 to 2.2, and
// sstabledump of 3.0 and later.
//
// A [Reader] cuts a file into parts: a row, or some columns of a long one. A [Decoder] reads a part as changes to a row:
// live columns with their timestamps, and tombstones. A column that expires does so when it would have in
// Cassandra, and one that has expired is a tombstone.
//
// # Counters
//
// sstable2json prints a counter as Cassandra stores it: the count of each replica. The sum is what the counter has if
// the table is the only one of its family, which nodetool compact brings about. Tombstones of counters hide what they
// cover in the same row, and write nothing: what is loaded sets counters, whatever they had.
// sstabledump prints no counts at all.
package sstablejson
