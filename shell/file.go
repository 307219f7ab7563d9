package shell

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
)

// fileValue is sys.stdout, sys.stderr or a file that open() returned.
type fileValue struct {
	plain
	name, mode string
	closed     bool
	// out is nil if the file is read.
	out *output
	// text is the content of a file that is read, and pos is the offset of the next byte to read.
	text string
	pos  int
	// closer closes a file that is open for writing.
	closer io.Closer
}

// maxFiles bounds the number of files that are open for writing.
const maxFiles = 256

func (f *fileValue) describe() string {
	state := "open"
	if f.closed {
		state = "closed"
	}
	return fmt.Sprintf("<%s file '%s', mode '%s' at %s>", state, f.name, f.mode, address(f))
}

// initFiles defines open and the methods of files. When a file is opened for reading, its whole content is read.
func (s *Session) initFiles() {
	c := s.types.file
	s.builtin("open(name, mode='r', buffering=-1)", "A file: read, or with 'w' or 'a' written.", s.open)
	s.builtin("raw_input(prompt='')", "Not supported.", func(*call) (Value, error) {
		return nil, s.raise(s.exc.NotImplementedError, "raw_input is not supported by the shell; assign a name, or give a script its input as a file")
	})
	s.builtins["input"] = s.builtins["raw_input"]
	method := func(header string, fn func(f *fileValue, c *call) (Value, error)) {
		c.def(header, func(c *call) (Value, error) {
			f, ok := c.args[0].(*fileValue)
			if !ok {
				return nil, s.raise(s.exc.TypeError, "descriptor requires a 'file' object but received a '%s'", s.typeName(c.args[0]))
			}
			return fn(f, c)
		})
	}
	open := func(f *fileValue, writes bool) error {
		switch {
		case f.closed:
			return s.raise(s.exc.ValueError, "I/O operation on closed file")
		case writes && f.out == nil:
			return s.raise(s.exc.IOError, "File not open for writing")
		case !writes && f.out != nil:
			return s.raise(s.exc.IOError, "File not open for reading")
		}
		return nil
	}
	write := func(f *fileValue, v Value) error {
		if err := open(f, true); err != nil {
			return err
		}
		u, isUnicode := v.(unicodeStr)
		standard := f.closer == nil
		switch text, err := s.str(v); {
		case isUnicode && standard:
			return f.out.write(string(u))
		case err != nil:
			return err
		default:
			if _, ok := textOf(v); !ok && !standard {
				return s.raise(s.exc.TypeError, "expected a character buffer object")
			}
			return s.fileError(f.out.write(text), f.name)
		}
	}
	method("write(self, text)", func(f *fileValue, c *call) (Value, error) { return none, write(f, c.args[1]) })
	method("writelines(self, lines)", func(f *fileValue, c *call) (Value, error) {
		return none, s.each(c.args[1], func(v Value) error { return write(f, v) })
	})
	method("flush(self)", func(f *fileValue, _ *call) (Value, error) {
		if f.closed {
			return nil, open(f, true)
		}
		return none, nil
	})
	method("isatty(self)", func(*fileValue, *call) (Value, error) { return boolean(false), nil })
	method("read(self, size=-1)", func(f *fileValue, c *call) (Value, error) {
		if err := open(f, false); err != nil {
			return nil, err
		}
		n, ok := smallInt(c.args[1])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "an integer is required")
		}
		rest := f.text[f.pos:]
		if n >= 0 && n < int64(len(rest)) {
			rest = rest[:n]
		}
		f.pos += len(rest)
		return str(rest), nil
	})
	method("readline(self)", func(f *fileValue, _ *call) (Value, error) {
		if err := open(f, false); err != nil {
			return nil, err
		}
		return str(f.line()), nil
	})
	lines := func(f *fileValue) iterator {
		return iterFunc(func() (Value, error) {
			if err := open(f, false); err != nil {
				return nil, err
			}
			if line := f.line(); line != "" {
				return str(line), nil
			}
			return nil, nil
		})
	}
	method("readlines(self)", func(f *fileValue, _ *call) (Value, error) {
		elems, err := s.collect(&iterObject{it: lines(f)})
		return &list{elems: elems}, err
	})
	method("__iter__(self)", func(f *fileValue, _ *call) (Value, error) { return &iterObject{it: lines(f)}, nil })
	method("next(self)", func(f *fileValue, _ *call) (Value, error) {
		v, err := lines(f).next()
		if v == nil && err == nil {
			err = s.raiseValue(s.exc.StopIteration)
		}
		return v, err
	})
	method("seek(self, offset)", func(f *fileValue, c *call) (Value, error) {
		n, ok := smallInt(c.args[1])
		if err := open(f, false); err != nil || !ok || n < 0 {
			if err == nil {
				err = s.raiseValue(s.exc.IOError, intValue(22), str("Invalid argument"))
			}
			return nil, err
		}
		f.pos = int(min(n, int64(len(f.text))))
		return none, nil
	})
	method("tell(self)", func(f *fileValue, _ *call) (Value, error) { return intValue(f.pos), open(f, false) })
	method("close(self)", func(f *fileValue, _ *call) (Value, error) { return none, s.fileError(s.closeFile(f), f.name) })
	method("__enter__(self)", func(f *fileValue, _ *call) (Value, error) { return f, open(f, f.out != nil) })
	method("__exit__(self, *error)", func(f *fileValue, _ *call) (Value, error) { return none, s.fileError(s.closeFile(f), f.name) })
	attribute := func(name string, get func(f *fileValue) Value) {
		c.prop(name, func(v Value) (Value, error) {
			f, ok := v.(*fileValue)
			if !ok {
				return nil, s.noAttr(v, name)
			}
			return get(f), nil
		}, nil)
	}
	attribute("name", func(f *fileValue) Value { return str(f.name) })
	attribute("mode", func(f *fileValue) Value { return str(f.mode) })
	attribute("closed", func(f *fileValue) Value { return boolean(f.closed) })
}

// line returns the next line with its line end.
func (f *fileValue) line() string {
	rest := f.text[f.pos:]
	if i := strings.IndexByte(rest, '\n'); i >= 0 {
		rest = rest[:i+1]
	}
	f.pos += len(rest)
	return rest
}

func (s *Session) open(c *call) (Value, error) {
	name, ok := textOf(c.args[0])
	mode, ok2 := textOf(c.args[1])
	if !ok || !ok2 {
		return nil, s.raise(s.exc.TypeError, "coercing to Unicode: need string or buffer, %s found", s.typeName(c.args[0]))
	}
	f := &fileValue{name: name, mode: mode}
	switch strings.NewReplacer("b", "", "t", "", "U", "").Replace(mode) {
	case "r", "":
		if s.opts.ReadFile == nil {
			return nil, s.raise(s.exc.IOError, "this shell reads no files")
		}
		text, err := s.opts.ReadFile(name)
		if err != nil {
			return nil, s.fileError(err, name)
		}
		if len(text) > maxBytes {
			return nil, s.raiseValue(s.exc.MemoryError)
		}
		f.text = string(text)
		return f, nil
	case "w", "a":
		if s.opts.WriteFile == nil {
			return nil, s.raise(s.exc.IOError, "this shell writes no files")
		}
		if len(s.files) >= maxFiles {
			return nil, s.raiseValue(s.exc.IOError, intValue(int(syscall.EMFILE)), str("Too many open files"), str(name))
		}
		w, err := s.opts.WriteFile(name, strings.Contains(mode, "a"))
		if err != nil {
			return nil, s.fileError(err, name)
		}
		f.out, f.closer = &output{w: w}, w
		s.files[f] = true
		return f, nil
	}
	if mode == "r+" || mode == "w+" || mode == "a+" {
		return nil, s.raise(s.exc.NotImplementedError, "a file of the shell is read or written, not both: mode %s is not supported", reprStr(mode))
	}
	return nil, s.raise(s.exc.ValueError, "mode string must begin with one of 'r', 'w', 'a' or 'U', not %s", reprStr(mode))
}

func (s *Session) closeFile(f *fileValue) error {
	if f.closed || f.closer == nil && f.out != nil {
		return nil
	}
	f.closed = true
	delete(s.files, f)
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// fileError returns the IOError of an error of the operating system.
func (s *Session) fileError(err error, name string) error {
	if err == nil {
		return nil
	}
	var number syscall.Errno
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return s.raiseValue(s.exc.IOError, intValue(2), str("No such file or directory"), str(name))
	case errors.Is(err, fs.ErrPermission):
		return s.raiseValue(s.exc.IOError, intValue(13), str("Permission denied"), str(name))
	case errors.Is(err, syscall.EISDIR):
		return s.raiseValue(s.exc.IOError, intValue(21), str("Is a directory"), str(name))
	case errors.As(err, &number):
		return s.raiseValue(s.exc.IOError, intValue(int(number)), str(number.Error()), str(name))
	}
	return s.raise(s.exc.IOError, "%v", err)
}
