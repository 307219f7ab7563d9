package shell

import (
	"math"
	"strings"
	"time"

	"go.starlark.net/starlark"
)

// utcTime is datetime.utcfromtimestamp.
func (s *Session) utcTime(f float64) (Value, error) {
	whole := math.Floor(f)
	if f != f || math.Abs(whole) > 3e11 {
		return nil, s.raise(s.exc.ValueError, "timestamp out of range for platform time_t")
	}
	t := time.Unix(int64(whole), int64(math.Round((f-whole)*1e6))*1000).UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, s.raise(s.exc.ValueError, "year is out of range")
	}
	return s.newMoment(t), nil
}

// initCassandraTypes makes the classes of pycassa.types.
func (s *Session) initCassandraTypes() {
	p := s.py
	p.cassandraType = s.newClass("CassandraType", "pycassa.types")
	p.typeClasses = map[string]*class{}
	p.cassandraType.def("__init__(self, reversed=False, default=None)", func(c *call) (Value, error) {
		o := c.args[0].(*object)
		o.attrs.set("reversed", c.args[1])
		o.attrs.set("default", c.args[2])
		pack, unpack := s.codecs(o.class.name)
		if _, ok := o.class.lookup("pack"); !ok {
			o.attrs.set("pack", s.packer(pack))
		}
		if _, ok := o.class.lookup("unpack"); !ok {
			o.attrs.set("unpack", s.unpacker(unpack))
		}
		return none, nil
	})
	p.cassandraType.def("__str__(self)", func(c *call) (Value, error) {
		o := c.args[0].(*object)
		r, _ := o.attrs.get("reversed")
		if r == nil {
			r = boolean(false)
		}
		text, err := s.str(r)
		return str(o.class.name + "(reversed=" + strings.ToLower(text) + ")"), err
	})
	for _, name := range []string{
		"BytesType", "LongType", "IntegerType", "Int32Type", "AsciiType", "UTF8Type", "UUIDType", "TimeUUIDType", "LexicalUUIDType",
		"CounterColumnType", "DoubleType", "FloatType", "DecimalType", "BooleanType", "DateType", "OldPycassaDateType", "IntermediateDateType",
		"CompositeType", "DynamicCompositeType",
	} {
		p.typeClasses[name] = s.newClass(name, "pycassa.types", p.cassandraType)
	}
	p.typeClasses["TimestampType"] = p.typeClasses["DateType"]
	static := func(class string, pack packFunc, unpack unpackFunc) {
		p.typeClasses[class].attrs.set("pack", &staticMethod{fn: s.packer(pack)})
		p.typeClasses[class].attrs.set("unpack", &staticMethod{fn: s.unpacker(unpack)})
	}
	static("OldPycassaDateType", s.packDate(1e6, 1), s.unpackDate(1e6))
	static("IntermediateDateType", s.packDate(1e3, 1e3), func(b string) (Value, error) {
		v, err := s.unpackDate(1e3)(b)
		if e := s.exceptionOf(err); e != nil && e.obj.class.derives(s.exc.ValueError) {
			return s.unpackDate(1e6)(b)
		}
		return v, err
	})
	s.initComposite()
	s.initDynamic()
}

// packer returns a packFunc as a function of the dialect. unpacker does the same for an unpackFunc.
func (s *Session) packer(pack packFunc) Value {
	return s.native("pack(value, slice_start=None)", func(c *call) (Value, error) {
		end := notSlice
		switch c.args[1] {
		case vtrue:
			end = sliceStart
		case boolean(false):
			end = sliceFinish
		}
		v, err := pack(c.args[0], end)
		if err == errStruct {
			return nil, &structError{s.raise(s.exc.StructError, "cannot convert argument to integer")}
		}
		return v, err
	})
}

func (s *Session) unpacker(unpack unpackFunc) Value {
	return s.native("unpack(value)", func(c *call) (Value, error) {
		b, ok := textOf(c.args[0])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "expected string, %s found", s.typeName(c.args[0]))
		}
		v, err := unpack(b)
		if err == errStruct {
			return nil, &structError{s.raise(s.exc.StructError, "the bytes do not fit the type")}
		}
		return v, err
	})
}

// structError is an exception of class struct.error that passed through the dialect. It still matches errStruct.
type structError struct{ error }

func (e *structError) Unwrap() []error { return []error{e.error, errStruct} }

// unsized is the error of a packed number that has not the size of its type.
func (s *Session) unsized(size int) error {
	return &structError{s.raise(s.exc.StructError, "unpack requires a string argument of length %d", size)}
}

func (s *Session) initComposite() {
	c := s.py.typeClasses["CompositeType"]
	c.def("__init__(self, *components)", func(a *call) (Value, error) {
		o := a.args[0].(*object)
		o.attrs.set("components", starlark.Tuple(a.extra))
		return none, nil
	})
	c.def("__str__(self)", func(a *call) (Value, error) {
		list, err := s.getattr(a.args[0], "components")
		if err != nil {
			return nil, err
		}
		var parts []string
		err = s.each(list, func(v Value) error {
			text, err := s.str(v)
			parts = append(parts, text)
			return err
		})
		return str("CompositeType(" + strings.Join(parts, ", ") + ")"), err
	})
	codec := func(self Value) (packFunc, unpackFunc, error) {
		list, err := s.getattr(self, "components")
		if err != nil {
			return nil, nil, err
		}
		var packs []packFunc
		var unpacks []unpackFunc
		err = s.each(list, func(v Value) error {
			t, err := s.codecOf(v)
			if err != nil {
				return err
			}
			packs, unpacks = append(packs, t.pack), append(unpacks, t.unpack)
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		pack, unpack := s.compositeCodec(packs, unpacks)
		return pack, unpack, nil
	}
	c.prop("pack", func(self Value) (Value, error) {
		pack, _, err := codec(self)
		return s.packer(pack), err
	}, nil)
	c.prop("unpack", func(self Value) (Value, error) {
		_, unpack, err := codec(self)
		return s.unpacker(unpack), err
	}, nil)
	c.prop("default", func(Value) (Value, error) { return none, nil }, nil)
}

func (s *Session) initDynamic() {
	c := s.py.typeClasses["DynamicCompositeType"]
	c.def("__init__(self, *aliases)", func(a *call) (Value, error) {
		d := s.newDict()
		for _, x := range a.extra {
			if m, ok := x.(*dict); ok {
				if err := s.update(d, m); err != nil {
					return nil, err
				}
			}
		}
		a.args[0].(*object).attrs.set("aliases", d)
		return none, nil
	})
	text := func(self Value) (string, error) {
		v, err := s.getattr(self, "aliases")
		d, ok := v.(*dict)
		if err != nil || !ok {
			return "", err
		}
		var parts []string
		for _, e := range d.items() {
			alias, err := s.str(e.key)
			if err != nil {
				return "", err
			}
			t, err := s.str(e.value)
			if err != nil {
				return "", err
			}
			parts = append(parts, alias+"=>"+t)
		}
		return "DynamicCompositeType(" + strings.Join(parts, ", ") + ")", nil
	}
	c.def("__str__(self)", func(a *call) (Value, error) {
		t, err := text(a.args[0])
		return str(t), err
	})
	codec := func(self Value) (packFunc, unpackFunc, error) {
		t, err := text(self)
		pack, unpack := s.dynamicCodec(strings.ReplaceAll(strings.ReplaceAll(t, "(reversed=false)", ""), "(reversed=true)", ""))
		return pack, unpack, err
	}
	c.prop("pack", func(self Value) (Value, error) {
		pack, _, err := codec(self)
		return s.packer(pack), err
	}, nil)
	c.prop("unpack", func(self Value) (Value, error) {
		_, unpack, err := codec(self)
		return s.unpacker(unpack), err
	}, nil)
	c.prop("default", func(Value) (Value, error) { return none, nil }, nil)
}
