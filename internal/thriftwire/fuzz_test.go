package thriftwire

import (
	"bytes"
	"errors"
	"testing"
)

func addGolden(f *testing.F) {
	for _, m := range goldenMessages(f) {
		f.Add(m)
	}
	f.Add(reply(2, 3))
}

// A message that decodes must encode to the same bytes each time it is decoded and encoded again.
func FuzzCall(f *testing.F) {
	addGolden(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		var h Header
		var args Args
		var err error
		if n := allocatedBeyond(mostMemory(message), func() { h, args, err = DecodeCall(message) }); n > 0 {
			t.Fatalf("%d bytes allocated for a message of %d", n, len(message))
		}
		if err != nil {
			return
		}
		once := AppendMessage(nil, h, args)
		h2, args2, err := DecodeCall(once)
		if err != nil || h2 != h {
			t.Fatalf("%x: %v, %+v, want %+v", once, err, h2, h)
		}
		if twice := AppendMessage(nil, h2, args2); !bytes.Equal(once, twice) {
			t.Fatalf("%x\nbecame %x", once, twice)
		}
	})
}

func FuzzReply(f *testing.F) {
	addGolden(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		d := decoder{b: message}
		h, method := d.header()
		args := newArgs(method)
		if args == nil {
			return
		}
		result := args.NewResult()
		var err error
		if n := allocatedBeyond(mostMemory(message), func() { err = DecodeReply(message, args.Method(), h.Seq, result) }); n > 0 {
			t.Fatalf("%d bytes allocated for a message of %d", n, len(message))
		}
		if err != nil {
			return
		}
		var unknown *UnknownException
		if errors.As(result.Err(), &unknown) {
			return // an unknown exception is not encoded
		}
		h.Method = args.Method()
		once := AppendMessage(nil, h, result)
		again := args.NewResult()
		if err := DecodeReply(once, h.Method, h.Seq, again); err != nil {
			t.Fatal(err)
		}
		if twice := AppendMessage(nil, h, again); !bytes.Equal(once, twice) {
			t.Fatalf("%x\nbecame %x", once, twice)
		}
	})
}

// The reader of unframed messages must find the same end as the decoder, in whatever pieces the
// bytes arrive.
func FuzzReader(f *testing.F) {
	addGolden(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		const limit = 1 << 16
		r := NewReader(bytes.NewReader(b), Unframed, limit)
		message, err := r.Next(nil)
		if err != nil {
			if _, _, derr := DecodeCall(b); derr == nil && len(b) <= limit {
				t.Fatalf("the message decodes as a whole, but the reader returns %v", err)
			}
			return
		}
		if !bytes.HasPrefix(b, message) {
			t.Fatalf("%x is not the start of %x", message, b)
		}
		var s scanner
		s.value(levelMessage)
		rest := 0
		for n := 1; n <= len(b) && !s.done; n++ {
			rest += s.scan(b[rest:n])
		}
		if s.err != nil || !s.done || rest != len(message) {
			t.Fatalf("byte by byte it ends after %d bytes (%v), at once after %d", rest, s.err, len(message))
		}
	})
}
