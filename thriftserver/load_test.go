package thriftserver_test

import (
	"net"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// pipes is a listener in memory. Thousands of its connections need no file descriptors.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "memory"} }

// connect passes one end of a connection to the server.
func (p *pipes) connect(t testing.TB, end net.Conn) {
	t.Helper()
	select {
	case p.conns <- end:
	case <-p.closed:
		t.Fatal("the server is closed")
	}
}

func (p *pipes) dial(t testing.TB) *client {
	t.Helper()
	near, far := net.Pipe()
	p.connect(t, far)
	return newClient(t, near, thriftwire.Framed)
}

// Idle and slow connections use little memory, and other clients do not wait for them.
func TestManyConnections(t *testing.T) {
	idle, slow, workers, each := 10_000, 100, 32, 100
	if testing.Short() {
		idle, slow, each = 500, 20, 20
	}
	s, err := thriftserver.New(appStore(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	p := newPipes()
	servertest.Serve(t, s, p)

	before := memory()
	for range idle {
		ping(p.dial(t))
	}
	perConnection := (memory() - before) / idle
	// The figure includes both ends and the test's reader of 8 KB.
	if most := 48 << 10; perConnection > most {
		t.Errorf("an idle connection takes %d bytes, want at most %d", perConnection, most)
	}
	t.Logf("an idle connection takes %d bytes, with its client", perConnection)

	for range slow {
		c := p.dial(t)
		c.write([]byte{0, 0, 1, 0, 0x80}) // the start of a message that never ends
	}
	c := p.dial(t)
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
	for i := range 50 {
		c.insert("Log", "k", column(strconv.Itoa(i), "a value", 1))
	}
	for range slow { // request a reply and do not read it
		c := p.dial(t)
		must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
		c.send(&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Log"), Predicate: all(), ConsistencyLevel: one})
	}
	if n := s.Stats().Connections; n != idle+2*slow+1 {
		t.Errorf("%d connections, want %d", n, idle+2*slow+1)
	}

	start := time.Now()
	var wg sync.WaitGroup
	for w := range workers {
		c := p.dial(t)
		must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
		wg.Go(func() {
			key := strconv.Itoa(w)
			for i := range each {
				if _, err := c.call(&thriftwire.InsertArgs{Key: b(key), ColumnParent: parent("Log"), Column: column("n", strconv.Itoa(i), int64(i)), ConsistencyLevel: one}); err != nil {
					t.Error(err)
					return
				}
				result, err := c.call(&thriftwire.GetSliceArgs{Key: b(key), ColumnParent: parent("Log"), Predicate: all(), ConsistencyLevel: one})
				if err != nil {
					t.Error(err)
					return
				}
				if got := result.(*thriftwire.GetSliceResult).Success; len(got) != 1 || string(got[0].Column.Value) != strconv.Itoa(i) {
					t.Errorf("read %q, want %d", text(got), i)
					return
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d calls a second beside them", 2*workers*each*int(time.Second)/int(time.Since(start)))
}

// memory returns the bytes used by heap and stacks.
func memory() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse + m.StackInuse)
}
