package thriftserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// repeat is the server's end of a connection. Its client sends a request n times and discards the
// answers, so that the benchmark measures only the server.
type repeat struct {
	script
	request []byte
	rest    []byte
	left    int
}

func (r *repeat) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.left == 0 {
			return r.said.Read(p) // the end
		}
		r.left--
		r.rest = r.request
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *repeat) Write(p []byte) (int, error) { return len(p), nil }

// benchmark measures a request, from the request's bytes to the reply's bytes.
func benchmark(b *testing.B, store backend.Backend, args thriftwire.Args) {
	s, err := thriftserver.New(store, nil)
	if err != nil {
		b.Fatal(err)
	}
	p := newPipes()
	servertest.Serve(b, s, p)
	c := p.dial(b)
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
	for i := range 100 {
		c.insert("Log", "k", column(string(binary.BigEndian.AppendUint32(nil, uint32(i))), string(make([]byte, 32)), 1))
	}
	message := func(args thriftwire.Args) []byte {
		m, err := thriftwire.Framed.Append(nil, thriftwire.Header{Method: args.Method(), Type: thriftwire.Call, Seq: 1}, args, 0)
		if err != nil {
			b.Fatal(err)
		}
		return m
	}
	end := &repeat{
		script:  script{said: bytes.NewReader(nil), closed: make(chan struct{})},
		request: message(args), rest: message(&thriftwire.SetKeyspaceArgs{Keyspace: "app"}), left: b.N,
	}
	b.ReportAllocs()
	b.ResetTimer()
	p.connect(b, end)
	<-end.closed
	b.StopTimer()
	if n := s.Stats().Panics; n != 0 {
		b.Fatalf("%d panics", n)
	}
}

func slice100() *thriftwire.GetSliceArgs {
	return &thriftwire.GetSliceArgs{Key: []byte("k"), ColumnParent: parent("Log"), Predicate: all(), ConsistencyLevel: one}
}

func BenchmarkGetSlice100(b *testing.B) { benchmark(b, appStore(b), slice100()) }

// BenchmarkGetSlice100WithoutStore measures the server's part of get_slice.
func BenchmarkGetSlice100WithoutStore(b *testing.B) {
	row := backend.Row{Key: []byte("k")}
	for i := range 100 {
		row.Columns = append(row.Columns, backend.Column{Name: binary.BigEndian.AppendUint32(nil, uint32(i)), Value: make([]byte, 32), Timestamp: 1})
	}
	store := &stub{Backend: appStore(b)}
	store.slice = func(context.Context, *backend.SliceRequest) ([]backend.Row, error) { return []backend.Row{row}, nil }
	benchmark(b, store, slice100())
}

func BenchmarkGet(b *testing.B) {
	benchmark(b, appStore(b), &thriftwire.GetArgs{
		Key: []byte("k"), ConsistencyLevel: one,
		ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Log", Column: []byte{0, 0, 0, 50}},
	})
}

func BenchmarkInsert(b *testing.B) {
	benchmark(b, appStore(b), &thriftwire.InsertArgs{
		Key: []byte("k"), ColumnParent: parent("Log"), Column: column("a", "value", time.Now().UnixMicro()), ConsistencyLevel: one,
	})
}

// BenchmarkDescribeVersion measures a call that does nothing.
func BenchmarkDescribeVersion(b *testing.B) {
	benchmark(b, appStore(b), &thriftwire.DescribeVersionArgs{})
}
