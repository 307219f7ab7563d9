//go:build apache && linux

package apachethrift

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/widerow/widerow/internal/thriftwire"
)

// columns returns n columns with names of 16 bytes and values of 100.
func columns(n int) []thriftwire.ColumnOrSuperColumn {
	list := make([]thriftwire.ColumnOrSuperColumn, n)
	for i := range list {
		list[i].Column = &thriftwire.Column{
			Name: fmt.Appendf(nil, "column%010d", i), Value: bytes.Repeat([]byte{byte(i)}, 100), Timestamp: thriftwire.Some(int64(1234567890123456)),
		}
	}
	return list
}

// replies holds the replies of 1000 columns that the benchmarks decode.
var replies = map[string]func() thriftwire.Result{
	"get_slice": func() thriftwire.Result { return &thriftwire.GetSliceResult{Success: columns(1000)} },
	"multiget_slice": func() thriftwire.Result {
		var r thriftwire.MultigetSliceResult
		for i := range 10 {
			key := fmt.Appendf(nil, "row%d", i)
			r.Success = append(r.Success, thriftwire.Entry[[]byte, []thriftwire.ColumnOrSuperColumn]{Key: key, Value: columns(100)})
		}
		return &r
	},
}

// BenchmarkDecode decodes a reply of 1000 columns. The reply is in memory already, or in a frame
// that must be read first.
func BenchmarkDecode(b *testing.B) {
	for _, method := range []string{"get_slice", "multiget_slice"} {
		for _, framing := range []thriftwire.Framing{thriftwire.Unframed, thriftwire.Framed} {
			w := wire{framing, false}
			message, err := w.ours(thriftwire.Header{Method: method, Type: thriftwire.Reply, Seq: 1}, replies[method]())
			if err != nil {
				b.Fatal(err)
			}
			place := "memory"
			if framing == thriftwire.Framed {
				place = "framed"
			}
			b.Run(method+"/"+place, func(b *testing.B) {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				inTurns(b, weDecode(w, method, message), theyDecodeAgain(w, method, message), threadTime, processTimeToo)
			})
		}
	}
}

// weDecode returns a function that decodes a reply. A framed reply is read into new memory, which
// the result then owns. A reply in memory is not copied.
func weDecode(w wire, method string, message []byte) func() error {
	args := methodByName[method].args()
	var source bytes.Reader
	reader := thriftwire.NewReader(&source, w.framing, 0)
	return func() error {
		reply := message
		if w.framing == thriftwire.Framed {
			source.Reset(message)
			var err error
			if reply, err = reader.Next(nil); err != nil {
				return err
			}
		}
		return thriftwire.DecodeReply(reply, method, 1, args.NewResult())
	}
}

// theyDecodeAgain returns a function that decodes a reply with Apache's code.
func theyDecodeAgain(w wire, method string, message []byte) func() error {
	m := methodByName[method]
	buffer := thrift.NewTMemoryBuffer()
	p := w.protocol(buffer)
	return func() error {
		buffer.Buffer = bytes.NewBuffer(message)
		_, err := theyDecode(p, func(thriftwire.Header) (thrift.TStruct, error) {
			_, result := m.theirs()
			return result, nil
		})
		return err
	}
}
