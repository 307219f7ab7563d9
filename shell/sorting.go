package shell

import (
	"sort"

	"go.starlark.net/starlark"
)

func (s *Session) extreme(c *call, name string, sign int) (Value, error) {
	key := none
	var keyFn Value = key
	for _, k := range c.kw {
		if k.name != "key" {
			return nil, s.raise(s.exc.TypeError, "%s() got an unexpected keyword argument", name)
		}
		keyFn = k.value
	}
	elems := c.extra
	if len(elems) == 0 {
		return nil, s.raise(s.exc.TypeError, "%s expected 1 arguments, got 0", name)
	}
	if len(elems) == 1 {
		var err error
		if elems, err = s.collect(elems[0]); err != nil {
			return nil, err
		}
	}
	if len(elems) == 0 {
		return nil, s.raise(s.exc.ValueError, "%s() arg is an empty sequence", name)
	}
	var best, bestKey Value
	for _, v := range elems {
		k := v
		if keyFn != none {
			var err error
			if k, err = s.call(keyFn, v); err != nil {
				return nil, err
			}
		}
		if best != nil {
			n, err := s.cmp(k, bestKey)
			if err != nil {
				return nil, err
			}
			if n*sign <= 0 {
				continue
			}
		}
		best, bestKey = v, k
	}
	return best, nil
}

// sort sorts a list in place. Equal values keep their order.
func (s *Session) sort(l *list, cmpFn, key, reverse Value) error {
	keys := make([]Value, len(l.elems))
	for i, v := range l.elems {
		keys[i] = v
		if key != none {
			k, err := s.call(key, v)
			if err != nil {
				return err
			}
			keys[i] = k
		}
	}
	back, err := s.truth(reverse)
	if err != nil {
		return err
	}
	var failure error
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	less := func(a, b Value) bool {
		if failure != nil {
			return false
		}
		if failure = s.interrupted(); failure != nil {
			return false
		}
		var n int
		if cmpFn != none {
			var r Value
			if r, failure = s.call(cmpFn, a, b); failure != nil {
				return false
			}
			m, _ := smallInt(r)
			n = int(m)
		} else {
			n, failure = s.cmp(a, b)
		}
		return n < 0
	}
	sort.SliceStable(order, func(i, j int) bool {
		if back {
			return less(keys[order[j]], keys[order[i]])
		}
		return less(keys[order[i]], keys[order[j]])
	})
	if failure != nil {
		return failure
	}
	out := make([]Value, len(order))
	for i, j := range order {
		out[i] = l.elems[j]
	}
	l.elems = out
	return nil
}

// mapMany is map over several sequences. Shorter sequences are padded with None.
func (s *Session) mapMany(c *call) (Value, error) {
	var lists [][]Value
	longest := 0
	for _, q := range append([]Value{c.args[1]}, c.extra...) {
		elems, err := s.collect(q)
		if err != nil {
			return nil, err
		}
		lists, longest = append(lists, elems), max(longest, len(elems))
	}
	out := newList()
	for i := range longest {
		args := make([]Value, len(lists))
		for j, l := range lists {
			args[j] = none
			if i < len(l) {
				args[j] = l[i]
			}
		}
		if c.args[0] == none {
			out.elems = append(out.elems, starlark.Tuple(args))
			continue
		}
		v, err := s.call(c.args[0], args...)
		if err != nil {
			return nil, err
		}
		out.elems = append(out.elems, v)
	}
	return out, nil
}

func (s *Session) zip(sequences []Value) (iterator, error) {
	if len(sequences) == 0 {
		return nil, nil
	}
	var its []iterator
	for i, q := range sequences {
		it, err := s.iter(q)
		if err != nil {
			return nil, s.raise(s.exc.TypeError, "zip argument #%d must support iteration", i+1)
		}
		its = append(its, it)
	}
	return iterFunc(func() (Value, error) {
		t := make(starlark.Tuple, len(its))
		for i, it := range its {
			v, err := it.next()
			if v == nil || err != nil {
				return nil, err
			}
			t[i] = v
		}
		return t, nil
	}), nil
}
