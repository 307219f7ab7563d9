// Package sstablejson reads the files of Cassandra's tools that print tables as JSON: sstable2json of 1.2 to 2.2, and
// sstabledump of 3.0 and later.
//
// A [Reader] cuts a file into parts. A part is a row, or some columns of a long row. A [Decoder] decodes a part to changes
// to a row: live columns with their timestamps, and tombstones. An expiring column expires at the same time as in
// Cassandra. A column that has expired is a tombstone.
//
// # Counters
//
// sstable2json prints a counter as Cassandra stores it: the count of each replica. If the table is the only table of its
// family, as after nodetool compact, the sum of these counts is the count of the counter. Tombstones of counters hide
// the counters that they cover in the same row. They are not written to the store, because a load sets counters, whatever
// their previous counts. sstabledump prints no counts.
package sstablejson
