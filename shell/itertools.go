package shell

import (
	"math"

	"go.starlark.net/starlark"
)

func (s *Session) itertoolsModule() *module {
	m := &module{}
	lazyFn := func(header string, make func(c *call) (iterator, error)) {
		m.fn(s, header, func(c *call) (Value, error) {
			it, err := make(c)
			return &iterObject{it: it}, err
		})
	}
	lazyFn("count(start=0, step=1)", func(c *call) (iterator, error) {
		n := c.args[0]
		return iterFunc(func() (v Value, err error) {
			v = n
			n, err = s.binary("+", n, c.args[1])
			return v, err
		}), nil
	})
	lazyFn("islice(iterable, stop, *more)", func(c *call) (iterator, error) {
		it, err := s.iter(c.args[0])
		if err != nil {
			return nil, err
		}
		lo, hi, step := int64(0), int64(math.MaxInt64), int64(1)
		bound := func(v Value, p *int64) {
			if n, ok := smallInt(v); ok && v != none {
				*p = max(n, 0)
			}
		}
		if len(c.extra) == 0 {
			bound(c.args[1], &hi)
		} else {
			bound(c.args[1], &lo)
			bound(c.extra[0], &hi)
			if len(c.extra) > 1 {
				bound(c.extra[1], &step)
				step = max(step, 1)
			}
		}
		i := int64(0)
		return iterFunc(func() (Value, error) {
			for ; lo < hi; i++ {
				v, err := it.next()
				if v == nil || err != nil {
					return nil, err
				}
				if i == lo {
					lo += step
					i++
					return v, nil
				}
				if err := s.interrupted(); err != nil {
					return nil, err
				}
			}
			return nil, nil
		}), nil
	})
	chain := func(next func() (Value, error)) iterator {
		var it iterator
		return iterFunc(func() (Value, error) {
			for {
				if it == nil {
					q, err := next()
					if q == nil || err != nil {
						return nil, err
					}
					if it, err = s.iter(q); err != nil {
						return nil, err
					}
				}
				v, err := it.next()
				if v != nil || err != nil {
					return v, err
				}
				it = nil
			}
		})
	}
	lazyFn("chain(*iterables)", func(c *call) (iterator, error) {
		i := 0
		return chain(func() (Value, error) {
			if i == len(c.extra) {
				return nil, nil
			}
			i++
			return c.extra[i-1], nil
		}), nil
	})
	lazyFn("izip(*iterables)", func(c *call) (iterator, error) {
		it, err := s.zip(c.extra)
		if it == nil && err == nil {
			it = iterFunc(func() (Value, error) { return nil, nil })
		}
		return it, err
	})
	lazyFn("imap(function, iterable)", func(c *call) (iterator, error) {
		it, err := s.iter(c.args[1])
		return iterFunc(func() (Value, error) {
			v, err := it.next()
			if v == nil || err != nil {
				return nil, err
			}
			return s.call(c.args[0], v)
		}), err
	})
	while := func(take bool) func(c *call) (iterator, error) {
		return func(c *call) (iterator, error) {
			it, err := s.iter(c.args[1])
			started := false
			return iterFunc(func() (Value, error) {
				for {
					v, err := it.next()
					if v == nil || err != nil || started {
						return v, err
					}
					r, err := s.call(c.args[0], v)
					if err != nil {
						return nil, err
					}
					ok, err := s.truth(r)
					if err != nil {
						return nil, err
					}
					switch {
					case take && ok:
						return v, nil
					case take:
						return nil, nil
					case !ok:
						started = true
						return v, nil
					}
				}
			}), err
		}
	}
	lazyFn("takewhile(predicate, iterable)", while(true))
	lazyFn("dropwhile(predicate, iterable)", while(false))
	lazyFn("repeat(object, times=None)", func(c *call) (iterator, error) {
		n, limited := smallInt(c.args[1])
		return iterFunc(func() (Value, error) {
			if limited {
				if n <= 0 {
					return nil, nil
				}
				n--
			}
			return c.args[0], nil
		}), nil
	})
	m.fn(s, "groupby(iterable, key=None)", func(c *call) (Value, error) {
		out := newList()
		var last Value
		err := s.each(c.args[0], func(v Value) (err error) {
			k := v
			if c.args[1] != none {
				if k, err = s.call(c.args[1], v); err != nil {
					return err
				}
			}
			if last != nil {
				eq, err := s.equal(k, last)
				if err != nil {
					return err
				}
				if eq {
					group := out.elems[len(out.elems)-1].(starlark.Tuple)[1].(*list)
					group.elems = append(group.elems, v)
					return nil
				}
			}
			last = k
			out.elems = append(out.elems, starlark.Tuple{k, newList(v)})
			return nil
		})
		return out, err
	})
	return m
}
