// Package faultproxy is a TCP proxy on loopback that misbehaves on command, for
// tests of what a client does when its network or its server fails.
//
//	p := faultproxy.New(t, server.Addr().String())
//	client := dial(p.Addr())
//	p.Delay(faultproxy.Down, 50*time.Millisecond)
//	p.Reset()
//
// Every fault can be switched on and off while connections are open. Most faults concern one
// direction. A proxy ends with its test, together with all its connections and goroutines. It is safe
// for concurrent use.
package faultproxy

import (
	"fmt"
	"net"
	"sync"
	"testing"
	"time"
)

// A Direction is the direction in which bytes are sent.
type Direction int

const (
	// Up is from the client to the server.
	Up Direction = iota
	// Down is from the server to the client.
	Down
)

// A Proxy forwards connections to one server.
type Proxy struct {
	target string
	addr   string
	wg     sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener // nil while the proxy refuses connections
	closed   bool
	hole     bool
	flows    [2]flow
	links    map[*link]struct{}
	accepted int
	// changed is closed, and replaced, when anything above changes.
	changed chan struct{}
}

// A flow has the faults for the bytes of one direction.
type flow struct {
	delay   time.Duration
	rate    int // bytes per second; 0 means no limit
	stalled bool
	corrupt int // number of bytes to corrupt
}

// New starts a proxy to target, a host and port, on a free loopback port. The proxy
// ends when the test ends. If New cannot listen, it fails the test.
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

// Delay delays each piece of data for d before it is forwarded. 0 ends the delay.
func (p *Proxy) Delay(dir Direction, d time.Duration) {
	p.change(func() { p.flows[dir].delay = d })
}

// Throttle limits each connection to a number of bytes per second. 0 ends the limit.
func (p *Proxy) Throttle(dir Direction, bytesPerSecond int) {
	p.change(func() { p.flows[dir].rate = bytesPerSecond })
}

// Stall holds back all data, like a network that loses every packet. When Stall is switched off,
// the proxy forwards the data that it held back.
func (p *Proxy) Stall(dir Direction, on bool) {
	p.change(func() { p.flows[dir].stalled = on })
}

// Corrupt inverts the first byte of each of the next n pieces of data in a direction, on any
// connection. A number less than 1 ends it.
func (p *Proxy) Corrupt(dir Direction, n int) {
	p.change(func() { p.flows[dir].corrupt = max(n, 0) })
}

// BlackHole accepts connections and does not answer, like a stopped process. It also stalls the
// open connections. When BlackHole is switched off, all connections continue.
func (p *Proxy) BlackHole(on bool) {
	p.change(func() { p.hole = on })
}

// Refuse stops listening, so that new connections are refused. Open connections stay open. When
// Refuse is switched off, the proxy listens on the same port again.
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

// Heal ends all lasting faults. It does not restore closed connections.
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

// Reset aborts all connections on both sides, so that the peers see a reset (RST).
func (p *Proxy) Reset() {
	for _, l := range p.all() {
		l.reset()
	}
}

// HalfClose ends one direction of all connections. The receiver reads up to the end
// of the data. The other direction continues.
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
