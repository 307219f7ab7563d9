package ordered

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/widerow/widerow/coltype"
)

// composite is the order of CompositeType. Names are compared component by component, and
// after each component by the sign of its end-of-component byte. A name sorts before all
// longer names that begin with it.
//
// An encoding is a byte that records whether there is a component. For each component
// follow its encoding and a byte for its end. That byte is twice the sign plus one, and
// one more if another component follows.
type composite struct{ components []order }

const (
	compositeEmpty = 0
	compositeBegin = 1
	compositeMore  = 1
	compositeEnds  = 6
)

var errShortComposite = errors.New("a composite that is cut off")

func newComposite(t *coltype.CompositeType) (order, error) {
	components := t.Components()
	c := composite{make([]order, len(components))}
	for i, t := range components {
		var err error
		if c.components[i], err = orderOf(t); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c composite) append(dst, value []byte) ([]byte, bool, error) {
	if len(value) == 0 {
		return append(dst, compositeEmpty), true, nil
	}
	dst = append(dst, compositeBegin)
	exact := true
	for i := 0; len(value) > 0; i++ {
		if i == len(c.components) {
			return dst, false, fmt.Errorf("a composite of more than %d components", i)
		}
		component, end, rest, err := splitComponent(value)
		if err != nil {
			return dst, false, err
		}
		var same bool
		if dst, same, err = c.components[i].append(dst, component); err != nil {
			return dst, false, fmt.Errorf("component %d: %w", i, err)
		}
		exact = exact && same && end >= -1 && end <= 1
		dst = append(dst, endOf(end, len(rest) > 0))
		value = rest
	}
	return dst, exact, nil
}

func (c composite) decode(dst, enc []byte, flip byte) (value, rest []byte, err error) {
	more, enc, err := splitBegin(enc, flip)
	for i := 0; more && err == nil; i++ {
		if i == len(c.components) {
			return nil, nil, ErrCorrupt
		}
		var end int8
		if dst, end, more, enc, err = decodeComponent(dst, c.components[i], enc, flip); err == nil {
			dst = append(dst, byte(end))
		}
	}
	return dst, enc, err
}

func (c composite) skip(enc []byte, flip byte) (rest []byte, err error) {
	more, enc, err := splitBegin(enc, flip)
	for i := 0; more && err == nil; i++ {
		if i == len(c.components) {
			return nil, ErrCorrupt
		}
		if enc, err = c.components[i].skip(enc, flip); err == nil {
			_, more, enc, err = splitEnd(enc, flip)
		}
	}
	return enc, err
}

// splitComponent splits the value of a component and its end-of-component byte
// off the front of a packed composite.
func splitComponent(b []byte) (value []byte, end int8, rest []byte, err error) {
	if len(b) < 2 {
		return nil, 0, nil, errShortComposite
	}
	n := int(binary.BigEndian.Uint16(b))
	if b = b[2:]; len(b) <= n {
		return nil, 0, nil, errShortComposite
	}
	return b[:n], int8(b[n]), b[n+1:], nil
}

// decodeComponent decodes a component and its end, and appends to dst the
// component's length and value.
func decodeComponent(dst []byte, o order, enc []byte, flip byte) (value []byte, end int8, more bool, rest []byte, err error) {
	n := len(dst)
	dst, enc, err = o.decode(append(dst, 0, 0), enc, flip)
	if err != nil {
		return nil, 0, false, nil, err
	}
	if len(dst)-n-2 > MaxLen {
		return nil, 0, false, nil, ErrCorrupt
	}
	binary.BigEndian.PutUint16(dst[n:], uint16(len(dst)-n-2))
	end, more, rest, err = splitEnd(enc, flip)
	return dst, end, more, rest, err
}

// endOf returns the byte for the end of a component.
func endOf(end int8, more bool) byte {
	b := byte(2)
	if end < 0 {
		b = 0
	} else if end > 0 {
		b = 4
	}
	if more {
		b |= compositeMore
	}
	return b
}

func splitEnd(enc []byte, flip byte) (end int8, more bool, rest []byte, err error) {
	if len(enc) == 0 {
		return 0, false, nil, ErrCorrupt
	}
	b := enc[0] ^ flip
	if b >= compositeEnds {
		return 0, false, nil, ErrCorrupt
	}
	return int8(b>>1) - 1, b&compositeMore != 0, enc[1:], nil
}

func splitBegin(enc []byte, flip byte) (more bool, rest []byte, err error) {
	if len(enc) == 0 || enc[0]^flip > compositeBegin {
		return false, nil, ErrCorrupt
	}
	return enc[0]^flip == compositeBegin, enc[1:], nil
}
