package thriftwire

import (
	"encoding/binary"
	"fmt"
)

// MaxDepth is the maximal nesting of structs, lists and maps.
const MaxDepth = 64

// scanner finds the end of a value without knowing its type. The bytes can be passed in
// pieces, so it finds the end of messages without frames.
type scanner struct {
	levels [MaxDepth]level
	depth  int
	skip   int // bytes of the current value that have not arrived
	done   bool
	err    error
}

// level is a value that was begun.
type level struct {
	kind   byte // a type, or levelMessage
	opened bool // of a list or map: its head was read
	second bool // in a map, the next element is a value and not a key
	types  [2]byte
	left   int // the number of elements left; a map counts keys and values
}

// levelMessage is the head of a message.
const levelMessage = 0xff

// sizes are those of the types that always have the same.
var sizes = [16]int{typeBool: 1, typeByte: 1, typeDouble: 8, typeI16: 2, typeI32: 4, typeI64: 8}

func (s *scanner) fail(format string, args ...any) {
	s.err = fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

func (s *scanner) push(kind byte) {
	if s.depth == MaxDepth {
		s.fail("deeper than %d levels", MaxDepth)
		return
	}
	s.levels[s.depth] = level{kind: kind}
	s.depth++
}

// value begins a value of the type.
func (s *scanner) value(typ byte) {
	switch {
	case typ == typeString, typ == typeStruct, typ == typeList, typ == typeSet, typ == typeMap, typ == levelMessage:
		s.push(typ)
	case int(typ) < len(sizes) && sizes[typ] > 0:
		s.skip = sizes[typ]
	default:
		s.fail("unknown type %d", typ)
	}
}

// scan continues with the bytes after those that it has consumed. It returns the number of
// bytes of b that it consumes. Until the value is complete or malformed, the caller must
// pass the rest, which is at most a few bytes, again with more bytes after it.
func (s *scanner) scan(b []byte) int {
	n := 0
	for s.err == nil && !s.done {
		if s.skip > 0 {
			k := min(s.skip, len(b)-n)
			s.skip -= k
			n += k
			if s.skip > 0 {
				break
			}
		}
		if s.depth == 0 {
			s.done = true
			break
		}
		k := s.step(b[n:])
		if k < 0 {
			break
		}
		n += k
	}
	return n
}

// step reads the next head and returns its length, or -1 if b does not contain the whole head.
func (s *scanner) step(b []byte) int {
	l := &s.levels[s.depth-1]
	switch l.kind {
	case levelMessage:
		return s.message(b)
	case typeStruct:
		switch {
		case len(b) > 0 && b[0] == typeStop:
			s.depth--
			return 1
		case len(b) < 3:
			return -1
		}
		s.value(b[0])
		return 3
	case typeString:
		return s.length(b)
	case typeList, typeSet, typeMap:
		if l.opened {
			s.element(l)
			return 0
		}
		return s.open(l, b)
	}
	s.depth--
	s.value(l.kind)
	return 0
}

// length begins the bytes of a string.
func (s *scanner) length(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	n := int32(binary.BigEndian.Uint32(b))
	if n < 0 {
		s.fail("length %d", n)
	}
	s.depth--
	s.skip = int(n)
	return 4
}

// open reads the head of a list, set or map.
func (s *scanner) open(l *level, b []byte) int {
	types := 1
	if l.kind == typeMap {
		types = 2
	}
	if len(b) < types+4 {
		return -1
	}
	n := int32(binary.BigEndian.Uint32(b[types:]))
	if n < 0 {
		s.fail("count %d", n)
	}
	l.types = [2]byte{b[0], b[types-1]}
	l.left = int(n) * types
	l.opened = true
	return types + 4
}

func (s *scanner) element(l *level) {
	if l.left == 0 {
		s.depth--
		return
	}
	l.left--
	typ := l.types[0]
	if l.second {
		typ = l.types[1]
	}
	l.second = l.kind == typeMap && !l.second
	s.value(typ)
}

// message reads the start of a message's head: the version of a strict one, the
// length of the name of an old-style one. The rest of it is left as levels.
func (s *scanner) message(b []byte) int {
	if len(b) < 4 {
		return -1
	}
	s.depth--
	s.push(typeStruct)
	s.push(typeI32)
	head := binary.BigEndian.Uint32(b)
	switch {
	case head&0x8000_0000 == 0:
		s.push(typeByte)
		s.skip = int(head)
	case head&versionMask == version1:
		s.push(typeString)
	default:
		s.fail("version %#x", head)
	}
	return 4
}
