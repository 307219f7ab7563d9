// Package pool keeps connections to the nodes of a cluster and shares them among
// goroutines. It does not know the protocol of a connection: a dial
// function makes one, and a [Conn] closes and tells whether it is alive.
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
// [Pool.Do] takes a connection, calls a function with it and gives it back; it
// repeats the call on another server if the error says that this may help, and
// connects again, after a pause, if every server refused the connection.
// [Pool.Get] hands out a connection for raw use, [Lease.Release] gives it back.
// Idle connections form a queue: the one that was idle for longest goes out first, so
// load spreads evenly over the servers. A caller that prefers certain servers
// (those that own a row) gets an idle connection to one of them if there is one
// and any other at once if there is none.
//
// The pool keeps [Settings.Size] connections. While fewer are open, each Get that finds
// an idle one also opens one more in the background. Up to
// [Settings.MaxOverflow] more are opened when none is idle, and discarded when
// they come back and the pool is full. Beyond this a caller waits in a line that is served in order,
// for at most [Settings.WaitTimeout] and while its context lasts. The line is bounded by
// [Settings.MaxWaiters], so that a cluster that stands still does not fill the
// memory of its clients.
//
// A connection is asked whether it is alive each time before it goes out, and
// every [Settings.Sweep] while it is idle: one that the server has closed is discarded
// and never seen by a caller. After [Settings.Recycle] operations a connection is
// replaced: the new one is opened first, in the background, and the old one
// serves until then, so a failed replacement loses nothing.
//
// # Hosts
//
// A host that refuses a connection, or whose error is classified as [HostDown],
// is set aside: its idle connections are closed, and it is used only if
// every other is aside too. In the background it is dialed again, first after
// [Settings.MinAside], then after twice as long each time up to
// [Settings.MaxAside]. One answer brings it back: a dial that succeeds, or a call
// that was still under way. Connections then move over until it has its share. If all
// hosts are aside, each caller still tries them.
//
// A call or dial that was cut short by the deadline of its caller is no proof
// against a host: it is dialed in the background to find out.
//
// # Errors
//
// The function [Options.Classify] tells what an error means, as a set of [Fault]
// bits; [NetworkFault] is the default and knows the errors of package net. An
// error without bits belongs to the request: it is returned as it is, and the
// connection stays in the pool. [ErrAllServersUnavailable],
// [ErrNoConnectionAvailable] and [ErrMaximumRetry] each have a type with the
// details, which unwraps to the cause.
//
// # Watching
//
// [Events] is a set of functions that are called at pycassa's nine events and two more;
// [LogEvents] writes them to a log, [Stats] counts them.
//
// A panic of a function of Events, of the dial function, of a list of servers, or of Close or Alive of a
// connection does no harm to the pool: it goes no further, and is logged (except that of Alive) and,
// where there is an error to return, returned as one. A panic of the function that [Pool.Do] calls goes on to the
// caller when the connection is closed.
//
// # Locks
//
// A Pool has one mutex, Pool.mu, and Stats has its own. They are never held at once. Dialing,
// closing, listing servers and the functions of Events happen without Pool.mu, so
// these may call the pool (but not [Pool.Dispose], which waits for them). The one foreign call under
// Pool.mu is Alive during a sweep, which is why it must not block.
package pool
