package shell

import (
	"errors"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// family is the data of a ColumnFamily. It holds the codecs that the object's attributes set.
type family struct {
	name, super, value, key *typeCodec
	validators              map[string]*typeCodec // by packed name
	shown                   *dict                 // packed name to the type that column_validators shows
	counters                bool
}

func familyOf(v Value) (*object, *family) {
	o := v.(*object)
	f, _ := o.data.(*family)
	if f == nil {
		raw, _ := o.class.s.codecOf(str("BytesType"))
		f = &family{name: raw, super: raw, value: raw, key: raw, shown: o.class.s.newDict(), validators: map[string]*typeCodec{}}
		o.data = f
	}
	return o, f
}

// familyFlags lists the attributes that calls read, with their defaults.
func (s *Session) flag(o *object, name string) (bool, error) {
	v, err := s.getattr(o, name)
	if err != nil {
		return false, err
	}
	return s.truth(v)
}

func (s *Session) initFamily() {
	c := s.newClass("ColumnFamily", "pycassa.columnfamily")
	c.doc = "The rows of a column family."
	s.py.family = c
	for name, v := range map[string]Value{
		"buffer_size": intValue(1024), "column_buffer_size": intValue(1024), "read_consistency_level": intValue(1), "write_consistency_level": intValue(1),
		"dict_class": s.types.ordered, "autopack_names": vtrue, "autopack_values": vtrue, "autopack_keys": vtrue,
		"retry_counter_mutations": boolean(false), "MAX_COUNT": intValue(1<<31 - 1),
	} {
		c.attrs.set(name, v)
	}
	s.py.timestamp = s.native("gm_timestamp()", func(*call) (Value, error) { return intValue(s.now().UnixMicro()), nil })
	c.attrs.set("timestamp", &staticMethod{fn: s.py.timestamp})
	c.def("__init__(self, pool, column_family, **kwargs)", func(a *call) (Value, error) {
		return none, s.initFamilyObject(a.args[0].(*object), a.args[1], a.args[2], a.kw)
	})
	c.def("load_schema(self)", func(a *call) (Value, error) { return none, s.loadSchema(a.args[0].(*object)) })
	types := func(name string, field func(*family) **typeCodec) {
		c.prop(name, func(v Value) (Value, error) {
			_, f := familyOf(v)
			if t := *field(f); t != nil {
				return t.shown, nil
			}
			return none, nil
		}, func(v, t Value) error {
			_, f := familyOf(v)
			codec, err := s.codecOf(t)
			if err != nil {
				return err
			}
			*field(f) = codec
			if name == "default_validation_class" {
				o, ok := codec.shown.(*object)
				f.counters = codec.shown == str("CounterColumnType") || ok && o.class.derives(s.py.typeClasses["CounterColumnType"])
			}
			return nil
		})
	}
	types("column_name_class", func(f *family) **typeCodec { return &f.name })
	types("super_column_name_class", func(f *family) **typeCodec { return &f.super })
	types("default_validation_class", func(f *family) **typeCodec { return &f.value })
	types("key_validation_class", func(f *family) **typeCodec { return &f.key })
	c.prop("column_validators", func(v Value) (Value, error) {
		return &object{class: s.py.validators, data: v}, nil
	}, func(v, x Value) error {
		o, f := familyOf(v)
		f.validators, f.shown = map[string]*typeCodec{}, s.newDict()
		d := s.newDict()
		if err := s.update(d, x); err != nil {
			return err
		}
		for _, e := range d.items() {
			if err := s.setValidator(o, e.key, e.value); err != nil {
				return err
			}
		}
		return nil
	})
	s.initValidators()
	s.initFamilyReads(c)
	s.initFamilyWrites(c)
}

func (s *Session) initFamilyObject(o *object, pool, name Value, kw []kwarg) error {
	o.attrs.set("pool", pool)
	o.attrs.set("column_family", name)
	o.attrs.set("timestamp", s.py.timestamp)
	if err := s.loadSchema(o); err != nil {
		return err
	}
	for _, k := range kw {
		switch k.name {
		case "buffer_size", "read_consistency_level", "write_consistency_level", "timestamp", "dict_class", "autopack_names",
			"autopack_values", "autopack_keys", "retry_counter_mutations":
			if err := s.setattr(o, k.name, k.value); err != nil {
				return err
			}
		default:
			return s.raise(s.exc.TypeError, "ColumnFamily.__init__() got an unexpected keyword argument '%s'", k.name)
		}
	}
	return nil
}

// loadSchema reads the family's types from the store.
func (s *Session) loadSchema(o *object) error {
	pool, _ := o.attrs.get("pool")
	nameValue, _ := o.attrs.get("column_family")
	name, _ := textOf(nameValue)
	var def *schema.Family
	err := s.execute(pool, func(b backend.Backend, keyspace string) error {
		ks, err := b.Keyspaces(s.ctx, keyspace)
		if err == nil && len(ks) > 0 {
			def = ks[0].Family(name)
		}
		if err == nil && def == nil {
			err = backend.WhyNotServed(s.ctx, b, keyspace, name)
		}
		return err
	})
	if err != nil {
		return err
	}
	if def == nil {
		shown, err := s.str(nameValue)
		if err != nil {
			return err
		}
		e := s.thrown(s.exc.NotFoundException)
		var x *exception
		if errors.As(e, &x) {
			x.obj.attrs.set("why", str("Column family "+shown+" not found."))
		}
		return e
	}
	o.attrs.set("super", boolean(def.IsSuper()))
	o.attrs.set("_cfdef", s.familyDef(def, true))
	classes := []struct{ attr, typ string }{
		{"column_name_class", def.Comparator},
		{"super_column_name_class", ""},
		{"default_validation_class", def.DefaultValidator},
		{"key_validation_class", def.KeyValidator},
	}
	if def.IsSuper() {
		classes[0].typ, classes[1].typ = def.Subcomparator, def.Comparator
	}
	for _, c := range classes {
		t := Value(str(c.typ))
		if c.typ == "" {
			t = none
			if c.attr != "super_column_name_class" {
				t = str("BytesType")
			}
		}
		if err := s.setattr(o, c.attr, t); err != nil {
			return err
		}
	}
	_, f := familyOf(o)
	f.validators, f.shown = map[string]*typeCodec{}, s.newDict()
	for _, c := range def.Columns {
		if err := s.setPackedValidator(f, str(c.Name), str(c.Validator)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) setPackedValidator(f *family, packed str, t Value) error {
	codec, err := s.codecOf(t)
	if err != nil {
		return err
	}
	f.validators[string(packed)] = codec
	return f.shown.put(s, packed, codec.shown)
}

func (s *Session) setValidator(o *object, name, t Value) error {
	_, f := familyOf(o)
	packed, err := s.packName(o, name, false, notSlice)
	if err != nil {
		return err
	}
	b, err := s.wire(packed)
	if err != nil {
		return err
	}
	return s.setPackedValidator(f, str(b), t)
}

// packName packs the name of a column or of a super column.
func (s *Session) packName(o *object, v Value, super bool, end sliceEnd) (Value, error) {
	if v == none {
		return none, nil
	}
	auto, err := s.flag(o, "autopack_names")
	if err != nil {
		return nil, err
	}
	if !auto {
		if _, ok := textOf(v); !ok {
			text, err := s.str(v)
			if err != nil {
				return nil, err
			}
			return nil, s.raise(s.exc.TypeError, "A str or unicode column name was expected, but %s was received instead (%s)", s.className(v), text)
		}
		return v, nil
	}
	_, f := familyOf(o)
	codec := f.name
	if super {
		codec = f.super
	}
	packed, err := codec.pack(v, end)
	return packed, s.misfit(err, v, codec.shown)
}

// misfit turns a struct.error of a value into pycassa's error.
func (s *Session) misfit(err error, v, shown Value) error {
	if !errors.Is(err, errStruct) {
		return err
	}
	text, terr := s.str(shown)
	if terr != nil {
		return terr
	}
	return s.raise(s.exc.TypeError, "%s is not a compatible type for %s", s.className(v), text)
}

// misread turns a struct.error of stored bytes into pycassa's error.
func (s *Session) misread(err error, b string, shown Value) error {
	if !errors.Is(err, errStruct) {
		return err
	}
	text, terr := s.str(shown)
	if terr != nil {
		return terr
	}
	return s.raise(s.exc.TypeError, "%s cannot be converted to a type matching %s", b, text)
}

func (s *Session) unpackName(o *object, b []byte, super bool) (Value, error) {
	auto, err := s.flag(o, "autopack_names")
	if err != nil || !auto {
		return str(b), err
	}
	_, f := familyOf(o)
	codec := f.name
	if super {
		codec = f.super
	}
	v, err := codec.unpack(string(b))
	return v, s.misread(err, string(b), codec.shown)
}

// packValue packs a column's value; None stays None.
func (s *Session) packValue(o *object, v, name Value) (Value, error) {
	if v == none {
		return none, nil
	}
	auto, err := s.flag(o, "autopack_values")
	if err != nil {
		return nil, err
	}
	if !auto {
		if _, ok := textOf(v); !ok {
			n, err := s.str(name)
			if err != nil {
				return nil, err
			}
			text, err := s.str(v)
			if err != nil {
				return nil, err
			}
			return nil, s.raise(s.exc.TypeError, "A str or unicode column value was expected for column '%s', but %s was received instead (%s)", n, s.className(v), text)
		}
		return v, nil
	}
	packed, err := s.packName(o, name, false, notSlice)
	if err != nil {
		return nil, err
	}
	_, f := familyOf(o)
	codec := f.value
	if text, ok := textOf(packed); ok {
		if c, ok := f.validators[text]; ok {
			codec = c
		}
	}
	out, err := codec.pack(v, forValue)
	return out, s.misfit(err, v, codec.shown)
}

func (s *Session) unpackValue(o *object, b, name []byte) (Value, error) {
	auto, err := s.flag(o, "autopack_values")
	if err != nil || !auto {
		return str(b), err
	}
	_, f := familyOf(o)
	codec := f.value
	if c, ok := f.validators[string(name)]; ok {
		codec = c
	}
	v, err := codec.unpack(string(b))
	return v, s.misread(err, string(b), codec.shown)
}

func (s *Session) packKey(o *object, v Value) ([]byte, error) {
	auto, err := s.flag(o, "autopack_keys")
	if err != nil {
		return nil, err
	}
	if text, ok := textOf(v); ok && text == "" {
		return []byte{}, nil
	}
	if !auto {
		return s.wire(v)
	}
	_, f := familyOf(o)
	packed, err := f.key.pack(v, forValue)
	if err = s.misfit(err, v, f.key.shown); err != nil {
		return nil, err
	}
	b, err := s.wire(packed)
	if err == nil {
		s.noteKey(v)
	}
	return b, err
}

func (s *Session) unpackKey(o *object, b []byte) (Value, error) {
	auto, err := s.flag(o, "autopack_keys")
	if err != nil || !auto {
		return str(b), err
	}
	_, f := familyOf(o)
	v, err := f.key.unpack(string(b))
	return v, s.misread(err, string(b), f.key.shown)
}

// noteKey stores a key for completion.
func (s *Session) noteKey(v Value) {
	text, err := s.repr(v)
	if err != nil || len(text) > 80 {
		return
	}
	for i, k := range s.recent {
		if k == text {
			s.recent = append(s.recent[:i], s.recent[i+1:]...)
			break
		}
	}
	if s.recent = append(s.recent, text); len(s.recent) > 50 {
		s.recent = s.recent[1:]
	}
}

// initValidators makes the class of column_validators, a dictionary by column names that stores packed names.
func (s *Session) initValidators() {
	c := s.newClass("ColumnValidatorDict", "pycassa.columnfamily")
	s.py.validators = c
	plainDict := func(v Value) (*dict, error) {
		o, f := familyOf(v.(*object).data.(Value))
		d := s.newDict()
		for _, e := range f.shown.items() {
			name, err := s.unpackName(o, []byte(e.key.(str)), false)
			if err != nil {
				return nil, err
			}
			if err := d.put(s, name, e.value); err != nil {
				return nil, err
			}
		}
		return d, nil
	}
	for _, m := range []string{"keys()", "values()", "items()", "iterkeys()", "itervalues()", "iteritems()", "get(key, default=None)", "has_key(key)", "copy()"} {
		name, sig := s.signature(m)
		header := "(self, " + m[len(name)+1:]
		c.def(name+header, func(a *call) (Value, error) {
			d, err := plainDict(a.args[0])
			if err != nil {
				return nil, err
			}
			fn, err := s.getattr(d, name)
			if err != nil {
				return nil, err
			}
			return s.call(fn, a.args[1:1+len(sig.params)]...)
		})
	}
	packed := func(v, name Value) (*object, *family, string, error) {
		o, f := familyOf(v.(*object).data.(Value))
		p, err := s.packName(o, name, false, notSlice)
		if err != nil {
			return nil, nil, "", err
		}
		b, err := s.wire(p)
		return o, f, string(b), err
	}
	c.def("__getitem__(self, name)", func(a *call) (Value, error) {
		_, f, key, err := packed(a.args[0], a.args[1])
		if err != nil {
			return nil, err
		}
		return s.getitem(f.shown, str(key))
	})
	c.def("__setitem__(self, name, type)", func(a *call) (Value, error) {
		o, _ := familyOf(a.args[0].(*object).data.(Value))
		return none, s.setValidator(o, a.args[1], a.args[2])
	})
	c.def("__delitem__(self, name)", func(a *call) (Value, error) {
		_, f, key, err := packed(a.args[0], a.args[1])
		if err != nil {
			return nil, err
		}
		delete(f.validators, key)
		return none, s.delitem(f.shown, str(key))
	})
	c.def("__contains__(self, name)", func(a *call) (Value, error) {
		_, f, key, err := packed(a.args[0], a.args[1])
		if err != nil {
			return nil, err
		}
		ok, err := s.contains(f.shown, str(key))
		return boolean(ok), err
	})
	c.def("__len__(self)", func(a *call) (Value, error) {
		_, f := familyOf(a.args[0].(*object).data.(Value))
		return intValue(f.shown.live), nil
	})
	c.def("__iter__(self)", func(a *call) (Value, error) {
		d, err := plainDict(a.args[0])
		if err != nil {
			return nil, err
		}
		it, err := s.iter(d)
		return &iterObject{it: it}, err
	})
	c.def("__repr__(self)", func(a *call) (Value, error) {
		d, err := plainDict(a.args[0])
		if err != nil {
			return nil, err
		}
		text, err := s.repr(d)
		return str(text), err
	})
}
