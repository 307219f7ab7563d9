package shell

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"math/big"

	"go.starlark.net/starlark"
)

// structSizes maps each letter of struct's formats to its size in bytes, without alignment.
var structSizes = map[byte]int{
	'x': 1, 'c': 1, '?': 1, 'b': 1, 'B': 1, 'h': 2, 'H': 2, 'i': 4, 'I': 4, 'l': 4, 'L': 4, 'q': 8, 'Q': 8, 'f': 4, 'd': 8, 's': 1,
}

// structField is a letter of a format with its repeat count. For s the count is the length.
type structField struct {
	letter byte
	count  int
}

// structFormat parses a format. Numbers in native byte order have their standard sizes and no padding.
func (s *Session) structFormat(v Value) (order binary.ByteOrder, fields []structField, size int, err error) {
	text, ok := textOf(v)
	if !ok {
		return nil, nil, 0, s.raise(s.exc.TypeError, "Struct() argument 1 must be string, not %s", s.typeName(v))
	}
	order = binary.LittleEndian
	count, given := 0, false
	for i := range len(text) {
		c := text[i]
		switch {
		case i == 0 && (c == '>' || c == '!'):
			order = binary.BigEndian
		case i == 0 && (c == '<' || c == '=' || c == '@'):
		case isDigit(c):
			count, given = count*10+int(c-'0'), true
			if count > maxBytes {
				return nil, nil, 0, s.raise(s.exc.StructError, "overflow in item count")
			}
		case c == ' ':
		case structSizes[c] == 0:
			return nil, nil, 0, s.raise(s.exc.StructError, "bad char in struct format")
		default:
			if !given {
				count = 1
			}
			fields = append(fields, structField{c, count})
			if size += structSizes[c] * count; size > maxBytes {
				return nil, nil, 0, s.raise(s.exc.StructError, "total struct size too long")
			}
			count, given = 0, false
		}
	}
	return order, fields, size, nil
}

func (s *Session) structModule() *module {
	m := &module{}
	m.attrs.set("error", s.exc.StructError)
	m.fn(s, "calcsize(fmt)", func(c *call) (Value, error) {
		_, _, size, err := s.structFormat(c.args[0])
		return intValue(size), err
	})
	m.fn(s, "pack(fmt, *values)", func(c *call) (Value, error) {
		order, fields, size, err := s.structFormat(c.args[0])
		if err != nil {
			return nil, err
		}
		wanted := 0
		for _, f := range fields {
			switch f.letter {
			case 'x':
			case 's':
				wanted++
			default:
				wanted += f.count
			}
		}
		if wanted != len(c.extra) {
			return nil, s.raise(s.exc.StructError, "pack expected %d items for packing (got %d)", wanted, len(c.extra))
		}
		out := make([]byte, 0, size)
		rest := c.extra
		for _, f := range fields {
			switch f.letter {
			case 'x':
				out = append(out, make([]byte, f.count)...)
			case 's':
				text, ok := textOf(rest[0])
				if !ok {
					return nil, s.raise(s.exc.StructError, "argument for 's' must be a string")
				}
				out = append(out, append([]byte(text), make([]byte, max(f.count-len(text), 0))...)[:f.count]...)
				rest = rest[1:]
			default:
				for range f.count {
					if out, err = s.packField(out, order, f.letter, rest[0]); err != nil {
						return nil, err
					}
					rest = rest[1:]
				}
			}
		}
		return str(out), nil
	})
	m.fn(s, "unpack(fmt, string)", func(c *call) (Value, error) {
		order, fields, size, err := s.structFormat(c.args[0])
		if err != nil {
			return nil, err
		}
		text, ok := textOf(c.args[1])
		if !ok || len(text) != size {
			return nil, s.raise(s.exc.StructError, "unpack requires a string argument of length %d", size)
		}
		b, out := []byte(text), starlark.Tuple{}
		for _, f := range fields {
			switch f.letter {
			case 'x':
				b = b[f.count:]
			case 's':
				out = append(out, str(b[:f.count]))
				b = b[f.count:]
			default:
				n := structSizes[f.letter]
				for range f.count {
					out = append(out, unpackField(b[:n], order, f.letter))
					b = b[n:]
				}
			}
		}
		return out, nil
	})
	return m
}

func (s *Session) packField(out []byte, order binary.ByteOrder, letter byte, v Value) ([]byte, error) {
	size := structSizes[letter]
	var bits uint64
	switch letter {
	case 'c':
		text, ok := v.(str)
		if !ok || len(text) != 1 {
			return nil, s.raise(s.exc.StructError, "char format requires string of length 1")
		}
		bits = uint64(text[0])
	case '?':
		b, err := s.truth(v)
		if err != nil {
			return nil, err
		}
		bits = uint64(boolInt(b))
	case 'f', 'd':
		f, ok := floatOf(v)
		if !ok {
			return nil, s.raise(s.exc.StructError, "required argument is not a float")
		}
		if bits = math.Float64bits(f); letter == 'f' {
			if math.IsInf(float64(float32(f)), 0) && !math.IsInf(f, 0) {
				return nil, s.raise(s.exc.OverflowError, "float too large to pack with f format")
			}
			bits = uint64(math.Float32bits(float32(f)))
		}
	default:
		n, ok := wholeOf(v)
		if !ok {
			return nil, s.raise(s.exc.StructError, "cannot convert argument to integer")
		}
		low, high := new(big.Int), new(big.Int).Lsh(big.NewInt(1), uint(size*8))
		if letter >= 'a' {
			high.Rsh(high, 1)
			low.Neg(high)
		}
		if n.Cmp(low) < 0 || n.Cmp(high) >= 0 {
			switch {
			case size == 1:
				name := map[byte]string{'b': "byte", 'B': "ubyte"}[letter]
				return nil, s.raise(s.exc.StructError, "%s format requires %s <= number <= %s", name, low, high.Sub(high, big.NewInt(1)))
			case size == 8 || letter == 'I' || letter == 'L':
				return nil, s.raise(s.exc.StructError, "integer out of range for '%c' format code", letter)
			}
			return nil, s.raise(s.exc.StructError, "'%c' format requires %s <= number <= %s", letter, low, high.Sub(high, big.NewInt(1)))
		}
		if bits = n.Uint64(); n.Sign() < 0 {
			bits = uint64(n.Int64())
		}
	}
	var b [8]byte
	if order == binary.BigEndian {
		binary.BigEndian.PutUint64(b[:], bits)
		return append(out, b[8-size:]...), nil
	}
	binary.LittleEndian.PutUint64(b[:], bits)
	return append(out, b[:size]...), nil
}

func unpackField(b []byte, order binary.ByteOrder, letter byte) Value {
	var bits uint64
	for i := range b {
		c := b[i]
		if order == binary.LittleEndian {
			c = b[len(b)-1-i]
		}
		bits = bits<<8 | uint64(c)
	}
	switch letter {
	case 'c':
		return str(b)
	case '?':
		return boolean(bits != 0)
	case 'f':
		return starlark.Float(math.Float32frombits(uint32(bits)))
	case 'd':
		return starlark.Float(math.Float64frombits(bits))
	case 'I', 'L', 'Q':
		n := starlark.MakeUint64(bits)
		if letter == 'I' {
			return n
		}
		return long{n.BigInt()}
	}
	unused := 64 - 8*len(b)
	if letter < 'a' {
		return starlark.MakeUint64(bits)
	}
	return intValue(int64(bits<<unused) >> unused)
}

// hashlibModule has the digests that scripts use for comparisons and for row keys.
func (s *Session) hashlibModule() *module {
	m := &module{}
	class := s.newClass("HASH", "_hashlib")
	state := func(c *call) hash.Hash { h, _ := c.args[0].(*object).data.(hash.Hash); return h }
	update := func(h hash.Hash, v Value) error {
		text, ok := textOf(v)
		if !ok {
			return s.raise(s.exc.TypeError, "must be string or buffer, not %s", s.typeName(v))
		}
		h.Write([]byte(text)) // hash.Hash never returns an error
		return nil
	}
	class.def("update(self, text)", func(c *call) (Value, error) { return none, update(state(c), c.args[1]) })
	class.def("digest(self)", func(c *call) (Value, error) { return str(state(c).Sum(nil)), nil })
	class.def("hexdigest(self)", func(c *call) (Value, error) { return str(hex.EncodeToString(state(c).Sum(nil))), nil })
	for name, make := range map[string]func() hash.Hash{"md5": md5.New, "sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New} {
		m.fn(s, name+"(text='')", func(c *call) (Value, error) {
			h := make()
			return &object{class: class, data: h}, update(h, c.args[0])
		})
	}
	return m
}
