package shell

import (
	"cmp"
	"errors"

	"github.com/widerow/widerow/backend"
)

// mutator is the data of a Mutator: the mutations that the next send sends.
type mutator struct {
	rows []backend.RowMutation
	// failure is the error of a mutation that no request can hold. Thrift's library finds it when the mutator sends.
	failure error
	// ops counts the operations since the last send.
	ops int
}

func mutatorOf(v Value) (*object, *mutator) {
	o := v.(*object)
	m, _ := o.data.(*mutator)
	if m == nil {
		m = &mutator{}
		o.data = m
	}
	return o, m
}

func (s *Session) initBatch() {
	c := s.newClass("Mutator", "pycassa.batch")
	s.py.mutator = c
	c.def("__init__(self, pool, queue_size=100, write_consistency_level=None, allow_retries=True, atomic=False)", func(a *call) (Value, error) {
		o := a.args[0].(*object)
		o.attrs.set("pool", a.args[1])
		o.attrs.set("limit", a.args[2])
		o.attrs.set("allow_retries", a.args[4])
		o.attrs.set("atomic", a.args[5])
		level := a.args[3]
		if level == none {
			level = intValue(1)
		}
		o.attrs.set("write_consistency_level", level)
		return none, nil
	})
	c.def("__enter__(self)", func(a *call) (Value, error) { return a.args[0], nil })
	c.def("__exit__(self, exc_type, exc_value, traceback)", func(a *call) (Value, error) { return none, s.sendBatch(a.args[0], none, none) })
	c.def("send(self, write_consistency_level=None, atomic=None)", func(a *call) (Value, error) {
		return none, s.sendBatch(a.args[0], a.args[1], a.args[2])
	})
	c.def("insert(self, column_family, key, columns, timestamp=None, ttl=None)", func(a *call) (Value, error) {
		return a.args[0], s.batchInsert(a.args[0], a.args[1:])
	})
	c.def("remove(self, column_family, key, columns=None, super_column=None, timestamp=None)", func(a *call) (Value, error) {
		return a.args[0], s.batchRemove(a.args[0], a.args[1:])
	})
	f := s.newClass("CfMutator", "pycassa.batch", c)
	s.py.cfMutator = f
	f.def("__init__(self, column_family, queue_size=100, write_consistency_level=None, allow_retries=True, atomic=False)", func(a *call) (Value, error) {
		o := a.args[0].(*object)
		level := a.args[3]
		given, err := s.truth(level)
		if err != nil {
			return nil, err
		}
		if !given {
			if level, err = s.getattr(a.args[1], "write_consistency_level"); err != nil {
				return nil, err
			}
		}
		pool, err := s.getattr(a.args[1], "pool")
		if err != nil {
			return nil, err
		}
		for name, v := range map[string]Value{
			"pool": pool, "limit": a.args[2], "allow_retries": a.args[4], "atomic": a.args[5], "write_consistency_level": level, "_column_family": a.args[1],
		} {
			o.attrs.set(name, v)
		}
		return none, nil
	})
	own := func(a *call) []Value {
		cf, _ := a.args[0].(*object).attrs.get("_column_family")
		return append([]Value{cf}, a.args[1:]...)
	}
	f.def("insert(self, key, cols, timestamp=None, ttl=None)", func(a *call) (Value, error) { return a.args[0], s.batchInsert(a.args[0], own(a)) })
	f.def("remove(self, key, columns=None, super_column=None, timestamp=None)", func(a *call) (Value, error) {
		return a.args[0], s.batchRemove(a.args[0], own(a))
	})
}

// batchFamily checks that an operation names a family.
func (s *Session) batchFamily(v Value) (*object, error) {
	o, ok := v.(*object)
	if !ok || !o.class.derives(s.py.family) {
		return nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute 'timestamp'", s.typeName(v))
	}
	return o, nil
}

// batchInsert queues an insertion. Its arguments are family, key, columns, timestamp and ttl.
func (s *Session) batchInsert(self Value, a []Value) error {
	o, err := s.batchFamily(a[0])
	if err != nil {
		return err
	}
	some, err := s.truth(a[2])
	if err != nil || !some {
		return err
	}
	ts, err := s.timestamp(o, a[3])
	if err != nil {
		return err
	}
	key, err := s.packKey(o, a[1])
	if err != nil {
		return err
	}
	muts, err := s.inserts(o, a[2], ts, a[4])
	if unfit := (*unfitError)(nil); errors.As(err, &unfit) {
		_, m := mutatorOf(self)
		m.failure = cmp.Or(m.failure, unfit.error)
		return s.enqueue(self, o, key, nil)
	}
	if err != nil {
		return err
	}
	return s.enqueue(self, o, key, muts)
}

// batchRemove queues a removal. Its arguments are family, key, columns, super column and timestamp.
func (s *Session) batchRemove(self Value, a []Value) error {
	o, err := s.batchFamily(a[0])
	if err != nil {
		return err
	}
	ts, err := s.timestamp(o, a[4])
	if err != nil {
		return err
	}
	m, err := s.removal(o, a[2], a[3], ts)
	if err != nil {
		return err
	}
	key, err := s.packKey(o, a[1])
	if err != nil {
		return err
	}
	return s.enqueue(self, o, key, []backend.Mutation{m})
}

func (s *Session) enqueue(self Value, family *object, key []byte, muts []backend.Mutation) error {
	o, m := mutatorOf(self)
	v, err := s.getattr(family, "column_family")
	if err != nil {
		return err
	}
	name, _ := textOf(v)
	m.rows = append(m.rows, backend.RowMutation{Family: name, Key: key, Mutations: muts})
	m.ops++
	if v, err = s.getattr(o, "limit"); err != nil {
		return err
	}
	if n, ok := smallInt(v); ok && n > 0 && int64(m.ops) >= n {
		return s.sendBatch(self, none, none)
	}
	return nil
}

// sendBatch sends the queued mutations.
func (s *Session) sendBatch(self, level, atomic Value) error {
	o, m := mutatorOf(self)
	var err error
	if level == none {
		if level, err = s.getattr(o, "write_consistency_level"); err != nil {
			return err
		}
	}
	if atomic == none {
		if atomic, err = s.getattr(o, "atomic"); err != nil {
			return err
		}
	}
	whole, err := s.truth(atomic)
	if err != nil {
		return err
	}
	if m.failure != nil {
		return m.failure
	}
	if len(m.rows) == 0 {
		return nil
	}
	pool, err := s.getattr(o, "pool")
	if err != nil {
		return err
	}
	n, err := s.wireInt(level, 32)
	if err != nil {
		return err
	}
	if err := s.send(pool, m.rows, backend.Consistency(n), whole); err != nil {
		return err
	}
	m.rows, m.ops = nil, 0
	return nil
}
