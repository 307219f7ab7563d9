package shell

import (
	"fmt"
	"math/big"

	"go.starlark.net/starlark"
)

// The values of the dialect. None, booleans, ints, floats and tuples are Starlark's values. All other values have
// the types below, since Python 2 orders, hashes and prints them differently from Starlark.

// Value is any value of the dialect.
type Value = starlark.Value

// str is Python 2's str: bytes.
type str string

// unicodeStr is Python 2's unicode, in UTF-8.
type unicodeStr string

// long is Python 2's long: an integer that prints with an L.
type long struct{ *big.Int }

// list is a Python list.
type list struct {
	plain
	elems []Value
}

// object is an instance of a class.
type object struct {
	class *class
	attrs attrs
	// data is the state that a class written in Go stores in its instances.
	data any
}

// method is a function bound to self. If self is nil, it is a function read from a class.
type method struct {
	plain
	self  Value
	fn    Value
	class *class
}

type property struct {
	plain
	get, set, del Value
}

type staticMethod struct {
	plain
	fn Value
}

type classMethod struct {
	plain
	fn Value
}

// module is an imported module. The user's text may change its names.
type module struct {
	plain
	name  string
	attrs attrs
}

// plain has the methods of a Starlark value that most types share. Starlark itself calls none of them, since the session
// evaluates operators and truth.
type plain struct{}

func (plain) Freeze()               {}
func (plain) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable") }
func (plain) Truth() starlark.Bool  { return true }
func (plain) Type() string          { return "value" }
func (plain) String() string        { return "value" }

func (s str) String() string        { return reprStr(string(s)) }
func (s str) Type() string          { return "str" }
func (s str) Freeze()               {}
func (s str) Truth() starlark.Bool  { return s != "" }
func (s str) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable") }

func (s unicodeStr) String() string        { return reprUnicode(string(s)) }
func (s unicodeStr) Type() string          { return "unicode" }
func (s unicodeStr) Freeze()               {}
func (s unicodeStr) Truth() starlark.Bool  { return s != "" }
func (s unicodeStr) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable") }

func (n long) String() string        { return n.Int.String() + "L" }
func (n long) Type() string          { return "long" }
func (n long) Freeze()               {}
func (n long) Truth() starlark.Bool  { return n.Sign() != 0 }
func (n long) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable") }

func (l *list) Truth() starlark.Bool { return len(l.elems) > 0 }

func (o *object) String() string        { return "<" + o.class.name + " object>" }
func (o *object) Type() string          { return o.class.name }
func (o *object) Freeze()               {}
func (o *object) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable") }

// Truth implements starlark.Value for Starlark's conditions. If the object's method fails, the object counts as true.
func (o *object) Truth() starlark.Bool {
	b, err := o.class.s.truth(o)
	return starlark.Bool(b || err != nil)
}

var (
	none  = starlark.None
	vtrue = starlark.True
)

func newList(elems ...Value) *list { return &list{elems: elems} }

func boolean(b bool) Value { return starlark.Bool(b) }

func intValue[T ~int | ~int32 | ~int64](n T) Value { return starlark.MakeInt64(int64(n)) }

// intFromBig returns an int, or a long if the number does not fit 64 bits.
func intFromBig(n *big.Int) Value {
	if n.IsInt64() {
		return starlark.MakeInt64(n.Int64())
	}
	return long{n}
}

// bigOf returns the integer of an int, a long or a bool.
func bigOf(v Value) (*big.Int, bool) {
	switch v := v.(type) {
	case starlark.Int:
		return v.BigInt(), true
	case long:
		return v.Int, true
	case starlark.Bool:
		if v {
			return big.NewInt(1), true
		}
		return new(big.Int), true
	}
	return nil, false
}

// smallInt returns an int or a bool as an int64, if it fits 64 bits.
func smallInt(v Value) (int64, bool) {
	switch v := v.(type) {
	case starlark.Int:
		return v.Int64()
	case starlark.Bool:
		if v {
			return 1, true
		}
		return 0, true
	case long:
		if v.IsInt64() {
			return v.Int64(), true
		}
	}
	return 0, false
}

// floatOf returns a number as a float.
func floatOf(v Value) (float64, bool) {
	switch v := v.(type) {
	case starlark.Float:
		return float64(v), true
	case starlark.Int:
		n, ok := v.Int64()
		return float64(n), ok
	}
	if n, ok := bigOf(v); ok {
		f, _ := new(big.Float).SetInt(n).Float64()
		return f, true
	}
	return 0, false
}

// textOf returns the bytes of a str or the UTF-8 of a unicode.
func textOf(v Value) (string, bool) {
	switch v := v.(type) {
	case str:
		return string(v), true
	case unicodeStr:
		return string(v), true
	}
	return "", false
}

func joinLiterals(a, b Value) Value {
	x, _ := textOf(a)
	y, _ := textOf(b)
	_, ua := a.(unicodeStr)
	_, ub := b.(unicodeStr)
	if ua || ub {
		return unicodeStr(x + y)
	}
	return str(x + y)
}

// attrs is a small map that keeps the order of its names.
type attrs struct {
	m     map[string]Value
	names []string
}

func (a *attrs) get(name string) (Value, bool) {
	v, ok := a.m[name]
	return v, ok
}

func (a *attrs) set(name string, v Value) {
	if a.m == nil {
		a.m = map[string]Value{}
	}
	if _, ok := a.m[name]; !ok {
		a.names = append(a.names, name)
	}
	a.m[name] = v
}

func (a *attrs) del(name string) bool {
	if _, ok := a.m[name]; !ok {
		return false
	}
	delete(a.m, name)
	for i, n := range a.names {
		if n == name {
			a.names = append(a.names[:i:i], a.names[i+1:]...)
			break
		}
	}
	return true
}
