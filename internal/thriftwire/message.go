package thriftwire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MessageType is the type of a message.
type MessageType byte

// The types of message.
const (
	Call      MessageType = 1
	Reply     MessageType = 2
	Exception MessageType = 3
	OneWay    MessageType = 4
)

const (
	version1    = 0x8001_0000
	versionMask = 0xffff_0000
	maxName     = 256 // limit of the name of a method; all names are shorter
)

// Header is the head of a message.
type Header struct {
	Method string
	Type   MessageType
	// Seq is the number of a call. The reply has the same number.
	Seq int32
	// Old is set if the message has no version. The first versions of Thrift wrote
	// such messages, and lax clients still do.
	Old bool
}

// Body is the content of a message: Args, a Result or an *ApplicationException.
type Body interface {
	append(b []byte) []byte
	decode(d *decoder)
}

// Args are the arguments of a method.
type Args interface {
	Body
	// Method returns the method's name.
	Method() string
	// Family returns the name of the call's column family, or an empty string.
	Family() string
	// Traits returns further facts about the method.
	Traits() Traits
	// NewResult returns a new result of the method.
	NewResult() Result
}

// Traits are facts about a method that its types do not express. The traits of the Thrift interface's
// methods are declared in cassandra.thrift.
type Traits uint8

// The traits.
const (
	// Open: a client calls the method before it logs in.
	Open Traits = 1 << iota
	// Slow: the method may take several times as long as a read or a write.
	Slow
	// Schema: the method changes the schema.
	Schema
	// Detached: the decoded result does not alias the reply, so the memory of the reply can be reused.
	Detached
)

// Has reports whether t has any of the traits x.
func (t Traits) Has(x Traits) bool { return t&x != 0 }

// Result is the result of a method: a value or an exception.
type Result interface {
	Body
	// Err returns the exception, or nil. It is one of the exceptions that the
	// method declares or an *UnknownException.
	Err() error
	// Throw makes err the result, if it is an exception that the method
	// declares, and reports whether it is.
	Throw(err error) bool
}

// failure is the part of a result that holds its exception.
type failure struct{ err error }

// Err returns the exception, or nil.
func (f *failure) Err() error { return f.err }

// unknown reads a field that the method does not declare. If the field is a struct, it
// must be an exception of another version.
func (f *failure) unknown(d *decoder, field uint32) {
	if field>>16 != typeStruct {
		d.skip(field)
		return
	}
	e := one[UnknownException](d)
	e.Field = int16(field)
	for k := d.field(); k != fieldStop; k = d.field() {
		if k == typeString<<16|1 {
			e.Why = d.string()
		} else {
			d.skip(k)
		}
	}
	f.err = e
}

// UnknownException is an exception that the method does not declare.
type UnknownException struct {
	// Field is its number in the result.
	Field int16
	// Why is its first field, if that is a string.
	Why string
}

// Error returns the field's number and the reason.
func (e *UnknownException) Error() string {
	return exceptionText(fmt.Sprintf("exception %d, which the method does not declare", e.Field), e.Why)
}

func exceptionText(name, why string) string {
	if why == "" {
		return name
	}
	return name + ": " + why
}

// ApplicationErrorType is the kind of an [ApplicationException].
type ApplicationErrorType int32

// The kinds of application exception.
const (
	UnknownApplicationError ApplicationErrorType = iota
	UnknownMethod
	InvalidMessageType
	WrongMethodName
	BadSequenceID
	MissingResult
	InternalError
	ProtocolError
)

// ApplicationException is the answer to a call that failed with none of its method's own
// exceptions: the method is unknown, an argument is absent, or the server had an internal
// error.
type ApplicationException struct {
	Message string
	Type    ApplicationErrorType
}

// Error returns the message.
func (e *ApplicationException) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("Thrift application exception of type %d", e.Type)
	}
	return e.Message
}

func (e *ApplicationException) append(b []byte) []byte {
	if e.Message != "" {
		b = appendString(appendField(b, typeString, 1), e.Message)
	}
	b = appendI32(appendField(b, typeI32, 2), int32(e.Type))
	return append(b, typeStop)
}

func (e *ApplicationException) decode(d *decoder) {
	for k := d.field(); k != fieldStop; k = d.field() {
		switch k {
		case typeString<<16 | 1:
			e.Message = d.string()
		case typeI32<<16 | 2:
			e.Type = ApplicationErrorType(d.i32())
		default:
			d.skip(k)
		}
	}
}

func missingResult(method string) error {
	return &ApplicationException{Type: MissingResult, Message: method + " returned neither a result nor an exception"}
}

// AppendMessage appends a message, without a frame. See [Framing.Append].
func AppendMessage(b []byte, h Header, body Body) []byte {
	if h.Old {
		b = append(appendString(b, h.Method), byte(h.Type))
	} else {
		b = binary.BigEndian.AppendUint32(b, version1|uint32(h.Type))
		b = appendString(b, h.Method)
	}
	return body.append(appendI32(b, h.Seq))
}

// header reads the head of a message. It returns the method's name separately, as
// bytes that alias the message.
func (d *decoder) header() (h Header, method []byte) {
	head := d.i32()
	if head >= 0 {
		h.Old = true
		method = d.name(head)
		if b := d.next(1); b != nil {
			h.Type = MessageType(b[0])
		}
	} else {
		if uint32(head)&versionMask != version1 {
			d.malformed("version %#x", uint32(head))
		}
		h.Type = MessageType(head)
		method = d.name(d.i32())
	}
	h.Seq = d.i32()
	return h, method
}

func (d *decoder) name(n int32) []byte {
	if n < 0 || n > maxName {
		d.malformed("method name of %d bytes", n)
		return nil
	}
	return d.next(int(n))
}

// end checks that decoding succeeded and that no bytes follow the message.
func (d *decoder) end() error {
	if d.err == nil && d.off != len(d.b) {
		d.malformed("%d bytes follow the message", len(d.b)-d.off)
	}
	return d.err
}

// DecodeHead decodes the head of a call and ignores the message type, as Java's servers do. The
// returned arguments are new ones of the method; [Memory.DecodeArgs] decodes them. If the error is
// an *ApplicationException, it can be answered with the header. After any other error the
// connection must be closed.
func DecodeHead(message []byte) (Header, Args, error) {
	d := decoder{b: message}
	h, method := d.header()
	if d.err != nil {
		return h, nil, d.err
	}
	args := newArgs(method)
	if args == nil {
		h.Method = string(method)
		return h, nil, &ApplicationException{Type: UnknownMethod, Message: fmt.Sprintf("Invalid method name: '%s'", method)}
	}
	h.Method = args.Method()
	return h, args, nil
}

// DecodeArgs decodes the arguments of the call that message begins with into those that [DecodeHead] returned, which
// hold parts of message then. It returns what follows the call: Java's servers take it for the next one. The error is an
// *ApplicationException, unless it is one of m.Take.
func (m *Memory) DecodeArgs(message []byte, args Args) (rest []byte, err error) {
	d := decoder{b: message, memory: m}
	d.header()
	args.decode(&d)
	if d.err == nil {
		return message[d.off:], nil
	}
	if !errors.Is(d.err, ErrMalformed) && !errors.Is(d.err, ErrMemory) {
		return nil, d.err
	}
	return After(message), &ApplicationException{Type: ProtocolError, Message: d.err.Error()}
}

// After returns what follows the message that b begins with, without decoding it, or nil if it is not whole.
func After(b []byte) []byte {
	var s scanner
	s.value(levelMessage)
	n := s.scan(b)
	if s.err != nil || !s.done {
		return nil
	}
	return b[n:]
}

// DecodeCall decodes a call that is all of message, as [DecodeHead] and [Memory.DecodeArgs] do.
func DecodeCall(message []byte) (Header, Args, error) {
	h, args, err := DecodeHead(message)
	var rest []byte
	if err == nil {
		rest, err = (*Memory)(nil).DecodeArgs(message, args)
	}
	if err == nil && len(rest) > 0 {
		d := decoder{b: message, off: len(message) - len(rest)}
		err = &ApplicationException{Type: ProtocolError, Message: d.end().Error()}
	}
	if err != nil {
		return h, nil, err
	}
	return h, args, nil
}

// DecodeReply is [Memory.DecodeReply] without further bounds.
func DecodeReply(message []byte, method string, seq int32, result Result) error {
	return (*Memory)(nil).DecodeReply(message, method, seq, result)
}

// DecodeReply decodes the reply to the call with number seq. message must be exactly the reply, and
// result must be new; it then holds parts of message. If the reply is an application exception, or
// is not a reply of the method, the error is an *ApplicationException. For an exception of the
// method, DecodeReply returns no error: see [Result.Err].
func (m *Memory) DecodeReply(message []byte, method string, seq int32, result Result) error {
	d := decoder{b: message, memory: m}
	h, name := d.header()
	if d.err != nil {
		return d.err
	}
	if h.Seq != seq {
		return fmt.Errorf("%w: reply to call %d, want %d", ErrMalformed, h.Seq, seq)
	}
	switch h.Type {
	case Exception:
		e := new(ApplicationException)
		e.decode(&d)
		if err := d.end(); err != nil {
			return err
		}
		return e
	case Reply:
		if string(name) != method {
			return fmt.Errorf("%w: reply of %q, want %q", ErrMalformed, name, method)
		}
		result.decode(&d)
		return d.end()
	}
	return fmt.Errorf("%w: message of type %d is not a reply", ErrMalformed, h.Type)
}
