package faultproxy

import (
	"io"
	"net"
	"sync"
	"time"
)

// A link is one connection through the proxy.
type link struct {
	proxy  *Proxy
	client *net.TCPConn

	mu     sync.Mutex
	server *net.TCPConn // nil until the proxy has dialed the server
	ended  bool
	done   chan struct{} // closed when ended
}

func (l *link) run() {
	defer func() {
		l.close()
		l.proxy.mu.Lock()
		delete(l.proxy.links, l)
		l.proxy.mu.Unlock()
	}()
	if !l.wait(func() bool { return !l.proxy.hole }) {
		return
	}
	conn, err := net.Dial("tcp", l.proxy.target)
	if err != nil {
		l.reset()
		return
	}
	server := conn.(*net.TCPConn)
	l.mu.Lock()
	l.server = server
	ended := l.ended
	l.mu.Unlock()
	if ended {
		_ = server.Close()
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { l.pump(Up, server, l.client) })
	wg.Go(func() { l.pump(Down, l.client, server) })
	wg.Wait()
}

// pump forwards the bytes of one direction until its source ends. It forwards the end too.
func (l *link) pump(dir Direction, to, from *net.TCPConn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && !l.pass(dir, to, buf[:n]) {
			l.close()
			return
		}
		if err != nil && err != io.EOF {
			l.reset() // as the peer did
			return
		}
		if err != nil {
			if l.wait(func() bool { return !l.proxy.held(dir) }) {
				_ = to.CloseWrite()
			}
			return
		}
	}
}

// pass applies the faults of the flow to data and forwards it. It returns false if the link ended.
func (l *link) pass(dir Direction, to *net.TCPConn, data []byte) bool {
	l.proxy.mu.Lock()
	flow := &l.proxy.flows[dir]
	delay := flow.delay
	if flow.corrupt > 0 {
		flow.corrupt--
		data[0] ^= 0xff
	}
	l.proxy.mu.Unlock()
	if !l.sleep(delay) {
		return false
	}
	for len(data) > 0 {
		if !l.wait(func() bool { return !l.proxy.held(dir) }) {
			return false
		}
		// The data of a tenth of a second is sent at a time, so that a change takes effect soon.
		n, rest := len(data), time.Duration(0)
		l.proxy.mu.Lock()
		if rate := l.proxy.flows[dir].rate; rate > 0 {
			n = min(n, max(rate/10, 1))
			rest = time.Duration(n) * time.Second / time.Duration(rate)
		}
		l.proxy.mu.Unlock()
		if _, err := to.Write(data[:n]); err != nil {
			return false
		}
		data = data[n:]
		if !l.sleep(rest) {
			return false
		}
	}
	return true
}

// The caller of held holds Proxy.mu.
func (p *Proxy) held(dir Direction) bool { return p.hole || p.flows[dir].stalled }

// wait waits until ok, which is called with Proxy.mu held. It returns false if the link ended.
func (l *link) wait(ok func() bool) bool {
	for {
		l.proxy.mu.Lock()
		good, changed := ok(), l.proxy.changed
		l.proxy.mu.Unlock()
		select {
		case <-l.done:
			return false
		default:
		}
		if good {
			return true
		}
		select {
		case <-changed:
		case <-l.done:
		}
	}
}

func (l *link) sleep(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.done:
		return false
	}
}

func (l *link) close() { l.end(-1) }

// reset lets Close discard unsent data and send an RST.
func (l *link) reset() { l.end(0) }

func (l *link) end(linger int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.ended = true
	close(l.done)
	for _, c := range []*net.TCPConn{l.client, l.server} {
		if c != nil {
			_ = c.SetLinger(linger)
			_ = c.Close()
		}
	}
}

func (l *link) halfClose(dir Direction) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.ended || l.server == nil:
	case dir == Up:
		_ = l.server.CloseWrite()
	default:
		_ = l.client.CloseWrite()
	}
}
