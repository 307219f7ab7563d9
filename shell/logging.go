package shell

import "go.starlark.net/starlark"

var logLevels = map[string]int{"debug": 10, "info": 20, "warn": 30, "warning": 30, "error": 40, "critical": 50}

// logger is the value that logging.getLogger returns. It has a name and a level, and writes to sys.stderr
// after a handler was added.
func (s *Session) initLogging() {
	c := s.newClass("Logger", "logging")
	s.py.logger = c
	c.def("__init__(self, name, level=0)", func(a *call) (Value, error) {
		o := a.args[0].(*object)
		o.attrs.set("name", a.args[1])
		o.attrs.set("level", a.args[2])
		o.attrs.set("handlers", newList())
		return none, nil
	})
	c.def("setLevel(self, level)", func(a *call) (Value, error) {
		a.args[0].(*object).attrs.set("level", a.args[1])
		return none, nil
	})
	c.def("addHandler(self, handler)", func(a *call) (Value, error) {
		l, err := s.getattr(a.args[0], "handlers")
		if handlers, ok := l.(*list); ok {
			handlers.elems = append(handlers.elems, a.args[1])
		}
		return none, err
	})
	for name, level := range logLevels {
		c.def(name+"(self, message, *args)", func(a *call) (Value, error) {
			l, err := s.getattr(a.args[0], "handlers")
			if err != nil {
				return nil, err
			}
			own, _ := s.getattr(a.args[0], "level")
			n, _ := smallInt(own)
			handlers, ok := l.(*list)
			if !ok || int64(level) < n {
				return none, nil
			}
			text := a.args[1]
			if len(a.extra) > 0 {
				if text, err = s.binary("%", text, starlark.Tuple(a.extra)); err != nil {
					return nil, err
				}
			}
			out, err := s.printed(text)
			if err != nil {
				return nil, err
			}
			for _, h := range handlers.elems {
				if s.className(h) == "NullHandler" {
					continue
				}
				if err := s.errs.write(out + "\n"); err != nil {
					return nil, err
				}
			}
			return none, nil
		})
	}
}

func (s *Session) getLogger(name string) (Value, error) {
	if l, ok := s.py.loggers[name]; ok {
		return l, nil
	}
	level := 0
	if name == "root" {
		level = logLevels["warn"]
	}
	l, err := s.call(s.py.logger, str(name), intValue(level))
	if err == nil {
		s.py.loggers[name] = l
	}
	return l, err
}

func (s *Session) loggingModule() *module {
	m := &module{}
	for name, level := range map[string]int{"DEBUG": 10, "INFO": 20, "WARN": 30, "WARNING": 30, "ERROR": 40, "CRITICAL": 50} {
		m.attrs.set(name, intValue(level))
	}
	m.fn(s, "getLogger(name='root')", func(c *call) (Value, error) {
		name, _ := textOf(c.args[0])
		return s.getLogger(name)
	})
	m.attrs.set("StreamHandler", s.structClass("StreamHandler", "logging", "stream"))
	m.fn(s, "basicConfig(**options)", func(*call) (Value, error) { return none, nil })
	return m
}

// pycassaLogger is the class pycassa.PycassaLogger, whose instances share one state.
func (s *Session) initPycassaLogger() {
	c := &class{s: s, name: "PycassaLogger", module: "pycassa.logging.pycassa_logger", old: true}
	c.mro = []*class{c}
	s.py.pycassaLogger = c
	name, level := "pycassa", "info"
	c.def("get_logger(self)", func(*call) (Value, error) { return s.getLogger(name) })
	c.def("get_logger_name(self)", func(*call) (Value, error) { return str(name), nil })
	c.def("get_logger_level(self)", func(*call) (Value, error) { return str(level), nil })
	quiet := s.structClass("NullHandler", "pycassa.logging.pycassa_logger")
	// root sets the level of the logger of that name. If named is set, it also adds a handler that drops all
	// messages, as pycassa does whenever the name is set.
	root := func(named bool) error {
		l, err := s.getLogger(name)
		if err != nil {
			return err
		}
		logger := l.(*object)
		logger.attrs.set("level", intValue(logLevels[level]))
		if !named {
			return nil
		}
		handlers, _ := logger.attrs.get("handlers")
		if list, ok := handlers.(*list); ok {
			list.elems = append(list.elems, &object{class: quiet})
		}
		return nil
	}
	if root(true) != nil {
		return // the context has ended, and the first statement will report it
	}
	c.def("set_logger_name(self, logger_name)", func(a *call) (Value, error) {
		name, _ = textOf(a.args[1])
		return none, root(true)
	})
	c.def("set_logger_level(self, level)", func(a *call) (Value, error) {
		want, _ := textOf(a.args[1])
		if _, ok := logLevels[want]; !ok || want == "warning" {
			return nil, s.raiseValue(s.exc.KeyError, a.args[1])
		}
		level = want
		return none, root(false)
	})
	c.def("add_child_logger(self, child_logger_name, name_change_callback)", func(a *call) (Value, error) {
		child, _ := textOf(a.args[1])
		return s.getLogger(name + "." + child)
	})
}
