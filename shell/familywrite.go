package shell

import (
	"github.com/widerow/widerow/backend"
)

func (s *Session) initFamilyWrites(c *class) {
	c.def("insert(self, key, columns, timestamp=None, ttl=None, write_consistency_level=None)", func(c *call) (Value, error) {
		o, _ := familyOf(c.args[0])
		ts, err := s.timestamp(o, c.arg("timestamp"))
		if err != nil {
			return nil, err
		}
		key, err := s.packKey(o, c.arg("key"))
		if err != nil {
			return nil, err
		}
		muts, err := s.inserts(o, c.arg("columns"), ts, c.arg("ttl"))
		if err != nil {
			return nil, err
		}
		return ts, s.mutate(o, c.arg("write_consistency_level"), false, []row{{key, muts}})
	})
	c.def("batch_insert(self, rows, timestamp=None, ttl=None, write_consistency_level=None)", func(c *call) (Value, error) {
		o, _ := familyOf(c.args[0])
		ts, err := s.timestamp(o, c.arg("timestamp"))
		if err != nil {
			return nil, err
		}
		rows, err := s.pairs(c.arg("rows"))
		if err != nil {
			return nil, err
		}
		var out []row
		for _, r := range rows {
			key, err := s.packKey(o, r.key)
			if err != nil {
				return nil, err
			}
			muts, err := s.inserts(o, r.value, ts, c.arg("ttl"))
			if err != nil {
				return nil, err
			}
			out = append(out, row{key, muts})
		}
		return ts, s.mutate(o, c.arg("write_consistency_level"), false, out)
	})
	c.def("add(self, key, column, value=1, super_column=None, write_consistency_level=None)", func(c *call) (Value, error) {
		o, _ := familyOf(c.args[0])
		key, err := s.packKey(o, c.arg("key"))
		if err != nil {
			return nil, err
		}
		m := backend.Mutation{Op: backend.Add}
		if isSuper, err := s.flag(o, "super"); err != nil || isSuper && c.arg("super_column") == none {
			if err == nil {
				err = s.thrown(s.exc.InvalidRequestException, str("missing mandatory super column name for super CF "+familyName(o)))
			}
			return nil, err
		}
		parent, err := s.parent(o, "", c.arg("super_column"))
		if err != nil {
			return nil, err
		}
		m.Super = parent.Super
		name, err := s.packName(o, c.arg("column"), false, notSlice)
		if err != nil {
			return nil, err
		}
		if m.Column.Name, err = s.wire(name); err != nil {
			return nil, err
		}
		if m.Delta, err = s.wireInt(c.arg("value"), 64); err != nil {
			return nil, err
		}
		return none, s.mutate(o, c.arg("write_consistency_level"), false, []row{{key, []backend.Mutation{m}}})
	})
	c.def("remove(self, key, columns=None, super_column=None, write_consistency_level=None, timestamp=None, counter=None)", func(c *call) (Value, error) {
		o, _ := familyOf(c.args[0])
		ts, err := s.timestamp(o, c.arg("timestamp"))
		if err != nil {
			return nil, err
		}
		m, err := s.removal(o, c.arg("columns"), c.arg("super_column"), ts)
		if err != nil {
			return nil, err
		}
		key, err := s.packKey(o, c.arg("key"))
		if err != nil {
			return nil, err
		}
		return ts, s.mutate(o, c.arg("write_consistency_level"), false, []row{{key, []backend.Mutation{m}}})
	})
	c.def("remove_counter(self, key, column, super_column=None, write_consistency_level=None)", func(c *call) (Value, error) {
		o, f := familyOf(c.args[0])
		key, err := s.packKey(o, c.arg("key"))
		if err != nil {
			return nil, err
		}
		if _, err := s.packName(o, c.arg("column"), false, notSlice); err != nil {
			return nil, err
		}
		if !f.counters {
			return nil, s.thrown(s.exc.InvalidRequestException, str("invalid operation for non commutative columnfamily "+familyName(o)))
		}
		m, err := s.removal(o, newList(c.arg("column")), c.arg("super_column"), intValue(0))
		if err != nil {
			return nil, err
		}
		return none, s.mutate(o, c.arg("write_consistency_level"), false, []row{{key, []backend.Mutation{m}}})
	})
	c.def("batch(self, queue_size=100, write_consistency_level=None, atomic=None)", func(c *call) (Value, error) {
		return s.callKw(s.py.cfMutator, []Value{c.args[0], c.args[1], c.args[2]}, []kwarg{{"atomic", c.args[3]}})
	})
	c.def("truncate(self)", func(c *call) (Value, error) {
		o, _ := familyOf(c.args[0])
		pool, err := s.getattr(o, "pool")
		if err != nil {
			return nil, err
		}
		return none, s.execute(pool, func(b backend.Backend, keyspace string) error {
			p, err := s.parent(o, keyspace, none)
			if err != nil {
				return err
			}
			return b.Truncate(s.ctx, keyspace, p.Family)
		})
	})
}

// row holds the mutations of one row.
type row struct {
	key  []byte
	muts []backend.Mutation
}

// timestamp returns the given timestamp. If it is None, timestamp returns the family's next timestamp.
func (s *Session) timestamp(o *object, v Value) (Value, error) {
	if v != none {
		return v, nil
	}
	fn, err := s.getattr(o, "timestamp")
	if err != nil {
		return nil, err
	}
	return s.call(fn)
}

// pairs returns the entries of a mapping. For a value that is not a mapping it returns Python's error: the value has no
// attribute iteritems.
func (s *Session) pairs(v Value) ([]entry, error) {
	if d, ok := v.(*dict); ok {
		return d.items(), nil
	}
	fn, err := s.getattr(v, "iteritems")
	if err != nil {
		return nil, err
	}
	it, err := s.call(fn)
	if err != nil {
		return nil, err
	}
	var out []entry
	err = s.each(it, func(x Value) error {
		kv, err := s.unpackN(x, 2)
		if err == nil {
			out = append(out, entry{key: kv[0], value: kv[1]})
		}
		return err
	})
	return out, err
}

// inserts makes the mutations that write columns, or super columns.
func (s *Session) inserts(o *object, columns, ts, ttl Value) ([]backend.Mutation, error) {
	super, err := s.flag(o, "super")
	if err != nil {
		return nil, err
	}
	list, err := s.pairs(columns)
	if err != nil {
		return nil, err
	}
	var out []backend.Mutation
	for _, e := range list {
		if !super {
			m, err := s.insertion(o, nil, e.key, e.value, ts, ttl)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
			continue
		}
		subs, err := s.pairs(e.value)
		if err != nil {
			return nil, err
		}
		packed, err := s.packName(o, e.key, true, notSlice)
		if err != nil {
			return nil, err
		}
		name, err := s.wire(packed)
		if err != nil {
			return nil, err
		}
		for _, sub := range subs {
			m, err := s.insertion(o, name, sub.key, sub.value, ts, ttl)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
	}
	return out, nil
}

// unfitError is the error of a packed value that no request can hold, or that the server refuses.
type unfitError struct{ error }

func (e *unfitError) Unwrap() error { return e.error }

// insertion makes the mutation of one column. Errors after the packing are of type *unfitError.
func (s *Session) insertion(o *object, super []byte, name, value, ts, ttl Value) (m backend.Mutation, err error) {
	packedName, err := s.packName(o, name, false, notSlice)
	if err != nil {
		return m, err
	}
	packed, err := s.packValue(o, value, name)
	if err != nil {
		return m, err
	}
	if m, err = s.packedInsertion(o, super, packedName, packed, ts, ttl); err != nil {
		return m, &unfitError{err}
	}
	return m, nil
}

// packedInsertion makes the mutation of one column from its packed name and value.
func (s *Session) packedInsertion(o *object, super []byte, name, value, ts, ttl Value) (m backend.Mutation, err error) {
	_, f := familyOf(o)
	m = backend.Mutation{Op: backend.Insert, Super: super}
	if name == none {
		return m, s.thrown(s.exc.InvalidRequestException, str("Column name is required"))
	}
	if m.Column.Name, err = s.wire(name); err != nil {
		return m, err
	}
	if f.counters {
		m.Op = backend.Add
		m.Delta, err = s.wireInt(value, 64)
		return m, err
	}
	if value == none {
		return m, s.thrown(s.exc.InvalidRequestException, str("Column value is required"))
	}
	if m.Column.Value, err = s.wire(value); err != nil {
		return m, err
	}
	if m.Column.Timestamp, err = s.wireInt(ts, 64); err != nil {
		return m, err
	}
	if ttl != none {
		n, err := s.wireInt(ttl, 32)
		switch {
		case err != nil:
			return m, err
		case n <= 0:
			return m, s.thrown(s.exc.InvalidRequestException, str("ttl must be positive"))
		}
		m.Column.TTL = int32(n)
	}
	return m, nil
}

// removal makes the mutation that deletes columns, a super column or a row.
func (s *Session) removal(o *object, columns, super, ts Value) (m backend.Mutation, err error) {
	m = backend.Mutation{Op: backend.Delete}
	if m.Timestamp, err = s.wireInt(ts, 64); err != nil {
		return m, err
	}
	parent, err := s.parent(o, "", super)
	if err != nil {
		return m, err
	}
	m.Super = parent.Super
	if columns == none {
		return m, nil
	}
	isSuper, err := s.flag(o, "super")
	if err != nil {
		return m, err
	}
	m.Columns = &backend.Predicate{Names: [][]byte{}}
	return m, s.each(columns, func(v Value) error {
		packed, err := s.packName(o, v, isSuper && super == none, notSlice)
		if err != nil {
			return err
		}
		b, err := s.wire(packed)
		m.Columns.Names = append(m.Columns.Names, b)
		return err
	})
}

// mutate sends the mutations of rows of one family.
func (s *Session) mutate(o *object, level Value, atomic bool, rows []row) error {
	cl, err := s.level(o, level, "write_consistency_level")
	if err != nil {
		return err
	}
	pool, err := s.getattr(o, "pool")
	if err != nil {
		return err
	}
	name, err := s.getattr(o, "column_family")
	if err != nil {
		return err
	}
	family, _ := textOf(name)
	var list []backend.RowMutation
	for _, r := range rows {
		if len(r.muts) > 0 {
			list = append(list, backend.RowMutation{Family: family, Key: r.key, Mutations: r.muts})
		}
	}
	if len(list) == 0 {
		return nil
	}
	return s.send(pool, list, cl, atomic)
}

func (s *Session) send(pool Value, rows []backend.RowMutation, level backend.Consistency, atomic bool) error {
	return s.execute(pool, func(b backend.Backend, keyspace string) error {
		return b.Mutate(s.ctx, &backend.MutateRequest{Keyspace: keyspace, Rows: rows, Atomic: atomic, Consistency: level})
	})
}

func familyName(o *object) string {
	v, _ := o.attrs.get("column_family")
	name, _ := textOf(v)
	return name
}
