package connect

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
)

// Option is an option of [Open] and [Backend].
type Option func(*settings)

type settings struct {
	front  *widerow.Options
	logger *slog.Logger
	must   bool // the store must exist
}

// Front sets the options of the DB that [Open] returns. Its Now is the clock
// of the embedded engine too.
func Front(opts *widerow.Options) Option { return func(s *settings) { s.front = opts } }

// Logger sets where the store reports what happens in the background. The
// default is nowhere.
func Logger(l *slog.Logger) Option { return func(s *settings) { s.logger = l } }

// Existing makes the opening of a store fail with [widerow.ErrNotFound] where
// the default is to create it.
func Existing() Option { return func(s *settings) { s.must = true } }

// Open opens the store that a URL names and returns the front on it. The caller
// closes it. The context bounds the opening only.
func Open(ctx context.Context, url string, opts ...Option) (*widerow.DB, error) {
	s := apply(opts)
	b, err := open(ctx, url, s)
	if err != nil {
		return nil, err
	}
	return widerow.New(b, s.front), nil
}

// Backend is [Open] for programs that work on the seam, in raw bytes. Without
// the front its options have no use, but for the clock.
func Backend(ctx context.Context, url string, opts ...Option) (backend.Backend, error) {
	return open(ctx, url, apply(opts))
}

func apply(opts []Option) *settings {
	s := new(settings)
	for _, o := range opts {
		o(s)
	}
	return s
}

func open(ctx context.Context, url string, s *settings) (backend.Backend, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open store %s: %w", Redact(url), err)
	}
	t, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", Redact(url), err)
	}
	engine, opts, err := t.engine(s)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", Redact(url), err)
	}
	// The engine's errors say which store they are of.
	store, err := engine(opts)
	if err != nil {
		return nil, err
	}
	return store, nil
}

// engine returns how to open the store, with options that are checked.
func (t *target) engine(s *settings) (open func(*embedded.Options) (*embedded.Store, error), _ *embedded.Options, err error) {
	opts := &embedded.Options{Logger: s.logger}
	if s.front != nil {
		opts.Now = s.front.Now
	}
	known := []string{"partitioner"}
	switch t.scheme {
	case "embedded":
		known = append(known, "durability")
		open = func(opts *embedded.Options) (*embedded.Store, error) { return embedded.Open(t.path, opts) }
	case "memory":
		open = embedded.OpenMemory
	case "thrift":
		return nil, nil, notYet("Cassandra's Thrift interface", "0.2")
	case "cql":
		return nil, nil, notYet("Cassandra's native protocol", "0.3")
	default:
		return nil, nil, fmt.Errorf("unknown scheme %q: this version opens embedded: and memory: stores", t.scheme)
	}
	if err := t.check(known...); err != nil {
		return nil, nil, err
	}
	opts.Partitioner = t.params.Get("partitioner")
	if opts.Durability, err = embedded.ParseDurability(t.params.Get("durability")); err != nil {
		return nil, nil, err
	}
	if err := opts.Validate(); err != nil {
		return nil, nil, err
	}
	if s.must && t.scheme == "embedded" {
		err = exists(t.path)
	}
	return open, opts, err
}

// exists reports an error if the folder holds nothing.
func exists(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &backend.Error{Kind: backend.KindNotFound, Why: "there is no folder " + dir}
	case err != nil:
		return err
	case len(entries) == 0:
		return &backend.Error{Kind: backend.KindNotFound, Why: "there is no store in the folder " + dir}
	}
	return nil
}

func notYet(what, version string) error {
	return &backend.Error{
		Kind: backend.KindUnsupported,
		Why:  fmt.Sprintf("the client of %s is planned for version %s; this version opens embedded: and memory: stores", what, version),
	}
}
