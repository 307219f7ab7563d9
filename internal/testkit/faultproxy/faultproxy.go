// Package faultproxy is a TCP proxy on loopback that misbehaves on command, for
// tests of what a client does when its network or its server fails.
//
//	p := faultproxy.New(t, server.Addr().String())
//	client := dial(p.Addr())
//	p.Delay(faultproxy.Down, 50*time.Millisecond)
//	p.Reset()
//
// Every fault can be switched while connections are open, most of them for each direction
// alone. A proxy ends with its test, and with it all that it started. It is safe
// for concurrent use.
package faultproxy

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
)

// A Direction is that of bytes.
type Direction int

const (
	// Up is from the client to the server.
	Up Direction = iota
	// Down is from the server to the client.
	Down
)

// A Proxy passes connections on to one server.
type Proxy struct {
	target string
	addr   string
	wg     sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while it refuses
	closed   bool
	hole     bool
	flows    [2]flow
	links    map[*link]struct{}
	accepted int
	// changed is closed, and replaced, when anything above changes.
	changed chan struct{}
}

// A flow is what happens to the bytes of one direction.
type flow struct {
	delay   time.Duration
	rate    int // bytes a second; 0 is no limit
	stalled bool
	corrupt int // bytes to corrupt
}

// New starts a proxy to target, a host and port, on a free port of loopback. It
// ends when the test does, and fails the test if it cannot listen.
func New(t testing.TB, target string) *Proxy {
	t.Helper()
	listener, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		target: target, addr: listener.Addr().String(), listener: listener,
		links: map[*link]struct{}{}, changed: make(chan struct{}),
	}
	p.wg.Go(func() { p.serve(listener) })
	t.Cleanup(p.end)
	return p
}

// Addr is the host and port to connect to. It stays the same.
func (p *Proxy) Addr() string { return p.addr }

// Accepted returns how many connections the proxy has accepted so far.
func (p *Proxy) Accepted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.accepted
}

// Open returns how many connections are open now.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Delay holds back each piece of data for d before it is passed on. 0 ends it.
func (p *Proxy) Delay(dir Direction, d time.Duration) {
	p.change(func() { p.flows[dir].delay = d })
}

// Throttle passes on so many bytes a second, on each connection. 0 ends it.
func (p *Proxy) Throttle(dir Direction, bytesPerSecond int) {
	p.change(func() { p.flows[dir].rate = bytesPerSecond })
}

// Stall holds back all data, as a network that loses every packet does, until it is switched
// off; then the data that was held goes on.
func (p *Proxy) Stall(dir Direction, on bool) {
	p.change(func() { p.flows[dir].stalled = on })
}

// Corrupt inverts the first byte of each of the next n pieces of data of a direction, on
// whichever connection they come. Less than 1 ends it.
func (p *Proxy) Corrupt(dir Direction, n int) {
	p.change(func() { p.flows[dir].corrupt = max(n, 0) })
}

// BlackHole accepts connections and says nothing, as a stopped process does, and
// stalls those that are open. Switched off, all of them go on.
func (p *Proxy) BlackHole(on bool) {
	p.change(func() { p.hole = on })
}

// Refuse stops listening, so that connecting is refused; the connections that are open stay so.
// Switched off, it listens on the same port again.
func (p *Proxy) Refuse(on bool) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed || on == (p.listener == nil):
		return nil
	case on:
		err := p.listener.Close()
		p.listener = nil
		return err
	}
	listener, err := net.Listen("tcp", p.addr)
	if err != nil {
		return fmt.Errorf("listening again: %w", err)
	}
	p.listener = listener
	p.wg.Go(func() { p.serve(listener) })
	return nil
}

// Heal ends all faults that last. It does not bring back connections.
func (p *Proxy) Heal() error {
	p.change(func() {
		p.hole = false
		p.flows = [2]flow{}
	})
	return p.Refuse(false)
}

// Cut closes all connections on both sides, in the regular way.
func (p *Proxy) Cut() {
	for _, l := range p.all() {
		l.close()
	}
}

// Reset breaks all connections off on both sides, so that the peers see a reset (RST).
func (p *Proxy) Reset() {
	for _, l := range p.all() {
		l.reset()
	}
}

// HalfClose ends one direction of all connections: its receiver reads to the end
// of the data, while the other direction goes on.
func (p *Proxy) HalfClose(dir Direction) {
	for _, l := range p.all() {
		l.halfClose(dir)
	}
}

func (p *Proxy) all() []*link {
	p.mu.Lock()
	defer p.mu.Unlock()
	var links []*link
	for l := range p.links {
		links = append(links, l)
	}
	return links
}

func (p *Proxy) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) end() {
	p.mu.Lock()
	p.closed = true
	if p.listener != nil {
		_ = p.listener.Close()
	}
	p.mu.Unlock()
	p.Cut()
	p.wg.Wait()
}

func (p *Proxy) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return // closed
		}
		l := &link{proxy: p, client: conn.(*net.TCPConn), done: make(chan struct{})}
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			_ = conn.Close()
			return
		}
		p.accepted++
		p.links[l] = struct{}{}
		p.mu.Unlock()
		p.wg.Go(l.run)
	}
}
