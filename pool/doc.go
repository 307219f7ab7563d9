// Package pool keeps connections to the nodes of a cluster and shares them among
// goroutines. It does not know the protocol of a connection: a dial function opens a
// connection, and the methods of [Conn] close it and report whether it is alive.
//
//	p, err := pool.New(ctx, pool.Servers("cass1:9160", "cass2:9160"), dial, nil)
//	defer p.Dispose()
//	err = p.Do(ctx, pool.Call{}, func(ctx context.Context, c *Client) error {
//		return c.Insert(ctx, ...)
//	})
//
// The rules are those of pycassa's ConnectionPool, and so are the defaults.
//
// # Taking and giving back
//
// [Pool.Do] takes a connection, calls a function with it and gives it back. If the error
// says that this may help, Do retries the call on another server. If every server refused
// the connection, Do pauses and connects again. [Pool.Get] returns a connection for raw
// use, and [Lease.Release] gives it back. Idle connections form a queue: the connection
// that was idle for the longest time is taken first, so load spreads evenly over the
// servers. A caller may prefer certain servers, such as the owners of a row. If there is
// an idle connection to a preferred server, the caller gets that connection; otherwise it
// gets any other connection at once.
//
// The pool keeps [Settings.Size] connections. While fewer are open, each Get that finds an
// idle connection also opens another one in the background. If no connection is idle, up
// to [Settings.MaxOverflow] more are opened; they are closed when they are given back to
// a full pool. At this limit, a caller waits in a line that is served in order, for at
// most [Settings.WaitTimeout] or until its context ends. [Settings.MaxWaiters] bounds the
// line, so that a cluster that does not answer does not fill the memory of its clients.
//
// The pool checks that a connection is alive each time before a caller gets it, and every
// [Settings.Sweep] while it is idle. A connection that the server has closed is discarded,
// and no caller sees it. After [Settings.Recycle] operations a connection is replaced: the
// new connection is opened first, in the background, and the old one serves until then. So
// a failed replacement loses nothing.
//
// # Hosts
//
// A host that refuses a connection, or whose error is classified as [HostDown], is set
// aside: its idle connections are closed, and it is used only if every other host is
// aside too. The host is dialed again in the background, first after [Settings.MinAside],
// then after twice as long each time, up to [Settings.MaxAside]. One answer brings the host
// back: a dial that succeeds, or a call that was still running. Connections are then moved
// to the host until it has its share. If all hosts are aside, each caller still tries
// them.
//
// If the deadline of the caller ends a call or a dial, this does not prove that the host
// is down: the host stays in use, and is dialed in the background to find out.
//
// # Errors
//
// The function [Options.Classify] returns the meaning of an error as a set of [Fault]
// bits. The default is [NetworkFault], which knows the errors of package net. An error
// without bits concerns only the request: it is returned unchanged, and the connection
// stays in the pool. [ErrAllServersUnavailable], [ErrNoConnectionAvailable] and
// [ErrMaximumRetry] each have a type with the details, which unwraps to the cause.
//
// # Watching
//
// [Events] is a set of functions that are called at pycassa's nine events and two more;
// [LogEvents] writes them to a log, [Stats] counts them.
//
// If a function of Events, the dial function, a list of servers, or Close or Alive of a
// connection panics, the pool recovers the panic and stays usable. The panic is logged
// (except a panic of Alive), and returned as an error if the function returns one. If the
// function that [Pool.Do] calls panics, Do closes the connection, and the panic goes on to
// the caller.
//
// # Locks
//
// A Pool has one mutex, Pool.mu, and Stats has its own. They are never held at once. The
// dial function, Close, lists of servers and functions of Events are called without
// Pool.mu, so they may call the pool (except [Pool.Dispose], which waits for them). The
// only foreign function that is called under Pool.mu is Alive, during a sweep; so Alive
// must not block.
package pool
