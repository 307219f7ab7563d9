package shell

import (
	"strings"

	"go.starlark.net/starlark"
)

// sliceValue is the value that x[lo:hi:step] passes to __getitem__, and the value that slice() returns.
type sliceValue struct {
	plain
	lo, hi, step Value
}

// length is len(v).
func (s *Session) length(v Value) (int, error) {
	switch v := v.(type) {
	case str:
		return len(v), nil
	case unicodeStr:
		return len([]rune(string(v))), nil
	case starlark.Tuple:
		return len(v), nil
	case *list:
		return len(v.elems), nil
	case *dict:
		return v.live, nil
	case *set:
		return v.live, nil
	case *xrange:
		return int(v.len()), nil
	case *object:
		r, ok, err := s.special(v, "__len__")
		if err != nil {
			return 0, err
		}
		if ok {
			n, isInt := smallInt(r)
			if !isInt || n < 0 {
				return 0, s.raise(s.exc.ValueError, "__len__() should return >= 0")
			}
			return int(n), nil
		}
		if v.class.old {
			return 0, s.raise(s.exc.AttributeError, "%s instance has no attribute '__len__'", v.class.name)
		}
	}
	return 0, s.raise(s.exc.TypeError, "object of type '%s' has no len()", s.typeName(v))
}

// index turns a subscript of a sequence of n elements into an offset.
func (s *Session) index(v Value, n int, what string) (int, error) {
	if _, isFloat := v.(starlark.Float); isFloat || !isNumber(v) {
		if strings.HasPrefix(what, "string") {
			return 0, s.raise(s.exc.TypeError, "string indices must be integers, not %s", s.typeName(v))
		}
		return 0, s.raise(s.exc.TypeError, "%s indices must be integers, not %s", strings.Fields(what)[0], s.typeName(v))
	}
	i, ok := smallInt(v)
	if !ok {
		return 0, s.raise(s.exc.IndexError, "cannot fit 'long' into an index-sized integer")
	}
	if i < 0 {
		i += int64(n)
	}
	if i < 0 || i >= int64(n) {
		return 0, s.raise(s.exc.IndexError, "%s index out of range", what)
	}
	return int(i), nil
}

// getitem is v[k].
func (s *Session) getitem(v, k Value) (Value, error) {
	if sl, ok := k.(*sliceValue); ok {
		return s.getslice(v, sl)
	}
	switch v := v.(type) {
	case *dict:
		if r, ok, err := s.special(v, "__getitem__", k); ok || err != nil {
			return r, err
		}
		x, err := v.get(s, k)
		if x != nil || err != nil {
			return x, err
		}
		if v.factory != nil {
			if x, err = s.call(v.factory); err == nil {
				err = v.put(s, k, x)
			}
			return x, err
		}
		if hook, ok := v.class.lookup("__missing__"); ok {
			return s.call(hook, v, k)
		}
		return nil, s.raiseValue(s.exc.KeyError, k)
	case *list:
		i, err := s.index(k, len(v.elems), "list")
		if err != nil {
			return nil, err
		}
		return v.elems[i], nil
	case starlark.Tuple:
		i, err := s.index(k, len(v), "tuple")
		if err != nil {
			return nil, err
		}
		return v[i], nil
	case str:
		i, err := s.index(k, len(v), "string")
		if err != nil {
			return nil, err
		}
		return v[i : i+1], nil
	case unicodeStr:
		runes := []rune(string(v))
		i, err := s.index(k, len(runes), "string")
		if err != nil {
			return nil, err
		}
		return unicodeStr(runes[i : i+1]), nil
	case *xrange:
		i, err := s.index(k, int(v.len()), "xrange object")
		if err != nil {
			return nil, err
		}
		return intValue(v.start + int64(i)*v.step), nil
	case *object:
		if r, ok, err := s.special(v, "__getitem__", k); ok || err != nil {
			return r, err
		}
		if v.class.old {
			return nil, s.raise(s.exc.AttributeError, "%s instance has no attribute '__getitem__'", v.class.name)
		}
	}
	if _, isSet := v.(*set); isSet {
		return nil, s.raise(s.exc.TypeError, "'%s' object does not support indexing", s.typeName(v))
	}
	return nil, s.raise(s.exc.TypeError, "'%s' object has no attribute '__getitem__'", s.typeName(v))
}

// bounds resolves the ends of a slice to offsets of a sequence of n elements.
func (s *Session) bounds(sl *sliceValue, n int) (lo, hi, step int, err error) {
	get := func(v Value, missing int, low, high int) (int, error) {
		if v == nil || v == none {
			return missing, nil
		}
		_, isInt := bigOf(v)
		if !isInt {
			return 0, s.raise(s.exc.TypeError, "slice indices must be integers or None or have an __index__ method")
		}
		i, ok := smallInt(v)
		if !ok {
			b, _ := bigOf(v)
			i = int64(b.Sign()) << 40
		}
		if i < 0 {
			i += int64(n)
		}
		return int(min(max(i, int64(low)), int64(high))), nil
	}
	step = 1
	if sl.step != nil && sl.step != none {
		i, ok := smallInt(sl.step)
		if !ok {
			return 0, 0, 0, s.raise(s.exc.TypeError, "slice indices must be integers or None or have an __index__ method")
		}
		if i == 0 {
			return 0, 0, 0, s.raise(s.exc.ValueError, "slice step cannot be zero")
		}
		step = int(min(max(i, -1<<40), 1<<40))
	}
	if step > 0 {
		if lo, err = get(sl.lo, 0, 0, n); err == nil {
			hi, err = get(sl.hi, n, 0, n)
		}
		return lo, max(hi, lo), step, err
	}
	if lo, err = get(sl.lo, n-1, -1, n-1); err == nil {
		hi, err = get(sl.hi, -1, -1, n-1)
	}
	return lo, hi, step, err
}

func pick[T any](seq []T, lo, hi, step int) []T {
	if step == 1 {
		return append([]T{}, seq[lo:hi]...)
	}
	out := []T{}
	for i := lo; step > 0 && i < hi || step < 0 && i > hi; i += step {
		out = append(out, seq[i])
	}
	return out
}

func (s *Session) getslice(v Value, sl *sliceValue) (Value, error) {
	if o, ok := v.(*object); ok {
		if r, ok, err := s.special(o, "__getitem__", sl); ok || err != nil {
			return r, err
		}
	}
	var n int
	switch v := v.(type) {
	case str, unicodeStr, *list, starlark.Tuple:
		n, _ = s.length(v)
	case *dict:
		return nil, s.raise(s.exc.TypeError, "unhashable type")
	default:
		return nil, s.raise(s.exc.TypeError, "'%s' object has no attribute '__getitem__'", s.typeName(v))
	}
	lo, hi, step, err := s.bounds(sl, n)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case str:
		if step == 1 {
			return v[lo:hi], nil
		}
		return str(pick([]byte(v), lo, hi, step)), nil
	case unicodeStr:
		return unicodeStr(pick([]rune(string(v)), lo, hi, step)), nil
	case *list:
		return &list{elems: pick(v.elems, lo, hi, step)}, nil
	default:
		return starlark.Tuple(pick(v.(starlark.Tuple), lo, hi, step)), nil
	}
}

// setitem is v[k] = x.
func (s *Session) setitem(v, k, x Value) error {
	switch v := v.(type) {
	case *dict:
		if _, ok, err := s.special(v, "__setitem__", k, x); ok || err != nil {
			return err
		}
		return v.put(s, k, x)
	case *list:
		if sl, ok := k.(*sliceValue); ok {
			return s.setslice(v, sl, x)
		}
		i, err := s.index(k, len(v.elems), "list assignment")
		if err == nil {
			v.elems[i] = x
		}
		return err
	case *object:
		if _, ok, err := s.special(v, "__setitem__", k, x); ok || err != nil {
			return err
		}
		if v.class.old {
			return s.raise(s.exc.AttributeError, "%s instance has no attribute '__setitem__'", v.class.name)
		}
	}
	return s.raise(s.exc.TypeError, "'%s' object does not support item assignment", s.typeName(v))
}

func (s *Session) setslice(v *list, sl *sliceValue, x Value) error {
	var elems []Value
	if x != nil {
		var err error
		if elems, err = s.collect(x); err != nil {
			return s.raise(s.exc.TypeError, "can only assign an iterable")
		}
	}
	lo, hi, step, err := s.bounds(sl, len(v.elems))
	if err != nil {
		return err
	}
	if step == 1 {
		if len(v.elems)+len(elems) > maxElements {
			return s.raiseValue(s.exc.MemoryError)
		}
		v.elems = append(append(append([]Value{}, v.elems[:lo]...), elems...), v.elems[hi:]...)
		return nil
	}
	var at []int
	for i := lo; step > 0 && i < hi || step < 0 && i > hi; i += step {
		at = append(at, i)
	}
	if x == nil {
		gone := map[int]bool{}
		for _, i := range at {
			gone[i] = true
		}
		var rest []Value
		for i, e := range v.elems {
			if !gone[i] {
				rest = append(rest, e)
			}
		}
		v.elems = rest
		return nil
	}
	if len(at) != len(elems) {
		return s.raise(s.exc.ValueError, "attempt to assign sequence of size %d to extended slice of size %d", len(elems), len(at))
	}
	for i, j := range at {
		v.elems[j] = elems[i]
	}
	return nil
}

// delitem is del v[k].
func (s *Session) delitem(v, k Value) error {
	switch v := v.(type) {
	case *dict:
		x, err := v.remove(s, k)
		if x == nil && err == nil {
			err = s.raiseValue(s.exc.KeyError, k)
		}
		return err
	case *list:
		if sl, ok := k.(*sliceValue); ok {
			return s.setslice(v, sl, nil)
		}
		i, err := s.index(k, len(v.elems), "list assignment")
		if err == nil {
			v.elems = append(v.elems[:i:i], v.elems[i+1:]...)
		}
		return err
	case *object:
		if _, ok, err := s.special(v, "__delitem__", k); ok || err != nil {
			return err
		}
		if _, ok := v.class.lookup("__setitem__"); ok {
			return s.raise(s.exc.AttributeError, "__delitem__")
		}
	}
	return s.raise(s.exc.TypeError, "'%s' object doesn't support item deletion", s.typeName(v))
}

// contains is x in v.
func (s *Session) contains(v, x Value) (bool, error) {
	switch v := v.(type) {
	case *dict:
		if r, ok, err := s.special(v, "__contains__", x); ok || err != nil {
			if err != nil {
				return false, err
			}
			return s.truth(r)
		}
		e, err := v.lookup(s, x)
		return e != nil, err
	case *set:
		e, err := v.lookup(s, x)
		return e != nil, err
	case str, unicodeStr:
		sub, ok := textOf(x)
		if !ok {
			return false, s.raise(s.exc.TypeError, "'in <string>' requires string as left operand, not %s", s.typeName(x))
		}
		text, _ := textOf(v)
		return strings.Contains(text, sub), nil
	case *object:
		r, ok, err := s.special(v, "__contains__", x)
		if err != nil {
			return false, err
		}
		if ok {
			return s.truth(r)
		}
	}
	it, err := s.iter(v)
	if err != nil {
		return false, s.raise(s.exc.TypeError, "argument of type '%s' is not iterable", s.typeName(v))
	}
	for {
		e, err := it.next()
		if e == nil || err != nil {
			return false, err
		}
		if eq, err := s.equal(e, x); eq || err != nil {
			return eq, err
		}
		if err := s.interrupted(); err != nil {
			return false, err
		}
	}
}
