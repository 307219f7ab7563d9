package shell

import (
	"errors"
	"iter"

	"go.starlark.net/starlark"
)

// iterator returns values one by one, and nil at the end.
type iterator interface {
	next() (Value, error)
}

type iterFunc func() (Value, error)

func (f iterFunc) next() (Value, error) { return f() }

// iterObject is an iterator as a value.
type iterObject struct {
	plain
	it iterator
	// kind is the name of the iterator's type in CPython. Empty means "iterator".
	kind string
}

// xrange is a range of integers whose elements are not stored.
type xrange struct {
	plain
	start, stop, step int64
}

func (r *xrange) len() int64 {
	switch {
	case r.step > 0 && r.start < r.stop:
		return (r.stop-r.start-1)/r.step + 1
	case r.step < 0 && r.start > r.stop:
		return (r.start-r.stop-1)/-r.step + 1
	}
	return 0
}

func (r *xrange) Truth() starlark.Bool { return r.len() > 0 }

// generator is the value that a function with yield returns, and that pycassa's ranges return.
type generator struct {
	plain
	name string
	s    *Session
	pull func() (Value, error)
	stop func()
	done bool
	busy bool
	sent Value
	// thrown is the exception that the yield at which the generator waits raises.
	thrown error
}

func (g *generator) next() (Value, error) {
	if g.done {
		return nil, nil
	}
	if g.busy {
		return nil, g.s.raise(g.s.exc.ValueError, "generator already executing")
	}
	g.busy = true
	thread, depth, frame := g.s.thread, g.s.depth, g.s.frame
	v, err := g.pull()
	g.s.thread, g.s.depth, g.s.frame = thread, depth, frame
	g.busy = false
	if v == nil || err != nil {
		g.close()
	}
	return v, err
}

func (g *generator) close() {
	if g.done || g.busy {
		return
	}
	g.done = true
	if g.stop != nil {
		thread, depth, frame := g.s.thread, g.s.depth, g.s.frame
		g.stop()
		g.s.thread, g.s.depth, g.s.frame = thread, depth, frame
	}
	delete(g.s.generators, g)
}

// goGenerator is a generator that Go code feeds.
func (s *Session) goGenerator(name string, next func() (Value, error)) *generator {
	return &generator{name: name, s: s, pull: next}
}

var errGeneratorExit = errors.New("the generator was closed")

// newGenerator makes a generator of a body that contains yield. The body runs as a coroutine, on a
// Starlark thread of its own.
func (s *Session) newGenerator(name string, f *frame, body *starlark.Function) *generator {
	g := &generator{name: name, s: s}
	f.gen = g
	var failure error
	var yield func(Value) bool
	run := func(y func(Value) bool) {
		yield = y
		thread := s.newThread(name)
		defer s.dropThread(thread)
		s.thread = thread
		_, failure = s.runBody(body, f)
		if errors.Is(failure, errGeneratorExit) {
			failure = nil
		}
	}
	var next func() (Value, bool)
	g.pull = func() (Value, error) {
		if next == nil && g.thrown != nil {
			return nil, g.thrown
		}
		if next == nil {
			// The coroutine starts at the first next, so that an unused generator has no coroutine.
			if len(s.generators) > maxGenerators {
				return nil, s.raise(s.exc.MemoryError, "too many generators are unfinished")
			}
			s.generators[g] = true
			next, g.stop = iter.Pull(run)
		}
		v, ok := next()
		if !ok {
			return nil, failure
		}
		return v, nil
	}
	f.vars[".yield"] = &native{name: "yield", sig: &signature{params: []string{"value"}}, fn: func(c *call) (Value, error) {
		thread := s.thread
		if !yield(c.args[0]) {
			return nil, errGeneratorExit
		}
		s.thread, s.frame = thread, f
		if err := g.thrown; err != nil {
			g.thrown = nil
			return nil, err
		}
		v := g.sent
		g.sent = nil
		if v == nil {
			v = none
		}
		return v, nil
	}}
	return g
}

// maxGenerators bounds the unfinished generators of a session: each has a goroutine.
const maxGenerators = 10000

// iter is iter(v).
func (s *Session) iter(v Value) (iterator, error) {
	i := 0
	switch v := v.(type) {
	case *list:
		return iterFunc(func() (Value, error) {
			if i >= len(v.elems) {
				return nil, nil
			}
			i++
			return v.elems[i-1], nil
		}), nil
	case starlark.Tuple:
		return iterFunc(func() (Value, error) {
			if i >= len(v) {
				return nil, nil
			}
			i++
			return v[i-1], nil
		}), nil
	case str:
		return iterFunc(func() (Value, error) {
			if i >= len(v) {
				return nil, nil
			}
			i++
			return v[i-1 : i], nil
		}), nil
	case unicodeStr:
		runes := []rune(string(v))
		return iterFunc(func() (Value, error) {
			if i >= len(runes) {
				return nil, nil
			}
			i++
			return unicodeStr(runes[i-1 : i]), nil
		}), nil
	case *dict:
		return v.iterate(s, func(e *entry) Value { return e.key }), nil
	case *set:
		return v.iterate(s, func(e *entry) Value { return e.key }), nil
	case *xrange:
		n, x := v.len(), v.start
		return iterFunc(func() (Value, error) {
			if n == 0 {
				return nil, nil
			}
			n--
			x += v.step
			return intValue(x - v.step), nil
		}), nil
	case *generator:
		return v, nil
	case *iterObject:
		return v.it, nil
	case *object:
		return s.iterObject(v)
	case *fileValue:
		if method, err := s.getattr(v, "__iter__"); err != nil {
			return nil, err
		} else if it, err := s.call(method); err != nil {
			return nil, err
		} else if lines, ok := it.(*iterObject); ok {
			return lines.it, nil
		}
	}
	return nil, s.raise(s.exc.TypeError, "'%s' object is not iterable", s.typeName(v))
}

// iterObject iterates over an instance that has __iter__, or __getitem__.
func (s *Session) iterObject(v *object) (iterator, error) {
	r, ok, err := s.special(v, "__iter__")
	if err != nil {
		return nil, err
	}
	if ok {
		o, isObject := r.(*object)
		if !isObject {
			return s.iter(r)
		}
		if a, err := s.findattr(o, "next"); a == nil || err != nil {
			return nil, s.raise(s.exc.TypeError, "iter() returned non-iterator of type '%s'", s.typeName(o))
		}
		return iterFunc(func() (Value, error) {
			next, err := s.getattr(o, "next")
			if err != nil {
				return nil, err
			}
			x, err := s.call(next)
			if e := s.exceptionOf(err); e != nil && e.obj.class.derives(s.exc.StopIteration) {
				return nil, nil
			}
			return x, err
		}), nil
	}
	if _, ok := v.class.lookup("__getitem__"); !ok {
		return nil, s.raise(s.exc.TypeError, "'%s' object is not iterable", s.typeName(v))
	}
	i := int64(0)
	return iterFunc(func() (Value, error) {
		x, _, err := s.special(v, "__getitem__", intValue(i))
		i++
		if e := s.exceptionOf(err); e != nil && e.obj.class.derives(s.exc.IndexError) {
			return nil, nil
		}
		return x, err
	}), nil
}

// each calls fn with each value of an iterable.
func (s *Session) each(v Value, fn func(Value) error) error {
	it, err := s.iter(v)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		x, err := it.next()
		if x == nil || err != nil {
			return err
		}
		if err := fn(x); err != nil {
			return err
		}
		if n%256 == 0 {
			if err := s.interrupted(); err != nil {
				return err
			}
		}
	}
}

// maxElements bounds the number of elements of one value.
const maxElements = 50_000_000

// collect is list(v).
func (s *Session) collect(v Value) ([]Value, error) {
	switch v := v.(type) {
	case *list:
		return append([]Value{}, v.elems...), nil
	case starlark.Tuple:
		return append([]Value{}, v...), nil
	}
	var out []Value
	err := s.each(v, func(x Value) error {
		out = append(out, x)
		if len(out) > maxElements {
			return s.raiseValue(s.exc.MemoryError)
		}
		return nil
	})
	return out, err
}

// loop is the value that a for statement of the lowered program iterates over. Starlark's iterators
// cannot return errors. So an error ends the loop, and the frame stores it until check reports it.
type loop struct {
	plain
	f     *frame
	it    iterator
	shape *shape
	done  bool // the loop reached its end without a break
}

var _ starlark.Iterable = (*loop)(nil)

func (l *loop) Iterate() starlark.Iterator { return l }

func (l *loop) Next(p *Value) bool {
	if l.f.iterErr != nil {
		return false
	}
	v, err := l.it.next()
	if err == nil && v != nil && l.shape != nil {
		v, err = l.shape.unpack(l.f.s, v)
	}
	if v == nil || err != nil {
		l.f.iterErr, l.done = err, err == nil
		return false
	}
	*p = v
	return true
}

func (l *loop) Done() {}

// shape describes how a target of several names divides a value. A nil part stands for a single name.
type shape struct {
	plain
	parts []*shape
}

// unpack divides a value into a tuple of the shape.
func (sh *shape) unpack(s *Session, v Value) (Value, error) {
	elems, err := s.unpackN(v, len(sh.parts))
	if err != nil {
		return nil, err
	}
	for i, p := range sh.parts {
		if p != nil {
			if elems[i], err = p.unpack(s, elems[i]); err != nil {
				return nil, err
			}
		}
	}
	return starlark.Tuple(elems), nil
}

// unpackN returns the n values of an iterable.
func (s *Session) unpackN(v Value, n int) ([]Value, error) {
	it, err := s.iter(v)
	if err != nil {
		return nil, err
	}
	var out []Value
	for {
		x, err := it.next()
		if err != nil {
			return nil, err
		}
		if x == nil {
			break
		}
		if out = append(out, x); len(out) > n {
			return nil, s.raise(s.exc.ValueError, "too many values to unpack")
		}
	}
	if len(out) < n {
		return nil, s.raise(s.exc.ValueError, "need more than %d value%s to unpack", len(out), plural(len(out)))
	}
	return out, nil
}
