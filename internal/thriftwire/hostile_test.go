package thriftwire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// call returns a strict message: the head of a call, followed by the given bytes.
func call(method string, args ...byte) []byte {
	return append(appendI32(appendString(binaryVersion(Call), method), 1), args...)
}

// list returns the head of a list field.
func list(field uint16, elem byte, n int32) []byte {
	return appendI32(append(appendField(nil, typeList, field), elem), n)
}

func TestMalformed(t *testing.T) {
	nested := bytes.Repeat(appendField(nil, typeStruct, 99), MaxDepth+1)
	for _, tt := range []struct {
		name    string
		message []byte
		want    string
	}{
		{"empty", nil, "too early"},
		{"version", appendI32(nil, -1), "version"},
		{"name length", appendI32(binaryVersion(Call), -5), "method name"},
		{"long name", appendString(binaryVersion(Call), strings.Repeat("x", 300)), "method name"},
		{"old-style name length", appendI32(nil, 1<<30), "method name"},
		{"no arguments", call("get_slice"), "too early"},
		{"required field", call("set_keyspace", typeStop), "Required field 'keyspace' was not present! Struct: set_keyspace_args"},
		{"required number", call("describe_splits", typeStop), "Required field 'keys_per_split' was not found in serialized data! Struct: describe_splits_args"},
		{"list count", call("multiget_slice", list(1, typeString, 1<<30)...), "count"},
		{"negative count", call("multiget_slice", list(1, typeString, -1)...), "count"},
		{"list type", call("multiget_slice", append(list(1, typeI64, 1), make([]byte, 16)...)...), "list of type"},
		{"map count", call("batch_mutate", appendMap(appendField(nil, typeMap, 1), typeString, typeMap, 1<<30)...), "count"},
		{"string length", call("set_keyspace", appendI32(appendField(nil, typeString, 1), 1<<30)...), "too early"},
		{"negative length", call("set_keyspace", appendI32(appendField(nil, typeString, 1), -1)...), "length"},
		{"nested structs", call("describe_version", nested...), "deeper"},
		{"unknown type", call("describe_version", 1, 0, 9, 0), "unknown type"},
		{"skipped list count", call("describe_version", append(list(9, typeBool, 1<<30), 0, 0)...), "too early"},
		{"skipped string", call("describe_version", appendI32(appendField(nil, typeString, 9), 1<<30)...), "too early"},
		{"trailing bytes", call("describe_version", typeStop, 0), "follow the message"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, args, err := DecodeCall(tt.message)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("DecodeCall = %v, %v, want an error with %q", args, err, tt.want)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > 64<<10 {
				t.Errorf("%d bytes allocated for a message of %d", n, len(tt.message))
			}
		})
	}
}

// A message that is cut off anywhere is malformed.
func TestTruncated(t *testing.T) {
	for name, message := range goldenMessages(t) {
		for n := range len(message) {
			d := decoder{b: message[:n]}
			_, method := d.header()
			args := newArgs(method)
			if args == nil {
				continue
			}
			var body Body = args
			if _, ok := golden[name].body.(Result); ok {
				body = args.NewResult()
			}
			body.decode(&d)
			if err := d.end(); !errors.Is(err, ErrMalformed) {
				t.Errorf("%s cut to %d bytes: %v", name, n, err)
			}
		}
	}
}

func TestUnknownMethod(t *testing.T) {
	h, _, err := DecodeCall(call("drop_everything", typeStop))
	var e *ApplicationException
	if !errors.As(err, &e) || e.Type != UnknownMethod || h.Method != "drop_everything" || h.Seq != 1 {
		t.Errorf("DecodeCall = %+v, %v", h, err)
	}
}

func TestReplyOfAnotherCall(t *testing.T) {
	message := AppendMessage(nil, Header{Method: "truncate", Type: Reply, Seq: 4}, new(TruncateResult))
	for _, tt := range []struct {
		method string
		seq    int32
	}{{"truncate", 5}, {"set_keyspace", 4}} {
		if err := DecodeReply(message, tt.method, tt.seq, new(TruncateResult)); !errors.Is(err, ErrMalformed) {
			t.Errorf("DecodeReply(%s, %d) = %v", tt.method, tt.seq, err)
		}
	}
	message = AppendMessage(nil, Header{Method: "get_count", Type: Reply, Seq: 4}, new(TruncateResult))
	var e *ApplicationException
	if err := DecodeReply(message, "get_count", 4, new(GetCountResult)); !errors.As(err, &e) || e.Type != MissingResult {
		t.Errorf("a result that is empty: %v", err)
	}
}

// stream returns all golden messages: joined into one stream, and one by one.
func stream(t testing.TB, f Framing) (b []byte, messages [][]byte) {
	for _, m := range goldenMessages(t) {
		if f == Framed {
			b = binary.BigEndian.AppendUint32(b, uint32(len(m)))
		}
		b = append(b, m...)
		messages = append(messages, m)
	}
	return b, messages
}

func TestReader(t *testing.T) {
	big := reply(10, 300)
	for _, f := range []Framing{Framed, Unframed} {
		b, messages := stream(t, f)
		if f == Framed {
			b = binary.BigEndian.AppendUint32(b, uint32(len(big)))
		}
		b = append(b, big...)
		messages = append(messages, big)
		for name, in := range map[string]io.Reader{
			"whole": bytes.NewReader(b), "one byte": iotest.OneByteReader(bytes.NewReader(b)),
			"halves": iotest.HalfReader(bytes.NewReader(b)), "error with data": iotest.DataErrReader(bytes.NewReader(b)),
		} {
			r := NewReader(in, Detected, 0)
			var buf []byte
			for i, want := range messages {
				got, err := r.Next(buf)
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%v, %s: message %d: %v, %d bytes, want %d", f, name, i, err, len(got), len(want))
				}
				buf = got
			}
			if r.Framing() != f {
				t.Errorf("%s: framing %v, want %v", name, r.Framing(), f)
			}
			if _, err := r.Next(buf); err != io.EOF {
				t.Errorf("%v, %s: after the last: %v, want io.EOF", f, name, err)
			}
		}
	}
}

func TestReaderDetects(t *testing.T) {
	for _, f := range []Framing{Framed, Unframed} {
		for _, old := range []bool{false, true} {
			for _, method := range []string{"get", "describe_keyspaces"} {
				args := newArgs([]byte(method))
				b, err := f.Append(nil, Header{Method: method, Type: Call, Seq: 1, Old: old}, args, 0)
				if err != nil {
					t.Fatal(err)
				}
				r := NewReader(bytes.NewReader(b), Detected, 0)
				message, err := r.Next(nil)
				if err != nil || r.Framing() != f {
					t.Errorf("framing %v, old %v, %s: detected %v, %v", f, old, method, r.Framing(), err)
				}
				if h, _, err := DecodeCall(message); err != nil || h.Old != old {
					t.Errorf("framing %v, old %v, %s: %+v, %v", f, old, method, h, err)
				}
			}
		}
	}
}

func TestReaderRefuses(t *testing.T) {
	short := call("set_keyspace", appendI32(appendField(nil, typeString, 1), 1000)...)
	for _, tt := range []struct {
		name string
		f    Framing
		b    []byte
		want error
	}{
		{"frame over the limit", Framed, appendI32(nil, 1<<20+1), ErrTooLarge},
		{"negative frame", Framed, appendI32(nil, -1), ErrMalformed},
		{"empty frame", Framed, appendI32(nil, 0), ErrMalformed},
		{"cut length", Framed, []byte{0, 0}, io.ErrUnexpectedEOF},
		{"cut frame", Framed, appendI32(nil, 1000), io.ErrUnexpectedEOF},
		{"cut message", Unframed, short, io.ErrUnexpectedEOF},
		{"string over the limit", Unframed, call("set_keyspace", appendI32(appendField(nil, typeString, 1), 1<<30)...), ErrTooLarge},
		{"version", Unframed, appendI32(nil, -1), ErrMalformed},
		{"nested", Unframed, call("get", bytes.Repeat(appendField(nil, typeStruct, 1), 1000)...), ErrMalformed},
		{"endless list", Unframed, call("get", append(list(1, typeStruct, 1<<30), make([]byte, 2<<20)...)...), ErrTooLarge},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := NewReader(bytes.NewReader(tt.b), tt.f, 1<<20).Next(nil)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 128<<10+5*uint64(len(tt.b)) {
			t.Errorf("%s: %d bytes allocated for %d", tt.name, n, len(tt.b))
		}
	}
}

func TestAppendRefusesWhatIsTooLarge(t *testing.T) {
	args := &SetKeyspaceArgs{Keyspace: strings.Repeat("x", 1000)}
	for _, f := range []Framing{Framed, Unframed} {
		b, err := f.Append([]byte("before"), Header{Method: "set_keyspace", Type: Call}, args, 1000)
		if !errors.Is(err, ErrTooLarge) || string(b) != "before" {
			t.Errorf("%v: %q, %v", f, b, err)
		}
		if _, err := f.Append(nil, Header{Method: "set_keyspace", Type: Call}, args, 0); err != nil {
			t.Error(err)
		}
	}
}
