package shell

import (
	"cmp"
	"math/big"
	"strings"

	"go.starlark.net/starlark"
)

// truth is bool(v).
func (s *Session) truth(v Value) (bool, error) {
	o, ok := v.(*object)
	if !ok {
		return bool(v.Truth()), nil
	}
	for _, name := range []string{"__nonzero__", "__len__"} {
		r, found, err := s.special(o, name)
		if err != nil {
			return false, err
		}
		if found {
			if n, ok := smallInt(r); ok {
				return n != 0, nil
			}
			return false, s.raise(s.exc.TypeError, "%s should return an int", name)
		}
	}
	if d, ok := o.data.(interface{ truth() bool }); ok {
		return d.truth(), nil
	}
	return true, nil
}

// same is x is y.
func same(x, y Value) bool {
	switch x.(type) {
	case starlark.Int, starlark.Bool, starlark.Float, str, unicodeStr, starlark.NoneType:
		return x == y || isZeroInt(x, y)
	case starlark.Tuple, long:
		return false
	}
	return x == y
}

func isZeroInt(x, y Value) bool {
	a, ok1 := x.(starlark.Int)
	b, ok2 := y.(starlark.Int)
	return ok1 && ok2 && a.String() == b.String()
}

func isNumber(v Value) bool {
	switch v.(type) {
	case starlark.Int, starlark.Float, starlark.Bool, long:
		return true
	}
	return false
}

// compareNumbers returns -1, 0 or 1, or 2 if a number is NaN.
func compareNumbers(x, y Value) int {
	a, aInt := bigOf(x)
	b, bInt := bigOf(y)
	if aInt && bInt {
		return a.Cmp(b)
	}
	f, _ := floatOf(x)
	g, _ := floatOf(y)
	switch {
	case f != f || g != g:
		return 2
	case aInt && !a.IsInt64() && g == g && !isInf(g):
		return new(big.Float).SetInt(a).Cmp(big.NewFloat(g))
	case bInt && !b.IsInt64() && !isInf(f):
		return big.NewFloat(f).Cmp(new(big.Float).SetInt(b))
	}
	return cmp.Compare(f, g)
}

func isInf(f float64) bool { return f-f != 0 }

// decoded returns the text that is compared if the other value is unicode. A str that is not ASCII is not ok.
func decoded(v Value) (string, bool) {
	switch v := v.(type) {
	case unicodeStr:
		return string(v), true
	case str:
		return string(v), isASCII(string(v))
	}
	return "", false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// equal is x == y.
func (s *Session) equal(x, y Value) (bool, error) {
	switch a := x.(type) {
	case str:
		if b, ok := y.(str); ok {
			return a == b, nil
		}
	case starlark.Int:
		if b, ok := y.(starlark.Int); ok {
			return a == b || a.String() == b.String(), nil
		}
	}
	if r, ok, err := s.rich("==", x, y); ok || err != nil {
		if err != nil {
			return false, err
		}
		return s.truth(r)
	}
	c, err := s.structural(x, y, true)
	return c == 0, err
}

var richNames = map[string][2]string{
	"==": {"__eq__", "__eq__"}, "!=": {"__ne__", "__ne__"}, "<": {"__lt__", "__gt__"},
	"<=": {"__le__", "__ge__"}, ">": {"__gt__", "__lt__"}, ">=": {"__ge__", "__le__"},
}

// rich calls the operands' own methods of comparison.
func (s *Session) rich(op string, x, y Value) (Value, bool, error) {
	names := richNames[op]
	for i, o := range []Value{x, y} {
		other := y
		if i == 1 {
			other = x
		}
		r, ok, err := s.special(o, names[i], other)
		if err != nil {
			return nil, false, err
		}
		if ok && r != s.notImplemented {
			return r, true, nil
		}
		if r, ok, err = s.special(o, "__cmp__", other); ok || err != nil {
			if err != nil {
				return nil, false, err
			}
			n, isInt := smallInt(r)
			if !isInt {
				continue
			}
			if i == 1 {
				n = -n
			}
			return boolean(holds(op, int(n))), true, nil
		}
	}
	return nil, false, nil
}

func holds(op string, c int) bool {
	if c == 2 {
		return op == "!="
	}
	switch op {
	case "==":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// compare is x op y for the six operators of comparison.
func (s *Session) compare(op string, x, y Value) (Value, error) {
	if r, ok, err := s.rich(op, x, y); ok || err != nil {
		return r, err
	}
	c, err := s.structural(x, y, op == "==" || op == "!=")
	if err != nil {
		return nil, err
	}
	return boolean(holds(op, c)), nil
}

// cmp is cmp(x, y): -1, 0 or 1.
func (s *Session) cmp(x, y Value) (int, error) {
	for _, op := range []string{"==", "<"} {
		r, ok, err := s.rich(op, x, y)
		if err != nil {
			return 0, err
		}
		if !ok {
			return s.structural(x, y, false)
		}
		b, err := s.truth(r)
		if err != nil {
			return 0, err
		}
		if b {
			return map[string]int{"==": 0, "<": -1}[op], nil
		}
	}
	return 1, nil
}

// structural compares values by their contents. If onlyEqual is set, any result except 0 means unequal.
func (s *Session) structural(x, y Value, onlyEqual bool) (int, error) {
	if err := s.enter(); err != nil {
		return 0, s.raise(s.exc.RuntimeError, "maximum recursion depth exceeded in cmp")
	}
	defer s.leave()
	if isNumber(x) && isNumber(y) {
		return compareNumbers(x, y), nil
	}
	switch a := x.(type) {
	case str:
		if b, ok := y.(str); ok {
			return strings.Compare(string(a), string(b)), nil
		}
	case *list:
		if b, ok := y.(*list); ok {
			return s.sequences(a.elems, b.elems, onlyEqual)
		}
	case starlark.Tuple:
		if b, ok := y.(starlark.Tuple); ok {
			return s.sequences(a, b, onlyEqual)
		}
	case *dict:
		if b, ok := y.(*dict); ok {
			return s.dicts(a, b, onlyEqual)
		}
	case *set:
		if b, ok := y.(*set); ok {
			return s.sets(a, b, onlyEqual)
		}
	case *object:
		if b, ok := y.(*object); ok {
			if a == b {
				return 0, nil
			}
			if c, ok := a.data.(comparer); ok && b.data != nil {
				return c.compare(s, a, b, onlyEqual)
			}
		} else if c, ok := a.data.(comparer); ok {
			return c.compare(s, a, y, onlyEqual)
		}
	}
	if b, ok := y.(*object); ok {
		if c, ok := b.data.(comparer); ok {
			n, err := c.compare(s, b, x, onlyEqual)
			return -n, err
		}
	}
	p, ok1 := textOf(x)
	q, ok2 := textOf(y)
	if ok1 && ok2 {
		_, d1 := decoded(x)
		_, d2 := decoded(y)
		if onlyEqual && (!d1 || !d2) {
			return 1, nil
		}
		return strings.Compare(p, q), nil
	}
	if x == none || y == none {
		switch {
		case x == y:
			return 0, nil
		case x == none:
			return -1, nil
		}
		return 1, nil
	}
	return s.byType(x, y), nil
}

// comparer is the data of an object that defines its order.
type comparer interface {
	compare(s *Session, self *object, other Value, onlyEqual bool) (int, error)
}

// byType is the order of values that are not comparable. It is arbitrary but consistent.
func (s *Session) byType(x, y Value) int {
	if same(x, y) {
		return 0
	}
	a, b := s.typeName(x), s.typeName(y)
	if isNumber(x) {
		a = ""
	}
	if isNumber(y) {
		b = ""
	}
	if c := strings.Compare(a, b); c != 0 {
		return c
	}
	if c := cmp.Compare(uint64(pointerOf(x)), uint64(pointerOf(y))); c != 0 {
		return c
	}
	return 1
}

func pointerOf(v Value) int64 {
	switch v.(type) {
	case str, unicodeStr, starlark.Int, starlark.Float, starlark.Bool, starlark.NoneType, long, starlark.Tuple:
		return 0
	}
	return pointerHash(v)
}

func (s *Session) sequences(a, b []Value, onlyEqual bool) (int, error) {
	if onlyEqual && len(a) != len(b) {
		return 1, nil
	}
	for i := range min(len(a), len(b)) {
		eq, err := s.equal(a[i], b[i])
		if err != nil {
			return 0, err
		}
		if !eq {
			if onlyEqual {
				return 1, nil
			}
			return s.cmp(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b)), nil
}

// dicts compares two dictionaries by their number of entries, then by the smallest key whose values differ, then by
// these values.
func (s *Session) dicts(a, b *dict, onlyEqual bool) (int, error) {
	if a.live != b.live {
		return cmp.Compare(a.live, b.live), nil
	}
	if a.ordered && b.ordered {
		for i, e := range a.items() {
			f := b.items()[i]
			if c, err := s.sequences([]Value{e.key, e.value}, []Value{f.key, f.value}, true); c != 0 || err != nil {
				return c, err
			}
		}
		return 0, nil
	}
	key, x, err := s.firstDifference(a, b, onlyEqual)
	if key == nil || err != nil || onlyEqual {
		return boolInt(key != nil), err
	}
	other, y, err := s.firstDifference(b, a, false)
	if err != nil || other == nil {
		return 1, err
	}
	if c, err := s.cmp(key, other); c != 0 || err != nil {
		return c, err
	}
	return s.cmp(x, y)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// firstDifference returns the smallest key of a that is missing in b or has another value there. If anyKey is set,
// it returns any such key.
func (s *Session) firstDifference(a, b *dict, anyKey bool) (key, value Value, err error) {
	for _, e := range a.items() {
		v, err := b.get(s, e.key)
		if err != nil {
			return nil, nil, err
		}
		if v != nil {
			if eq, err := s.equal(e.value, v); eq || err != nil {
				if err != nil {
					return nil, nil, err
				}
				continue
			}
		}
		if anyKey {
			return e.key, e.value, nil
		}
		if key != nil {
			if c, err := s.cmp(e.key, key); c >= 0 || err != nil {
				if err != nil {
					return nil, nil, err
				}
				continue
			}
		}
		key, value = e.key, e.value
	}
	return key, value, nil
}

func (s *Session) sets(a, b *set, onlyEqual bool) (int, error) {
	within := func(x, y *set) (bool, error) {
		for _, e := range x.elems() {
			if f, err := y.lookup(s, e); f == nil || err != nil {
				return false, err
			}
		}
		return true, nil
	}
	ab, err := within(a, b)
	if err != nil {
		return 0, err
	}
	ba, err := within(b, a)
	switch {
	case err != nil:
		return 0, err
	case ab && ba:
		return 0, nil
	case ab:
		return -1, nil
	case ba:
		return 1, nil
	}
	return 2, nil
}
