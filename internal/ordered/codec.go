package ordered

import (
	"errors"
	"fmt"

	"github.com/widerow/widerow/coltype"
)

// MaxLen is the maximal length of an encoded value. It is Cassandra's limit for
// column names, row keys and indexed values.
const MaxLen = 1<<16 - 1

// MaxEncoded is the maximal length of an encoding. It is twice the length that MaxLen bytes need if each
// of them is zero. Only dynamic composites could need more, if short aliases stand for long class names.
const MaxEncoded = 4 * (MaxLen + 1)

// ErrCorrupt is matched by every error of Decode and Skip.
var ErrCorrupt = errors.New("corrupt order-preserving encoding")

// ErrNoOrder is matched by the errors of New and Append for valid types and values that
// have no order here. These are classes that only a cluster knows, as a type or within a dynamic
// composite; values longer than [MaxLen]; numbers longer than [MaxDecimal]; and values whose
// encoding would be longer than [MaxEncoded].
var ErrNoOrder = errors.New("no order is known")

// order is the encoding of one type. Its decoders read bytes that are xored with
// flip. Inside a [coltype.ReversedType] flip is 0xff, otherwise 0. If a decoder fails,
// dst may have become longer.
type order interface {
	append(dst, value []byte) (enc []byte, exact bool, err error)
	decode(dst, enc []byte, flip byte) (value, rest []byte, err error)
	skip(enc []byte, flip byte) (rest []byte, err error)
}

// Codec encodes the values of one type. It is safe for concurrent use.
type Codec struct {
	order order
}

// New returns the codec of t. It fails with [ErrNoOrder] for a type that this
// package does not know.
//
// If Cassandra allows altering a comparator from one type to another, both types have the
// same encodings. AsciiType and UTF8Type have those of BytesType. A composite has those of a
// composite with more components, a dynamic composite those of one with more aliases.
func New(t coltype.Type) (*Codec, error) {
	o, err := orderOf(t)
	if err != nil {
		return nil, err
	}
	return &Codec{o}, nil
}

func orderOf(t coltype.Type) (order, error) {
	switch t {
	case coltype.Bytes, coltype.ASCII, coltype.UTF8, coltype.InetAddress:
		return raw{}, nil
	case coltype.Long, coltype.Timestamp:
		return &signed64, nil
	case coltype.Int32:
		return &signed32, nil
	case coltype.Date, coltype.CounterColumn, coltype.OldPycassaDate, coltype.IntermediateDate:
		return &unsigned64, nil
	case coltype.Double:
		return &double, nil
	case coltype.Float:
		return &float, nil
	case coltype.Boolean:
		return &boolean, nil
	case coltype.UUID:
		return &anyUUID, nil
	case coltype.TimeUUID:
		return &timeUUID, nil
	case coltype.LexicalUUID:
		return &lexicalUUID, nil
	case coltype.Empty:
		return &empty, nil
	case coltype.Integer:
		return integer{}, nil
	case coltype.Decimal:
		return decimal{}, nil
	}
	switch t := t.(type) {
	case *coltype.ReversedType:
		base, err := orderOf(t.Base())
		return reversed{base}, err
	case *coltype.CompositeType:
		return newComposite(t)
	case *coltype.DynamicCompositeType:
		return newDynamic(t)
	}
	return nil, fmt.Errorf("%w for the type %s", ErrNoOrder, t)
}

// Append appends the encoding of a packed value to dst. If exact is false, Decode
// does not return the same bytes but other bytes that compare as equal. A caller that needs
// the original bytes must store them too. If the type's Validate refuses the value, Append
// returns that error. If the value has no order, the error matches [ErrNoOrder]. After
// an error dst is unchanged.
func (c *Codec) Append(dst, value []byte) (enc []byte, exact bool, err error) {
	if len(value) > MaxLen {
		return dst, false, fmt.Errorf("%w for more than %d bytes: %d", ErrNoOrder, MaxLen, len(value))
	}
	enc, exact, err = c.order.append(dst, value)
	if err != nil {
		return dst, false, err
	}
	return enc, exact, nil
}

// Decode decodes the encoding at the front of enc and appends the value to dst. It
// returns the extended dst and the rest of enc. It never panics, whatever enc contains. The
// value never aliases enc.
func (c *Codec) Decode(dst, enc []byte) (value, rest []byte, err error) {
	value, rest, err = c.order.decode(dst, enc, 0)
	if err != nil {
		return dst, enc, err
	}
	return value, rest, nil
}

// Skip returns the rest of enc after the encoding at its front.
func (c *Codec) Skip(enc []byte) (rest []byte, err error) {
	rest, err = c.order.skip(enc, 0)
	if err != nil {
		return enc, err
	}
	return rest, nil
}

func invert(b []byte) {
	for i := range b {
		b[i] = ^b[i]
	}
}
