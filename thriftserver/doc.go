// Package thriftserver serves a store to the clients of Cassandra's Thrift
// interface, from 0.7 on: Hector, Astyanax, pycassa, cassandra-cli and code that was generated from
// cassandra.thrift. To them the server is a node of Cassandra 1.2 or, with Options.Version, of
// another version.
//
//	store, err := embedded.Open("data", nil)
//	server, err := thriftserver.New(store, nil)
//	err = server.ListenAndServe() // 127.0.0.1:9160
//
// The server works with any [backend.Backend]. If the store also implements
// [backend.Splitter] or [backend.Comparer], the server uses that.
//
// # Connections
//
// The first bytes of a connection show whether its messages are framed or unframed, and strict or
// old-style, so that all kinds of clients share a port. One
// goroutine serves a connection: it answers the requests in the order in which they
// arrive. A connection keeps the keyspace and the user that its client has set last.
//
// # Errors
//
// An error of the store becomes the exception that Cassandra throws, with its
// reason. An error without such an exception becomes an application exception
// of Thrift, and is logged if it is a fault of the server.
//
// # Limits
//
// No client can exhaust a server. [Options] bounds the number of connections, the
// length of messages, the time to send a message and to take a reply, the
// calls that run at once, and the memory for all of them. Memory is
// allocated as bytes arrive, never because a length field claims them.
package thriftserver
