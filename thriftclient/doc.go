// Package thriftclient is the backend for real Cassandra clusters from 0.7 to
// 3.11, over their Thrift interface.
//
//	client, err := thriftclient.Open(ctx, []string{"cass1", "cass2"}, nil)
//	db := widerow.New(client, nil)
//
// # The pool
//
// A client keeps a pool of connections by the rules of pycassa's ConnectionPool;
// [Options] and [pool.Settings] have all of its settings, by which the zero
// value is pycassa's default where no comment says otherwise. A call that failed
// because of a connection, a server or too few replicas is repeated on another
// server, up to [pool.Settings.MaxRetries] times with growing pauses. If every server refuses connections, as the
// only one does while it restarts, the client connects again after the same pauses. What would
// fail again is not repeated: an invalid request, a failed login, a fault inside the server. Neither are
// increments of counters, unless [Options.RetryCounters] is set.
//
// A host that fails is set aside, and probed in the background until it answers.
// A connection that the server has closed is recognised before it is used.
// [Client.Listen] adds functions to call as such things happen, [Options.Logger]
// logs them, [pool.Stats] counts them; package metrics exports them.
//
// # The ring
//
// Unless [Options.NoDiscovery] is set, the client reads the ring of each keyspace that is used, and again
// from time to time. The nodes that it finds become servers of the pool; a call about one row
// goes to a node that owns it; several keys are asked for from their nodes in parallel.
//
// A listed server stays a server of the pool under the name that it was listed by, whatever the ring
// says. A node that a listed name stands for keeps that name, so that TLS verifies the name and
// not the address of the ring. The other nodes of the ring are verified by [Options.TLSNodeName]
// or their address. A node that cannot be verified is set aside, and its error says which setting to change.
//
// # Errors
//
// Every error matches one of the Err values of package backend or the error of the context.
// ErrUnavailable means that nothing was tried, because too few replicas were alive, no server
// could be connected to ([pool.ErrAllServersUnavailable]) or no connection was free ([pool.ErrNoConnectionAvailable]).
// ErrTimedOut means that a write may or may not have been made: too few replicas answered in
// time, or the connection broke. After retries [pool.ErrMaximumRetry] matches too, and the
// last failure is in the chain. A request that does not fit into a message of [Options.FrameLimit] is
// an ErrInvalidRequest.
//
// # Versions
//
// The client asks for the server's version when it connects. A request that the version cannot answer fails with ErrUnsupported.
// Some requests are rewritten so that every version gives the same answer: the rows of an index clause or a
// filter may be found by one call and read by a second.
package thriftclient
