package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/internal/csvrows"
	"github.com/widerow/widerow/internal/jsonlines"
	"github.com/widerow/widerow/schema"
)

type dumpCmd struct {
	Keyspace string   `arg:"" help:"Keyspace to dump."`
	Families []string `arg:"" optional:"" help:"Column families to dump (default: all)."`

	Output    string `short:"o" default:"-" placeholder:"FILE" help:"File to write, or - for the standard output."`
	Resume    bool   `help:"Continue where an interrupted dump to the same file stopped."`
	Force     bool   `help:"Overwrite the file."`
	CSV       bool   `name:"csv" help:"Write one column family as CSV: a header, then a record for each column."`
	Compress  string `enum:"auto,none,gzip,zstd" default:"auto" help:"Compression: auto (by the file's name: .gz or .zst), none, gzip or zstd."`
	Schema    string `enum:"with,without,only" default:"with" help:"Whether to write the definition of the keyspace before the rows: with, without or only."`
	LineSize  int    `default:"10000" placeholder:"COLUMNS" help:"Maximal number of columns on a line. A longer row takes several lines."`
	LineBytes int    `default:"1048576" placeholder:"BYTES" help:"Bytes of names and values after which a line ends. A longer row takes several lines."`
}

// Help is shown by widerow dump --help.
func (c *dumpCmd) Help() string {
	return `Writes a line for each row, in the order of the store, in the form that load reads:

  {"family":"Users","key":"thobbs","columns":[["age",24,1354459123410932],["name","Tyler",1354459123410932]]}

A column is [name, value, timestamp], or [name, value, timestamp, ttl] if it has a TTL, in
seconds. The types of the family decide how names and values are written. Bytes that are not
valid for their type are written as {"hex":"…"}, so that nothing is lost. A long row takes
several lines. The first line defines the keyspace. docs/jsonlines.md describes the whole format.

Rows that are written during the dump may or may not be in it. For a consistent copy, dump a checkpoint.

With --csv, dump writes one family as CSV, with a record for each column (docs/loading.md). If the
name of the file ends with .gz or .zst, the file is compressed.

  widerow dump Keyspace1 > keyspace1.jsonl
  widerow dump -o users.csv.gz --csv Keyspace1 Users
  widerow dump -o users.jsonl Keyspace1 Users
  widerow dump -o users.jsonl --resume Keyspace1 Users`
}

func (c *dumpCmd) Validate() error {
	switch {
	case c.Output == "-" && (c.Resume || c.Force):
		return errors.New("--resume and --force need a file: give --output")
	case c.Resume && c.Force:
		return errors.New("--resume and --force contradict each other")
	case c.Resume && c.CSV:
		return errors.New("--resume needs JSON Lines: a dump as CSV cannot be resumed")
	case c.Resume && c.compression() != "none":
		return errors.New("a compressed dump cannot be resumed: give --compress none, and compress the file afterwards")
	case c.CSV && len(c.Families) != 1:
		return errors.New("--csv writes one column family: name it after the keyspace")
	case c.CSV && c.Schema == "only":
		return errors.New("--csv and --schema only contradict each other: CSV has no definitions")
	case c.LineSize < 1:
		return fmt.Errorf("--line-size %d: must be at least 1", c.LineSize)
	case c.LineBytes < 1:
		return fmt.Errorf("--line-bytes %d: must be at least 1", c.LineBytes)
	}
	return nil
}

func (c *dumpCmd) Run(ctx context.Context, p *program, s *streams) (err error) {
	b, err := connect.Backend(ctx, p.Store, connect.Existing(), connect.ReadOnly())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	def, err := c.definition(ctx, b)
	if err != nil {
		return err
	}
	out, last, err := c.open(s.out)
	if err != nil {
		return fmt.Errorf("dump to %s: %w", c.Output, err)
	}
	compressed, err := compress(out, c.compression())
	if err != nil {
		return errors.Join(err, out.Close())
	}
	w := bufio.NewWriterSize(compressed, 1<<20)
	progress := newProgress(s.err, "dump", 0, 0)
	d := &dumper{appendRow: (*jsonlines.Family).AppendRow, backend: b, keyspace: c.Keyspace, lineSize: c.LineSize, lineBytes: c.LineBytes, out: w, progress: progress}
	if c.CSV {
		d.appendRow = func(f *jsonlines.Family, dst []byte, row *backend.Row) []byte { return csvrows.AppendRow(dst, f, row) }
	}
	dumpErr := c.dump(ctx, d, def, last)
	progress.close()
	err = errors.Join(w.Flush(), compressed.Close(), out.Close())
	switch {
	case err != nil:
		return fmt.Errorf("dump to %s: %w", c.Output, err)
	case dumpErr == nil:
		fmt.Fprintf(s.err, "dumped %d columns of %d rows\n", d.columns, d.rows)
		return nil
	case errors.Is(dumpErr, context.Canceled):
		dumpErr = errors.New("interrupted")
	}
	how := ""
	if c.Output != "-" {
		how = "; give --resume to go on from there"
	}
	return fmt.Errorf("dump %s: %w\n%d columns are dumped%s", c.Keyspace, dumpErr, d.columns, how)
}

// definition returns the keyspace with the families that c dumps.
func (c *dumpCmd) definition(ctx context.Context, b backend.Backend) (*schema.Keyspace, error) {
	def, err := keyspaceOf(ctx, b, c.Keyspace)
	if err != nil {
		return nil, err
	}
	if len(c.Families) == 0 {
		return def, nil
	}
	for _, name := range c.Families {
		if def.Family(name) == nil {
			return nil, noFamily(ctx, b, def, name)
		}
	}
	def.Families = slices.DeleteFunc(def.Families, func(f schema.Family) bool { return !slices.Contains(c.Families, f.Name) })
	return def, nil
}

// dump writes the definition and the rows after last. If the dump is new, last is nil.
func (c *dumpCmd) dump(ctx context.Context, d *dumper, def *schema.Keyspace, last []byte) error {
	if last == nil && c.Schema != "without" && !c.CSV {
		line, err := jsonlines.AppendKeyspace(nil, def)
		if err != nil {
			return err
		}
		if _, err := d.out.Write(line); err != nil {
			return err
		}
	}
	if c.Schema == "only" {
		return nil
	}
	families := make([]*jsonlines.Family, len(def.Families))
	for i := range def.Families {
		var err error
		if families[i], err = jsonlines.NewFamily(&def.Families[i]); err != nil {
			return err
		}
	}
	from, err := lastRecord(families, last)
	if err != nil {
		return fmt.Errorf("the last line of %s does not belong to this dump (%w): give --force to start over", c.Output, err)
	}
	if c.CSV {
		if _, err := d.out.Write(csvrows.AppendHeader(nil, families[0])); err != nil {
			return err
		}
	}
	for i, f := range families {
		if from.Family != nil && i < slices.Index(families, from.Family) {
			continue
		}
		var after *backend.Row
		if from.Family == f {
			after = &from.Row
		}
		if err := d.family(ctx, f, after); err != nil {
			return err
		}
	}
	return nil
}

// lastRecord decodes the last line of an interrupted dump.
func lastRecord(families []*jsonlines.Family, line []byte) (jsonlines.Record, error) {
	if line == nil || jsonlines.IsSchema(line) {
		return jsonlines.Record{}, nil
	}
	d := jsonlines.Decoder{Lookup: func(name string) (*jsonlines.Family, error) {
		i := slices.IndexFunc(families, func(f *jsonlines.Family) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("column family %q is not dumped", name)
		}
		return families[i], nil
	}}
	return d.Decode(line)
}

// writeCloser is the destination of a dump.
type writeCloser struct {
	io.Writer
	close func() error
}

func (w writeCloser) Close() error { return w.close() }
