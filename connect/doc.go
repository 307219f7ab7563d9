// Package connect opens stores by URL. It is the only package that knows all backends. A
// program that imports package connect moves from its own disk to a cluster by changing a
// string.
//
//	db, err := connect.Open(ctx, "embedded:data")
//
// # URLs
//
//	embedded:DIR[?partitioner=P&durability=D&readonly=true&cache=SIZE&memtable=SIZE]
//	memory:[?partitioner=P&cache=SIZE&memtable=SIZE]
//
// embedded: is the engine of package embedded on the directory DIR, which is created if it does
// not exist. A question mark in DIR is written %3F. memory: is the same engine without a disk:
// the store is empty when it is opened, and its data is lost when it is closed.
//
// The partitioner is byteordered (the default: rows are in the order of their keys' bytes),
// orderpreserving (for keys that are text), random or murmur3. It is chosen when the store is
// created. The durability is sync (the default: an acknowledged write is on disk), an interval
// such as 10s (writes are synced that often) or none (the operating system decides). With
// readonly=true an existing store is opened for reading only. This works on a read-only medium
// and on a full disk, and while other readers have the store open. The sizes, such as 32MiB, are
// CacheSize and MemTableSize of [github.com/widerow/widerow/embedded.Options]: most of the memory
// that a store takes.
//
//	thrift://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][/KEYSPACE][?PARAMETERS]
//
// thrift: is a cluster of Cassandra 0.7 to 3.11 over its Thrift interface. The hosts are some of
// its nodes. The port is 9160 by default. If a keyspace is named, it must exist. The parameters
// set the fields of the same names in [github.com/widerow/widerow/thriftclient.Options]:
//
//	timeout, schema_timeout, dial_timeout    times such as 500ms; forever
//	pool_size, max_overflow, recycle, max_retries    numbers; unlimited
//	pool_timeout    how long a call waits for a connection
//	framed, discovery, prefill    true (the default) or false
//	tls    true encrypts; so does each of the following parameters
//	tls_ca, tls_cert, tls_key    files
//	tls_name    the name in the certificates of all servers; default: each server's listed name
//	tls_node_name    the name in the certificates of nodes that are not listed but found in the ring
//
//	cql://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]…][/KEYSPACE][?PARAMETERS]
//
// cql: is a cluster of Cassandra 3.11, 4 or 5 over CQL's native protocol. The default port is 9042. If the URL names a keyspace,
// that keyspace must exist. The parameters set the fields of the same names in [github.com/widerow/widerow/cqlclient.Options]:
//
//	timeout, connect_timeout, schema_timeout, speculative_delay, write_delay    durations such as 500ms
//	max_retries, speculative_attempts, connections, parallel, page_size    numbers
//	batch_bytes, batch_statements, statements    numbers
//	local_datacenter, local_rack    names
//	compression    lz4 or snappy
//	protocol    4 or 5
//	discovery    true (the default) or false
//	tls, tls_ca, tls_cert, tls_key, tls_name    as above
//
// If a user or password contains a character that has a meaning in URLs, write the character with %: @ as %40, ? as %3F.
package connect
