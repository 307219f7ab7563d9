package thriftserver_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// The server answers a message in the form in which it was sent.
func TestForms(t *testing.T) {
	s := servertest.Start(t, appStore(t), nil)
	for name, form := range map[string]struct {
		framing thriftwire.Framing
		old     bool
	}{
		"framed": {thriftwire.Framed, false}, "framed, old": {thriftwire.Framed, true},
		"unframed": {thriftwire.Unframed, false}, "unframed, old": {thriftwire.Unframed, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s)
			c = newClient(t, c.nc, form.framing)
			c.old = form.old
			must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
			c.insert("Log", name, column("a", "1", 5))
			want(t, "the row", c.slice("Log", name, all()), "a=1@5")
			c.send(&thriftwire.DescribeVersionArgs{})
			if reply := c.receive(); reply[0] == 0x80 == form.old {
				t.Errorf("the reply begins with %x", reply[:4])
			}
		})
	}
}

// raw sends a message unchanged in a frame, and returns the exception of the reply.
func (c *client) raw(message []byte) error {
	c.t.Helper()
	c.write(append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...))
	return thriftwire.DecodeReply(c.receive(), "describe_version", 9, &thriftwire.DescribeVersionResult{})
}

func message(method string, kind byte, body ...byte) []byte {
	m := binary.BigEndian.AppendUint32(nil, 0x8001_0000|uint32(kind))
	m = binary.BigEndian.AppendUint32(m, uint32(len(method)))
	m = append(m, method...)
	return append(binary.BigEndian.AppendUint32(m, 9), body...)
}

func TestWrongCalls(t *testing.T) {
	c := dial(t, servertest.Start(t, appStore(t), nil))
	for _, tt := range []struct {
		name    string
		message []byte
		want    *thriftwire.ApplicationException
	}{
		{"unknown method", message("get_rich", 1, 0), &thriftwire.ApplicationException{Type: thriftwire.UnknownMethod, Message: "Invalid method name: 'get_rich'"}},
		{"no method", message("", 1, 0), &thriftwire.ApplicationException{Type: thriftwire.UnknownMethod, Message: "Invalid method name: ''"}},
		{"absent field", message("set_keyspace", 1, 0), &thriftwire.ApplicationException{
			Type: thriftwire.ProtocolError, Message: "Required field 'keyspace' was not present! Struct: set_keyspace_args",
		}},
		{"absent number", message("remove", 1, 11, 0, 1, 0, 0, 0, 0, 12, 0, 2, 11, 0, 3, 0, 0, 0, 0, 0, 0), &thriftwire.ApplicationException{
			Type: thriftwire.ProtocolError, Message: "Required field 'timestamp' was not found in serialized data! Struct: remove_args",
		}},
		{"field of another type", message("set_keyspace", 1, 8, 0, 1, 0, 0, 0, 0, 0), &thriftwire.ApplicationException{
			Type: thriftwire.ProtocolError, Message: "Required field 'keyspace' was not present! Struct: set_keyspace_args",
		}},
	} {
		var got *thriftwire.ApplicationException
		if err := c.raw(tt.message); !errors.As(err, &got) {
			t.Errorf("%s: %v, want an application exception", tt.name, err)
		} else if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
	// The server ignores the type of a message and unknown fields.
	for kind := byte(0); kind < 6; kind++ {
		if err := c.raw(message("describe_version", kind, 8, 0, 99, 1, 2, 3, 4, 0)); err != nil {
			t.Errorf("a message of type %d: %v", kind, err)
		}
	}
}

// Bytes that are not a message end the connection without an answer.
func TestNoMessages(t *testing.T) {
	var log logs
	s := servertest.Start(t, appStore(t), &thriftserver.Options{MaxFrame: 1 << 20, Logger: log.logger()})
	for name, bytes := range map[string][]byte{
		"HTTP":            b("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"TLS":             {22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3},
		"frame too long":  binary.BigEndian.AppendUint32(nil, 1<<20+1),
		"empty frame":     {0, 0, 0, 0, 0},
		"negative frame":  {0xff, 0xff, 0xff, 0xff, 0},
		"version":         {0, 0, 0, 8, 0x80, 2, 0, 1, 0, 0, 0, 0},
		"half a head":     {0, 0, 0, 4, 0x80, 1, 0, 1},
		"unframed length": append(message("set_keyspace", 1), 11, 0, 1, 0x7f, 0xff, 0xff, 0xff),
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s)
			c.write(bytes)
			if err := c.nc.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if answer, err := io.ReadAll(c.nc); len(answer) > 0 {
				t.Errorf("answer %q, %v", answer, err)
			}
		})
	}
	must[*thriftwire.DescribeVersionResult](dial(t, s), &thriftwire.DescribeVersionArgs{})
}

// Pipelined requests are answered in order.
func TestPipelined(t *testing.T) {
	c := app(t)
	const n = 200
	var all bytes.Buffer
	for i := range n {
		m, err := thriftwire.Framed.Append(nil, thriftwire.Header{Method: "insert", Type: thriftwire.Call, Seq: int32(i)}, &thriftwire.InsertArgs{
			Key: b("k"), ColumnParent: parent("Log"), Column: column("a", strings.Repeat("x", i), int64(i)), ConsistencyLevel: one,
		}, 0)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(m)
	}
	go func() { _, _ = c.nc.Write(all.Bytes()) }()
	for i := range n {
		if err := thriftwire.DecodeReply(c.receive(), "insert", int32(i), &thriftwire.InsertResult{}); err != nil {
			t.Fatal(err)
		}
	}
}

// A panic ends only the call in which it happens.
func TestPanic(t *testing.T) {
	var log logs
	store := &stub{Backend: appStore(t)}
	store.slice = func(context.Context, *backend.SliceRequest) ([]backend.Row, error) { panic("out of cheese") }
	s := servertest.Start(t, store, &thriftserver.Options{Logger: log.logger(), MaxCalls: 1})
	c := dialApp(t, s)
	for range 3 {
		_, err := c.call(&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one})
		if e := new(thriftwire.ApplicationException); !errors.As(err, &e) || e.Type != thriftwire.InternalError || e.Message != "Internal error processing get_slice" {
			t.Errorf("%v, want an internal error", err)
		}
		c.insert("Users", "k", column("a", "1", 1))
	}
	if text := log.String(); !strings.Contains(text, "out of cheese") || !strings.Contains(text, "protocol_test.go") {
		t.Errorf("the log has no panic with its stack:\n%s", text)
	}
	if n := s.Stats().Panics; n != 3 {
		t.Errorf("%d panics counted, want 3", n)
	}
}
