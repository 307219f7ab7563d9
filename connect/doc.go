// Package connect opens stores by URL. It is the one place that knows all backends:
// a program that imports it moves from its own disk to a cluster by changing a string.
//
//	db, err := connect.Open(ctx, "embedded:data")
//
// # URLs
//
//	embedded:DIR[?partitioner=P&durability=D]
//	memory:[?partitioner=P]
//
// embedded: is the engine of package embedded on the folder DIR, which is created
// if it does not exist; %3F stands for a question mark in it. memory: is the
// same engine without a disk: the store is empty when it is opened and gone when it
// is closed.
//
// The partitioner is byteordered (the default: rows are in the order of their
// keys' bytes), orderpreserving (for keys that are text), random or murmur3; it is
// chosen when the store is created. The durability is sync (the default: an acknowledged write is on
// disk), an interval such as 10s (writes are synced that often) or none (the
// system decides).
//
// thrift: and cql: URLs, for Cassandra over its Thrift interface and its native protocol, are
// recognised and answered with [widerow.ErrUnsupported]: their clients are not
// part of this version.
package connect
