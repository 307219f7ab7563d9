//go:build apache

package apachethrift

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/widerow/widerow/internal/thriftwire"
)

// wire describes how messages are written: their framing, and strict or old.
type wire struct {
	framing thriftwire.Framing
	old     bool
}

func (w wire) String() string {
	return [...]string{"framed", "unframed"}[w.framing] + map[bool]string{false: " strict", true: " old"}[w.old]
}

var wires = []wire{
	{thriftwire.Framed, false},
	{thriftwire.Framed, true},
	{thriftwire.Unframed, false},
	{thriftwire.Unframed, true},
}

// ours returns a message written by our code.
func (w wire) ours(h thriftwire.Header, body thriftwire.Body) ([]byte, error) {
	h.Old = w.old
	return w.framing.Append(nil, h, body, 0)
}

// unpack reads a message out of its frame with our reader.
func (w wire) unpack(message []byte) ([]byte, error) {
	r := thriftwire.NewReader(bytes.NewReader(message), w.framing, 0)
	b, err := r.Next(nil)
	if err != nil {
		return nil, err
	}
	if err := r.Wait(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("after the message: %v", err)
	}
	return b, nil
}

// protocol returns Apache's binary protocol over a buffer.
func (w wire) protocol(buffer *thrift.TMemoryBuffer) thrift.TProtocol {
	strict := !w.old
	config := &thrift.TConfiguration{TBinaryStrictRead: &strict, TBinaryStrictWrite: &strict}
	var transport thrift.TTransport = buffer
	if w.framing == thriftwire.Framed {
		transport = thrift.NewTFramedTransportConf(buffer, config)
	}
	return thrift.NewTBinaryProtocolConf(transport, config)
}

// theirs returns a message written by Apache's code. If change is not nil, it wraps the protocol
// that writes the body.
func (w wire) theirs(h thriftwire.Header, body thrift.TStruct, change func(thrift.TProtocol) thrift.TProtocol) ([]byte, error) {
	ctx := context.Background()
	buffer := thrift.NewTMemoryBuffer()
	p := w.protocol(buffer)
	to := p
	if change != nil {
		to = change(p)
	}
	err := errors.Join(
		p.WriteMessageBegin(ctx, h.Method, thrift.TMessageType(h.Type), h.Seq),
		body.Write(ctx, to),
		p.WriteMessageEnd(ctx),
		p.Flush(ctx),
	)
	return buffer.Bytes(), err
}

// theyRead has Apache's code read a message. The message must span all of the bytes.
func (w wire) theyRead(message []byte, body func(h thriftwire.Header) (thrift.TStruct, error)) (thriftwire.Header, error) {
	buffer := thrift.NewTMemoryBuffer()
	buffer.Write(message)
	p := w.protocol(buffer)
	h, err := theyDecode(p, body)
	if err != nil {
		return h, err
	}
	rest := uint64(buffer.Len())
	if t := p.Transport(); t != buffer {
		rest += t.RemainingBytes()
	}
	if rest > 0 {
		return h, fmt.Errorf("Apache leaves %d bytes of %d", rest, len(message))
	}
	return h, nil
}

// theyDecode has Apache's code read a message. body returns the struct to read after the header.
func theyDecode(p thrift.TProtocol, body func(h thriftwire.Header) (thrift.TStruct, error)) (h thriftwire.Header, err error) {
	ctx := context.Background()
	name, typ, seq, err := p.ReadMessageBegin(ctx)
	if err != nil {
		return h, err
	}
	h = thriftwire.Header{Method: name, Type: thriftwire.MessageType(typ), Seq: seq}
	s, err := body(h)
	if err != nil {
		return h, err
	}
	return h, errors.Join(s.Read(ctx, p), p.ReadMessageEnd(ctx))
}

// into reads the body into s.
func into(s thrift.TStruct) func(thriftwire.Header) (thrift.TStruct, error) {
	return func(thriftwire.Header) (thrift.TStruct, error) { return s, nil }
}

// onAllWires runs a test for each way of writing messages.
func onAllWires(t *testing.T, test func(t *testing.T, w wire)) {
	for _, w := range wires {
		t.Run(w.String(), func(t *testing.T) { test(t, w) })
	}
}
