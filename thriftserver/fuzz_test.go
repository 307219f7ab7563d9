package thriftserver_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftserver"
)

// script is the server's end of a connection whose client sends prepared bytes in pieces and
// accepts every answer.
type script struct {
	said   *bytes.Reader
	piece  int
	heard  bytes.Buffer
	closed chan struct{}
	once   sync.Once
}

func (s *script) Read(p []byte) (int, error) {
	return s.said.Read(p[:min(len(p), s.piece)])
}

func (s *script) Write(p []byte) (int, error) { return s.heard.Write(p) }

// Close may be called twice, as for any connection: by the goroutine that serves the connection and
// by the one that stops the server.
func (s *script) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *script) LocalAddr() net.Addr              { return &net.UnixAddr{Name: "memory"} }
func (s *script) RemoteAddr() net.Addr             { return &net.UnixAddr{Name: "memory"} }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }

// fuzzCalls returns the first calls of the corpus, one for each method with its own behaviour.
func fuzzCalls() []thriftwire.Args {
	p := parent("Log")
	return []thriftwire.Args{
		&thriftwire.SetKeyspaceArgs{Keyspace: "app"},
		&thriftwire.LoginArgs{AuthRequest: thriftwire.AuthenticationRequest{Credentials: []thriftwire.Entry[string, string]{{Key: "username", Value: "u"}}}},
		&thriftwire.InsertArgs{Key: b("k"), ColumnParent: parent("Users"), Column: column("a", "1", 5), ConsistencyLevel: one},
		&thriftwire.AddArgs{Key: b("k"), ColumnParent: parent("Counts"), Column: thriftwire.CounterColumn{Name: b("n"), Value: 1}, ConsistencyLevel: one},
		&thriftwire.BatchMutateArgs{ConsistencyLevel: one, MutationMap: batch{{Key: b("k"), Value: changes{{Key: "Users", Value: append(inserts(column("a", "1", 5)), deletes(3, nil)...)}}}}},
		&thriftwire.GetArgs{Key: b("k"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Groups", SuperColumn: b("s"), Column: b("a")}, ConsistencyLevel: one},
		&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Groups", "s"), Predicate: all(), ConsistencyLevel: one},
		&thriftwire.GetCountArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: names("a"), ConsistencyLevel: one},
		&thriftwire.MultigetSliceArgs{Keys: [][]byte{b("k"), b("l")}, ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one},
		&thriftwire.MultigetCountArgs{Keys: [][]byte{b("k")}, ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one},
		&thriftwire.GetRangeSlicesArgs{ColumnParent: parent("Users"), Predicate: all(), Range: keyRange("a", "z", 5), ConsistencyLevel: one},
		&thriftwire.GetPagedSliceArgs{ColumnFamily: "Users", Range: keyRange("", "", 5), StartColumn: b("a"), ConsistencyLevel: one},
		&thriftwire.GetIndexedSlicesArgs{ColumnParent: parent("Users"), ColumnPredicate: all(), ConsistencyLevel: one, IndexClause: thriftwire.IndexClause{
			Count: 5, Expressions: []thriftwire.IndexExpression{{ColumnName: b("state"), Value: b("UT")}},
		}},
		&thriftwire.GetMultiSliceArgs{Request: thriftwire.MultiSliceRequest{Key: b("k"), ColumnParent: &p, ColumnSlices: []thriftwire.ColumnSlice{{Start: b("a")}, {Finish: b("c")}}}},
		&thriftwire.RemoveArgs{Key: b("k"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Users"}, Timestamp: 1},
		&thriftwire.RemoveCounterArgs{Key: b("k"), Path: thriftwire.ColumnPath{ColumnFamily: "Counts", Column: b("n")}, ConsistencyLevel: one},
		casArgs([]thriftwire.Column{column("a", "1", 1)}, []thriftwire.Column{column("a", "2", 1)}),
		&thriftwire.TruncateArgs{Cfname: "Users"},
		&thriftwire.DescribeSplitsArgs{CfName: "Users", KeysPerSplit: 1},
		&thriftwire.DescribeRingArgs{Keyspace: "app"},
		&thriftwire.DescribeKeyspaceArgs{Keyspace: "app"},
		&thriftwire.SystemAddKeyspaceArgs{KsDef: replicated("fuzz")},
		&thriftwire.SystemDropKeyspaceArgs{Keyspace: "fuzz"},
		&thriftwire.SystemUpdateColumnFamilyArgs{CfDef: thriftwire.CfDef{Keyspace: "app", Name: "Log", ComparatorType: thriftwire.Some(utf8)}},
		&thriftwire.TraceNextQueryArgs{},
		&thriftwire.SetCQLVersionArgs{Version: "3"},
		read("SELECT comparator, \"type\" FROM system.schema_columnfamilies WHERE keyspace_name = 'app' AND columnfamily_name = 'Users';"),
	}
}

// fixedSchema is a store whose schema cannot change. Schema changes are sometimes slow, and other
// tests cover the use of definitions.
type fixedSchema struct{ *embedded.Store }

func (fixedSchema) Alter(context.Context, schema.Change) (string, error) {
	return "", backend.InvalidRequest("the schema is fixed")
}

// FuzzServer sends any bytes on one connection. The server must answer with valid replies only, and
// must stay up.
func FuzzServer(f *testing.F) {
	for _, old := range []bool{false, true} {
		for _, framing := range []thriftwire.Framing{thriftwire.Framed, thriftwire.Unframed} {
			conversation := []byte(nil)
			for i, args := range fuzzCalls() {
				h := thriftwire.Header{Method: args.Method(), Type: thriftwire.Call, Seq: int32(i), Old: old}
				single, err := framing.Append(nil, h, args, 0)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(append(conversation[:min(len(conversation), 200):min(len(conversation), 200)], single...), byte(255))
				conversation = append(conversation, single...)
			}
			f.Add(conversation, byte(7))
		}
	}
	f.Add(b("GET / HTTP/1.0\r\n\r\n"), byte(1))
	store := fixedSchema{appStore(f).(*embedded.Store)}
	s, err := thriftserver.New(store, &thriftserver.Options{MaxFrame: 1 << 20, CallTimeout: 5 * time.Second})
	if err != nil {
		f.Fatal(err)
	}
	p := newPipes()
	servertest.Serve(f, s, p)
	f.Fuzz(func(t *testing.T, said []byte, piece byte) {
		panics := s.Stats().Panics
		end := &script{said: bytes.NewReader(said), piece: 1 + int(piece)*16, closed: make(chan struct{})}
		p.connect(t, end)
		select {
		case <-end.closed:
		case <-time.After(30 * time.Second):
			t.Fatal("the server does not close the connection")
		}
		if n := s.Stats().Panics - panics; n != 0 {
			t.Errorf("%d panics", n)
		}
		asked := thriftwire.NewReader(bytes.NewReader(said), thriftwire.Detected, 1<<30)
		_, _ = asked.Next(nil) // detects the framing, which the replies have too
		r := thriftwire.NewReader(bytes.NewReader(end.heard.Bytes()), asked.Framing(), 1<<30)
		for {
			m, err := r.Next(nil)
			if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				break
			}
			if err != nil {
				t.Fatalf("an answer is not a message: %v\n%x", err, end.heard.Bytes())
			}
			if len(m) < 8 {
				t.Fatalf("a message of %d bytes", len(m))
			}
		}
	})
}
