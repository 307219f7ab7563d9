package cqlclient_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/faultproxy"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// faultTimeout is Options.Timeout in TestFaults.
const faultTimeout = 500 * time.Millisecond

// TestFaults connects a client to a node through a network with each kind of fault. A call must end
// by the deadline of its context or of its attempts. The error of the call must have a kind. When
// the network works again, calls must succeed again.
func TestFaults(t *testing.T) {
	version := realcass.Versions(t, "5.0", "4.1", "3.11")[0]
	cluster := realcass.Start(t, realcass.Config{Version: version})
	store, err := cqlclient.Open(t.Context(), cluster.NativeAddrs(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := createFamily(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	both := []error{backend.ErrTimedOut, backend.ErrUnavailable}
	for _, tt := range []struct {
		name  string
		fault func(p *faultproxy.Proxy)
		// want lists the kinds that the error may have. If want is empty, the call must succeed.
		want []error
	}{
		{"none", func(*faultproxy.Proxy) {}, nil},
		{"delay", func(p *faultproxy.Proxy) { p.Delay(faultproxy.Down, 20*time.Millisecond) }, nil},
		{"stalled requests", func(p *faultproxy.Proxy) { p.Stall(faultproxy.Up, true) }, both},
		{"stalled replies", func(p *faultproxy.Proxy) { p.Stall(faultproxy.Down, true) }, both},
		{"black hole", func(p *faultproxy.Proxy) { p.BlackHole(true) }, both},
		{"throttle", func(p *faultproxy.Proxy) { p.Throttle(faultproxy.Up, 20) }, both},
		{"refused", func(p *faultproxy.Proxy) { _ = p.Refuse(true); p.Reset() }, both},
		{"corrupt requests", func(p *faultproxy.Proxy) { p.Corrupt(faultproxy.Up, 1<<30) }, both},
		{"corrupt replies", func(p *faultproxy.Proxy) { p.Corrupt(faultproxy.Down, 1<<30) }, both},
		{"cut", func(p *faultproxy.Proxy) { p.Cut() }, append(both, nil)},
		{"reset", func(p *faultproxy.Proxy) { p.Reset() }, append(both, nil)},
		{"half closed by the server", func(p *faultproxy.Proxy) { p.HalfClose(faultproxy.Down) }, append(both, nil)},
		{"half closed by the client", func(p *faultproxy.Proxy) { p.HalfClose(faultproxy.Up) }, append(both, nil)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			proxy := faultproxy.New(t, cluster.NativeAddrs()[0])
			through := netip.MustParseAddrPort(proxy.Addr())
			client, err := cqlclient.Open(t.Context(), []string{proxy.Addr()}, &cqlclient.Options{
				Timeout: faultTimeout, ConnectTimeout: faultTimeout, Retries: 1,
				Translate: func(netip.AddrPort) netip.AddrPort { return through },
			})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				// The driver may fail to end its session: see closeTimeout.
				if err := client.Close(); err != nil && !errors.Is(err, backend.ErrTimedOut) {
					t.Errorf("Close: %v", err)
				}
			}()
			tt.fault(proxy)
			for _, call := range []func(context.Context, backend.Backend) error{writeOne, readOne} {
				start := time.Now()
				err := call(t.Context(), client)
				if took := time.Since(start); took > 10*time.Second {
					t.Errorf("the call took %v, with a timeout of %v for each of two tries: %v", took, faultTimeout, err)
				}
				wantKind(t, err, tt.want)

				// If the context ends before the attempts time out, the call ends with the context.
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				start = time.Now()
				err = call(ctx, client)
				cancel()
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("a call with a deadline of 50 ms took %v: %v", took, err)
				}
				wantKind(t, err, append(tt.want, context.DeadlineExceeded, nil))
			}
			if err := proxy.Heal(); err != nil {
				t.Fatal(err)
			}
			until(t, "calls succeed again", func() bool {
				return writeOne(t.Context(), client) == nil && readOne(t.Context(), client) == nil
			})
		})
	}
}

// wantKind checks that an error is one of those wanted: nil is success.
func wantKind(t *testing.T, err error, want []error) {
	t.Helper()
	if err == nil && len(want) == 0 {
		return
	}
	for _, w := range want {
		if w == nil && err == nil || w != nil && errors.Is(err, w) {
			return
		}
	}
	t.Errorf("error %v, want one of %v", err, want)
}

// createFamily creates the family that writeOne and readOne use.
func createFamily(ctx context.Context, b backend.Backend) error {
	ks := schema.NewKeyspace("faults", 1)
	ks.Families = []schema.Family{{Keyspace: "faults", Name: "F", Comparator: schema.UTF8Type}}
	_, err := b.Alter(ctx, schema.CreateKeyspace{Keyspace: ks})
	return err
}

func writeOne(ctx context.Context, b backend.Backend) error {
	return b.Mutate(ctx, &backend.MutateRequest{Keyspace: "faults", Rows: []backend.RowMutation{{
		Family: "F", Key: []byte("k"), Mutations: []backend.Mutation{{
			Op: backend.Insert, Column: backend.Column{Name: []byte("c"), Value: []byte("v"), Timestamp: 1},
		}},
	}}})
}

func readOne(ctx context.Context, b backend.Backend) error {
	_, err := b.Slice(ctx, &backend.SliceRequest{
		Parent: backend.Parent{Keyspace: "faults", Family: "F"}, Keys: [][]byte{[]byte("k")},
		Predicate: backend.Predicate{Names: [][]byte{[]byte("c")}},
	})
	return err
}
