//go:build apache

package apachethrift

import (
	"bytes"
	"errors"
	"regexp"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/widerow/widerow/internal/thriftwire"
)

// A difference is a message that one side accepts and the other refuses.
type difference struct {
	why     string
	error   *regexp.Regexp // the error of the side that refuses
	message []byte
}

// refused lists the known messages that our code refuses and Apache's accepts.
var refused = []difference{
	{
		"Apache reads elements as those of the interface, whatever type the list says it has",
		regexp.MustCompile(`list of type \d+, want \d+`),
		describeSplits(0x0f, 0, 0, 0x08, 0, 0, 0, 1, 0, 0, 0, 1, 'a'),
	},
	{
		"Apache reads entries as those of the interface, whatever types the map says it has",
		regexp.MustCompile(`map of types \d+ and \d+, want \d+ and \d+`),
		reply("describe_token_map", 0x0d, 0, 0, 0x08, 0x08, 0, 0, 0, 1, 0, 0, 0, 1, 'a', 0, 0, 0, 1, 'b', 0),
	},
	{
		"Apache leaves what follows for the next message; to us a frame is one message",
		regexp.MustCompile(`bytes follow the message`),
		append(describeSplits(0x0f, 0, 0, 0x0b, 0, 0, 0, 0), 0),
	},
	{
		"Apache's client looks for the value of a result after it has read the reply",
		regexp.MustCompile(`returned neither a result nor an exception`),
		describeSplits(),
	},
	{
		"type 16, a UUID, is younger than Cassandra's interface",
		regexp.MustCompile(`unknown type 16\b`),
		reply("truncate", append(append([]byte{16, 0, 99}, make([]byte, 16)...), 0)...),
	},
}

// accepted lists the known messages that our code accepts and Apache's refuses.
var accepted = []difference{
	{
		"Apache's Go code demands a consistency level; Apache's Java code, which Cassandra runs, takes the interface's default",
		regexp.MustCompile(`Required field (Serial|Commit)?ConsistencyLevel is not set`),
		message(thriftwire.Call, "batch_mutate", 0x0d, 0, 1, 0x0b, 0x0d, 0, 0, 0, 0, 0),
	},
}

// agreed holds messages that are easily decoded wrong and on which both sides must agree.
var agreed = map[string][]byte{
	"a boolean that is neither 0 nor 1":   reply("truncate", 0x0c, 0, 3, 0x02, 0, 2, 2, 0, 0),
	"a field that is there twice":         reply("get", twice(0x0c, 0, 0, 0x0c, 0, 1, 0x0b, 0, 1, 0, 0, 0, 0, 0, 0)...),
	"a repeated struct, the second empty": reply("get", 0x0c, 0, 0, 0x0c, 0, 1, 0x0b, 0, 1, 0, 0, 0, 0, 0, 0, 0x0c, 0, 0, 0, 0),
	"a field of another type":             describeSplits(0x0b, 0, 0, 0, 0, 0, 0, 0x0f, 0, 0, 0x0b, 0, 0, 0, 0),
	"an empty list of no type":            describeSplits(0x0f, 0, 0, 0, 0, 0, 0, 0),
	"a negative count":                    describeSplits(0x0f, 0, 0, 0x0b, 0xff, 0xff, 0xff, 0xff),
	"a count beyond the message":          describeSplits(0x0f, 0, 0, 0x0b, 0x7f, 0, 0, 0),
	"a negative length":                   reply("describe_version", 0x0b, 0, 0, 0x80, 0, 0, 0, 0),
	"a length beyond the message":         reply("describe_version", 0x0b, 0, 0, 0x7f, 0, 0, 0, 0),
	"a required field that is absent":     reply("get_slice", 0x0f, 0, 0, 0x0c, 0, 0, 0, 1, 0x0c, 0, 1, 0, 0, 0),
	"an unknown field of an unknown type": reply("truncate", 0x11, 0, 99, 0, 0),
	"62 structs in an unknown one":        reply("truncate", nested(62)...),
	"63 structs in an unknown one":        reply("truncate", nested(63)...),
	"64 structs in an unknown one":        reply("truncate", nested(64)...),
	"no stop":                             reply("truncate"),
}

// message returns a strict message of a method with the given bytes as its arguments or result.
func message(kind thriftwire.MessageType, method string, fields ...byte) []byte {
	b := append([]byte{0x80, 1, 0, byte(kind), 0, 0, 0, byte(len(method))}, method...)
	return append(append(b, 0, 0, 0, 1), fields...)
}

// reply returns a reply of a method with the given bytes as its result.
func reply(method string, result ...byte) []byte { return message(thriftwire.Reply, method, result...) }

// describeSplits returns a reply that lists strings, with a stop after the fields.
func describeSplits(fields ...byte) []byte { return reply("describe_splits", append(fields, 0)...) }

// twice returns a result that holds the same field twice.
func twice(field ...byte) []byte { return append(append(bytes.Clone(field), field...), 0) }

// nested returns a result with an unknown list of lists of structs, n levels deep.
func nested(n int) []byte {
	b := append([]byte{0x0f, 0, 99}, bytes.Repeat([]byte{0x0f, 0, 0, 0, 1}, n)...)
	return append(b, 0x0c, 0, 0, 0, 0, 0)
}

// known returns the known difference that explains the error, or nil.
func known(differences []difference, err error) *difference {
	for i := range differences {
		if differences[i].error.MatchString(err.Error()) {
			return &differences[i]
		}
	}
	return nil
}

// A verdict holds the error of each side, and the difference of the values if both accept the
// message.
type verdict struct{ ours, theirs, difference error }

// errNotTheirs reports a message that Apache's code does not decide about.
var errNotTheirs = errors.New("no such method, or not of this type")

// bothDecode has both sides decode a message, as a call or a reply by the message's own type. It
// returns false if there is nothing to compare.
func bothDecode(message []byte) (v verdict, ok bool) {
	var args, result thrift.TStruct
	buffer := thrift.NewTMemoryBuffer()
	buffer.Write(message)
	h, err := theyDecode(wire{thriftwire.Unframed, true}.protocol(buffer), func(h thriftwire.Header) (thrift.TStruct, error) {
		m, ok := methodByName[h.Method]
		if !ok {
			return nil, errNotTheirs
		}
		switch h.Type {
		case thriftwire.Call, thriftwire.OneWay:
			args, _ = m.theirs()
			return args, nil
		case thriftwire.Reply:
			_, result = m.theirs()
			return result, nil
		}
		return nil, errNotTheirs
	})
	if errors.Is(err, errNotTheirs) {
		return v, false
	}
	v.theirs = err
	if result == nil {
		var ours thriftwire.Args
		if _, ours, v.ours = thriftwire.DecodeCall(message); v.ours == nil && v.theirs == nil {
			v.difference = pathError(h.Method, sameArgs(ours, args))
		}
		return v, true
	}
	ours := methodByName[h.Method].args().NewResult()
	v.ours = thriftwire.DecodeReply(message, h.Method, h.Seq, ours)
	if _, unknown := errors.AsType[*thriftwire.UnknownException](ours.Err()); unknown {
		return v, false // see TestUnknownExceptions
	}
	if v.ours == nil && v.theirs == nil {
		v.difference = pathError(h.Method, sameResult(ours, result))
	}
	return v, true
}

func TestKnownDifferences(t *testing.T) {
	for i := range refused {
		r := &refused[i]
		v, ok := bothDecode(r.message)
		if !ok || v.theirs != nil {
			t.Errorf("%s: now the error is: %v", r.why, v.theirs)
		}
		if v.ours == nil || known(refused, v.ours) != r {
			t.Errorf("%s: our error is %v, want one that matches %v", r.why, v.ours, r.error)
		}
	}
	for i := range accepted {
		a := &accepted[i]
		v, ok := bothDecode(a.message)
		if !ok || v.ours != nil {
			t.Errorf("%s: we say %v", a.why, v.ours)
		}
		if v.theirs == nil || known(accepted, v.theirs) != a {
			t.Errorf("%s: Apache says %v, want an error that matches %v", a.why, v.theirs, a.error)
		}
	}
}

func TestAgreement(t *testing.T) {
	for name, message := range agreed {
		v, ok := bothDecode(message)
		if !ok || (v.ours == nil) != (v.theirs == nil) || v.difference != nil {
			t.Errorf("%s: we say %v, Apache %v, the difference is %v", name, v.ours, v.theirs, v.difference)
		}
	}
}
