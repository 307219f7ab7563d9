package ordered

// integer is the order of IntegerType: integers of any size in two's complement. Their
// leading bytes may be superfluous.
//
// An encoding is a header and the significant bytes. The header of a number
// that is not negative is 0x80 + n-1 for n significant bytes. If n is large, the header is
// 0xfe and n in two bytes. The header of a negative number is the complement. Significant
// bytes of equal sign and length are ordered as they are. The empty value sorts
// before all numbers; its encoding is a single 0.
type integer struct{}

const (
	integerEmpty = 0x00
	integerLong  = 0xfe
	integerShort = integerLong - 0x80 // numbers longer than this have a long header
)

func (integer) append(dst, value []byte) ([]byte, bool, error) {
	if len(value) == 0 {
		return append(dst, integerEmpty), true, nil
	}
	n := len(value)
	value = significant(value)
	return appendInteger(dst, value), len(value) == n, nil
}

// appendInteger encodes a number that has no superfluous byte.
func appendInteger(dst, value []byte) []byte {
	var sign byte // 0xff for a negative number
	if value[0]&0x80 != 0 {
		sign = 0xff
	}
	if n := len(value); n <= integerShort {
		dst = append(dst, (0x80+byte(n-1))^sign)
	} else {
		dst = append(dst, integerLong^sign, byte(n>>8)^sign, byte(n)^sign)
	}
	return append(dst, value...)
}

func (integer) decode(dst, enc []byte, flip byte) (value, rest []byte, err error) {
	number, rest, err := splitInteger(enc, flip)
	if err != nil {
		return nil, nil, err
	}
	n := len(dst)
	dst = append(dst, number...)
	if flip != 0 {
		invert(dst[n:])
	}
	return dst, rest, nil
}

func (integer) skip(enc []byte, flip byte) (rest []byte, err error) {
	_, rest, err = splitInteger(enc, flip)
	return rest, err
}

// splitInteger returns the significant bytes without undoing flip.
func splitInteger(enc []byte, flip byte) (number, rest []byte, err error) {
	if len(enc) == 0 {
		return nil, nil, ErrCorrupt
	}
	header := enc[0] ^ flip
	enc = enc[1:]
	if header == integerEmpty {
		return nil, enc, nil
	}
	var sign byte
	if header&0x80 == 0 {
		sign = 0xff
	}
	var n int
	switch header ^= sign; {
	case header < integerLong:
		n = int(header) - 0x80 + 1
	case header == integerLong && len(enc) >= 2:
		n = int(enc[0]^flip^sign)<<8 | int(enc[1]^flip^sign)
		enc = enc[2:]
		if n <= integerShort {
			return nil, nil, ErrCorrupt
		}
	default:
		return nil, nil, ErrCorrupt
	}
	if len(enc) < n || (enc[0]^flip)&0x80 != sign&0x80 || superfluous(enc[0]^flip, n, enc[1:], flip) {
		return nil, nil, ErrCorrupt
	}
	return enc[:n], enc[n:], nil
}

func superfluous(first byte, n int, next []byte, flip byte) bool {
	return n > 1 && (first == 0 && (next[0]^flip)&0x80 == 0 || first == 0xff && (next[0]^flip)&0x80 != 0)
}

// significant returns bytes in two's complement without superfluous leading bytes.
func significant(b []byte) []byte {
	for superfluous(b[0], len(b), b[1:], 0) {
		b = b[1:]
	}
	return b
}
