package shell

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"go.starlark.net/starlark"

	"github.com/widerow/widerow/backend"
)

// DefaultServer is the name under which a text reaches the Store of the [Options]. A call that names no server
// reaches this server.
const DefaultServer = "localhost:9160"

// Options are the settings of a [Session].
type Options struct {
	// Store is the store behind the default server. The session does not close it.
	Store backend.Backend
	// Open connects to another server, such as "10.0.0.5:9160". Nil means that there is no other server. The
	// session closes the stores that Open returned.
	Open func(ctx context.Context, server, user, password string) (backend.Backend, error)
	// Host is the name of the default server. Empty means [DefaultServer].
	Host string
	// Keyspace is the keyspace whose families become objects. It may be empty.
	Keyspace string
	// Out receives the output of the text. Err receives the output to sys.stderr. Nil discards the output.
	Out, Err io.Writer
	// Echo prints the value of each expression statement, as a prompt does.
	Echo bool
	// ReadFile reads the scripts of execfile and the files of open(). Nil means that there are no files to read.
	ReadFile func(name string) ([]byte, error)
	// WriteFile opens a file that open() writes. It truncates the file or, with appendTo, appends to it. Nil means
	// that no file can be written. The session closes the files that the text leaves open.
	WriteFile func(name string, appendTo bool) (io.WriteCloser, error)
	// Now is the clock of timestamps, time.time() and datetime.now(). Nil means time.Now.
	Now func() time.Time
	// MaxHeap is the number of bytes by which the heap of the process may grow during a run. A run that exceeds it
	// ends with a MemoryError that no except clause catches. 0 means no limit.
	MaxHeap uint64
	// Zone is the zone of local times. It applies to datetime.now(), to the module time, and to local(), which shows
	// stored times. Nil means UTC. pycassa's datetimes are in UTC in every zone.
	Zone *time.Location
	// Sleep implements time.sleep(). If the context ends, Sleep must return early with an error. Nil
	// means a real wait.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Session is a shell without a terminal. It runs texts of the dialect one after the other and keeps the names that
// they define. A Session is not safe for concurrent use, but the context of [Session.Run] may be cancelled at any time.
// [New] makes a Session. A nil or zero Session must not be used.
type Session struct {
	opts   Options
	host   string
	ctx    context.Context
	out    *output
	errs   *output
	stores map[string]backend.Backend

	types    types
	exc      exceptionClasses
	builtins starlark.StringDict
	runtime  starlark.StringDict
	headers  map[string]*signature
	modules  map[string]*module
	lazy     map[string]func() *module
	globals  *frame
	// frame holds the names of the running function, or of the module.
	frame          *frame
	notImplemented Value
	newObject      Value // object.__new__
	py             *pycassa

	thread     *starlark.Thread
	depth      int
	generators map[*generator]bool
	files      map[*fileValue]bool // open for writing
	inRepr     map[any]bool
	lastError  *exception

	mu      sync.Mutex
	threads map[*starlark.Thread]bool
	stopped bool

	// recent stores recently read or written row keys, for completion.
	recent []string
}

// types stores the builtin classes.
type types struct {
	object, typ, classobj, none, bool, int, long, float, str, unicode, basestring, tuple, list, dict, ordered, defaultdict,
	set, frozenset, function, builtin, method, generator, iterator, xrange, module, property, staticmethod, classmethod,
	slice, file, notImplemented *class
}

// output is a writer that stores whether the next print begins with a space.
type output struct {
	w         io.Writer
	softspace bool
	failed    error
}

func (o *output) write(text string) error {
	if o.failed != nil {
		return o.failed
	}
	if _, err := io.WriteString(o.w, text); err != nil {
		o.failed = fmt.Errorf("write output: %w", err)
	}
	return o.failed
}

// New returns a session. If the options name a keyspace, New reads the keyspace's families.
func New(ctx context.Context, opts *Options) (*Session, error) {
	s := &Session{
		opts: *opts, ctx: ctx, host: opts.Host, stores: map[string]backend.Backend{},
		builtins: starlark.StringDict{}, headers: map[string]*signature{}, modules: map[string]*module{}, lazy: map[string]func() *module{},
		generators: map[*generator]bool{}, files: map[*fileValue]bool{}, inRepr: map[any]bool{}, threads: map[*starlark.Thread]bool{},
	}
	if s.host == "" {
		s.host = DefaultServer
	}
	if s.opts.Now == nil {
		s.opts.Now = time.Now
	}
	if s.opts.Sleep == nil {
		s.opts.Sleep = wait
	}
	writer := func(w io.Writer) *output {
		if w == nil {
			w = io.Discard
		}
		return &output{w: w}
	}
	s.out, s.errs = writer(opts.Out), writer(opts.Err)
	s.globals = &frame{s: s, vars: map[string]Value{"__name__": str("__main__"), "__doc__": none}}
	s.frame = s.globals
	s.initTypes()
	s.initExceptions()
	s.initRuntime()
	s.initBuiltins()
	s.initModules()
	s.thread = s.newThread("shell")
	s.initPycassa()
	if err := s.start(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends unfinished generators and closes files and the stores that the session opened.
func (s *Session) Close() error {
	s.stopGenerators()
	var err error
	for f := range s.files {
		err = errors.Join(err, s.closeFile(f))
	}
	for _, b := range s.stores {
		err = errors.Join(err, b.Close())
	}
	s.stores = map[string]backend.Backend{}
	return err
}

func (s *Session) stopGenerators() {
	for g := range s.generators {
		g.close()
	}
}

func (s *Session) writeLine(text string) error {
	s.out.softspace = false
	return s.out.write(text + "\n")
}

// Error is an uncaught exception, or a syntax error of the text.
type Error struct {
	// Class and Message are as Python prints them.
	Class, Message string
	// File, Line and Column are the position of the error. Line is 0 if the position is unknown.
	File         string
	Line, Column int
	// Source is the line of the text.
	Source string
	// Err is the cause, such as [ErrInterrupted], or nil.
	Err error
}

// Error returns the last line that Python prints: the class, a colon and the message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Class
	}
	return e.Class + ": " + e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Caret returns the place of the error: file and line, the line of the text, and a caret below the column.
func (e *Error) Caret() string {
	if e.Line == 0 {
		return ""
	}
	s := fmt.Sprintf("  %s, line %d\n", e.File, e.Line)
	if e.Source != "" {
		indent := len(e.Source) - len(strings.TrimLeft(e.Source, " \t"))
		s += "    " + e.Source[indent:] + "\n    " + strings.Repeat(" ", max(e.Column-1-indent, 0)) + "^\n"
	}
	return s
}

// ErrInterrupted is the cause of an [Error] if the context of the run ended.
var ErrInterrupted = errors.New("the run was interrupted")

// ExitError is the error that [Session.Run] returns if the text called exit().
type ExitError struct{ Code int }

// Error returns "exit" and the code.
func (e *ExitError) Error() string { return fmt.Sprintf("exit %d", e.Code) }

// Run runs the text src. In errors, name is the name of the text. When ctx ends, the run soon ends with an [Error] whose
// cause is ErrInterrupted, even in a loop without calls.
func (s *Session) Run(ctx context.Context, name, src string) error {
	list, serr := parse(src)
	if serr != nil {
		return s.located(&Error{Class: serr.class, Message: serr.msg, File: name, Line: int(serr.pos.line), Column: int(serr.pos.col)}, src)
	}
	s.ctx, s.depth = ctx, 0
	s.mu.Lock()
	s.stopped = false
	s.mu.Unlock()
	s.thread = s.newThread(name)
	defer s.dropThread(s.thread)
	caller := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	s.ctx = ctx
	defer func() {
		cancel(nil)
		s.ctx = caller // work between runs, such as completion, uses the caller's context
	}()
	defer s.watchHeap(ctx, cancel)()
	cancelled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(cancelled)
		s.cancelThreads()
	})
	defer func() {
		if !stop() {
			<-cancelled // otherwise cancelThreads could end the next run
		}
	}()
	file, consts := lower(name, list, s.opts.Echo)
	if len(file.Stmts) == 0 {
		return nil
	}
	names := make(starlark.StringDict, len(s.runtime)+len(consts)+1)
	for _, d := range []starlark.StringDict{s.runtime, consts} {
		for k, v := range d {
			names[k] = v
		}
	}
	names["f"] = s.globals
	program, err := starlark.FileProgram(file, names.Has)
	if err != nil {
		return &Error{Class: "SyntaxError", Message: err.Error(), File: name}
	}
	s.globals.iterErr, s.globals.handling = nil, nil
	s.frame, s.lastError = s.globals, nil
	return s.report(s.guard(func() error {
		_, err := program.Init(s.thread, names)
		return err
	}), name, src)
}

// guard turns a panic into a SystemError, so that the session can continue. A panic is a bug of the shell.
func (s *Session) guard(run func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			clear(s.inRepr)
			err = s.raise(s.exc.SystemError, "a fault of the shell: %v", r)
		}
	}()
	return run()
}

// report turns the error that ended a run into the error that Run returns.
func (s *Session) report(err error, name, src string) error {
	if err == nil {
		return nil
	}
	var quit *exitError
	if errors.As(err, &quit) {
		return &ExitError{quit.code}
	}
	out := &Error{File: name}
	var eval *starlark.EvalError
	if errors.As(err, &eval) {
		for i := range eval.CallStack {
			pos := eval.CallStack.At(i).Pos
			if pos.IsValid() && pos.Filename() == name {
				out.Line, out.Column = int(pos.Line), int(pos.Col)
				break
			}
		}
	}
	e := s.exceptionOf(err)
	if e == nil {
		if s.out.failed != nil {
			return s.out.failed
		}
		s.stopGenerators()
		out.Class, out.Err = "KeyboardInterrupt", ErrInterrupted
		if errors.Is(context.Cause(s.ctx), errHeap) {
			out.Class, out.Message, out.Err = "MemoryError", fmt.Sprintf("the statement takes more than %d MiB", s.opts.MaxHeap>>20), errHeap
		}
		return s.located(out, src)
	}
	s.lastError = e
	out.Class = e.obj.class.name
	out.Message = s.lastLine(e)
	if e.obj.class.derives(s.exc.SystemExit) {
		code := 0
		if args := exceptionArgs(e.obj); len(args) > 0 {
			n, ok := smallInt(args[0])
			if code = int(n); !ok && args[0] != none {
				code = 1
			}
		}
		return &ExitError{code}
	}
	return s.located(out, src)
}

// lastLine returns the text after the class in the last line of a traceback.
func (s *Session) lastLine(e *exception) string {
	if msg, ok := e.obj.attrs.get("msg"); ok && e.obj.class.derives(s.exc.SyntaxError) {
		text, _ := textOf(msg)
		return text
	}
	text, err := s.str(e.obj)
	if err == nil {
		return text
	}
	if args := exceptionArgs(e.obj); len(args) == 1 {
		if u, ok := args[0].(unicodeStr); ok {
			return escapeUnicode(string(u))
		}
	}
	return "<exception str() failed>"
}

func (s *Session) located(e *Error, src string) *Error {
	lines := strings.Split(src, "\n")
	if e.Line >= 1 && e.Line <= len(lines) {
		e.Source = strings.TrimRight(lines[e.Line-1], "\r ")
	}
	return e
}
