package ordered

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/widerow/widerow/coltype"
)

// dynamic is the order of DynamicCompositeType. It is like [composite], but each
// component names its type, and components of different types are in the order
// of their class names. So the encoding of a component begins with the encoding of its
// class.
//
// An encoding is never exact: a component can name its type by an alias, by the short name
// or by the full name, and aliases may be added to a comparator later. Decoded names have
// full class names.
type dynamic struct {
	t       *coltype.DynamicCompositeType
	aliases map[coltype.Type]class
}

// class is a type with the encoding of its class name.
type class struct {
	key   []byte
	order order
}

func newDynamic(t *coltype.DynamicCompositeType) (order, error) {
	d := dynamic{t, make(map[coltype.Type]class)}
	for _, alias := range t.Aliases() {
		c, err := classOf(alias)
		if err != nil {
			return nil, err
		}
		d.aliases[alias] = c
	}
	return d, nil
}

func classOf(t coltype.Type) (class, error) {
	o, err := orderOf(t)
	if err != nil {
		return class{}, err
	}
	return class{appendClass(nil, t), o}, nil
}

// appendClass appends the encoding of a class name, in Cassandra's order: the simple name
// and, if the class has parameters, the full name with its parameters.
func appendClass(dst []byte, t coltype.Type) []byte {
	name := t.String()
	simple, _, parameters := strings.Cut(name, "(")
	dst = AppendBytes(dst, []byte(simple[strings.LastIndexByte(simple, '.')+1:]))
	if parameters {
		dst = AppendBytes(dst, []byte(name))
	}
	return dst
}

func decodeClass(enc []byte, flip byte) (t coltype.Type, o order, rest []byte, err error) {
	name, rest, err := raw{}.decode(nil, enc, flip)
	if err != nil {
		return nil, nil, nil, err
	}
	switch string(name) {
	case "ReversedType", "CompositeType", "DynamicCompositeType":
		if name, rest, err = (raw{}).decode(nil, rest, flip); err != nil {
			return nil, nil, nil, err
		}
	}
	if t, err = coltype.Parse(string(name)); err == nil {
		o, err = orderOf(t)
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return t, o, rest, nil
}

func (d dynamic) append(dst, value []byte) ([]byte, bool, error) {
	if len(value) == 0 {
		return append(dst, compositeEmpty), true, nil
	}
	start := len(dst)
	dst = append(dst, compositeBegin)
	for i := 0; len(value) > 0; i++ {
		component, rest, err := d.t.Next(i, value)
		if err != nil {
			return dst, false, err
		}
		c, ok := d.aliases[component.Type]
		if !ok {
			if c, err = classOf(component.Type); err != nil {
				return dst, false, err
			}
		}
		if len(dst)-start+len(c.key) > MaxEncoded {
			return dst, false, tooLong()
		}
		dst = append(dst, c.key...)
		if dst, _, err = c.order.append(dst, component.Value); err != nil {
			return dst, false, fmt.Errorf("component %d: %w", i, err)
		}
		dst = append(dst, endOf(component.End, len(rest) > 0))
		value = rest
	}
	if len(dst)-start > MaxEncoded {
		return dst, false, tooLong()
	}
	return dst, false, nil
}

func tooLong() error {
	return fmt.Errorf("%w: with the class names of its components the value is encoded in more than %d bytes", ErrNoOrder, MaxEncoded)
}

func (d dynamic) decode(dst, enc []byte, flip byte) (value, rest []byte, err error) {
	more, enc, err := splitBegin(enc, flip)
	for more && err == nil {
		var t coltype.Type
		var o order
		if t, o, enc, err = decodeClass(enc, flip); err != nil {
			return nil, nil, err
		}
		name := t.String()
		if len(name) >= 1<<15 {
			return nil, nil, ErrCorrupt
		}
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(name)))
		dst = append(dst, name...)
		var end int8
		if dst, end, more, enc, err = decodeComponent(dst, o, enc, flip); err != nil {
			return nil, nil, err
		}
		dst = append(dst, byte(end))
	}
	return dst, enc, err
}

func (d dynamic) skip(enc []byte, flip byte) (rest []byte, err error) {
	more, enc, err := splitBegin(enc, flip)
	for more && err == nil {
		var o order
		if _, o, enc, err = decodeClass(enc, flip); err != nil {
			return nil, err
		}
		if enc, err = o.skip(enc, flip); err != nil {
			return nil, err
		}
		if _, more, enc, err = splitEnd(enc, flip); err != nil {
			return nil, err
		}
	}
	return enc, err
}
