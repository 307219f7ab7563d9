package shell

import (
	"context"
	"errors"
	"fmt"

	"go.starlark.net/starlark"
)

// exception is a raised exception as a Go error. Its value is an instance of a class that derives from
// BaseException, or an instance of a classic class.
type exception struct{ obj *object }

func (e *exception) Error() string {
	s := e.obj.class.s
	text, err := s.str(e.obj)
	if err != nil || text == "" {
		return e.obj.class.name
	}
	return e.obj.class.name + ": " + text
}

// exceptionClasses stores the classes of the builtin exceptions and of pycassa's exceptions.
type exceptionClasses struct {
	BaseException, SystemExit, KeyboardInterrupt, GeneratorExit, Exception, StopIteration, StandardError,
	ArithmeticError, OverflowError, ZeroDivisionError, AssertionError, AttributeError, EnvironmentError, IOError, OSError,
	EOFError, ImportError, LookupError, IndexError, KeyError, MemoryError, NameError, UnboundLocalError, RuntimeError,
	NotImplementedError, SyntaxError, IndentationError, TypeError, ValueError, UnicodeError, UnicodeDecodeError,
	UnicodeEncodeError, Warning, DeprecationWarning, SystemError, ReferenceError, FloatingPointError *class

	NotFoundException, InvalidRequestException, UnavailableException, TimedOutException, AuthenticationException,
	AuthorizationException, SchemaDisagreementException, TApplicationException, TTransportException, TException *class

	AllServersUnavailable, NoConnectionAvailable, MaximumRetryException, InvalidRequestError *class

	StructError, InvalidOperation, DivisionByZero *class
}

func (s *Session) initExceptions() {
	e := &s.exc
	define := func(c **class, name string, base *class) {
		k := s.newClass(name, "exceptions", base)
		k.builtin = true
		*c = k
		s.builtins[name] = k
	}
	e.BaseException = s.newClass("BaseException", "exceptions", s.types.object)
	e.BaseException.builtin = true
	s.builtins["BaseException"] = e.BaseException
	e.BaseException.def("__init__(self, *args)", func(c *call) (Value, error) {
		c.args[0].(*object).attrs.set("args", starlark.Tuple(c.extra))
		return none, nil
	})
	e.BaseException.prop("message", func(self Value) (Value, error) {
		o := self.(*object)
		if m, ok := o.attrs.get("message"); ok {
			return m, nil
		}
		if args := exceptionArgs(o); len(args) == 1 {
			return args[0], nil
		}
		return str(""), nil
	}, func(self, v Value) error {
		self.(*object).attrs.set("message", v)
		return nil
	})
	e.BaseException.def("__getitem__(self, index)", func(c *call) (Value, error) {
		return s.getitem(exceptionArgs(c.args[0].(*object)), c.args[1])
	})
	define(&e.SystemExit, "SystemExit", e.BaseException)
	define(&e.KeyboardInterrupt, "KeyboardInterrupt", e.BaseException)
	define(&e.GeneratorExit, "GeneratorExit", e.BaseException)
	define(&e.Exception, "Exception", e.BaseException)
	define(&e.StopIteration, "StopIteration", e.Exception)
	define(&e.Warning, "Warning", e.Exception)
	define(&e.DeprecationWarning, "DeprecationWarning", e.Warning)
	define(&e.StandardError, "StandardError", e.Exception)
	define(&e.ArithmeticError, "ArithmeticError", e.StandardError)
	define(&e.OverflowError, "OverflowError", e.ArithmeticError)
	define(&e.ZeroDivisionError, "ZeroDivisionError", e.ArithmeticError)
	define(&e.FloatingPointError, "FloatingPointError", e.ArithmeticError)
	define(&e.AssertionError, "AssertionError", e.StandardError)
	define(&e.AttributeError, "AttributeError", e.StandardError)
	define(&e.EnvironmentError, "EnvironmentError", e.StandardError)
	define(&e.IOError, "IOError", e.EnvironmentError)
	define(&e.OSError, "OSError", e.EnvironmentError)
	define(&e.EOFError, "EOFError", e.StandardError)
	define(&e.ImportError, "ImportError", e.StandardError)
	define(&e.LookupError, "LookupError", e.StandardError)
	define(&e.IndexError, "IndexError", e.LookupError)
	define(&e.KeyError, "KeyError", e.LookupError)
	define(&e.MemoryError, "MemoryError", e.StandardError)
	define(&e.NameError, "NameError", e.StandardError)
	define(&e.UnboundLocalError, "UnboundLocalError", e.NameError)
	define(&e.ReferenceError, "ReferenceError", e.StandardError)
	define(&e.RuntimeError, "RuntimeError", e.StandardError)
	define(&e.NotImplementedError, "NotImplementedError", e.RuntimeError)
	define(&e.SyntaxError, "SyntaxError", e.StandardError)
	define(&e.IndentationError, "IndentationError", e.SyntaxError)
	define(&e.SystemError, "SystemError", e.StandardError)
	define(&e.TypeError, "TypeError", e.StandardError)
	define(&e.ValueError, "ValueError", e.StandardError)
	define(&e.UnicodeError, "UnicodeError", e.ValueError)
	define(&e.UnicodeDecodeError, "UnicodeDecodeError", e.UnicodeError)
	define(&e.UnicodeEncodeError, "UnicodeEncodeError", e.UnicodeError)
	e.StructError = s.newClass("error", "struct", e.Exception)
	e.DivisionByZero = s.newClass("DivisionByZero", "decimal", e.ZeroDivisionError)
	e.InvalidOperation = s.newClass("InvalidOperation", "decimal", e.ArithmeticError)
}

// raise returns an exception of a class with a message.
func (s *Session) raise(c *class, format string, args ...any) error {
	return s.raiseValue(c, str(fmt.Sprintf(format, args...)))
}

// raiseValue returns an exception of a builtin class with arguments.
func (s *Session) raiseValue(c *class, args ...Value) error {
	o := &object{class: c}
	o.attrs.set("args", starlark.Tuple(args))
	return &exception{o}
}

func exceptionArgs(o *object) starlark.Tuple {
	if v, ok := o.attrs.get("args"); ok {
		if t, ok := v.(starlark.Tuple); ok {
			return t
		}
	}
	if m, ok := o.attrs.get("_message"); ok {
		return starlark.Tuple{m}
	}
	return nil
}

// exceptionAttr returns an attribute that CPython stores in an exception outside of its dictionary.
func exceptionAttr(o *object, s *Session, name string) Value {
	args := exceptionArgs(o)
	i := map[string]int{"args": -1, "errno": 0, "strerror": 1, "filename": 2}
	switch at, ok := i[name]; {
	case !ok:
		return nil
	case at < 0:
		return append(starlark.Tuple{}, args...)
	case !o.class.derives(s.exc.EnvironmentError):
		return nil
	case len(args) < 2 || len(args) > 3 || at >= len(args):
		return none
	default:
		return args[at]
	}
}

// exceptionText is str(e) of a builtin exception.
func (s *Session) exceptionText(o *object) (string, error) {
	args := exceptionArgs(o)
	if msg, ok := o.attrs.get("msg"); ok && o.class.derives(s.exc.SyntaxError) {
		file, _ := o.attrs.get("filename")
		line, _ := o.attrs.get("lineno")
		text, err := s.binary("%", str("%s (%s, line %s)"), starlark.Tuple{msg, file, line})
		out, _ := textOf(text)
		return out, err
	}
	switch {
	case len(args) == 0:
		return "", nil
	case len(args) == 1 && o.class.derives(s.exc.KeyError):
		return s.repr(args[0])
	case len(args) == 1:
		return s.str(args[0])
	case (len(args) == 2 || len(args) == 3) && o.class.derives(s.exc.EnvironmentError):
		n, err := s.str(args[0])
		if err != nil {
			return "", err
		}
		text, err := s.str(args[1])
		if err == nil && len(args) == 3 {
			var file string
			file, err = s.repr(args[2])
			text += ": " + file
		}
		return "[Errno " + n + "] " + text, err
	}
	return s.repr(args)
}

// errInterrupted ends the whole run: no except clause catches it.
var errInterrupted = errors.New("interrupted")

// interrupted returns errInterrupted if the run's context has ended.
func (s *Session) interrupted() error {
	if s.ctx != nil && s.ctx.Err() != nil {
		return errInterrupted
	}
	return nil
}

// exceptionOf returns the exception in an error. An internal error, such as too deep a recursion of
// Starlark, becomes a RuntimeError. For an interruption exceptionOf returns nil.
func (s *Session) exceptionOf(err error) *exception {
	if err == nil || errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled) || s.interrupted() != nil {
		return nil
	}
	var e *exception
	if errors.As(err, &e) {
		return e
	}
	var quit *exitError
	if errors.As(err, &quit) {
		return nil
	}
	errors.As(s.raise(s.exc.RuntimeError, "%v", rootCause(err)), &e)
	return e
}

func rootCause(err error) error {
	var eval *starlark.EvalError
	if errors.As(err, &eval) && eval.Unwrap() != nil {
		return eval.Unwrap()
	}
	return err
}

// exitError ends the session: exit() or quit().
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit %d", e.code) }

// makeException turns the operands of a raise statement into an exception.
func (s *Session) makeException(v, arg Value) error {
	switch v := v.(type) {
	case *class:
		if !v.derives(s.exc.BaseException) && !v.old {
			return s.raise(s.exc.TypeError, "exceptions must be old-style classes or derived from BaseException, not type")
		}
		if o, ok := arg.(*object); ok && o.class.derives(v) {
			return &exception{o}
		}
		var args []Value
		switch arg := arg.(type) {
		case nil, starlark.NoneType:
		case starlark.Tuple:
			args = arg
		default:
			args = []Value{arg}
		}
		x, err := s.instantiate(v, args, nil)
		if err != nil {
			return err
		}
		if o, ok := x.(*object); ok {
			return &exception{o}
		}
	case *object:
		if v.class.derives(s.exc.BaseException) || v.class.old {
			if arg != nil && arg != none {
				return s.raise(s.exc.TypeError, "instance exception may not have a separate value")
			}
			return &exception{v}
		}
	case starlark.Tuple:
		if len(v) > 0 {
			return s.makeException(v[0], arg)
		}
	}
	return s.raise(s.exc.TypeError, "exceptions must be old-style classes or derived from BaseException, not %s", s.typeName(v))
}

// matches reports whether an except clause for classes catches an exception.
func (s *Session) matches(e *exception, classes Value) bool {
	switch c := classes.(type) {
	case *class:
		return e.obj.class.derives(c)
	case starlark.Tuple:
		for _, x := range c {
			if s.matches(e, x) {
				return true
			}
		}
	}
	return false
}
