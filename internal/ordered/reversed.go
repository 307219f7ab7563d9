package ordered

// reversed is the order of ReversedType: the reverse order of its base, except that the
// empty value is first in both. The encoding of the base is inverted. That reverses the
// order, because no encoding is a prefix of another.
type reversed struct{ base order }

const (
	reversedEmpty = 0
	reversedValue = 1
)

func (r reversed) append(dst, value []byte) ([]byte, bool, error) {
	if len(value) == 0 {
		return append(dst, reversedEmpty), true, nil
	}
	dst = append(dst, reversedValue)
	n := len(dst)
	dst, exact, err := r.base.append(dst, value)
	if err != nil {
		return dst, false, err
	}
	invert(dst[n:])
	return dst, exact, nil
}

func (r reversed) decode(dst, enc []byte, flip byte) (value, rest []byte, err error) {
	if len(enc) == 0 {
		return nil, nil, ErrCorrupt
	}
	switch enc[0] ^ flip {
	case reversedEmpty:
		return dst, enc[1:], nil
	case reversedValue:
		return r.base.decode(dst, enc[1:], ^flip)
	}
	return nil, nil, ErrCorrupt
}

func (r reversed) skip(enc []byte, flip byte) (rest []byte, err error) {
	if len(enc) == 0 {
		return nil, ErrCorrupt
	}
	switch enc[0] ^ flip {
	case reversedEmpty:
		return enc[1:], nil
	case reversedValue:
		return r.base.skip(enc[1:], ^flip)
	}
	return nil, ErrCorrupt
}
