package pool

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/widerow/widerow/internal/guard"
)

// Conn has the methods that a pool needs of a connection.
type Conn interface {
	// Close closes the connection. It is called once.
	Close() error
	// Alive reports whether the connection can still be used. It must not block, send
	// anything or call the pool, so it reports only what it can check at once. For a
	// socket, Alive checks that there are no bytes to read and that the peer has not
	// closed the connection. Alive is called only while the connection is not in use.
	Alive() bool
}

// ServerList returns the servers to connect to, in the form that the dial
// function understands. A server that is listed twice gets twice as many connections.
type ServerList func(ctx context.Context) ([]string, error)

// Servers returns a list of exactly these servers.
func Servers(servers ...string) ServerList {
	return func(context.Context) ([]string, error) { return servers, nil }
}

// A Pool shares connections of type C. It is safe for concurrent use. [New] makes a Pool; a nil or zero Pool must not be used.
type Pool[C Conn] struct {
	dial     func(ctx context.Context, server string) (C, error)
	classify func(error) Fault
	shuffle  func([]string)
	log      *slog.Logger // for panics of the caller's functions

	// life ends when the pool is disposed. Then wg waits for the background
	// goroutines.
	life    context.Context
	end     context.CancelFunc
	wg      sync.WaitGroup
	resweep chan struct{}

	stats     *Stats // counts of all events
	listeners atomic.Pointer[[]*Events]
	set       atomic.Pointer[Settings] // written with mu held

	mu     sync.Mutex
	closed bool
	source ServerList
	hosts  map[string]*host[C]
	order  []*host[C] // each host once, in the shuffled order
	turn   int        // where in order the next dial begins
	idle   queue[conn[C]]
	// total is the number of slots in use: idle and leased connections, and running
	// dials for new connections.
	total, dialing int
	line           line[C]
	lastID         uint64
	// At most one background dial adds a connection at a time, and at most one
	// replaces a connection.
	growing, replacing bool
	// unbalanced is set if a host may have less than its share.
	unbalanced bool
}

// A conn is an open connection. Pool.mu protects all fields except the first group.
type conn[C Conn] struct {
	pool *Pool[C]
	id   uint64
	raw  C
	host *host[C]
	// lease is the number of the lease that holds the connection, or 0 if it is not
	// leased. A release swaps lease to 0, so that a second release has no effect.
	lease atomic.Uint64

	leases  uint64 // given out so far
	ops     int    // operations so far
	counted bool   // in Pool.total
	// heir was dialed to take the slot of this connection once it is given back.
	heir *conn[C]

	resting bool // in the queues of idle ones
	inPool  links[conn[C]]
	inHost  links[conn[C]]
}

// alive reports whether the connection can be used. If Alive panics, it cannot.
func (c *conn[C]) alive() (alive bool) {
	defer func() {
		if recover() != nil {
			alive = false
		}
	}()
	return c.raw.Alive()
}

func (c *conn[C]) info() ConnInfo { return ConnInfo{c.id, c.host.server} }

var pools atomic.Uint64

// New returns a pool of connections to the listed servers, which dial opens. Opts may
// be nil.
//
// Dial must return when its context ends, and must then leave no connection open. The
// context is for dialing only, and ends when dial has returned. Unless [Options.NoPrefill]
// is set, New opens connections within ctx, and fails with [ErrAllServersUnavailable] if
// no server answers. The caller must call [Pool.Dispose] in the end.
func New[C Conn](ctx context.Context, servers ServerList, dial func(ctx context.Context, server string) (C, error), opts *Options) (*Pool[C], error) {
	if opts == nil {
		opts = &Options{}
	}
	set, err := opts.normal()
	if err != nil {
		return nil, err
	}
	if set.Name == "" {
		set.Name = fmt.Sprintf("pool-%d", pools.Add(1))
	}
	log := guard.Logger(opts.Logger)
	stats := new(Stats)
	counted := stats.Events()
	listeners := []*Events{&counted, &opts.Events}
	if opts.Logger != nil {
		events := LogEvents(log)
		listeners = append(listeners, &events)
	}
	p := newPool(dial, set, listeners, log)
	p.stats = stats
	p.classify = opts.Classify
	if p.classify == nil {
		p.classify = NetworkFault
	}
	p.shuffle = opts.Shuffle
	if p.shuffle == nil {
		p.shuffle = func(s []string) { rand.Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] }) }
	}
	return p, p.start(ctx, servers, !opts.NoPrefill)
}

func newPool[C Conn](dial func(context.Context, string) (C, error), set Settings, listeners []*Events, log *slog.Logger) *Pool[C] {
	p := &Pool[C]{
		dial:    dial,
		log:     log,
		resweep: make(chan struct{}, 1),
		hosts:   map[string]*host[C]{},
		idle:    queue[conn[C]]{at: func(c *conn[C]) *links[conn[C]] { return &c.inPool }},
	}
	p.line.at = func(w *waiter[C]) *links[waiter[C]] { return &w.inLine }
	p.life, p.end = context.WithCancel(context.Background())
	p.set.Store(&set)
	p.listeners.Store(&listeners)
	return p
}

// start lists the servers and fills the pool; on failure it disposes the pool.
func (p *Pool[C]) start(ctx context.Context, servers ServerList, prefill bool) error {
	p.wg.Go(p.sweep)
	err := p.SetServers(ctx, servers)
	if err == nil && prefill {
		err = p.Fill(ctx)
	}
	if err != nil {
		p.Dispose()
	}
	return err
}

// Dispose closes idle connections at once, and connections in use when they are given
// back. Waiting callers and all later callers get [ErrClosed]. Dispose returns when all
// background work has ended. Calling Dispose again does nothing.
func (p *Pool[C]) Dispose() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		p.wg.Wait()
		return
	}
	p.closed = true
	var gone []closing[C]
	for c := p.idle.head; c != nil; c = p.idle.head {
		gone = append(gone, p.dropLocked(c, "the pool is disposed"))
	}
	for w := p.line.pop(); w != nil; w = p.line.pop() {
		w.granted <- grant[C]{err: ErrClosed}
	}
	p.mu.Unlock()
	p.end()
	p.close(gone...)
	p.wg.Wait()
	p.onPoolDisposed()
}

// Recreate disposes the pool and returns a new pool with the same servers, settings and
// listeners. Like [Pool.Fill], it opens the connections of the new pool.
func (p *Pool[C]) Recreate(ctx context.Context) (*Pool[C], error) {
	p.Dispose()
	q := newPool(p.dial, p.Settings(), *p.listeners.Load(), p.log)
	q.stats, q.classify, q.shuffle = p.stats, p.classify, p.shuffle
	return q, q.start(ctx, p.serverList(), true)
}

// Fill opens connections until [Settings.Size] are open, idle or in use.
func (p *Pool[C]) Fill(ctx context.Context) error {
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return ErrClosed
		}
		if p.total >= p.set.Load().Size {
			p.mu.Unlock()
			return nil
		}
		p.total++
		p.dialing++
		p.mu.Unlock()
		c, err := p.open(ctx, target{})
		if err != nil {
			return err
		}
		p.put(c)
	}
}

// Settings returns the settings in force, with the defaults filled in.
func (p *Pool[C]) Settings() Settings { return *p.set.Load() }

// Configure changes settings while the pool is in use. If a limit becomes smaller,
// connections over the limit are closed: idle connections at once, and connections in
// use when they are given back.
func (p *Pool[C]) Configure(change func(*Settings)) error {
	p.mu.Lock()
	set := *p.set.Load()
	p.mu.Unlock()
	name := set.Name
	change(&set)
	set, err := set.normal()
	if err != nil {
		return err
	}
	if set.Name == "" {
		set.Name = name
	}
	p.mu.Lock()
	p.set.Store(&set)
	var gone []closing[C]
	for p.idle.n > 0 && p.total > max(set.Size, 0) && (p.idle.n > set.Size || p.total > set.limit()) {
		gone = append(gone, p.dropLocked(p.idle.head, "the pool was made smaller"))
	}
	p.serveLocked()
	p.mu.Unlock()
	p.close(gone...)
	select {
	case p.resweep <- struct{}{}:
	default:
	}
	return nil
}

// State describes a pool at one moment.
type State struct {
	// Size and MaxOverflow are as in [Settings].
	Size, MaxOverflow int
	// CheckedIn connections are idle, and CheckedOut connections are in use.
	CheckedIn, CheckedOut int
	// Overflow is how many connections are open, or being opened, beyond Size.
	Overflow int
	// Dialing is how many connections are being opened.
	Dialing int
	// Waiting is how many callers wait for a connection.
	Waiting int
	// Hosts are the servers in the order of use.
	Hosts []HostState
	// Counts are the numbers of events since the pool was opened.
	Counts Counts
}

// HostState is a server at one moment.
type HostState struct {
	Server string
	// Up is false while the host is set aside.
	Up bool
	// Open is how many connections to it are open or being opened.
	Open int
}

// State returns the present state of the pool.
func (p *Pool[C]) State() State {
	counts := p.stats.Counts()
	p.mu.Lock()
	defer p.mu.Unlock()
	set := p.set.Load()
	s := State{
		Size: set.Size, MaxOverflow: set.MaxOverflow,
		CheckedIn: p.idle.n, CheckedOut: p.total - p.idle.n - p.dialing,
		Overflow: max(p.total-set.Size, 0), Dialing: p.dialing, Waiting: p.line.n,
		Counts: counts,
	}
	for _, h := range p.order {
		s.Hosts = append(s.Hosts, HostState{h.server, !h.down, h.open})
	}
	return s
}

// Size returns the capacity of the pool, without overflow.
func (p *Pool[C]) Size() int { return p.set.Load().Size }

// Overflow returns how many connections are open beyond Size.
func (p *Pool[C]) Overflow() int { return p.State().Overflow }

// CheckedIn returns how many connections are idle in the pool.
func (p *Pool[C]) CheckedIn() int { return p.State().CheckedIn }

// CheckedOut returns how many connections are in use.
func (p *Pool[C]) CheckedOut() int { return p.State().CheckedOut }
