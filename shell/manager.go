package shell

import (
	"strings"

	"go.starlark.net/starlark"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// managerStore is the data of a SystemManager.
type managerStore struct {
	store  backend.Backend
	closed bool
}

func (s *Session) managerOf(v Value) (backend.Backend, error) {
	if o, ok := v.(*object); ok {
		if m, ok := o.data.(*managerStore); ok {
			if m.closed {
				return nil, s.raise(s.exc.TTransportException, "Transport not open")
			}
			return m.store, nil
		}
	}
	return nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute '_conn'", s.typeName(v))
}

func (s *Session) initManager() {
	c := s.newClass("SystemManager", "pycassa.system_manager")
	c.doc = "Shows and changes keyspaces and column families."
	s.py.manager = c
	c.def("__init__(self, server='localhost:9160', credentials=None, framed_transport=True, timeout=30, socket_factory=None, transport_factory=None)", func(a *call) (Value, error) {
		server, _ := textOf(a.args[1])
		b, err := s.store(server, a.args[2])
		a.args[0].(*object).data = &managerStore{store: b}
		return none, err
	})
	method := func(header string, fn func(b backend.Backend, a *call) (Value, error)) {
		c.def(header, func(a *call) (Value, error) {
			b, err := s.managerOf(a.args[0])
			if err != nil {
				return nil, err
			}
			v, err := fn(b, a)
			return v, s.thriftError(err)
		})
	}
	c.def("close(self)", func(a *call) (Value, error) {
		if m, ok := a.args[0].(*object).data.(*managerStore); ok {
			m.closed = true
		}
		return none, nil
	})
	for header, fn := range s.clusterFacts() {
		short := strings.HasPrefix(header, "describe_partitioner") || strings.HasPrefix(header, "describe_snitch")
		method(header, func(b backend.Backend, a *call) (Value, error) {
			v, err := fn(b, a)
			if text, ok := v.(str); ok && short && err == nil {
				return text[strings.LastIndexByte(string(text), '.')+1:], nil
			}
			return v, err
		})
	}
	method("list_keyspaces(self)", func(b backend.Backend, _ *call) (Value, error) {
		list, err := b.Keyspaces(s.ctx)
		out := newList()
		for _, ks := range list {
			out.elems = append(out.elems, str(ks.Name))
		}
		return out, err
	})
	method("get_keyspace_column_families(self, keyspace, use_dict_for_col_metadata=False)", func(b backend.Backend, a *call) (Value, error) {
		byName, err := s.truth(a.args[2])
		if err != nil {
			return nil, err
		}
		return s.familyDefs(b, a.args[1], byName)
	})
	method("get_keyspace_properties(self, keyspace)", func(b backend.Backend, a *call) (Value, error) {
		ks, err := s.keyspace(b, a.args[1])
		if err != nil {
			return nil, err
		}
		d := s.newDict()
		d.put(s, str("replication_strategy"), str(ks.Strategy))
		return d, d.put(s, str("strategy_options"), s.textDict(ks.StrategyOptions))
	})
	method("create_keyspace(self, name, replication_strategy='SimpleStrategy', strategy_options=None, durable_writes=True, **ks_kwargs)", func(b backend.Backend, a *call) (Value, error) {
		ks := schema.Keyspace{}
		ks.Name, _ = textOf(a.args[1])
		if err := s.keyspaceOptions(&ks, a.args[2], a.args[3], a.args[4]); err != nil {
			return nil, err
		}
		return s.alter(b, schema.CreateKeyspace{Keyspace: ks})
	})
	method("alter_keyspace(self, keyspace, replication_strategy=None, strategy_options=None, durable_writes=None, **ks_kwargs)", func(b backend.Backend, a *call) (Value, error) {
		ks, err := s.keyspace(b, a.args[1])
		if err != nil {
			return nil, err
		}
		if err := s.keyspaceOptions(ks, a.args[2], a.args[3], a.args[4]); err != nil {
			return nil, err
		}
		ks.Families = nil
		return s.alter(b, schema.AlterKeyspace{Keyspace: *ks})
	})
	method("drop_keyspace(self, keyspace)", func(b backend.Backend, a *call) (Value, error) {
		name, _ := textOf(a.args[1])
		return s.alter(b, schema.DropKeyspace{Name: name})
	})
	s.initManagerFamilies(method)
	s.initInteractive()
}

func (s *Session) alter(b backend.Backend, c schema.Change) (Value, error) {
	_, err := b.Alter(s.ctx, c)
	return none, err
}

// keyspaceOptions sets the options of a keyspace that the arguments name.
func (s *Session) keyspaceOptions(ks *schema.Keyspace, strategy, options, durable Value) error {
	if strategy != none {
		name, ok := textOf(strategy)
		if !ok {
			return s.raise(s.exc.AttributeError, "'%s' object has no attribute 'find'", s.typeName(strategy))
		}
		if !strings.Contains(name, ".") {
			name = "org.apache.cassandra.locator." + name
		}
		ks.Strategy = name
	}
	if options != none {
		m, err := s.textMap(options)
		if err != nil {
			return err
		}
		ks.StrategyOptions = m
	}
	if durable != none {
		d, err := s.truth(durable)
		if err != nil {
			return err
		}
		ks.DurableWrites = &d
	}
	return nil
}

// textMap turns a dictionary of texts into a map.
func (s *Session) textMap(v Value) (map[string]string, error) {
	d, ok := v.(*dict)
	if !ok {
		return nil, s.raise(s.exc.TypeError, "a dictionary is required, not %s", s.typeName(v))
	}
	m := map[string]string{}
	for _, e := range d.items() {
		k, err := s.wire(e.key)
		if err != nil {
			return nil, err
		}
		x, err := s.wire(e.value)
		if err != nil {
			return nil, err
		}
		m[string(k)] = string(x)
	}
	return m, nil
}

func (s *Session) textDict(m map[string]string) Value {
	d := s.newDict()
	for _, k := range sortedKeys(m) {
		d.put(s, str(k), str(m[k]))
	}
	return d
}

func (s *Session) keyspace(b backend.Backend, v Value) (*schema.Keyspace, error) {
	name, ok := textOf(v)
	if !ok {
		return nil, s.raise(s.exc.TypeError, "a keyspace's name must be a string, not %s", s.typeName(v))
	}
	list, err := b.Keyspaces(s.ctx, name)
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// familyDefs returns a dictionary with the CfDef of each family.
func (s *Session) familyDefs(b backend.Backend, keyspace Value, byName bool) (Value, error) {
	ks, err := s.keyspace(b, keyspace)
	if err != nil {
		return nil, err
	}
	d := s.newDict()
	for i := range ks.Families {
		f := &ks.Families[i]
		if err := d.put(s, str(f.Name), s.familyDef(f, byName)); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// familyFromStore returns the definition of a family. As in pycassa, a missing family is a KeyError.
func (s *Session) familyFromStore(b backend.Backend, keyspace, family Value) (*schema.Family, error) {
	ks, err := s.keyspace(b, keyspace)
	if err != nil {
		if e := s.exceptionOf(s.thriftError(err)); e != nil && e.obj.class.derives(s.exc.NotFoundException) {
			name, _ := textOf(keyspace)
			return nil, s.thrown(s.exc.InvalidRequestException, str("Keyspace '"+name+"' does not exist"))
		}
		return nil, err
	}
	name, _ := textOf(family)
	f := ks.Family(name)
	if f == nil {
		if why := backend.WhyNotServed(s.ctx, b, ks.Name, name); why != nil {
			return nil, why
		}
		return nil, s.raiseValue(s.exc.KeyError, family)
	}
	return f, nil
}

func (s *Session) initManagerFamilies(method func(string, func(backend.Backend, *call) (Value, error))) {
	method("create_column_family(self, keyspace, name, column_validation_classes=None, **cf_kwargs)", func(b backend.Backend, a *call) (Value, error) {
		if err := s.keyspaceExists(b, a.args[1]); err != nil {
			return nil, err
		}
		f := schema.Family{}
		f.Keyspace, _ = textOf(a.args[1])
		f.Name, _ = textOf(a.args[2])
		if err := s.familyOptions(&f, a.kw); err != nil {
			return nil, err
		}
		if err := s.columnClasses(&f, a.args[3]); err != nil {
			return nil, err
		}
		return s.alter(b, schema.CreateFamily{Family: f})
	})
	method("alter_column_family(self, keyspace, column_family, column_validation_classes=None, **cf_kwargs)", func(b backend.Backend, a *call) (Value, error) {
		f, err := s.familyFromStore(b, a.args[1], a.args[2])
		if err != nil {
			return nil, err
		}
		base := f.Clone()
		if err := s.familyOptions(f, a.kw); err != nil {
			return nil, err
		}
		if err := s.columnClasses(f, a.args[3]); err != nil {
			return nil, err
		}
		return s.alter(b, schema.AlterFamily{Family: *f, Whole: true, Base: base})
	})
	method("drop_column_family(self, keyspace, column_family)", func(b backend.Backend, a *call) (Value, error) {
		if err := s.keyspaceExists(b, a.args[1]); err != nil {
			return nil, err
		}
		ks, _ := textOf(a.args[1])
		name, _ := textOf(a.args[2])
		return s.alter(b, schema.DropFamily{Keyspace: ks, Name: name})
	})
	method("alter_column(self, keyspace, column_family, column, value_type)", func(b backend.Backend, a *call) (Value, error) {
		f, err := s.familyFromStore(b, a.args[1], a.args[2])
		if err != nil {
			return nil, err
		}
		base := f.Clone()
		if err := s.columnClass(f, a.args[3], a.args[4]); err != nil {
			return nil, err
		}
		return s.alter(b, schema.AlterFamily{Family: *f, Whole: true, Base: base})
	})
	method("create_index(self, keyspace, column_family, column, value_type, index_type=0, index_name=None)", func(b backend.Backend, a *call) (Value, error) {
		f, err := s.familyFromStore(b, a.args[1], a.args[2])
		if err != nil {
			return nil, err
		}
		base := f.Clone()
		name, err := s.packedColumn(f.Comparator, a.args[3])
		if err != nil {
			return nil, err
		}
		class, err := s.typeClassName(a.args[4])
		if err != nil {
			return nil, err
		}
		kind, ok := smallInt(a.args[5])
		if !ok || kind < 0 || kind > 2 {
			return nil, s.raise(s.exc.TypeError, "an integer is required")
		}
		col := schema.Column{Name: name, Validator: class, Index: schema.IndexType(kind) + schema.KeysIndex}
		col.IndexName, _ = textOf(a.args[6])
		for i := range f.Columns {
			if string(f.Columns[i].Name) == string(name) {
				f.Columns = append(f.Columns[:i:i], f.Columns[i+1:]...)
				break
			}
		}
		f.Columns = append(f.Columns, col)
		return s.alter(b, schema.AlterFamily{Family: *f, Whole: true, Base: base})
	})
	method("drop_index(self, keyspace, column_family, column)", func(b backend.Backend, a *call) (Value, error) {
		f, err := s.familyFromStore(b, a.args[1], a.args[2])
		if err != nil {
			return nil, err
		}
		base := f.Clone()
		// pycassa compares the given name with the stored packed names, which finds text names only. Packing the name
		// first finds names of all types.
		name, err := s.packedColumn(f.Comparator, a.args[3])
		if err != nil {
			return nil, err
		}
		col := f.Column(name)
		if col == nil {
			return none, nil
		}
		col.Index, col.IndexName, col.IndexOptions = schema.NoIndex, "", nil
		return s.alter(b, schema.AlterFamily{Family: *f, Whole: true, Base: base})
	})
}

// packedColumn packs a column's name by a comparator.
func (s *Session) packedColumn(comparator string, name Value) ([]byte, error) {
	pack, _ := s.codecs(comparator)
	v, err := pack(name, notSlice)
	if err == errStruct {
		return nil, s.raise(s.exc.StructError, "cannot convert argument to integer")
	}
	if err != nil {
		return nil, err
	}
	return s.wire(v)
}

func (s *Session) columnClasses(f *schema.Family, v Value) error {
	if ok, err := s.truth(v); !ok || err != nil {
		return err
	}
	list, err := s.pairs(v)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := s.columnClass(f, e.key, e.value); err != nil {
			return err
		}
	}
	return nil
}

// columnClass sets the validator of a column.
func (s *Session) columnClass(f *schema.Family, name, t Value) error {
	comparator := f.Comparator
	if f.IsSuper() {
		comparator = f.Subcomparator
	}
	packed, err := s.packedColumn(comparator, name)
	if err != nil {
		return err
	}
	class, err := s.typeClassName(t)
	if err != nil {
		return err
	}
	if c := f.Column(packed); c != nil {
		c.Validator = class
		return nil
	}
	f.Columns = append(f.Columns, schema.Column{Name: packed, Validator: class})
	return nil
}

// typeClassName returns Cassandra's name of a type. The type is given by an instance or by its name.
func (s *Session) typeClassName(v Value) (string, error) {
	var text string
	switch x := v.(type) {
	case starlark.NoneType:
		return "", nil
	case str, unicodeStr:
		text, _ = textOf(x)
	default:
		o, ok := v.(*object)
		if !ok || !o.class.derives(s.py.cassandraType) {
			return "", s.raise(s.exc.TypeError, "Column family validators and comparators must be specified as instances of pycassa.types.CassandraType subclasses or strings.")
		}
		var err error
		if text, err = s.str(v); err != nil {
			return "", err
		}
	}
	if text != "" && !strings.Contains(text, ".") {
		text = "org.apache.cassandra.db.marshal." + text
	}
	return text, nil
}
