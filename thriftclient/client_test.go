package thriftclient_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// fails answers every call with an error, except the call that sets the keyspace.
func fails(err error) answer {
	return func(args thriftwire.Args) (thriftwire.Result, error) {
		if _, ok := args.(*thriftwire.SetKeyspaceArgs); ok {
			return nil, nil
		}
		return nil, err
	}
}

func TestErrors(t *testing.T) {
	three := int32(3)
	for _, tt := range []struct {
		name  string
		said  error
		want  error
		why   string
		calls int // the number of calls to a server that always answers so, with 2 retries
	}{
		{"invalid", &thriftwire.InvalidRequestException{Why: "no such family"}, backend.ErrInvalidRequest, "no such family", 1},
		{"unavailable", &thriftwire.UnavailableException{}, backend.ErrUnavailable, "failed after 2 retries", 3},
		{"timed out", &thriftwire.TimedOutException{AcknowledgedBy: thriftwire.Some(three)}, backend.ErrTimedOut, "failed after 2 retries", 3},
		{"unknown method", &thriftwire.ApplicationException{Type: thriftwire.UnknownMethod, Message: "Invalid method name: 'x'"}, backend.ErrUnsupported, "Invalid method", 1},
		{"internal", &thriftwire.ApplicationException{Type: thriftwire.InternalError, Message: "Internal error processing get_slice"}, backend.ErrInternal, "Internal error", 1},
		{"protocol", &thriftwire.ApplicationException{Type: thriftwire.ProtocolError, Message: "Required field 'key'"}, backend.ErrInvalidRequest, "Required field", 1},
		{"closed connection", io.EOF, backend.ErrTimedOut, "EOF", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := startNode(t, nodeOptions{}, fails(tt.said))
			c := connect(t, fast(), n)
			err := get(t.Context(), c, "k")
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.why) {
				t.Errorf("Slice: %v, want %v with %q", err, tt.want, tt.why)
			}
			if tt.calls > 1 && !errors.Is(err, pool.ErrMaximumRetry) {
				t.Errorf("%v does not match ErrMaximumRetry", err)
			}
			if got := without(n.called(), "set_keyspace"); len(got) != tt.calls {
				t.Errorf("the calls were %v, want %d", got, tt.calls)
			}
			if e, ok := errors.AsType[*backend.Error](err); tt.name == "timed out" && (!ok || e.AcknowledgedBy == nil || *e.AcknowledgedBy != 3) {
				t.Errorf("%#v does not report which replicas acknowledged", e)
			}
		})
	}
}

func TestCountersAreNotRetried(t *testing.T) {
	for _, retry := range []bool{false, true} {
		n := startNode(t, nodeOptions{}, fails(&thriftwire.TimedOutException{}))
		opts := fast()
		opts.RetryCounters = retry
		c := connect(t, opts, n)
		many := add("k")
		many.Rows[0].Mutations = append(many.Rows[0].Mutations, many.Rows[0].Mutations[0])
		for _, r := range []*backend.MutateRequest{add("k"), many} {
			if err := c.Mutate(t.Context(), r); !errors.Is(err, backend.ErrTimedOut) || backend.SafeToRetry(err, false) {
				t.Errorf("Mutate: %v", err)
			}
			want := 1
			if retry {
				want = 3
			}
			if got := without(n.called(), "set_keyspace"); len(got) != want {
				t.Errorf("RetryCounters %v: the calls were %v, want %d", retry, got, want)
			}
		}
	}
}

func TestRetryOnAnotherServer(t *testing.T) {
	bad := startNode(t, nodeOptions{}, fails(&thriftwire.UnavailableException{}))
	good := startNode(t, nodeOptions{}, nil)
	c := connect(t, fast(), bad, good)
	for range 10 {
		if err := get(t.Context(), c, "k"); err != nil {
			t.Fatal(err)
		}
	}
	if calls := without(bad.called(), "set_keyspace"); len(calls) == 0 || len(calls) > 10 {
		t.Errorf("the bad server was called %d times in 10 calls", len(calls))
	}
}

func TestRestartedServer(t *testing.T) {
	n := startNode(t, nodeOptions{}, nil)
	c := connect(t, &thriftclient.Options{NoDiscovery: true}, n)
	for range 3 {
		n.stop()
		n.start()
		// Increments are sent at most once, so the client must find a dead connection before it
		// sends one.
		for range 10 {
			if err := c.Mutate(t.Context(), add("k")); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestSessionKeyspace(t *testing.T) {
	n := startNode(t, nodeOptions{}, nil)
	opts := fast()
	opts.Size = 1
	c := connect(t, opts, n)
	other := slice("k")
	other.Keyspace = "other"
	for _, r := range []*backend.SliceRequest{slice("a"), slice("b"), other, slice("c")} {
		if _, err := c.Slice(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"set_keyspace", "get_slice", "get_slice", "set_keyspace", "get_slice", "set_keyspace", "get_slice"}
	if diff := cmp.Diff(want, n.called()); diff != "" {
		t.Error(diff)
	}
}

func TestLogin(t *testing.T) {
	var logins atomic.Int32
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if login, ok := args.(*thriftwire.LoginArgs); ok {
			logins.Add(1)
			got := map[string]string{}
			for _, e := range login.AuthRequest.Credentials {
				got[e.Key] = e.Value
			}
			if got["username"] != "ann" || got["password"] != "secret" {
				return nil, &thriftwire.AuthenticationException{Why: "Username and/or password are incorrect"}
			}
		}
		return nil, nil
	})
	opts := fast()
	opts.Size, opts.Username, opts.Password = 1, "ann", "secret"
	c := connect(t, opts, n)
	if err := get(t.Context(), c, "k"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"login", "set_keyspace", "get_slice"}, n.called()); diff != "" {
		t.Error(diff)
	}

	logins.Store(0)
	opts.Password = "wrong"
	_, err := thriftclient.Open(t.Context(), []string{n.addr}, opts)
	if !errors.Is(err, backend.ErrAuthentication) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("Open: %v, want ErrAuthentication", err)
	}
	if got := logins.Load(); got != 1 {
		t.Errorf("a wrong password was tried %d times", got)
	}
}

func TestNoServer(t *testing.T) {
	n := startNode(t, nodeOptions{}, nil)
	n.stop()
	_, err := thriftclient.Open(t.Context(), []string{n.addr}, fast())
	if !errors.Is(err, backend.ErrUnavailable) || !errors.Is(err, pool.ErrAllServersUnavailable) {
		t.Errorf("Open: %v", err)
	}
	// A client may be opened before its servers run.
	opts := fast()
	opts.NoPrefill = true
	c := connect(t, opts, n)
	if err := get(t.Context(), c, "k"); !errors.Is(err, backend.ErrUnavailable) || !backend.SafeToRetry(err, false) {
		t.Errorf("Slice: %v", err)
	}
	n.start()
	if err := get(t.Context(), c, "k"); err != nil {
		t.Error(err)
	}
}

func TestPoolIsFull(t *testing.T) {
	n := startNode(t, nodeOptions{}, nil)
	opts := fast()
	opts.Size, opts.WaitTimeout = 1, pool.NoWait
	c := connect(t, opts, n)
	k, err := c.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = get(t.Context(), c, "k")
	if full, ok := errors.AsType[*pool.NoConnectionAvailableError](err); !ok || full.Size != 1 || !errors.Is(err, backend.ErrUnavailable) {
		t.Errorf("Slice: %v", err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if err := get(t.Context(), c, "k"); err != nil {
		t.Error(err)
	}
}

func TestContext(t *testing.T) {
	release := make(chan struct{})
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if args.Method() == "get_slice" {
			<-release
		}
		return nil, nil
	})
	t.Cleanup(func() { close(release) })
	c := connect(t, &thriftclient.Options{NoDiscovery: true, Settings: pool.Settings{Size: 1}}, n)

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := get(ctx, c, "k"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Slice: %v, want the deadline's error", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(30*time.Millisecond, cancel)
	if err := get(ctx, c, "k"); !errors.Is(err, context.Canceled) {
		t.Errorf("Slice: %v, want context.Canceled", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the calls ended after %v", took)
	}
	// The host stays up, and the connections were closed.
	if hosts := c.State().Hosts; !hosts[0].Up {
		t.Error("the host is set aside")
	}
	if err := c.Mutate(t.Context(), insert("k")); err != nil {
		t.Error(err)
	}
}

// A context that ends exactly when the reply arrives must not affect later calls.
func TestContextEndsWithTheReply(t *testing.T) {
	n := startNode(t, nodeOptions{}, nil)
	c := connect(t, &thriftclient.Options{NoDiscovery: true, Settings: pool.Settings{Size: 1}}, n)
	for i := range 300 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*time.Microsecond)
		if err := get(ctx, c, "k"); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		cancel()
		if err := c.Mutate(t.Context(), add("k")); err != nil {
			t.Fatalf("after call %d: %v", i, err)
		}
	}
}

func TestTimeout(t *testing.T) {
	release := make(chan struct{})
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if args.Method() == "insert" {
			<-release
		}
		return nil, nil
	})
	t.Cleanup(func() { close(release) })
	opts := fast()
	opts.Timeout, opts.MaxRetries = 50*time.Millisecond, pool.None
	c := connect(t, opts, n)
	err := c.Mutate(t.Context(), insert("k"))
	if !errors.Is(err, backend.ErrTimedOut) || errors.Is(err, context.DeadlineExceeded) || !backend.SafeToRetry(err, true) || backend.SafeToRetry(err, false) {
		t.Errorf("Mutate: %v", err)
	}
}

func TestLargeRequests(t *testing.T) {
	var sizes []int
	n := startNode(t, nodeOptions{limit: 64 << 10}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if b, ok := args.(*thriftwire.BatchMutateArgs); ok {
			for _, row := range b.MutationMap {
				sizes = append(sizes, len(row.Value[0].Value))
			}
		}
		return nil, nil
	})
	opts := fast()
	opts.Size, opts.FrameLimit = 1, 64<<10
	c := connect(t, opts, n)
	column := func(i, size int) backend.Mutation {
		return backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: fmt.Appendf(nil, "%05d", i), Value: bytes.Repeat([]byte("x"), size), Timestamp: 1}}
	}

	t.Run("a value", func(t *testing.T) {
		err := c.Mutate(t.Context(), write("k", column(1, 100<<10)))
		if !errors.Is(err, backend.ErrInvalidRequest) || backend.SafeToRetry(err, true) {
			t.Errorf("Mutate: %v", err)
		}
	})
	t.Run("many rows", func(t *testing.T) {
		sizes = nil
		r := &backend.MutateRequest{Keyspace: "ks"}
		for i := range 100 {
			r.Rows = append(r.Rows, backend.RowMutation{Family: "F", Key: fmt.Appendf(nil, "k%d", i), Mutations: []backend.Mutation{column(1, 1000), column(2, 1000)}})
		}
		if err := c.Mutate(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		for _, s := range sizes {
			if s != 2 {
				t.Errorf("a row was cut: %v", sizes)
				break
			}
		}
		if calls := without(n.called(), "set_keyspace"); len(sizes) != 100 || len(calls) < 3 || len(calls) > 5 {
			t.Errorf("%d rows in %d calls", len(sizes), len(calls))
		}
	})
	t.Run("a long row", func(t *testing.T) {
		sizes = nil
		var mutations []backend.Mutation
		for i := range 1000 {
			mutations = append(mutations, column(i, 500))
		}
		if err := c.Mutate(t.Context(), write("k", mutations...)); err != nil {
			t.Fatal(err)
		}
		sum := 0
		for _, s := range sizes {
			sum += s
		}
		if sum != 1000 || len(sizes) < 8 || len(sizes) > 12 {
			t.Errorf("%d columns in calls of %v", sum, sizes)
		}
	})
	t.Run("an atomic batch", func(t *testing.T) {
		r := write("k", column(1, 40<<10), column(2, 40<<10))
		r.Atomic = true
		if err := c.Mutate(t.Context(), r); !errors.Is(err, backend.ErrInvalidRequest) {
			t.Errorf("Mutate: %v", err)
		}
	})
	if got := c.State().CheckedIn; got != 1 {
		t.Errorf("%d connections are idle", got)
	}
	if got := n.open(); got != 1 {
		t.Errorf("the node has %d connections: some were lost", got)
	}
}

// pycassa#199, Astyanax#124: if a frame exceeds the server's own limit, the server closes the
// connection.
func TestServerWithALowerLimit(t *testing.T) {
	n := startNode(t, nodeOptions{limit: 1 << 20}, nil)
	c := connect(t, fast(), n)
	r := write("k", backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: []byte("a"), Value: make([]byte, 2<<20), Timestamp: 1}})
	err := c.Mutate(t.Context(), r)
	if err == nil || !strings.Contains(err.Error(), "thrift_framed_transport_size_in_mb") {
		t.Errorf("Mutate: %v", err)
	}
	if !c.State().Hosts[0].Up {
		t.Error("the host is set aside")
	}
	if err := c.Mutate(t.Context(), add("k")); err != nil {
		t.Error(err)
	}
}

func TestLargeReply(t *testing.T) {
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if args.Method() != "get_slice" {
			return nil, nil
		}
		column := thriftwire.Column{Name: []byte("a"), Value: make([]byte, 10<<10)}
		return &thriftwire.GetSliceResult{Success: []thriftwire.ColumnOrSuperColumn{{Column: &column}}}, nil
	})
	opts := fast()
	opts.ReplyLimit = 5 << 10
	c := connect(t, opts, n)
	if err := get(t.Context(), c, "k"); !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "ReplyLimit") {
		t.Errorf("Slice: %v", err)
	}
	if calls := without(n.called(), "set_keyspace"); len(calls) != 1 {
		t.Errorf("the calls were %v", calls)
	}
	if err := c.Mutate(t.Context(), add("k")); err != nil {
		t.Error(err)
	}
}

func TestMultigetKeepsOrderAndRepeats(t *testing.T) {
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		r, ok := args.(*thriftwire.MultigetSliceArgs)
		if !ok {
			return nil, nil
		}
		result := new(thriftwire.MultigetSliceResult)
		for i := len(r.Keys) - 1; i >= 0; i-- { // in the order of a hash map
			key := string(r.Keys[i])
			if key == "none" {
				continue
			}
			column := thriftwire.Column{Name: []byte("a"), Value: []byte(key)}
			result.Success = append(result.Success, thriftwire.Entry[[]byte, []thriftwire.ColumnOrSuperColumn]{
				Key: r.Keys[i], Value: []thriftwire.ColumnOrSuperColumn{{Column: &column}},
			})
		}
		return result, nil
	})
	c := connect(t, nil, n)
	rows, err := c.Slice(t.Context(), slice("b", "none", "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		text := string(r.Key) + ":"
		for _, c := range r.Columns {
			text += string(c.Value)
		}
		got = append(got, text)
	}
	if diff := cmp.Diff([]string{"b:b", "none:", "a:a", "b:b"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestOldVersions(t *testing.T) {
	n := startNode(t, nodeOptions{version: "19.4.0"}, nil)
	c := connect(t, nil, n)
	add := backend.Mutation{Op: backend.Add, Column: backend.Column{Name: []byte("n")}, Delta: 1}
	if err := c.Mutate(t.Context(), write("k", add, insert("k").Rows[0].Mutations[0])); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("an increment of a counter: %v", err)
	}
	atomic := insert("k")
	atomic.Atomic = true
	if err := c.Mutate(t.Context(), atomic); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("an atomic batch: %v", err)
	}
	_, err := c.Range(t.Context(), &backend.RangeRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: "F"}, Range: backend.KeyRange{Count: 1}, Predicate: backend.Predicate{Count: 1},
		Filter: []backend.Expression{{Name: []byte("a"), Value: []byte("b")}},
	})
	if !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("a filter: %v", err)
	}
	if got := n.called(); len(got) != 0 {
		t.Errorf("these were sent: %v", got)
	}
}

func TestSchemaAgreement(t *testing.T) {
	var asked atomic.Int32
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		switch args.(type) {
		case *thriftwire.SystemDropKeyspaceArgs:
			return &thriftwire.SystemDropKeyspaceResult{Success: "v2"}, nil
		case *thriftwire.DescribeSchemaVersionsArgs:
			result := &thriftwire.DescribeSchemaVersionsResult{Success: []thriftwire.Entry[string, []string]{
				{Key: "v2", Value: []string{"127.0.0.1"}}, {Key: "UNREACHABLE", Value: []string{"127.0.0.3"}},
			}}
			if asked.Add(1) < 3 {
				result.Success = append(result.Success, thriftwire.Entry[string, []string]{Key: "v1", Value: []string{"127.0.0.2"}})
			}
			return result, nil
		}
		return nil, nil
	})
	opts := fast()
	c := connect(t, opts, n)
	version, err := c.Alter(t.Context(), schema.DropKeyspace{Name: "ks"})
	if err != nil || version != "v2" || asked.Load() != 3 {
		t.Errorf("Alter = %q, %v after %d questions", version, err, asked.Load())
	}

	asked.Store(-1 << 20)
	opts.SchemaTimeout = 100 * time.Millisecond
	c = connect(t, opts, n)
	if _, err := c.Alter(t.Context(), schema.DropKeyspace{Name: "ks"}); !errors.Is(err, backend.ErrSchemaDisagreement) || !strings.Contains(err.Error(), "127.0.0.2") {
		t.Errorf("Alter: %v, want ErrSchemaDisagreement", err)
	}
}

func TestAlterKeepsWhatIsNotSet(t *testing.T) {
	var sent thriftwire.CfDef
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		switch args := args.(type) {
		case *thriftwire.DescribeKeyspaceArgs:
			return &thriftwire.DescribeKeyspaceResult{Success: thriftwire.KsDef{Name: "ks", CfDefs: []thriftwire.CfDef{{
				Keyspace: "ks", Name: "F", ID: thriftwire.Some(int32(1007)), Comment: thriftwire.Some("old"), GCGraceSeconds: thriftwire.Some(int32(10)),
			}}}}, nil
		case *thriftwire.SystemUpdateColumnFamilyArgs:
			sent = args.CfDef
		}
		return nil, nil
	})
	c := connect(t, nil, n)
	if _, err := c.Alter(t.Context(), schema.AlterFamily{Family: schema.Family{Keyspace: "ks", Name: "F", Comment: "new"}}); err != nil {
		t.Fatal(err)
	}
	if sent.ID.V != 1007 || sent.Comment.V != "new" || sent.GCGraceSeconds.V != 10 {
		t.Errorf("sent %+v", sent)
	}
	_, err := c.Alter(t.Context(), schema.AlterFamily{Family: schema.Family{Keyspace: "ks", Name: "Absent"}})
	if !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("Alter: %v", err)
	}
}

func TestSplitsWithoutSizes(t *testing.T) {
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		switch args.(type) {
		case *thriftwire.DescribeSplitsExArgs:
			return nil, &thriftwire.ApplicationException{Type: thriftwire.UnknownMethod}
		case *thriftwire.DescribePartitionerArgs:
			return &thriftwire.DescribePartitionerResult{Success: "org.apache.cassandra.dht.RandomPartitioner"}, nil
		case *thriftwire.DescribeSplitsArgs:
			return &thriftwire.DescribeSplitsResult{Success: []string{"0", "7", "0"}}, nil
		}
		return nil, nil
	})
	c := connect(t, nil, n)
	splits, err := c.Splits(t.Context(), &backend.SplitsRequest{Keyspace: "ks", Family: "F", KeysPerSplit: 10})
	if diff := cmp.Diff([]backend.Split{{Start: "0", End: "7", Rows: 10}, {Start: "7", End: "0", Rows: 10}}, splits); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestConn(t *testing.T) {
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if args.Method() == "describe_cluster_name" {
			return &thriftwire.DescribeClusterNameResult{Success: "Test Cluster"}, nil
		}
		return nil, nil
	})
	opts := fast()
	opts.Size = 1
	c := connect(t, opts, n)
	k, err := c.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if k.Server() != n.addr {
		t.Errorf("Server() = %q, want %q", k.Server(), n.addr)
	}
	if err := get(t.Context(), k, "k"); err != nil {
		t.Error(err)
	}
	result, err := k.Raw(t.Context(), "ks", "describe_cluster_name", []byte{0})
	if want := "\x0b\x00\x00\x00\x00\x00\x0cTest Cluster\x00"; err != nil || string(result) != want {
		t.Errorf("Raw = %q, %v, want %q", result, err, want)
	}
	if _, err := k.Raw(t.Context(), "", "describe_cluster_name", []byte{11}); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("Raw: %v, want ErrInvalidRequest", err)
	}
	if _, err := k.Raw(t.Context(), "", "no_such_method", []byte{0}); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("Raw: %v, want ErrUnsupported", err)
	}
	n.set(hangup)
	if err := get(t.Context(), k, "k"); !errors.Is(err, backend.ErrTimedOut) {
		t.Errorf("Slice: %v, want ErrTimedOut", err)
	}
	n.set(nil)
	for range 2 {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := get(t.Context(), k, "k"); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("Slice: %v, want ErrClosed", err)
	}
	// The broken connection must not be used again.
	if err := c.Mutate(t.Context(), add("k")); err != nil {
		t.Error(err)
	}
}

func TestListenAndStats(t *testing.T) {
	n := startNode(t, nodeOptions{}, nil)
	c := connect(t, fast(), n)
	var stats pool.Stats
	remove := c.Listen(stats.Events())
	if err := get(t.Context(), c, "k"); err != nil {
		t.Fatal(err)
	}
	if got := stats.Counts(); got.CheckedOut != 1 || got.CheckedIn != 1 {
		t.Errorf("counts are %+v", got)
	}
	remove()
	stats.Reset()
	if err := get(t.Context(), c, "k"); err != nil {
		t.Fatal(err)
	}
	if got := stats.Counts(); got.CheckedOut != 0 {
		t.Errorf("counts are %+v", got)
	}
	if err := c.Configure(func(s *pool.Settings) { s.Size = 7 }); err != nil || c.Settings().Size != 7 {
		t.Errorf("Configure: %v, Size %d", err, c.Settings().Size)
	}
	if err := c.Fill(t.Context()); err != nil || c.State().CheckedIn != 7 {
		t.Errorf("Fill: %v, %+v", err, c.State())
	}
}

func TestUnframed(t *testing.T) {
	n := startNode(t, nodeOptions{framing: thriftwire.Unframed}, nil)
	opts := fast()
	opts.Unframed = true
	c := connect(t, opts, n)
	if err := get(t.Context(), c, "k"); err != nil {
		t.Fatal(err)
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		opts thriftclient.Options
		want string
	}{
		{thriftclient.Options{Timeout: -5}, "Timeout"},
		{thriftclient.Options{RingRefresh: pool.Forever}, "RingRefresh"},
		{thriftclient.Options{FrameLimit: 5}, "FrameLimit"},
		{thriftclient.Options{Password: "p"}, "no Username"},
		{thriftclient.Options{Settings: pool.Settings{Size: -5}}, "Size"},
	} {
		if _, err := thriftclient.Open(t.Context(), []string{"127.0.0.1:1"}, &tt.opts); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Open(%+v): %v, want %q", tt.opts, err, tt.want)
		}
	}
	var noContext context.Context
	if _, err := thriftclient.Open(noContext, []string{"127.0.0.1:1"}, nil); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("Open with a nil context: %v", err)
	}
	if _, err := thriftclient.Open(t.Context(), nil, nil); !errors.Is(err, pool.ErrAllServersUnavailable) {
		t.Errorf("Open without servers: %v", err)
	}
}

func TestCompareAndSet(t *testing.T) {
	var sent thriftwire.CasArgs
	n := startNode(t, nodeOptions{version: "19.39.0"}, func(args thriftwire.Args) (thriftwire.Result, error) {
		cas, ok := args.(*thriftwire.CasArgs)
		if !ok {
			return nil, nil
		}
		sent = *cas
		current := []thriftwire.Column{{Name: []byte("a"), Value: []byte("2"), Timestamp: thriftwire.Some(int64(7))}}
		return &thriftwire.CasResult{Success: thriftwire.CASResult{CurrentValues: current}}, nil
	})
	c := connect(t, fast(), n)
	request := &backend.CompareRequest{
		Keyspace: "ks", Family: "F", Key: []byte("k"),
		Expected: []backend.Column{{Name: []byte("a"), Value: []byte("1")}, {Name: []byte("absent")}},
		Updates:  []backend.Column{{Name: []byte("a"), Value: []byte("3")}},
		Serial:   backend.Serial, Commit: backend.Quorum,
	}
	got, err := c.CompareAndSet(t.Context(), request)
	want := &backend.CompareResult{Current: []backend.Column{{Name: []byte("a"), Value: []byte("2"), Timestamp: 7}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("CompareAndSet: %v\n%s", err, diff)
	}
	if sent.SerialConsistencyLevel != thriftwire.ConsistencyLevelSerial || sent.Expected[0].Value == nil || sent.Expected[1].Value != nil {
		t.Errorf("sent %+v", sent)
	}
	// If a server does not apply the change although the columns are as expected, it has not
	// understood that a column must be missing.
	request.Expected[0].Value = []byte("2")
	if _, err := c.CompareAndSet(t.Context(), request); !errors.Is(err, backend.ErrUnsupported) {
		t.Errorf("CompareAndSet: %v, want ErrUnsupported", err)
	}
	request.Expected = request.Expected[:1]
	if got, err := c.CompareAndSet(t.Context(), request); err != nil || got.Applied {
		t.Errorf("CompareAndSet: %+v, %v", got, err)
	}
	n.called()
	n.set(fails(&thriftwire.TimedOutException{}))
	if _, err := c.CompareAndSet(t.Context(), request); !errors.Is(err, backend.ErrTimedOut) {
		t.Errorf("CompareAndSet: %v, want ErrTimedOut", err)
	}
	if calls := without(n.called(), "set_keyspace"); len(calls) != 1 {
		t.Errorf("it was sent %d times", len(calls))
	}
}
