package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/jsonlines"
	"github.com/widerow/widerow/schema"
)

// chunkSize is the approximate number of bytes of lines that a worker gets at a time.
const chunkSize = 256 << 10

// saveInterval is the time between two saves of the position of a load.
const saveInterval = time.Second

// loader loads lines. One goroutine reads the input and cuts it into chunks. Workers
// decode and write the chunks. A line with a definition waits until all lines before it
// are written.
type loader struct {
	backend  backend.Backend
	workers  int
	batch    int // columns
	form     form
	progress progress
	state    *state
	rejects  *rejects // nil: the first bad line ends the load
	errs     io.Writer
	patience *patience
	tracker  tracker

	// counters lets one batch of counters be written at a time, because each batch reads
	// the stored counts before it increments them by the difference.
	counters sync.Mutex

	mu       sync.Mutex
	keyspace string // --keyspace or, without the flag, the keyspace of the first definition in the input
	families map[string]*jsonlines.Family
}

// chunk is a group of consecutive lines.
type chunk struct {
	number int
	before position
	text   []byte
	lines  []chunkLine
	end    position
}

type chunkLine struct {
	before position
	end    int   // end of the line in text
	err    error // why the line could not be read
}

// run loads all lines. When it returns, with or without an error, state.at is the position of the load.
func (l *loader) run(ctx context.Context, records records) error {
	l.tracker.at = l.state.at
	l.tracker.later = make(map[int]position)
	chunks := make(chan *chunk)
	var workers sync.WaitGroup
	for range l.workers {
		workers.Go(func() {
			for c := range chunks {
				// // A worker finishes the chunk that it has begun, so that an interruption
				// leaves no chunk half loaded, unless the store cannot be reached.
				b := &loadBatch{loader: l, ctx: context.WithoutCancel(ctx), life: ctx}
				r := b.load(c)
				l.tracker.done(c.number, c.end, r)
				l.progress.add(0, r.columns)
			}
		})
	}
	saver := make(chan struct{})
	workers.Go(func() { l.save(saver) })
	err := l.read(ctx, records, chunks)
	close(chunks)
	l.tracker.wait()
	close(saver)
	workers.Wait()
	l.state.at = l.position()
	if failure := l.tracker.failed(); failure != nil {
		return failure
	}
	return err
}

// position returns the position of the load.
func (l *loader) position() position {
	at := l.tracker.position()
	l.mu.Lock()
	defer l.mu.Unlock()
	at.Keyspace = l.keyspace
	return at
}

// save saves the position of the load at intervals until stop is closed.
func (l *loader) save(stop <-chan struct{}) {
	ticker := time.NewTicker(saveInterval)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			l.state.at = l.position()
			if err := l.state.save(); err != nil {
				l.tracker.fail(err)
				return
			}
		}
	}
}

// read cuts the input into chunks.
func (l *loader) read(ctx context.Context, records records, chunks chan<- *chunk) error {
	here := func() position {
		return position{Offset: records.Offset(), Line: records.Number(), Rows: records.Rows()}
	}
	c := &chunk{before: here()}
	send := func(end position) {
		if len(c.lines) > 0 {
			c.number, c.end = l.tracker.begin(), end
			chunks <- c
		}
		c = &chunk{before: end}
	}
	for {
		if failure := l.tracker.failed(); failure != nil {
			return failure
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		before := here()
		text, err := records.Next()
		definition := err == nil && l.form.defines(text)
		switch {
		case err == io.EOF:
			send(here())
			return nil
		case err != nil && !errors.Is(err, jsonlines.ErrLineTooLong):
			send(before)
			return err
		case definition:
			send(before)
			l.tracker.wait()
		}
		c.text = append(c.text, text...)
		c.lines = append(c.lines, chunkLine{before: before, end: len(c.text), err: err})
		if definition || len(c.text) >= chunkSize || err != nil {
			send(here())
		}
		if definition {
			l.tracker.wait()
		}
	}
}

// define creates the keyspace and its families, unless they exist. A family that exists is not changed; if the
// definition contradicts it, define prints a warning. If bad lines are rejected, define creates the families that the
// store accepts even if the store refuses other families of the line.
func (l *loader) define(ctx context.Context, at position, k *schema.Keyspace) error {
	l.mu.Lock()
	if l.keyspace != "" {
		k.Name = l.keyspace
	}
	l.mu.Unlock()
	for i := range k.Families {
		k.Families[i].Keyspace = k.Name
	}
	err := l.create(ctx, at, k)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil || l.rejects != nil {
		l.keyspace = k.Name
	}
	return err
}

func (l *loader) create(ctx context.Context, at position, k *schema.Keyspace) error {
	existing, err := l.backend.Keyspaces(ctx, k.Name)
	have := new(schema.Keyspace)
	switch {
	case errors.Is(err, backend.ErrNotFound):
		_, err := l.backend.Alter(ctx, schema.CreateKeyspace{Keyspace: *k})
		if err == nil || l.rejects == nil || !loadable(err) {
			return err
		}
		bare := *k
		bare.Families = nil
		if _, bareErr := l.backend.Alter(ctx, schema.CreateKeyspace{Keyspace: bare}); bareErr != nil {
			return err
		}
	case err != nil:
		return err
	default:
		have = &existing[0]
	}
	var errs []error
	for i := range k.Families {
		f := &k.Families[i]
		family := have.Family(f.Name)
		if family == nil {
			_, err := l.backend.Alter(ctx, schema.CreateFamily{Family: *f})
			errs = append(errs, err)
			continue
		}
		for _, text := range contradictions(family, f) {
			fmt.Fprintf(l.errs, "line %d: warning: column family %q exists and is not changed: it has %s\n", at.Line+1, f.Name, text)
		}
	}
	return errors.Join(errs...)
}

// inputError is an error that prevents every record of the input from being loaded.
type inputError struct{ error }

func (e *inputError) Unwrap() error { return e.error }

var errNoKeyspace = &inputError{errors.New(`no keyspace: give --keyspace, or begin the input with a line {"schema": …}`)}

// family finds a family for the decoder.
func (l *loader) family(ctx context.Context, name string) (*jsonlines.Family, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.families[name]; f != nil {
		return f, nil
	}
	if l.keyspace == "" {
		return nil, errNoKeyspace
	}
	keyspaces, err := l.backend.Keyspaces(ctx, l.keyspace)
	if errors.Is(err, backend.ErrNotFound) {
		return nil, &inputError{fmt.Errorf("keyspace %q not found: create it, or load a line {\"schema\": …} first", l.keyspace)}
	}
	if err != nil {
		return nil, err
	}
	def := keyspaces[0].Family(name)
	if def == nil {
		return nil, fmt.Errorf("column family %q not found in keyspace %q", name, l.keyspace)
	}
	f, err := jsonlines.NewFamily(def)
	if err == nil {
		l.families[name] = f
	}
	return f, err
}

// reject writes a bad line to the rejects. If the failure ends the load, reject returns the failure.
func (l *loader) reject(failure *lineError, line []byte) *lineError {
	if l.rejects == nil || !loadable(failure.err) {
		return failure
	}
	if err := l.rejects.add(l.errs, failure, line); err != nil {
		return &lineError{at: failure.at, err: errors.Join(failure.err, err)}
	}
	return nil
}

// loadable reports whether other lines may be loaded although a line failed with err.
func loadable(err error) bool {
	if errors.As(err, new(*inputError)) {
		return false
	}
	if e := (*backend.Error)(nil); errors.As(err, &e) {
		switch e.Kind {
		case backend.KindInvalidRequest, backend.KindNotFound, backend.KindUnsupported, backend.KindExists:
			return true
		}
		return false
	}
	return !errors.Is(err, jsonlines.ErrLineTooLong)
}
