package cqlclient_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
)

// recorder keeps the events of a client.
type recorder struct {
	mu        sync.Mutex
	connected []cqlclient.ConnectEvent
	closed    []cqlclient.ConnEvent
	called    []cqlclient.CallEvent
	up, down  []cqlclient.HostEvent
}

func record[E any](r *recorder, list *[]E) func(E) {
	return func(e E) {
		r.mu.Lock()
		defer r.mu.Unlock()
		*list = append(*list, e)
	}
}

func (r *recorder) events() cqlclient.Events {
	return cqlclient.Events{
		Connected: record(r, &r.connected), Closed: record(r, &r.closed), Called: record(r, &r.called),
		HostUp: record(r, &r.up), HostDown: record(r, &r.down),
	}
}

func (r *recorder) count(counted func() int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return counted()
}

// TestNoNode counts connections that could not be opened. A listener that panics does not end the process.
func TestNoNode(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	var r recorder
	events := r.events()
	count := events.Connected
	events.Connected = func(e cqlclient.ConnectEvent) { count(e); panic("of a listener") }
	_, err = cqlclient.Open(t.Context(), []string{l.Addr().String()}, &cqlclient.Options{Events: events, ConnectTimeout: time.Second})
	if !errors.Is(err, backend.ErrUnavailable) {
		t.Errorf("Open of a node that does not run: %v", err)
	}
	if len(r.connected) == 0 || r.connected[0].Err == nil || r.connected[0].Server != l.Addr().String() {
		t.Errorf("events of connecting: %+v", r.connected)
	}
}

func TestEvents(t *testing.T) {
	version := realcass.Versions(t, "5.0", "4.1", "3.11")[0]
	cluster := realcass.Start(t, realcass.Config{Version: version, Nodes: 2})
	var r recorder
	client, err := cqlclient.Open(t.Context(), cluster.NativeAddrs()[:1], &cqlclient.Options{Events: r.events()})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Keyspaces(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = client.Slice(t.Context(), &backend.SliceRequest{
		Parent: backend.Parent{Keyspace: "absent", Family: "F"}, Keys: [][]byte{{1}}, Predicate: backend.Predicate{Count: 1},
	})
	if !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a slice of no family: %v", err)
	}
	stats := client.Stats()
	if n := stats.Calls[cqlclient.MethodSlice]; n.Failed != 1 || n.Succeeded != 0 || stats.Errors[backend.KindInvalidRequest] != 1 {
		t.Errorf("calls of slice: %+v, errors %v", n, stats.Errors)
	}
	if len(stats.Hosts) != 2 || !stats.Hosts[0].Up || stats.Hosts[0].Datacenter != "datacenter1" {
		t.Errorf("nodes: %+v", stats.Hosts)
	}
	// Cassandra 3.11 refuses protocol 5, which the driver tries first.
	if stats.Connections < 2 || stats.OpenFailed > 1 || r.count(func() int { return len(r.connected) }) < 2 {
		t.Errorf("%d connections, events %+v", stats.Connections, r.connected)
	}

	cluster.Node(1).Kill(t)
	until(t, "the node is down", func() bool { return client.Stats().HostsDown > 0 && r.count(func() int { return len(r.down) }) > 0 })
	cluster.Node(1).Start(t)
	until(t, "the node is up", func() bool { return r.count(func() int { return len(r.up) }) >= 1 })

	_ = client.Close()
	until(t, "all connections are closed", func() bool { return client.Stats().Connections == 0 })
	if n := r.count(func() int { return len(r.closed) }); int64(n) != client.Stats().Closed {
		t.Errorf("%d events of closed connections, and %d are counted", n, client.Stats().Closed)
	}
}

// until waits until a condition holds.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		case <-time.After(10 * time.Millisecond):
		}
	}
}
