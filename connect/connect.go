package connect

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/pool"
)

// Option is an option of [Open] and [Backend].
type Option func(*settings)

type settings struct {
	front  *widerow.Options
	logger *slog.Logger

	must     bool // the store must exist
	readOnly bool // unless the URL sets readonly

	events    pool.Events
	cqlEvents cqlclient.Events

	cache, memTable int64 // sizes of the embedded engine, in bytes; 0 for the engine's defaults
	tables          int   // files of tables that the engine keeps open at once; 0 for the engine's default
}

// Front sets the options of the DB that [Open] returns. Its Now is the clock
// of the embedded engine too.
func Front(opts *widerow.Options) Option { return func(s *settings) { s.front = opts } }

// Logger sets the logger for events in the background of the store. By default they are
// not logged.
func Logger(l *slog.Logger) Option { return func(s *settings) { s.logger = l } }

// Memory sets the sizes of the embedded engine's cache and memtable, in bytes, unless the URL
// sets them. 0 is the engine's default. Other stores ignore the option.
func Memory(cache, memTable int64) Option {
	return func(s *settings) { s.cache, s.memTable = cache, memTable }
}

// OpenTables sets how many files of tables the embedded engine keeps open at once. 0 is the engine's default. Other
// stores ignore the option.
func OpenTables(n int) Option { return func(s *settings) { s.tables = n } }

// Events sets functions that are called at the events of a pool of connections, from its
// opening on. To count all events, pass the events of a [pool.Stats]. Stores without a pool
// ignore the option.
func Events(e pool.Events) Option { return func(s *settings) { s.events = e } }

// CQLEvents sets functions that are called at the events of a client over CQL, from its opening on. Other stores ignore the
// option.
func CQLEvents(e cqlclient.Events) Option { return func(s *settings) { s.cqlEvents = e } }

// Existing makes Open fail with [widerow.ErrNotFound] if the store does not exist. By
// default, Open creates the store.
func Existing() Option { return func(s *settings) { s.must = true } }

// ReadOnly opens a store of the embedded engine read-only, unless the URL sets readonly. See
// [github.com/widerow/widerow/embedded.Options]. Other stores ignore the option.
func ReadOnly() Option { return func(s *settings) { s.readOnly = true } }

// Open opens the store that a URL names and returns a DB on it. The caller must close
// the DB. The context bounds the opening only.
func Open(ctx context.Context, url string, opts ...Option) (*widerow.DB, error) {
	b, s, err := open(ctx, url, opts)
	if err != nil {
		return nil, err
	}
	return widerow.New(b, s.front), nil
}

// Backend opens a store as [Open] does and returns it without the front, for programs that work with the requests of package
// backend, in raw bytes. It ignores all options of [Front] except the clock.
func Backend(ctx context.Context, url string, opts ...Option) (backend.Backend, error) {
	b, _, err := open(ctx, url, opts)
	return b, err
}

// open applies the options and opens a store.
func open(ctx context.Context, url string, opts []Option) (backend.Backend, *settings, error) {
	if ctx == nil {
		return nil, nil, fmt.Errorf("open store %q: %w", Redact(url), refusal.NoContext())
	}
	s := new(settings)
	for _, o := range opts {
		if o == nil {
			return nil, nil, fmt.Errorf("open store %q: %w", Redact(url), refusal.NoOption())
		}
		o(s)
	}
	b, err := s.open(ctx, url)
	return b, s, err
}

// open opens a store. The errors of the engine name the store.
func (s *settings) open(ctx context.Context, url string) (backend.Backend, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open store %s: %w", Redact(url), err)
	}
	t, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", Redact(url), err)
	}
	switch t.scheme {
	case "embedded", "memory":
		return openEngine(&t, s)
	case "thrift":
		return openCluster(ctx, &t, s, openThrift)
	case "cql":
		return openCluster(ctx, &t, s, openCQL)
	}
	err = fmt.Errorf("unknown scheme %q: this version opens embedded:, memory:, thrift: and cql: stores", t.scheme)
	return nil, fmt.Errorf("open store %q: %w", Redact(url), err)
}
