// Package connect opens stores by URL. It is the one place that knows all backends:
// a program that imports it moves from its own disk to a cluster by changing a string.
//
//	db, err := connect.Open(ctx, "embedded:data")
//
// # URLs
//
//	embedded:DIR[?partitioner=P&durability=D&readonly=true&cache=SIZE&memtable=SIZE]
//	memory:[?partitioner=P&cache=SIZE&memtable=SIZE]
//
// embedded: is the engine of package embedded on the directory DIR, which is created
// if it does not exist; %3F stands for a question mark in it. memory: is the
// same engine without a disk: the store is empty when it is opened and gone when it
// is closed.
//
// The partitioner is byteordered (the default: rows are in the order of their
// keys' bytes), orderpreserving (for keys that are text), random or murmur3; it is
// chosen when the store is created. The durability is sync (the default: an acknowledged write is on
// disk), an interval such as 10s (writes are synced that often) or none (the
// system decides). With readonly=true a store that exists is opened for reading only, which works
// on a read-only medium and a full disk, and beside other readers. The sizes, such as 32MiB, are those of [github.com/widerow/widerow/embedded.Options], CacheSize and
// MemTableSize: most of the memory that a store takes.
//
//	thrift://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][/KEYSPACE][?PARAMETERS]
//
// thrift: is Cassandra 0.7 to 3.11 over its Thrift interface, by some of the nodes; the port
// is 9160 by default. A keyspace that is named must exist. The parameters are those of
// [github.com/widerow/widerow/thriftclient.Options] of the same name:
//
//	timeout, schema_timeout, dial_timeout    times such as 500ms; forever
//	pool_size, max_overflow, recycle, max_retries    numbers; unlimited
//	pool_timeout    how long a call waits for a connection
//	framed, discovery, prefill    true (the default) or false
//	tls    true encrypts; so does each of those that follow
//	tls_ca, tls_cert, tls_key    files
//	tls_name    the name in the certificates of all servers; default: as each is listed
//	tls_node_name    the name in those of nodes that were found in the ring, not listed
//
//	cql://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][/KEYSPACE][?PARAMETERS]
//
// cql: is Cassandra 3.11, 4 and 5 over its native protocol, CQL; the port is 9042 by default. A keyspace that is named
// must exist. The parameters are those of [github.com/widerow/widerow/cqlclient.Options] of the same name:
//
//	timeout, connect_timeout, schema_timeout, speculative_delay    times such as 500ms
//	max_retries, speculative_attempts, connections, parallel, page_size    numbers
//	batch_bytes, batch_statements, statements    numbers
//	local_datacenter, local_rack    names
//	compression    lz4 or snappy
//	protocol    4 or 5
//	discovery    true (the default) or false
//	tls, tls_ca, tls_cert, tls_key, tls_name    as above
//
// What has a meaning in URLs is written with % in a user or password: @ as %40, ? as %3F.
package connect
