package thriftserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftserver"
)

// ends waits until the server closes the connection without an answer.
func (c *client) ends() {
	c.t.Helper()
	if m, err := c.message(); err == nil {
		c.t.Errorf("a message %q, want the end of the connection", m)
	} else if e := net.Error(nil); errors.As(err, &e) && e.Timeout() {
		c.t.Error("the connection goes on")
	}
}

func ping(c *client) {
	c.t.Helper()
	must[*thriftwire.DescribeVersionResult](c, &thriftwire.DescribeVersionArgs{})
}

// until waits for a condition.
func until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	for start := time.Now(); !condition(); time.Sleep(time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("never: %s", what)
		}
	}
}

func TestMaxConnections(t *testing.T) {
	var refused atomic.Int32
	s := servertest.Start(t, appStore(t), &thriftserver.Options{MaxConnections: 2, Events: &thriftserver.Events{
		Refused: func(net.Addr) { refused.Add(1) },
	}})
	first, second := dial(t, s), dial(t, s)
	ping(first)
	ping(second)
	dial(t, s).ends() // the event came before the connection closed
	if refused.Load() != 1 || s.Stats().Refused != 1 {
		t.Errorf("%d refused, want 1", refused.Load())
	}
	_ = first.nc.Close()
	until(t, "the place is free", func() bool { return s.Stats().Connections == 1 })
	ping(dial(t, s))
}

func TestIdleTimeout(t *testing.T) {
	s := servertest.Start(t, appStore(t), &thriftserver.Options{IdleTimeout: 50 * time.Millisecond})
	c := dial(t, s)
	ping(c)
	c.ends()
	dial(t, s).ends() // a connection that never sent anything
}

func TestFrameTimeout(t *testing.T) {
	s := servertest.Start(t, appStore(t), &thriftserver.Options{FrameTimeout: 100 * time.Millisecond})
	for name, begin := range map[string][]byte{
		"a byte":         {0},
		"a length":       {0, 0, 1, 0},
		"half a message": {0, 0, 1, 0, 0x80, 1, 0, 1},
		"unframed":       {0x80, 1, 0, 1, 0, 0, 0, 3, 'g'},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s)
			c.write(begin)
			c.ends()
		})
	}
	// A client that trickles bytes has no more time than a client that stops.
	c := dial(t, s)
	c.write([]byte{0, 0, 1, 0})
	for range 100 {
		if _, err := c.nc.Write([]byte{0x80}); err != nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	c.ends()
}

// The server closes a client that does not accept its reply. Other clients do not wait for it.
func TestWriteTimeout(t *testing.T) {
	store := appStore(t)
	s := servertest.Start(t, store, &thriftserver.Options{WriteTimeout: 200 * time.Millisecond, MaxCalls: 1})
	c := dialApp(t, s)
	c.insert("Log", "k", column("big", strings.Repeat("x", 1<<20), 1))
	slow := dialApp(t, s)
	for range 20 { // more than the sockets' buffers hold
		slow.send(&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Log"), Predicate: all(), ConsistencyLevel: one})
	}
	until(t, "the slow client is left", func() bool {
		ping(c)
		return s.Stats().Connections == 1
	})
	until(t, "what it held is free", func() bool { return s.Stats().Held == 0 })
}

// Calls beyond the limit wait. If they wait too long, they fail as unavailable.
func TestMaxCalls(t *testing.T) {
	store := &stub{Backend: appStore(t)}
	running, proceed := make(chan struct{}), make(chan struct{})
	store.slice = func(ctx context.Context, _ *backend.SliceRequest) ([]backend.Row, error) {
		running <- struct{}{}
		<-proceed
		return []backend.Row{{}}, nil
	}
	s := servertest.Start(t, store, &thriftserver.Options{MaxCalls: 1, CallTimeout: 300 * time.Millisecond})
	get := &thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one}
	first, second := dialApp(t, s), dialApp(t, s)
	first.send(get)
	<-running
	_, err := second.call(get)
	if _, ok := err.(*thriftwire.UnavailableException); !ok {
		t.Errorf("%v, want UnavailableException", err)
	}
	second.send(get)
	close(proceed)
	<-running
	for _, c := range []*client{first, second} {
		if err := thriftwire.DecodeReply(c.receive(), "get_slice", c.seq, &thriftwire.GetSliceResult{}); err != nil {
			t.Error(err)
		}
	}
}

func TestCallTimeout(t *testing.T) {
	store := &stub{Backend: appStore(t)}
	store.slice = func(ctx context.Context, _ *backend.SliceRequest) ([]backend.Row, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	c := dialApp(t, servertest.Start(t, store, &thriftserver.Options{CallTimeout: 50 * time.Millisecond}))
	_, err := c.call(&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one})
	if _, ok := err.(*thriftwire.TimedOutException); !ok {
		t.Errorf("%v, want TimedOutException", err)
	}
}

// timedStore records the time that truncations and schema changes may take.
type timedStore struct {
	backend.Backend
	truncation time.Duration
	bounded    bool // whether a schema change had a deadline
}

func (s *timedStore) Truncate(ctx context.Context, keyspace, family string) error {
	by, _ := ctx.Deadline()
	s.truncation = time.Until(by)
	return s.Backend.Truncate(ctx, keyspace, family)
}

func (s *timedStore) Alter(ctx context.Context, change schema.Change) (string, error) {
	_, s.bounded = ctx.Deadline()
	return s.Backend.Alter(ctx, change)
}

// Slow calls have six times as much time as reads and writes. Schema changes have no time limit.
func TestTimeOfSlowCalls(t *testing.T) {
	store := &timedStore{Backend: appStore(t)}
	c := dialApp(t, servertest.Start(t, store, &thriftserver.Options{CallTimeout: time.Hour}))
	for _, args := range []thriftwire.Args{
		&thriftwire.TruncateArgs{Cfname: "Log"},
		&thriftwire.SystemDropColumnFamilyArgs{ColumnFamily: "Log"},
	} {
		if _, err := c.call(args); err != nil {
			t.Fatalf("%s: %v", args.Method(), err)
		}
	}
	if store.truncation < 2*time.Hour || store.truncation > 6*time.Hour {
		t.Errorf("a truncation has %v, want up to 6 h", store.truncation)
	}
	if store.bounded {
		t.Error("a change of the schema has a deadline")
	}
}

// Long messages share MaxHeld bytes. Short messages use none of them.
func TestMaxHeld(t *testing.T) {
	s := servertest.Start(t, appStore(t), &thriftserver.Options{MaxHeld: 1 << 20, FrameTimeout: 2 * time.Second})
	c := dialApp(t, s)
	long := &thriftwire.InsertArgs{Key: b("k"), ColumnParent: parent("Log"), Column: column("a", strings.Repeat("x", 900<<10), 1), ConsistencyLevel: one}
	message, err := thriftwire.Framed.Append(nil, thriftwire.Header{Method: "insert", Type: thriftwire.Call, Seq: 1}, long, 0)
	if err != nil {
		t.Fatal(err)
	}
	stuck := dialApp(t, s)
	stuck.write(message[:800<<10])
	until(t, "most is held", func() bool { return s.Stats().Held > 700<<10 })
	for range 10 {
		ping(c)
	}
	// A second long message exceeds the limit. The server closes the stuck client, so that the two
	// do not wait for each other.
	must[*thriftwire.InsertResult](c, long)
	stuck.ends()
	until(t, "all is free", func() bool { return s.Stats().Held == 0 })
	// A message longer than MaxHeld is accepted while no other long message is held.
	long.Column.Value = bytes.Repeat(b("x"), 3<<20)
	must[*thriftwire.InsertResult](c, long)
	// The value is longer than one call may return.
	c.refused(&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Log"), Predicate: all(), ConsistencyLevel: one},
		"the call would take more than 524288 bytes of memory, the limit of one call: ask for fewer rows or columns at once")
	until(t, "all is free again", func() bool { return s.Stats().Held == 0 })
}

func TestWithoutLimits(t *testing.T) {
	c := dialApp(t, servertest.Start(t, appStore(t), &thriftserver.Options{
		MaxConnections: -1, MaxFrame: -1, MaxCalls: -1, MaxHeld: -1, MaxLogins: -1,
		FrameTimeout: -1, WriteTimeout: -1, IdleTimeout: -1, CallTimeout: -1, SlowCall: -1,
	}))
	value := strings.Repeat("x", 17<<20) // longer than the default limit
	c.insert("Log", "k", column("a", value, 1))
	want(t, "the value", c.slice("Log", "k", all()), "a="+value+"@1")
	must[*thriftwire.TruncateResult](c, &thriftwire.TruncateArgs{Cfname: "Log"})
}

// A claimed length reserves no memory.
func TestClaimedLengths(t *testing.T) {
	s := servertest.Start(t, appStore(t), nil)
	for range 200 {
		c := dial(t, s)
		c.write(append(binary.BigEndian.AppendUint32(nil, 15<<20), 0x80, 1, 0, 1))
	}
	ping(dial(t, s))
	if held := s.Stats().Held; held != 0 {
		t.Errorf("%d bytes are held for claims", held)
	}
}

// failing is a listener that fails for some time.
type failing struct {
	net.Listener
	failures atomic.Int32
}

func (l *failing) Accept() (net.Conn, error) {
	if l.failures.Add(-1) >= 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	return l.Listener.Accept()
}

func TestAcceptFails(t *testing.T) {
	var log logs
	s, err := thriftserver.New(appStore(t), &thriftserver.Options{Logger: log.logger()})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &failing{Listener: l}
	f.failures.Store(4)
	servertest.Serve(t, s, f)
	ping(dial(t, s))
	if n := strings.Count(log.String(), "cannot accept connections"); n != 3 { // the first, the second and the fourth
		t.Errorf("%d failures in the log, want 3:\n%s", n, log.String())
	}
}

func TestShutdownFinishesCalls(t *testing.T) {
	store := &stub{Backend: appStore(t)}
	running, proceed := make(chan struct{}), make(chan struct{})
	store.slice = func(context.Context, *backend.SliceRequest) ([]backend.Row, error) {
		close(running)
		<-proceed
		return []backend.Row{{Columns: []backend.Column{{Name: b("a"), Value: b("1"), Timestamp: 5}}}}, nil
	}
	s := servertest.Start(t, store, nil)
	idle, c := dial(t, s), dialApp(t, s)
	ping(idle)
	c.send(&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one})
	c.send(&thriftwire.DescribeVersionArgs{}) // this call arrives too late to be answered
	<-running
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	idle.ends()
	select {
	case err := <-ended:
		t.Errorf("Shutdown, %v, does not wait for a call", err)
	default:
	}
	close(proceed)
	result := &thriftwire.GetSliceResult{}
	if err := thriftwire.DecodeReply(c.receive(), "get_slice", c.seq-1, result); err != nil {
		t.Fatal(err)
	}
	want(t, "the reply", text(result.Success), "a=1@5")
	c.ends()
	if err := <-ended; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	if nc, err := net.Dial("tcp", s.Addr().String()); err == nil {
		_ = nc.Close()
		t.Error("the server still listens")
	}
	if err := s.ListenAndServe(); !errors.Is(err, thriftserver.ErrServerClosed) {
		t.Errorf("ListenAndServe after Shutdown: %v, want ErrServerClosed", err)
	}
}

// On Shutdown, a message that has begun to arrive has a short time to finish. A message that stops
// arriving is not waited for longer.
func TestShutdownWhileReceiving(t *testing.T) {
	s := servertest.Start(t, appStore(t), nil)
	// The messages are long, so that the test can see how many of their bytes have arrived.
	args := &thriftwire.SetKeyspaceArgs{Keyspace: strings.Repeat("x", 128<<10)}
	m, err := thriftwire.Framed.Append(nil, thriftwire.Header{Method: args.Method(), Type: thriftwire.Call, Seq: 7}, args, 0)
	if err != nil {
		t.Fatal(err)
	}
	stuck, coming := dial(t, s), dial(t, s)
	for _, c := range []*client{stuck, coming} {
		ping(c)
		c.write(m[:len(m)-1])
	}
	until(t, "both are coming", func() bool { return s.Stats().Held > 140<<10 })
	start := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	coming.write(m[len(m)-1:])
	if err := thriftwire.DecodeReply(coming.receive(), args.Method(), 7, args.NewResult()); err != nil {
		t.Error(err)
	}
	coming.ends()
	stuck.ends()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if d := time.Since(start); d > 15*time.Second {
		t.Errorf("Shutdown took %v", d)
	}
}

func TestShutdownGivesUp(t *testing.T) {
	store := &stub{Backend: appStore(t)}
	running := make(chan struct{})
	store.slice = func(ctx context.Context, _ *backend.SliceRequest) ([]backend.Row, error) {
		close(running)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	s := servertest.Start(t, store, &thriftserver.Options{CallTimeout: -1})
	c := dialApp(t, s)
	c.send(&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one})
	half := dial(t, s)
	half.write([]byte{0, 0, 1, 0})
	<-running
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown: %v, want context.DeadlineExceeded", err)
	}
	if answer, err := io.ReadAll(half.nc); len(answer) > 0 {
		t.Errorf("answer %q, %v", answer, err)
	}
	if n := s.Stats().Connections; n != 0 {
		t.Errorf("%d connections after Shutdown", n)
	}
}

// Without running calls, Shutdown interrupts nothing, however short its context.
func TestShutdownWithoutCalls(t *testing.T) {
	s := servertest.Start(t, appStore(t), nil)
	c := dial(t, s)
	until(t, "the connection is there", func() bool { return s.Stats().Connections == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	c.ends()
}

func TestEvents(t *testing.T) {
	calls := make(chan thriftserver.CallInfo, 10)
	var connected, disconnected atomic.Int32
	var log logs
	s := servertest.Start(t, appStore(t), &thriftserver.Options{SlowCall: 1, Logger: log.logger(), Events: &thriftserver.Events{
		Connected:    func(net.Addr) { connected.Add(1) },
		Disconnected: func(net.Addr) { disconnected.Add(1) },
		Call:         func(c thriftserver.CallInfo) { calls <- c },
	}})
	c := dialApp(t, s)
	_ = c.slice("Users", "k", all())
	_, _ = c.call(&thriftwire.GetArgs{Key: b("k"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Users", Column: b("a")}, ConsistencyLevel: one})
	_ = c.raw(message("get_rich", 1, 0))
	for _, want := range []struct {
		method  string
		outcome thriftserver.Outcome
	}{
		{"set_keyspace", thriftserver.OK}, {"get_slice", thriftserver.OK}, {"get", thriftserver.NotFound}, {"unknown", thriftserver.BadCall},
	} {
		got := <-calls
		if got.Method != want.method || got.Outcome != want.outcome || got.Duration <= 0 || got.Request <= 0 || got.Reply <= 0 {
			t.Errorf("call %+v, want %s with %s", got, want.method, want.outcome)
		}
	}
	_ = c.nc.Close()
	until(t, "disconnected", func() bool { return disconnected.Load() == 1 })
	if connected.Load() != 1 {
		t.Errorf("%d connected, want 1", connected.Load())
	}
	if text := log.String(); !strings.Contains(text, "msg=\"slow call\" method=get_slice keyspace=app family=Users") {
		t.Errorf("no slow call in the log:\n%s", text)
	}
}
