// Package thriftserver serves a store to the clients of Cassandra's Thrift
// interface: Hector, Astyanax, pycassa, cassandra-cli and what was generated from
// cassandra.thrift, from 0.7 on. To them it is a node of Cassandra 1.2 to 2.1.
//
//	store, err := embedded.Open("data", nil)
//	server, err := thriftserver.New(store, nil)
//	err = server.ListenAndServe() // 127.0.0.1:9160
//
// The server knows nothing of what store is behind: it needs a
// [backend.Backend], and uses what else the store can do, such as
// [backend.Splitter] and [backend.Comparer], if it can.
//
// # Connections
//
// The first bytes of a connection show whether its messages are framed or unframed, and strict or
// old-style, so that all kinds of clients share a port. One
// goroutine serves a connection: it answers the requests in the order in which they
// come. The keyspace and the user of a connection are what its client last set.
//
// # Errors
//
// What the store refuses becomes the exception that Cassandra throws, with its
// reason. Anything that has no exception of its own is an application exception
// of Thrift, and is logged if it is a fault of the server.
//
// # Limits
//
// A server is meant to survive its clients. [Options] bounds connections, the
// length of messages, the time that one may take to come and to be taken, the
// calls that run at once, and the bytes that are held for all. Memory is
// taken as bytes arrive, never as a length claims.
package thriftserver
