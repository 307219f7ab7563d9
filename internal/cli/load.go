package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/internal/jsonlines"
)

type loadCmd struct {
	Input string `arg:"" optional:"" default:"-" complete:"file" help:"File to load, or - for the standard input."`

	Format   string        `enum:"auto,jsonl,csv,sstable" default:"auto" help:"Format of the input: auto (by its first bytes), jsonl, csv, or sstable (the output of sstable2json or sstabledump)."`
	CSV      bool          `name:"csv" help:"The input is CSV with a header: the same as --format csv."`
	Family   string        `short:"f" placeholder:"CF" help:"Column family to load into, if the input does not name it."`
	Keyspace string        `short:"k" placeholder:"KS" help:"Keyspace to load into (default: the keyspace that the input defines)."`
	Workers  int           `default:"4" help:"Number of batches that are written concurrently."`
	Batch    int           `default:"1000" help:"Columns in a batch."`
	Rejects  string        `placeholder:"FILE" help:"Write rows that cannot be loaded to FILE and continue, instead of stopping at the first such row."`
	Resume   bool          `help:"Continue where an interrupted load of the same input stopped."`
	State    string        `placeholder:"FILE" help:"File that stores the progress of the load, for --resume (default: INPUT.state; for the standard input, no file). It is removed at the end."`
	Retry    time.Duration `default:"1m" help:"Duration of retries while the store cannot be reached, for example while its server restarts (0: no retries)."`
	MaxLine  int           `default:"0" placeholder:"BYTES" help:"Maximal length of a line (in CSV of a record, in sstable files of a column). The default suffices for the longest possible value."`
}

// Help is shown by widerow load --help.
func (c *loadCmd) Help() string {
	return `Loads JSON Lines (the format that dump writes), CSV (--csv), or the output of Cassandra's
sstable2json and sstabledump. Input that is compressed with gzip or zstd is decompressed. In JSON
Lines each line is a row or a part of a row:

  {"family":"Users","key":"thobbs","columns":[["age",24,1354459123410932],["name","Tyler",1354459123410932]]}

A column is [name, value, timestamp, ttl]. A column without a timestamp gets the time at
which the load started. The types of the family decide how names and values are written. A line
{"schema": …} creates the keyspace and the families that it defines, unless they exist.
docs/jsonlines.md describes JSON Lines. docs/loading.md describes the other formats.

If a row cannot be loaded, the load stops and reports the line of the row. All lines before
it are loaded. With --rejects, such rows are written to a file, the load continues, and the exit
code is 1 at the end. A load may be repeated: a column with a timestamp keeps its value, and
a counter is set, not incremented. A repeated load gives columns without a timestamp a new
timestamp, and TTLs start again.

CSV has a header: the field of the key (the field named key, otherwise the first field), and
the names of the columns. An empty field without quotation marks means no column. If the header
is key, column, value, optionally with super, timestamp and ttl, each record is one column. dump
--csv writes that form.

  widerow load users.jsonl.gz
  widerow load -k Keyspace1 -f Users --csv users.csv
  widerow load -k Keyspace1 --rejects bad.jsonl users.jsonl
  widerow load -k Keyspace1 -f Users sstable2json-output.json
  widerow dump Keyspace1 | widerow --store embedded:copy load`
}

func (c *loadCmd) Validate() error {
	switch {
	case c.CSV && c.Format != formAuto && c.Format != formCSV:
		return fmt.Errorf("--csv and --format %s contradict each other", c.Format)
	case c.Workers < 1:
		return fmt.Errorf("--workers %d: must be at least 1", c.Workers)
	case c.Batch < 1:
		return fmt.Errorf("--batch %d: must be at least 1", c.Batch)
	case c.Retry < 0:
		return fmt.Errorf("--retry %v: must not be negative", c.Retry)
	case c.MaxLine < 0:
		return fmt.Errorf("--max-line %d: must not be negative", c.MaxLine)
	case c.Resume && c.Input == "-" && c.State == "":
		return errors.New("--resume of the standard input needs --state with the state file of the interrupted load")
	}
	return nil
}

func (c *loadCmd) Run(ctx context.Context, p *program, s *streams) (err error) {
	in, err := openInput(c.Input, s.in)
	if err != nil {
		return fmt.Errorf("load %s: %w", c.Input, err)
	}
	defer func() { err = errors.Join(err, in.close()) }()
	if err := c.checkFiles(); err != nil {
		return usagef("load %s: %w", c.Input, err)
	}
	state, err := openState(c.statePath(), in.text, c.Resume, stateOf{
		Store: connect.Redact(p.Store), Keyspace: c.Keyspace, Family: c.Family, Format: c.format(), Timestamp: time.Now().UnixMicro(),
	})
	if err != nil {
		return fmt.Errorf("load %s: %w", c.Input, err)
	}
	form, err := c.formOf(state.head, state.Timestamp)
	if err != nil {
		return fmt.Errorf("load %s: %w", c.Input, err)
	}
	records, err := form.records(state.rest, &state.at, c.MaxLine)
	if err != nil {
		return fmt.Errorf("load %s: %w", c.Input, err)
	}
	rejects, err := c.openRejects(form)
	if err != nil {
		return fmt.Errorf("load %s: %w", c.Input, err)
	}
	b, err := connect.Backend(ctx, p.Store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()

	progress := newProgress(s.err, "load", in.size, in.raw.n)
	in.raw.read = func(size int64) { progress.add(size, 0) }
	l := &loader{
		backend: b, keyspace: cmp.Or(c.Keyspace, state.at.Keyspace), workers: c.Workers, batch: c.Batch, form: form,
		progress: progress, state: state, rejects: rejects, errs: s.err, patience: newPatience(c.Retry, s.err),
		families: make(map[string]*jsonlines.Family),
	}
	runErr := l.run(ctx, records)
	progress.close()
	return c.finish(s, l, runErr)
}

// finish reports how the load ended.
func (c *loadCmd) finish(s *streams, l *loader, err error) error {
	at := l.state.at
	if closeErr := l.rejects.close(); closeErr != nil {
		err = errors.Join(err, fmt.Errorf("write %s: %w", c.Rejects, closeErr))
	}
	if err != nil {
		how := ""
		if saveErr := l.state.save(); saveErr != nil {
			err = errors.Join(err, saveErr)
		} else if l.state.path != "" {
			how = "; give --resume to go on from there"
		}
		if errors.Is(err, context.Canceled) {
			err = errors.New("interrupted")
		}
		if at.Rows == 0 {
			return fmt.Errorf("load %s: %w%s\nnothing is loaded", c.Input, err, c.hint(l.state.head))
		}
		return fmt.Errorf("load %s: %w\nlines 1 to %d are loaded%s", c.Input, err, at.Line, how)
	}
	if err := l.state.remove(); err != nil {
		return fmt.Errorf("load %s: all rows are loaded, but: %w", c.Input, err)
	}
	fmt.Fprintf(s.err, "loaded %d columns of %d %s\n", at.Columns, at.Rows-int64(at.Rejected), l.form.unit())
	if at.Rejected > 0 {
		hint := ""
		if at.Columns == 0 {
			hint = c.hint(l.state.head)
		}
		return fmt.Errorf("load %s: %d %s could not be loaded and are in %s%s", c.Input, at.Rejected, l.form.unit(), c.Rejects, hint)
	}
	return nil
}

func (c *loadCmd) statePath() string {
	if c.State != "" || c.Input == "-" {
		return c.State
	}
	return c.Input + ".state"
}

// checkFiles returns an error if the load would overwrite its input, also by another name of the same file, or
// would use one file for two purposes.
func (c *loadCmd) checkFiles() error {
	files := []struct{ what, path string }{{"the input", c.Input}, {"--rejects", c.Rejects}, {"--state", c.statePath()}}
	for i, a := range files {
		for _, b := range files[i+1:] {
			if a.path == "" || a.path == "-" || b.path == "" {
				continue
			}
			infoA, errA := os.Stat(a.path)
			infoB, errB := os.Stat(b.path)
			if filepath.Clean(a.path) == filepath.Clean(b.path) || errA == nil && errB == nil && os.SameFile(infoA, infoB) {
				return fmt.Errorf("%s and %s are the same file, %s", a.what, b.what, b.path)
			}
		}
	}
	return nil
}

func (c *loadCmd) openRejects(form form) (*rejects, error) {
	if c.Rejects == "" {
		return nil, nil
	}
	flags := os.O_CREATE | os.O_WRONLY
	if c.Resume {
		flags |= os.O_APPEND
	} else {
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(c.Rejects, flags, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("--rejects %s: the file exists; remove it, or give --resume to add to it", c.Rejects)
	}
	if err != nil {
		return nil, err
	}
	if end, err := f.Seek(0, io.SeekEnd); err != nil || end == 0 {
		if _, err := io.WriteString(f, form.rejectsHead()); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	return &rejects{file: f}, nil
}
