// Package thriftclient is the backend for real Cassandra clusters from 0.7 to
// 3.11, over their Thrift interface.
//
//	client, err := thriftclient.Open(ctx, []string{"cass1", "cass2"}, nil)
//	db := widerow.New(client, nil)
//
// # The pool
//
// A client keeps a pool of connections by the rules of pycassa's ConnectionPool.
// [Options] and [pool.Settings] have all of its settings. The zero value of a setting
// is pycassa's default unless its comment says otherwise.
//
// A call that failed because of a connection, a server or too few replicas is retried
// on another server, up to [pool.Settings.MaxRetries] times with growing pauses. If
// every server refuses connections, for example while the only server restarts, the
// client connects again after the same pauses. A call that would fail again is not
// retried: an invalid request, a failed login, a fault inside the server. Increments of
// counters are not retried either, unless [Options.RetryCounters] is set.
//
// A host that fails is set aside, and probed in the background until it answers.
// A connection that the server has closed is recognised before it is used.
// These are events of the pool: [Client.Listen] adds functions that are called for
// them, [Options.Logger] logs them, and [pool.Stats] counts them. Package metrics
// exports the counts.
//
// # The ring
//
// Unless [Options.NoDiscovery] is set, the client reads the ring of each keyspace that is used, and
// reads it again every [Options.RingRefresh]. The nodes that it finds become servers of the pool. A
// call about one row goes to a node that owns the row. A call about several keys goes to their nodes
// in parallel.
//
// A listed server stays a server of the pool under its listed name, whatever the ring says. If a
// listed name resolves to a node of the ring, the node keeps that name, so that TLS verifies the name
// and not the address of the ring. The other nodes of the ring are verified by [Options.TLSNodeName]
// or by their address. A node that cannot be verified is set aside, and its error says which setting
// to change.
//
// # Errors
//
// Every error matches one of the Err values of package backend or the error of the context.
// ErrUnavailable means that nothing was tried: too few replicas were alive, no server
// could be connected to ([pool.ErrAllServersUnavailable]), or no connection was free
// ([pool.ErrNoConnectionAvailable]). ErrTimedOut means that a write may or may not have
// been made: too few replicas answered in time, or the connection broke. If retries
// failed too, the error also matches [pool.ErrMaximumRetry] and wraps the last failure.
// If a request does not fit into a message of [Options.FrameLimit], the error matches
// ErrInvalidRequest.
//
// # Versions
//
// The client asks for the server's version when it connects. If the version cannot answer a
// request, the request fails with ErrUnsupported. Some requests are rewritten so that every
// version gives the same answer. For example, one call may find the rows of an index clause or a
// filter, and a second call read them.
package thriftclient
