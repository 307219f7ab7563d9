package shell

import (
	"math"
	"math/big"
	"reflect"
	"slices"

	"go.starlark.net/starlark"
)

// hash is CPython 2.7's hash(v), on 64 bits.
func (s *Session) hash(v Value) (int64, error) {
	if err := s.enter(); err != nil {
		return 0, err
	}
	defer s.leave()
	switch v := v.(type) {
	case str:
		return hashBytes(string(v)), nil
	case unicodeStr:
		runes := []rune(string(v))
		return hashString(len(runes), func(i int) int64 { return int64(runes[i]) }), nil
	case starlark.Int, long, starlark.Bool:
		n, _ := bigOf(v)
		return hashInt(n), nil
	case starlark.Float:
		return hashFloat(float64(v)), nil
	case starlark.NoneType:
		return 0x1ce5a0, nil
	case starlark.Tuple:
		x, mult := int64(0x345678), int64(1000003)
		for i, e := range v {
			h, err := s.hash(e)
			if err != nil {
				return 0, err
			}
			n := int64(len(v) - 1 - i)
			x = (x ^ h) * mult
			mult += 82520 + n + n
		}
		return noMinusOne(x + 97531), nil
	case *set:
		if v.class.derives(s.types.frozenset) {
			h := int64(1927868237)
			for _, e := range v.elems() {
				x, err := s.hash(e)
				if err != nil {
					return 0, err
				}
				h ^= (x ^ (x << 16) ^ 89869747) * 3644798167
			}
			return noMinusOne(h*69069 + 907133923), nil
		}
	case *object:
		if r, ok, err := s.special(v, "__hash__"); ok || err != nil {
			n, isInt := bigOf(r)
			if err == nil && !isInt {
				err = s.raise(s.exc.TypeError, "an integer is required")
			}
			if err != nil {
				return 0, err
			}
			return hashInt(n), nil
		}
		if h, ok := v.data.(hasher); ok {
			return h.hash(), nil
		}
		return pointerHash(v), nil
	case *list, *dict, *sliceValue:
	default:
		return pointerHash(v), nil
	}
	return 0, s.raise(s.exc.TypeError, "unhashable type: '%s'", s.typeName(v))
}

// hasher is the data of an object that is hashed by its contents.
type hasher interface{ hash() int64 }

func pointerHash(v any) int64 {
	p := int64(reflect.ValueOf(v).Pointer())
	return int64(uint64(p)>>4 | uint64(p)<<60)
}

func noMinusOne(h int64) int64 {
	if h == -1 {
		return -2
	}
	return h
}

func hashBytes(b string) int64 {
	return hashString(len(b), func(i int) int64 { return int64(b[i]) })
}

func hashString(n int, at func(int) int64) int64 {
	if n == 0 {
		return 0
	}
	x := at(0) << 7
	for i := range n {
		x = 1000003*x ^ at(i)
	}
	return noMinusOne(x ^ int64(n))
}

// hashInt hashes an int as itself and a long by its digits of 30 bits.
func hashInt(n *big.Int) int64 {
	if n.IsInt64() {
		return noMinusOne(n.Int64())
	}
	digits := []uint64{}
	rest, mask := new(big.Int).Abs(n), big.NewInt(1<<30-1)
	for rest.Sign() > 0 {
		digits = append(digits, new(big.Int).And(rest, mask).Uint64())
		rest.Rsh(rest, 30)
	}
	var x uint64
	for _, d := range slices.Backward(digits) {
		x = x>>34 | x<<30
		x += d
		if x < d {
			x++
		}
	}
	if n.Sign() < 0 {
		x = -x
	}
	return noMinusOne(int64(x))
}

func hashFloat(f float64) int64 {
	switch {
	case math.IsInf(f, 1):
		return 314159
	case math.IsInf(f, -1):
		return -271828
	case math.IsNaN(f):
		return 0
	case f == math.Trunc(f):
		n, _ := big.NewFloat(f).Int(nil)
		return hashInt(n)
	}
	frac, exp := math.Frexp(f)
	frac *= 2147483648
	hi := int64(frac)
	frac = (frac - float64(hi)) * 2147483648
	return noMinusOne(hi + int64(frac) + int64(exp)<<15)
}

func sortBy(list []int, key func(int) int64) {
	slices.SortFunc(list, func(a, b int) int {
		switch ka, kb := key(a), key(b); {
		case ka < kb:
			return -1
		case ka > kb:
			return 1
		}
		return 0
	})
}
