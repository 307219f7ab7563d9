//go:build apache

package apachethrift

import (
	"slices"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/widerow/widerow/internal/thriftwire"
)

// addSeeds adds dice that produce values of all kinds.
func addSeeds(f *testing.F) {
	d := newDice(f)
	for range 20 {
		var b []byte
		for range 400 {
			b = append(b, byte(d()))
		}
		f.Add(b)
	}
}

// FuzzApacheDecodesOurs has Apache's code read messages that our code wrote. The input decides the
// values.
func FuzzApacheDecodesOurs(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, throws []byte) {
		d := diceOf(throws)
		m, w := methods[d.n(len(methods))], wires[d.n(len(wires))]
		if err := weWriteCall(d, m, w); err != nil {
			t.Errorf("call of %s: %v", m.name, err)
		}
		if err := weWriteReply(d, m, w); err != nil {
			t.Errorf("reply of %s: %v", m.name, err)
		}
	})
}

// FuzzWeDecodeApaches has our code read messages that Apache's code wrote, with fields of later
// versions.
func FuzzWeDecodeApaches(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, throws []byte) {
		d := diceOf(throws)
		m, w := methods[d.n(len(methods))], wires[d.n(len(wires))]
		if err := theyWriteCall(d, m, w, func(p thrift.TProtocol) thrift.TProtocol {
			return &later{TProtocol: p, dice: d}
		}); err != nil {
			t.Errorf("call of %s: %v", m.name, err)
		}
		if err := theyWriteReply(d, m, w, func(p thrift.TProtocol) thrift.TProtocol {
			return &later{TProtocol: p, dice: d, result: true}
		}); err != nil {
			t.Errorf("reply of %s: %v", m.name, err)
		}
	})
}

// FuzzBothDecode has both sides decode the same bytes. Both accept them with equal values, or both
// refuse them, except for the listed known differences.
func FuzzBothDecode(f *testing.F) {
	d := newDice(f)
	for _, m := range methods {
		for _, w := range wires[2:] {
			call, err := w.ours(d.header(m, thriftwire.Call, w), d.ourArgs(m))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(call)
			reply, err := w.theirs(d.header(m, thriftwire.Reply, w), d.theirResult(m), func(p thrift.TProtocol) thrift.TProtocol {
				return &later{TProtocol: p, dice: d, result: true}
			})
			if err != nil {
				f.Fatal(err)
			}
			f.Add(reply)
		}
	}
	for _, d := range slices.Concat(refused, accepted) {
		f.Add(d.message)
	}
	for _, m := range agreed {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		v, ok := bothDecode(message)
		if !ok {
			return
		}
		if v.difference != nil {
			t.Error(v.difference)
		}
		switch {
		case (v.ours == nil) == (v.theirs == nil):
		case v.ours == nil:
			if known(accepted, v.theirs) == nil {
				t.Errorf("our code accepts it, Apache's returns: %v", v.theirs)
			}
		case known(refused, v.ours) == nil:
			t.Errorf("Apache accepts it, we say: %v", v.ours)
		}
	})
}
