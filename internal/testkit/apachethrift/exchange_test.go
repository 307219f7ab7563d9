//go:build apache

package apachethrift

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/widerow/widerow/internal/testkit/apachethrift/cassandra"
	"github.com/widerow/widerow/internal/thriftwire"
)

// header returns the head of a message to or from m.
func (d dice) header(m method, typ thriftwire.MessageType, w wire) thriftwire.Header {
	return thriftwire.Header{Method: m.name, Type: typ, Seq: int32(d.long()), Old: w.old}
}

// exceptions creates one of each exception that a method declares.
var exceptions = []func() error{
	func() error { return new(thriftwire.InvalidRequestException) },
	func() error { return new(thriftwire.NotFoundException) },
	func() error { return new(thriftwire.UnavailableException) },
	func() error { return new(thriftwire.TimedOutException) },
	func() error { return new(thriftwire.AuthenticationException) },
	func() error { return new(thriftwire.AuthorizationException) },
	func() error { return new(thriftwire.SchemaDisagreementException) },
}

// ourArgs and the functions below make random arguments and results.
func (d dice) ourArgs(m method) thriftwire.Args {
	args := m.args()
	d.fill(reflect.ValueOf(args).Elem(), true)
	return args
}

func (d dice) ourResult(m method) thriftwire.Result {
	result := m.args().NewResult()
	if d.n(3) == 1 {
		e := exceptions[d.n(len(exceptions))]()
		d.fill(reflect.ValueOf(e).Elem(), true)
		if result.Throw(e) {
			return result
		}
	}
	d.fill(reflect.ValueOf(result).Elem(), true)
	return result
}

func (d dice) theirArgs(m method) thrift.TStruct {
	args, _ := m.theirs()
	d.fill(reflect.ValueOf(args).Elem(), true)
	return args
}

func (d dice) theirResult(m method) thrift.TStruct {
	_, result := m.theirs()
	v := reflect.ValueOf(result).Elem()
	n := v.NumField()
	if n == 0 {
		return result
	}
	i := 0
	if d.n(3) == 1 {
		i = d.n(n)
	}
	// A nil value counts as absent, and a method without a result may return no exception.
	f := v.Field(i)
	if v.Type().Field(i).Name != "Success" && d.n(2) == 1 {
		if _, value := exceptionsOf(v); !value.IsValid() {
			return result
		}
	}
	switch f.Kind() {
	case reflect.Map:
		f.Set(reflect.MakeMap(f.Type()))
	case reflect.Slice:
		f.Set(reflect.MakeSlice(f.Type(), 0, 0))
	}
	d.fill(f, true)
	return result
}

// weWriteCall has Apache's code read a call that our code wrote.
func weWriteCall(d dice, m method, w wire) error {
	h, args := d.header(m, thriftwire.Call, w), d.ourArgs(m)
	message, err := w.ours(h, args)
	if err != nil {
		return err
	}
	theirs, _ := m.theirs()
	got, err := w.theyRead(message, into(theirs))
	if err != nil {
		return fmt.Errorf("%x: %w", message, err)
	}
	got.Old = w.old
	if err := differ(got == h, h, got); err != nil {
		return err
	}
	return sameArgs(args, theirs)
}

// weWriteReply has Apache's code read a reply that our code wrote.
func weWriteReply(d dice, m method, w wire) error {
	h, result := d.header(m, thriftwire.Reply, w), d.ourResult(m)
	message, err := w.ours(h, result)
	if err != nil {
		return err
	}
	_, theirs := m.theirs()
	if _, err := w.theyRead(message, into(theirs)); err != nil {
		return fmt.Errorf("%x: %w", message, err)
	}
	return sameResult(result, theirs)
}

// theyWriteCall has our code read a call that Apache's code wrote.
func theyWriteCall(d dice, m method, w wire, change func(thrift.TProtocol) thrift.TProtocol) error {
	h, theirs := d.header(m, thriftwire.Call, w), d.theirArgs(m)
	message, err := w.theirs(h, theirs, change)
	if err != nil {
		return err
	}
	b, err := w.unpack(message)
	if err != nil {
		return fmt.Errorf("%x: %w", message, err)
	}
	got, args, err := thriftwire.DecodeCall(b)
	if err != nil {
		return fmt.Errorf("%x: %w", message, err)
	}
	if err := differ(got == h, got, h); err != nil {
		return err
	}
	return sameArgs(args, theirs)
}

// theyWriteReply has our code read a reply that Apache's code wrote.
func theyWriteReply(d dice, m method, w wire, change func(thrift.TProtocol) thrift.TProtocol) error {
	h, theirs := d.header(m, thriftwire.Reply, w), d.theirResult(m)
	message, err := w.theirs(h, theirs, change)
	if err != nil {
		return err
	}
	b, err := w.unpack(message)
	if err != nil {
		return fmt.Errorf("%x: %w", message, err)
	}
	result := m.args().NewResult()
	if err := thriftwire.DecodeReply(b, m.name, h.Seq, result); err != nil {
		return fmt.Errorf("%x: %w", message, err)
	}
	return sameResult(result, theirs)
}

func TestApacheReadsOurs(t *testing.T) {
	onAllWires(t, func(t *testing.T, w wire) {
		d := newDice(t)
		for _, m := range methods {
			for range *values {
				if err := weWriteCall(d, m, w); err != nil {
					t.Fatalf("call of %s: %v", m.name, err)
				}
				if err := weWriteReply(d, m, w); err != nil {
					t.Fatalf("reply of %s: %v", m.name, err)
				}
			}
		}
	})
}

func TestWeReadApaches(t *testing.T) {
	onAllWires(t, func(t *testing.T, w wire) {
		d := newDice(t)
		for _, m := range methods {
			for range *values {
				if err := theyWriteCall(d, m, w, nil); err != nil {
					t.Fatalf("call of %s: %v", m.name, err)
				}
				if err := theyWriteReply(d, m, w, nil); err != nil {
					t.Fatalf("reply of %s: %v", m.name, err)
				}
			}
		}
	})
}

// TestSameBytes has Apache's code read our message and write it again, and compares the bytes. Maps
// have no order in Apache's code, so the test skips a message with a map of more than one entry.
func TestSameBytes(t *testing.T) {
	onAllWires(t, func(t *testing.T, w wire) {
		d := newDice(t)
		for _, m := range methods {
			compared := 0
			for range *values {
				h, result := d.header(m, thriftwire.Reply, w), d.ourResult(m)
				message, err := w.ours(h, result)
				if err != nil {
					t.Fatal(err)
				}
				_, theirs := m.theirs()
				if _, err := w.theyRead(message, into(theirs)); err != nil {
					t.Fatal(err)
				}
				again, err := w.theirs(h, theirs, nil)
				if err != nil {
					t.Fatal(err)
				}
				if hasLongMap(reflect.ValueOf(result)) {
					continue
				}
				compared++
				if !bytes.Equal(again, message) {
					t.Fatalf("reply of %s:\n%x, Apache writes\n%x", m.name, message, again)
				}
			}
			if compared == 0 {
				t.Errorf("no reply of %s could be compared", m.name)
			}
		}
	})
}

// hasLongMap reports whether v, a value of ours, contains a map of more than one entry.
func hasLongMap(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return !v.IsNil() && hasLongMap(v.Elem())
	case reflect.Slice:
		if v.Len() > 1 && strings.HasPrefix(v.Type().Elem().Name(), "Entry[") {
			return true
		}
		for i := range v.Len() {
			if hasLongMap(v.Index(i)) {
				return true
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if hasLongMap(v.Field(i)) {
				return true
			}
		}
	}
	return false
}

// TestConversation writes calls of all methods to one connection with Apache's code and reads them
// with ours, and the other way around.
func TestConversation(t *testing.T) {
	onAllWires(t, func(t *testing.T, w wire) {
		d := newDice(t)
		var theirs, ours bytes.Buffer
		var headers []thriftwire.Header
		for _, m := range methods {
			h := d.header(m, thriftwire.Call, w)
			headers = append(headers, h)
			b, err := w.theirs(h, d.theirArgs(m), nil)
			if err != nil {
				t.Fatal(err)
			}
			theirs.Write(b)
			if b, err = w.ours(h, d.ourArgs(m)); err != nil {
				t.Fatal(err)
			}
			ours.Write(b)
		}

		r := thriftwire.NewReader(&theirs, thriftwire.Detected, 0)
		buffer := thrift.NewTMemoryBuffer()
		buffer.Write(ours.Bytes())
		p := w.protocol(buffer)
		var message []byte
		for _, want := range headers {
			var err error
			if message, err = r.Next(message); err != nil {
				t.Fatal(err)
			}
			if h, _, err := thriftwire.DecodeCall(message); err != nil || h != want {
				t.Fatalf("we read %+v, want %+v: %v", h, want, err)
			}
			args, _ := methodByName[want.Method].theirs()
			h, err := theyDecode(p, into(args))
			if h.Old = w.old; err != nil || h != want {
				t.Fatalf("Apache reads %+v, want %+v: %v", h, want, err)
			}
		}
	})
}

func TestApplicationExceptions(t *testing.T) {
	onAllWires(t, func(t *testing.T, w wire) {
		for _, want := range []thriftwire.ApplicationException{
			{Type: thriftwire.InternalError, Message: "Internal error processing get"},
			{Type: thriftwire.UnknownMethod, Message: "Invalid method name: 'fetch'"},
			{Type: thriftwire.ProtocolError, Message: "Required field 'key' was not present"},
			{Type: 99},
		} {
			h := thriftwire.Header{Method: "get", Type: thriftwire.Exception, Seq: 7}
			message, err := w.ours(h, &want)
			if err != nil {
				t.Fatal(err)
			}
			theirs := thrift.NewTApplicationException(-1, "to be overwritten").(applicationException)
			if _, err := w.theyRead(message, into(theirs)); err != nil {
				t.Fatal(err)
			}
			if theirs.TypeId() != int32(want.Type) || want.Message != "" && theirs.Error() != want.Message {
				t.Errorf("Apache reads %d, %q, want %+v", theirs.TypeId(), theirs, want)
			}

			message, err = w.theirs(h, thrift.NewTApplicationException(int32(want.Type), want.Message).(applicationException), nil)
			if err != nil {
				t.Fatal(err)
			}
			if message, err = w.unpack(message); err != nil {
				t.Fatal(err)
			}
			var got *thriftwire.ApplicationException
			if err := thriftwire.DecodeReply(message, "get", 7, new(thriftwire.GetResult)); !errors.As(err, &got) || *got != want {
				t.Errorf("we read %+v (%v), want %+v", got, err, want)
			}
		}
	})
}

// applicationException has the methods of Apache's TApplicationException that the tests use.
type applicationException interface {
	thrift.TApplicationException
	thrift.TStruct
}

// TestRepeatedKeys decodes a map with the same key twice. Our code keeps both entries; Apache's
// keeps the last.
func TestRepeatedKeys(t *testing.T) {
	d := newDice(t)
	var r thriftwire.MultigetCountResult
	for _, key := range []string{"a", "b", "a", ""} {
		r.Success = append(r.Success, thriftwire.Entry[[]byte, int32]{Key: []byte(key), Value: int32(d.long())})
	}
	message, err := wires[0].ours(thriftwire.Header{Method: "multiget_count", Type: thriftwire.Reply}, &r)
	if err != nil {
		t.Fatal(err)
	}
	theirs := new(cassandra.CassandraMultigetCountResult)
	if _, err := wires[0].theyRead(message, into(theirs)); err != nil {
		t.Fatal(err)
	}
	if err := sameResult(&r, theirs); err != nil {
		t.Error(err)
	}
	if len(theirs.Success) != 3 {
		t.Errorf("Apache has %d keys, want 3", len(theirs.Success))
	}
}
