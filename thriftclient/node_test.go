package thriftclient_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/faultproxy"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

// A node is a server that answers as the test says.
type node struct {
	t    testing.TB
	addr string
	opts nodeOptions
	wg   sync.WaitGroup

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]struct{}
	methods  []string // the methods called, without describe_version
	answer   answer
}

// answer returns the result of a call. A nil result without an error stands for the method's empty
// result. If the error is not an exception, it closes the connection.
type answer func(args thriftwire.Args) (thriftwire.Result, error)

type nodeOptions struct {
	version string // the version of the interface; "" means 19.36.2
	framing thriftwire.Framing
	limit   int // the largest frame
	tls     *tls.Config
}

// startNode starts a node that ends with the test.
func startNode(t testing.TB, opts nodeOptions, a answer) *node {
	t.Helper()
	n := &node{t: t, opts: opts, conns: map[net.Conn]struct{}{}, answer: a}
	if n.opts.version == "" {
		n.opts.version = "19.36.2"
	}
	n.start()
	t.Cleanup(n.stop)
	return n
}

// start listens. After stop, it listens on the same address.
func (n *node) start() {
	n.t.Helper()
	listen := faultproxy.Listen
	if n.addr != "" {
		listen = func() (net.Listener, error) { return net.Listen("tcp", n.addr) }
	}
	listener, err := listen()
	if err != nil {
		n.t.Fatal(err)
	}
	n.addr = listener.Addr().String()
	if n.opts.tls != nil {
		listener = tls.NewListener(listener, n.opts.tls)
	}
	n.mu.Lock()
	n.listener = listener
	n.mu.Unlock()
	n.wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			n.mu.Lock()
			if n.listener != listener { // the node was stopped since
				n.mu.Unlock()
				_ = c.Close()
				return
			}
			n.conns[c] = struct{}{}
			n.mu.Unlock()
			n.wg.Go(func() {
				defer n.drop(c)
				n.serve(c)
			})
		}
	})
}

// stop closes all connections, as the end of a process does.
func (n *node) stop() {
	n.mu.Lock()
	if n.listener != nil {
		_ = n.listener.Close()
		n.listener = nil
	}
	for c := range n.conns {
		_ = c.Close()
	}
	n.mu.Unlock()
	n.wg.Wait()
}

func (n *node) drop(c net.Conn) {
	_ = c.Close()
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.conns, c)
}

func (n *node) serve(c net.Conn) {
	r := thriftwire.NewReader(c, n.opts.framing, n.opts.limit)
	for {
		message, err := r.Next(nil)
		if err != nil {
			return
		}
		h, args, err := thriftwire.DecodeCall(message)
		var reply thriftwire.Body
		if err == nil {
			reply, err = n.call(args)
		}
		h.Type = thriftwire.Reply
		if app, ok := errors.AsType[*thriftwire.ApplicationException](err); ok {
			h.Type, reply = thriftwire.Exception, app
		} else if err != nil {
			return
		}
		out, err := n.opts.framing.Append(nil, h, reply, 1<<30)
		if err != nil {
			n.t.Error(err)
			return
		}
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

func (n *node) call(args thriftwire.Args) (thriftwire.Result, error) {
	if _, ok := args.(*thriftwire.DescribeVersionArgs); ok {
		return &thriftwire.DescribeVersionResult{Success: n.opts.version}, nil
	}
	n.mu.Lock()
	n.methods = append(n.methods, args.Method())
	a := n.answer
	n.mu.Unlock()
	var result thriftwire.Result
	var err error
	if a != nil {
		result, err = a(args)
	}
	if result == nil {
		result = args.NewResult()
	}
	if err != nil && result.Throw(err) {
		err = nil
	}
	return result, err
}

// set changes the node's answers.
func (n *node) set(a answer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answer = a
}

// called returns the methods called since the last call of called.
func (n *node) called() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.methods
	n.methods = nil
	return m
}

// open returns how many connections the node has.
func (n *node) open() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.conns)
}

// connect opens a client that ends with the test. The client knows only the given nodes, unless
// opts says otherwise.
func connect(t testing.TB, opts *thriftclient.Options, nodes ...*node) *thriftclient.Client {
	t.Helper()
	if opts == nil {
		opts = &thriftclient.Options{NoDiscovery: true}
	}
	var servers []string
	for _, n := range nodes {
		servers = append(servers, n.addr)
	}
	c, err := thriftclient.Open(t.Context(), servers, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// fast returns options that make failures quick.
func fast() *thriftclient.Options {
	return &thriftclient.Options{
		NoDiscovery: true,
		Timeout:     5 * time.Second,
		Settings: pool.Settings{
			Size: 2, MaxRetries: 2, Backoff: time.Millisecond, MinAside: 5 * time.Millisecond, MaxAside: 20 * time.Millisecond,
			DialTimeout: 5 * time.Second,
		},
	}
}

// The requests that most tests send.

func insert(key string) *backend.MutateRequest {
	return write(key, backend.Mutation{
		Op: backend.Insert, Column: backend.Column{Name: []byte("a"), Value: []byte("1"), Timestamp: 1},
	})
}

func add(key string) *backend.MutateRequest {
	return write(key, backend.Mutation{Op: backend.Add, Column: backend.Column{Name: []byte("a")}, Delta: 1})
}

func write(key string, mutations ...backend.Mutation) *backend.MutateRequest {
	return &backend.MutateRequest{Keyspace: "ks", Rows: []backend.RowMutation{{Family: "F", Key: []byte(key), Mutations: mutations}}}
}

func slice(keys ...string) *backend.SliceRequest {
	r := &backend.SliceRequest{Parent: backend.Parent{Keyspace: "ks", Family: "F"}, Predicate: backend.Predicate{Count: 100}}
	for _, k := range keys {
		r.Keys = append(r.Keys, []byte(k))
	}
	return r
}

func get(ctx context.Context, c backend.Backend, keys ...string) error {
	_, err := c.Slice(ctx, slice(keys...))
	return err
}

// without returns a list without the calls that set the keyspace.
func without(methods []string, these ...string) []string {
	return slices.DeleteFunc(methods, func(m string) bool { return slices.Contains(these, m) })
}

// wait waits until ok returns true.
func wait(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within a minute", what)
		}
	}
}

// hangup closes the connection instead of answering.
func hangup(thriftwire.Args) (thriftwire.Result, error) { return nil, io.EOF }
