package shell

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"go.starlark.net/starlark"
)

// initModules registers the modules that a text may import. A module is made at its first import.
func (s *Session) initModules() {
	s.lazy = map[string]func() *module{
		"sys": s.sysModule, "time": s.timeModule, "_math": s.mathModule, "random": s.randomModule, "_itertools": s.itertoolsModule,
		"_collections": s.collectionsModule, "_operator": s.operatorModule, "_calendar": s.calendarModule,
		"_datetime": s.datetimeModule, "uuid": s.uuidModule, "decimal": s.decimalModule, "logging": s.loggingModule, "_re": s.regexpModule, "struct": s.structModule, "hashlib": s.hashlibModule,
		"__future__": func() *module {
			m := &module{name: "__future__"}
			for _, n := range []string{"division", "with_statement", "print_function", "unicode_literals", "absolute_import"} {
				m.attrs.set(n, none)
			}
			return m
		},
	}
}

// fn adds a function to a module.
func (m *module) fn(s *Session, header string, fn func(*call) (Value, error)) {
	n := s.native(header, fn)
	n.builtin = true
	m.attrs.set(n.name, n)
}

// module returns the module of a dotted name, or nil if there is no such module.
func (s *Session) module(name string) (*module, error) {
	if m, ok := s.modules[name]; ok {
		return m, nil
	}
	var m *module
	var err error
	if make, ok := s.lazy[name]; ok {
		m = make()
	} else if m, err = s.libraryModule(name); m == nil {
		if err != nil {
			return nil, err
		}
		return s.submodule(name)
	}
	m.name = name
	s.modules[name] = m
	if parent, last, ok := cutLast(name); ok {
		p, err := s.module(parent)
		if err != nil {
			return nil, err
		}
		if p != nil {
			p.attrs.set(last, m)
		}
	}
	return m, nil
}

// submodule returns a module that is an attribute of another module, such as os.path.
func (s *Session) submodule(name string) (*module, error) {
	parent, last, ok := cutLast(name)
	if !ok {
		return nil, nil
	}
	p, err := s.module(parent)
	if p == nil || err != nil {
		return nil, err
	}
	v, _ := p.attrs.get(last)
	m, _ := v.(*module)
	return m, nil
}

func cutLast(name string) (before, after string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

func (s *Session) noModule(name string) error {
	var known []string
	for n := range s.lazy {
		if !strings.HasPrefix(n, "pycassa.") && n[0] != '_' {
			known = append(known, n)
		}
	}
	known = append(known, libraryNames()...)
	slices.Sort(known)
	for _, std := range []string{"threading", "subprocess", "socket", "urllib", "urllib2", "io", "pickle", "cPickle", "gzip", "sqlite3", "Queue", "thread", "shutil", "glob", "tempfile", "optparse", "argparse"} {
		if name == std {
			return s.raise(s.exc.ImportError, "No module named %s (the shell has %s)", name, strings.Join(known, ", "))
		}
	}
	if parent, last, ok := cutLast(name); ok {
		if m, err := s.module(parent); err != nil {
			return err
		} else if m != nil {
			name = last
		}
	}
	return s.raise(s.exc.ImportError, "No module named %s", name)
}

// importModule is import name [as other].
func (s *Session) importModule(f *frame, name, as string) error {
	m, err := s.module(name)
	if err != nil {
		return err
	}
	if m == nil {
		return s.noModule(name)
	}
	if as != "" {
		return f.SetField(as, m)
	}
	top, _, _ := strings.Cut(name, ".")
	if m, err = s.module(top); err != nil {
		return err
	}
	return f.SetField(top, m)
}

// importFrom is from name import names.
func (s *Session) importFrom(f *frame, name string, names, as starlark.Tuple) error {
	m, err := s.module(name)
	if err != nil {
		return err
	}
	if m == nil {
		return s.noModule(name)
	}
	if name == "__future__" {
		for _, n := range names {
			if n == str("division") || n == str("print_function") || n == str("unicode_literals") {
				return s.raise(s.exc.SyntaxError, "future feature %s is not supported by the shell", string(n.(str)))
			}
		}
	}
	for i, n := range names {
		want := string(n.(str))
		if want == "*" {
			public := m.attrs.names
			if all, ok := m.attrs.get("__all__"); ok {
				public = nil
				for _, x := range all.(*list).elems {
					public = append(public, string(x.(str)))
				}
			}
			for _, p := range public {
				if strings.HasPrefix(p, "_") {
					continue
				}
				if v, ok := m.attrs.get(p); ok {
					if err := f.SetField(p, v); err != nil {
						return err
					}
				}
			}
			continue
		}
		v, ok := m.attrs.get(want)
		if !ok {
			sub, err := s.module(name + "." + want)
			if err != nil {
				return err
			}
			if sub != nil {
				v, ok = sub, true
			}
		}
		if !ok {
			return s.raise(s.exc.ImportError, "cannot import name %s", want)
		}
		if err := f.SetField(string(as[i].(str)), v); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) sysModule() *module {
	m := &module{}
	m.attrs.set("version", str("2.7 (the dialect of widerow shell)"))
	m.attrs.set("version_info", starlark.Tuple{intValue(2), intValue(7), intValue(18), str("final"), intValue(0)})
	m.attrs.set("maxint", intValue(int64(math.MaxInt64)))
	m.attrs.set("maxsize", intValue(int64(math.MaxInt64)))
	m.attrs.set("maxunicode", intValue(0x10ffff))
	m.attrs.set("byteorder", str("little"))
	m.attrs.set("argv", newList(str("")))
	m.attrs.set("path", newList(str("")))
	m.attrs.set("modules", s.newDict())
	m.attrs.set("platform", str("linux2"))
	m.attrs.set("executable", str(""))
	m.attrs.set("hexversion", intValue(0x020712f0))
	m.attrs.set("stdin", &fileValue{name: "<stdin>", mode: "r"})
	m.fn(s, "getdefaultencoding()", func(*call) (Value, error) { return str("ascii"), nil })
	m.fn(s, "getsizeof(object)", func(c *call) (Value, error) {
		text, err := s.repr(c.args[0])
		return intValue(24 + len(text)), err
	})
	m.attrs.set("stdout", &fileValue{name: "<stdout>", mode: "w", out: s.out})
	m.attrs.set("stderr", &fileValue{name: "<stderr>", mode: "w", out: s.errs})
	m.fn(s, "exit(*code)", s.builtins["exit"].(*native).fn)
	m.fn(s, "exc_info()", func(*call) (Value, error) {
		if s.lastError == nil {
			return starlark.Tuple{none, none, none}, nil
		}
		return starlark.Tuple{s.lastError.obj.class, s.lastError.obj, none}, nil
	})
	m.fn(s, "getrecursionlimit()", func(*call) (Value, error) { return intValue(maxDepth), nil })
	return m
}

func (s *Session) now() time.Time { return s.opts.Now() }

func (s *Session) timeModule() *module {
	m := &module{}
	m.fn(s, "time()", func(*call) (Value, error) { return starlark.Float(float64(s.now().UnixMicro()) / 1e6), nil })
	m.fn(s, "clock()", func(*call) (Value, error) { return starlark.Float(float64(s.now().UnixMicro()) / 1e6), nil })
	m.fn(s, "sleep(seconds)", func(c *call) (Value, error) {
		f, err := s.float(c.args[0])
		if err != nil {
			return nil, s.raise(s.exc.TypeError, "a float is required")
		}
		if f < 0 {
			return nil, s.raiseValue(s.exc.IOError, intValue(22), str("Invalid argument"))
		}
		if s.opts.Sleep(s.ctx, time.Duration(min(f, 1e9)*1e9)) != nil {
			return nil, errInterrupted
		}
		return none, nil
	})
	tuple := func(t time.Time) Value { return s.structTime(t, boolInt(t.IsDST())) }
	for name, loc := range map[string]*time.Location{"gmtime": time.UTC, "localtime": s.zone()} {
		m.fn(s, name+"(seconds=None)", func(c *call) (Value, error) {
			if c.args[0] == none {
				return tuple(s.now().In(loc)), nil
			}
			f, err := s.float(c.args[0])
			return tuple(time.UnixMicro(int64(f * 1e6)).In(loc)), err
		})
	}
	m.fn(s, "mktime(t)", func(c *call) (Value, error) {
		t, err := s.timeTuple(c.args[0], s.zone())
		return starlark.Float(t.Unix()), err
	})
	m.fn(s, "strftime(format, t=None)", func(c *call) (Value, error) {
		t := s.now().In(s.zone())
		if c.args[1] != none {
			var err error
			if t, err = s.timeTuple(c.args[1], time.UTC); err != nil {
				return nil, err
			}
		}
		f, _ := textOf(c.args[0])
		return str(strftime(t, f)), nil
	})
	m.fn(s, "ctime(seconds=None)", func(c *call) (Value, error) {
		t := s.now().In(s.zone())
		if c.args[0] != none {
			f, err := s.float(c.args[0])
			if err != nil {
				return nil, err
			}
			t = time.UnixMicro(int64(f * 1e6)).In(s.zone())
		}
		return str(t.Format("Mon Jan _2 15:04:05 2006")), nil
	})
	m.fn(s, "strptime(text, format='%a %b %d %H:%M:%S %Y')", func(c *call) (Value, error) {
		t, err := s.parseTime(c.args[0], c.args[1])
		if err != nil {
			return nil, err
		}
		return s.structTime(t, -1), nil
	})
	m.fn(s, "asctime(t=None)", func(c *call) (Value, error) {
		t := s.wall(s.now())
		if c.args[0] != none {
			var err error
			if t, err = s.timeTuple(c.args[0], time.UTC); err != nil {
				return nil, err
			}
		}
		return str(t.Format(time.ANSIC)), nil
	})
	name, offset := s.now().In(s.zone()).Zone()
	m.attrs.set("timezone", intValue(-offset))
	m.attrs.set("tzname", starlark.Tuple{str(name), str(name)})
	return m
}

// timeTuple reads a time from the tuple of the time module.
func (s *Session) timeTuple(v Value, loc *time.Location) (time.Time, error) {
	elems, err := s.collect(v)
	if err != nil || len(elems) < 6 {
		return time.Time{}, s.raise(s.exc.TypeError, "argument must be 9-item sequence, not %s", s.typeName(v))
	}
	var n [6]int
	for i := range n {
		x, ok := smallInt(elems[i])
		if !ok || x > 1<<31 || x < -1<<31 {
			return time.Time{}, s.raise(s.exc.TypeError, "an integer is required")
		}
		n[i] = int(x)
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], 0, loc), nil
}

func (s *Session) calendarModule() *module {
	m := &module{}
	m.fn(s, "timegm(tuple)", func(c *call) (Value, error) {
		t, err := s.timeTuple(c.args[0], time.UTC)
		return intValue(t.Unix()), err
	})
	return m
}

func (s *Session) mathModule() *module {
	m := &module{}
	m.attrs.set("pi", starlark.Float(math.Pi))
	m.attrs.set("e", starlark.Float(math.E))
	for name, fn := range map[string]func(float64) float64{
		"sqrt": math.Sqrt, "floor": math.Floor, "ceil": math.Ceil, "sin": math.Sin, "cos": math.Cos, "tan": math.Tan, "exp": math.Exp,
		"fabs": math.Abs, "log10": math.Log10, "atan": math.Atan, "asin": math.Asin, "acos": math.Acos,
		"sinh": math.Sinh, "cosh": math.Cosh, "tanh": math.Tanh, "log1p": math.Log1p, "expm1": math.Expm1, "radians": func(x float64) float64 { return x * math.Pi / 180 },
	} {
		m.fn(s, name+"(x)", func(c *call) (Value, error) {
			x, err := s.float(c.args[0])
			if err != nil {
				return nil, s.raise(s.exc.TypeError, "a float is required")
			}
			y := fn(x)
			if math.IsNaN(y) && !math.IsNaN(x) || math.IsInf(y, 0) && !math.IsInf(x, 0) && name == "log10" {
				return nil, s.raise(s.exc.ValueError, "math domain error")
			}
			return starlark.Float(y), nil
		})
	}
	for name, fn := range map[string]func(float64, float64) float64{"pow": math.Pow, "atan2": math.Atan2, "fmod": math.Mod} {
		m.fn(s, name+"(x, y)", func(c *call) (Value, error) {
			x, err := s.float(c.args[0])
			if err != nil {
				return nil, err
			}
			y, err := s.float(c.args[1])
			return starlark.Float(fn(x, y)), err
		})
	}
	m.fn(s, "log(x, base=None)", func(c *call) (Value, error) {
		x, err := s.float(c.args[0])
		if err != nil || x <= 0 {
			return nil, s.raise(s.exc.ValueError, "math domain error")
		}
		if c.args[1] == none {
			return starlark.Float(math.Log(x)), nil
		}
		b, err := s.float(c.args[1])
		return starlark.Float(math.Log(x) / math.Log(b)), err
	})
	return m
}

func (s *Session) randomModule() *module {
	m := &module{}
	rng := rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	m.fn(s, "seed(n=None)", func(c *call) (Value, error) {
		h, err := s.hash(c.args[0])
		rng = rand.New(rand.NewPCG(uint64(h), 0))
		return none, err
	})
	m.fn(s, "random()", func(*call) (Value, error) { return starlark.Float(rng.Float64()), nil })
	m.fn(s, "uniform(a, b)", func(c *call) (Value, error) {
		a, err := s.float(c.args[0])
		if err != nil {
			return nil, err
		}
		b, err := s.float(c.args[1])
		return starlark.Float(a + (b-a)*rng.Float64()), err
	})
	between := func(lo, n Value, plus int64) (Value, error) {
		a, ok1 := smallInt(lo)
		b, ok2 := smallInt(n)
		if !ok1 || !ok2 || b+plus <= a || b-a > 1<<62 {
			return nil, s.raise(s.exc.ValueError, "empty range for randrange()")
		}
		return intValue(a + rng.Int64N(b+plus-a)), nil
	}
	m.fn(s, "randint(a, b)", func(c *call) (Value, error) { return between(c.args[0], c.args[1], 1) })
	m.fn(s, "randrange(start, stop=None)", func(c *call) (Value, error) {
		if c.args[1] == none {
			return between(intValue(0), c.args[0], 0)
		}
		return between(c.args[0], c.args[1], 0)
	})
	m.fn(s, "choice(sequence)", func(c *call) (Value, error) {
		n, err := s.length(c.args[0])
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, s.raise(s.exc.IndexError, "list index out of range")
		}
		return s.getitem(c.args[0], intValue(rng.IntN(n)))
	})
	m.fn(s, "shuffle(x)", func(c *call) (Value, error) {
		l, ok := c.args[0].(*list)
		if !ok {
			return nil, s.raise(s.exc.TypeError, "'%s' object does not support item assignment", s.typeName(c.args[0]))
		}
		rng.Shuffle(len(l.elems), func(i, j int) { l.elems[i], l.elems[j] = l.elems[j], l.elems[i] })
		return none, nil
	})
	m.fn(s, "sample(population, k)", func(c *call) (Value, error) {
		elems, err := s.collect(c.args[0])
		k, ok := smallInt(c.args[1])
		if err != nil || !ok || k < 0 || int(k) > len(elems) {
			return nil, s.raise(s.exc.ValueError, "sample larger than population")
		}
		rng.Shuffle(len(elems), func(i, j int) { elems[i], elems[j] = elems[j], elems[i] })
		return &list{elems: elems[:k]}, nil
	})
	return m
}

func (s *Session) collectionsModule() *module {
	m := &module{}
	m.attrs.set("OrderedDict", s.types.ordered)
	m.attrs.set("defaultdict", s.types.defaultdict)
	m.fn(s, "namedtuple(typename, field_names)", func(c *call) (Value, error) {
		name, _ := textOf(c.args[0])
		var fields []string
		if t, ok := textOf(c.args[1]); ok {
			fields = strings.Fields(strings.ReplaceAll(t, ",", " "))
		} else if err := s.each(c.args[1], func(v Value) error {
			t, _ := textOf(v)
			fields = append(fields, t)
			return nil
		}); err != nil {
			return nil, err
		}
		return s.namedTuple(name, fields), nil
	})
	return m
}

func (s *Session) operatorModule() *module {
	m := &module{}
	for name, op := range map[string]string{"add": "+", "sub": "-", "mul": "*", "div": "/", "mod": "%"} {
		m.fn(s, name+"(a, b)", func(c *call) (Value, error) { return s.binary(op, c.args[0], c.args[1]) })
	}
	for name, op := range map[string]string{"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="} {
		m.fn(s, name+"(a, b)", func(c *call) (Value, error) { return s.compare(op, c.args[0], c.args[1]) })
	}
	getter := func(get func(v, k Value) (Value, error)) func(*call) (Value, error) {
		return func(c *call) (Value, error) {
			keys := append([]Value{c.args[0]}, c.extra...)
			return s.native("getter(obj)", func(c *call) (Value, error) {
				var out starlark.Tuple
				for _, k := range keys {
					v, err := get(c.args[0], k)
					if err != nil {
						return nil, err
					}
					out = append(out, v)
				}
				if len(out) == 1 {
					return out[0], nil
				}
				return out, nil
			}), nil
		}
	}
	m.fn(s, "itemgetter(item, *items)", getter(s.getitem))
	m.fn(s, "attrgetter(attr, *attrs)", getter(func(v, k Value) (Value, error) {
		name, _ := textOf(k)
		return s.getattr(v, name)
	}))
	return m
}
