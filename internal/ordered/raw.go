package ordered

import "bytes"

// raw is the order of bytes as they are. An encoding ends with 0 0, and a 0 in
// the value is written as 0 ff. So a value sorts before all longer values that begin with it.
type raw struct{}

const (
	rawEnd  = 0x00
	rawZero = 0xff
)

// AppendBytes appends the encoding of BytesType, for use by other ordered keys.
func AppendBytes(dst, value []byte) []byte {
	for {
		i := bytes.IndexByte(value, 0)
		if i < 0 {
			dst = append(dst, value...)
			return append(dst, 0, rawEnd)
		}
		dst = append(dst, value[:i]...)
		dst = append(dst, 0, rawZero)
		value = value[i+1:]
	}
}

// DecodeBytes decodes the encoding of [AppendBytes] at the front of enc and appends
// the value to dst. It returns the extended dst and the rest of enc.
func DecodeBytes(dst, enc []byte) (value, rest []byte, err error) {
	value, rest, err = raw{}.decode(dst, enc, 0)
	if err != nil {
		return dst, enc, err
	}
	return value, rest, nil
}

// SkipBytes returns the rest of enc after the encoding of [AppendBytes] at its front.
func SkipBytes(enc []byte) (rest []byte, err error) { return raw{}.skip(enc, 0) }

func (raw) append(dst, value []byte) ([]byte, bool, error) {
	return AppendBytes(dst, value), true, nil
}

func (raw) decode(dst, enc []byte, flip byte) (value, rest []byte, err error) {
	for {
		i := bytes.IndexByte(enc, flip)
		if i < 0 || i+1 >= len(enc) {
			return nil, nil, ErrCorrupt
		}
		n := len(dst)
		dst = append(dst, enc[:i]...)
		if flip != 0 {
			invert(dst[n:])
		}
		mark := enc[i+1] ^ flip
		enc = enc[i+2:]
		switch mark {
		case rawEnd:
			return dst, enc, nil
		case rawZero:
			dst = append(dst, 0)
		default:
			return nil, nil, ErrCorrupt
		}
	}
}

func (raw) skip(enc []byte, flip byte) (rest []byte, err error) {
	for {
		i := bytes.IndexByte(enc, flip)
		if i < 0 || i+1 >= len(enc) {
			return nil, ErrCorrupt
		}
		mark := enc[i+1] ^ flip
		enc = enc[i+2:]
		switch mark {
		case rawEnd:
			return enc, nil
		case rawZero:
		default:
			return nil, ErrCorrupt
		}
	}
}
