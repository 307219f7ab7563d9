//go:build apache

package apachethrift

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/widerow/widerow/internal/testkit/apachethrift/cassandra"
	"github.com/widerow/widerow/internal/thriftwire"
)

// later is a protocol that writes as a later version of the interface would: it adds unknown fields
// before, between and after the known ones.
type later struct {
	thrift.TProtocol
	dice dice
	// If result is set, the protocol writes a method's result. depth is the nesting depth in it.
	result bool
	depth  int
}

func (l *later) WriteStructBegin(ctx context.Context, name string) error {
	l.depth++
	return l.TProtocol.WriteStructBegin(ctx, name)
}

func (l *later) WriteStructEnd(ctx context.Context) error {
	l.depth--
	return l.TProtocol.WriteStructEnd(ctx)
}

func (l *later) WriteFieldBegin(ctx context.Context, name string, typ thrift.TType, id int16) error {
	if l.dice.n(8) == 1 {
		if err := l.field(ctx); err != nil {
			return err
		}
	}
	return l.TProtocol.WriteFieldBegin(ctx, name, typ, id)
}

func (l *later) WriteFieldStop(ctx context.Context) error {
	for range l.dice.n(3) {
		if err := l.field(ctx); err != nil {
			return err
		}
	}
	return l.TProtocol.WriteFieldStop(ctx)
}

var (
	scalars    = []thrift.TType{thrift.BOOL, thrift.BYTE, thrift.DOUBLE, thrift.I16, thrift.I32, thrift.I64, thrift.STRING}
	containers = []thrift.TType{thrift.LIST, thrift.SET, thrift.MAP, thrift.STRUCT}
)

// typ returns a random type. If depth is 0, the type is no container.
func (l *later) typ(depth int) thrift.TType {
	if depth > 0 && l.dice.n(2) == 1 {
		return containers[l.dice.n(len(containers))]
	}
	return scalars[l.dice.n(len(scalars))]
}

// field writes a field whose number the interface does not have.
func (l *later) field(ctx context.Context) error {
	typ := l.typ(3)
	if l.result && l.depth == 1 && typ == thrift.STRUCT {
		typ = thrift.SET // a struct here would be an exception, known or unknown
	}
	id := int16(100 + l.dice.n(100))
	if l.dice.n(4) == 1 {
		id = -id
	}
	return errors.Join(
		l.TProtocol.WriteFieldBegin(ctx, "", typ, id),
		l.value(ctx, typ, 3),
		l.WriteFieldEnd(ctx),
	)
}

// value writes a random value.
func (l *later) value(ctx context.Context, typ thrift.TType, depth int) error {
	p, n := l.TProtocol, l.dice.n(3)
	switch typ {
	case thrift.BOOL:
		return p.WriteBool(ctx, n == 1)
	case thrift.BYTE:
		return p.WriteByte(ctx, int8(l.dice()))
	case thrift.DOUBLE:
		return p.WriteDouble(ctx, math.Float64frombits(l.dice.long()))
	case thrift.I16:
		return p.WriteI16(ctx, int16(l.dice.long()))
	case thrift.I32:
		return p.WriteI32(ctx, int32(l.dice.long()))
	case thrift.I64:
		return p.WriteI64(ctx, int64(l.dice.long()))
	case thrift.STRING:
		return p.WriteBinary(ctx, l.dice.bytes())
	}
	depth--
	key, elem := l.typ(depth), l.typ(depth)
	var err error
	switch typ {
	case thrift.LIST:
		err = p.WriteListBegin(ctx, elem, n)
	case thrift.SET:
		err = p.WriteSetBegin(ctx, elem, n)
	case thrift.MAP:
		err = p.WriteMapBegin(ctx, key, elem, n)
	case thrift.STRUCT:
		for id := range n {
			elem = l.typ(depth)
			err = errors.Join(err, p.WriteFieldBegin(ctx, "", elem, int16(id)), l.value(ctx, elem, depth))
		}
		return errors.Join(err, p.WriteFieldStop(ctx))
	}
	for range n {
		if typ == thrift.MAP {
			err = errors.Join(err, l.value(ctx, key, depth))
		}
		err = errors.Join(err, l.value(ctx, elem, depth))
	}
	return err
}

// TestUnknownFields checks that fields which a later version adds anywhere do not change what our
// code reads.
func TestUnknownFields(t *testing.T) {
	onAllWires(t, func(t *testing.T, w wire) {
		d := newDice(t)
		for _, m := range methods {
			for range *values {
				if err := theyWriteCall(d, m, w, func(p thrift.TProtocol) thrift.TProtocol {
					return &later{TProtocol: p, dice: d}
				}); err != nil {
					t.Fatalf("call of %s: %v", m.name, err)
				}
				if err := theyWriteReply(d, m, w, func(p thrift.TProtocol) thrift.TProtocol {
					return &later{TProtocol: p, dice: d, result: true}
				}); err != nil {
					t.Fatalf("reply of %s: %v", m.name, err)
				}
			}
		}
	})
}

// A resultWithout is a result that holds only an exception, under a number that the method does not
// have.
type resultWithout struct{ exception thrift.TStruct }

func (r resultWithout) Write(ctx context.Context, p thrift.TProtocol) error {
	return errors.Join(
		p.WriteStructBegin(ctx, ""),
		p.WriteFieldBegin(ctx, "", thrift.STRUCT, 17),
		r.exception.Write(ctx, p),
		p.WriteFieldEnd(ctx),
		p.WriteFieldStop(ctx),
		p.WriteStructEnd(ctx),
	)
}

func (r resultWithout) Read(context.Context, thrift.TProtocol) error {
	return errors.New("it is written only")
}

// TestUnknownExceptions reads an exception that a method does not declare. Our code reports it as
// an exception. To Apache's code it is an unknown field, so a method without a result seems to have
// succeeded, and any other method seems to have returned nothing.
func TestUnknownExceptions(t *testing.T) {
	onAllWires(t, func(t *testing.T, w wire) {
		for _, m := range methods {
			h := thriftwire.Header{Method: m.name, Type: thriftwire.Reply, Seq: 3}
			thrown := resultWithout{&cassandra.InvalidRequestException{Why: "it is later"}}
			message, err := w.theirs(h, thrown, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, theirs := m.theirs()
			if _, err := w.theyRead(message, into(theirs)); err != nil {
				t.Errorf("%s: Apache: %v", m.name, err)
			}
			if message, err = w.unpack(message); err != nil {
				t.Fatal(err)
			}
			result := m.args().NewResult()
			if err := thriftwire.DecodeReply(message, m.name, 3, result); err != nil {
				t.Errorf("%s: %v", m.name, err)
			}
			want := thriftwire.UnknownException{Field: 17, Why: "it is later"}
			if got, ok := errors.AsType[*thriftwire.UnknownException](result.Err()); !ok || *got != want {
				t.Errorf("%s: exception %#v, want %#v", m.name, result.Err(), want)
			}
		}
	})
}
