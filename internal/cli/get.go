package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/internal/jsonlines"
)

type getCmd struct {
	Keyspace string   `arg:"" help:"Keyspace of the family."`
	Family   string   `arg:"" help:"Column family of the row."`
	Key      string   `arg:"" help:"Key of the row."`
	Columns  []string `arg:"" optional:"" help:"Columns to print (default: the first --count columns). In a super family without --super, super columns."`

	Super      string `placeholder:"NAME" help:"Super column whose columns are printed."`
	From       string `placeholder:"NAME" help:"First column to print."`
	To         string `placeholder:"NAME" help:"Last column to print, inclusive."`
	Reversed   bool   `help:"Print in reverse order: from --from (default: the row's end) down to --to."`
	Count      int    `default:"100" help:"Maximal number of columns to print."`
	Timestamps bool   `help:"Print each column with its timestamp, as a pair."`
}

// Help is shown by widerow get --help.
func (c *getCmd) Help() string {
	return `Prints a row in Python's notation, as pycassaShell does. The types of the family decide
how a key or a name is written: text as it is; numbers, dates (2010-12-11T08:02:15Z) and UUIDs
in their usual form; composites as [1234, "abc"]; bytes as {"hex": "00ff"}. If --from or --to
is a time UUID, it can be given as a date: the slice then includes all time UUIDs of that date.

  widerow get Keyspace1 Users thobbs
  widerow get Keyspace1 Users thobbs name age
  widerow get --reversed --count 3 Keyspace1 Timeline everyone
  widerow get --super lowercase --from b Keyspace1 Letters row_key`
}

func (c *getCmd) Validate() error {
	switch {
	case len(c.Columns) > 0 && (c.From != "" || c.To != "" || c.Reversed):
		return errors.New("column names contradict --from, --to and --reversed")
	case c.Count < 1:
		return fmt.Errorf("--count %d: must be at least 1", c.Count)
	}
	return nil
}

func (c *getCmd) Run(ctx context.Context, p *program, s *streams) (err error) {
	db, err := connect.Open(ctx, p.Store, connect.Existing(), connect.ReadOnly())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	ks, err := keyspaceOf(ctx, db.Backend(), c.Keyspace)
	if err != nil {
		return err
	}
	if ks.Family(c.Family) == nil {
		return noFamily(ctx, db.Backend(), ks, c.Family)
	}
	family, err := db.Keyspace(c.Keyspace).Family(ctx, c.Family)
	if err != nil {
		return err
	}
	key, opts, err := c.arguments(family)
	if err != nil {
		return err
	}
	row, err := family.Get(ctx, key, opts...)
	if errors.Is(err, widerow.ErrNotFound) {
		return fmt.Errorf("get %s/%s: the row does not exist or lacks these columns", c.Family, c.Key)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.out, c.text(row))
	return err
}

// arguments parses the key and the names according to the types of the family.
func (c *getCmd) arguments(family *widerow.Family) (key any, opts []widerow.ReadOption, err error) {
	types := family.Types()
	read := func(what string, t coltype.Type, arg string) any {
		v, badArg := parseArg(t, arg)
		if badArg != nil && err == nil {
			err = usagef("invalid %s %q for type %s: %w", what, arg, t, badArg)
		}
		return v
	}
	key = read("key", types.Key, c.Key)
	names := types.Name
	switch {
	case c.Super != "" && types.Super == nil:
		return nil, nil, usagef("--super %s: %s is not a super column family", c.Super, c.Family)
	case c.Super != "":
		opts = append(opts, widerow.Super(read("super column", types.Super, c.Super)))
	case types.Super != nil:
		names = types.Super
	}
	if len(c.Columns) > 0 {
		list := make([]any, len(c.Columns))
		for i, name := range c.Columns {
			list[i] = read("column", names, name)
		}
		return key, append(opts, widerow.Names(list...)), err
	}
	opts = append(opts, widerow.Limit(c.Count))
	if c.From != "" {
		opts = append(opts, widerow.From(read("--from", names, c.From)))
	}
	if c.To != "" {
		opts = append(opts, widerow.To(read("--to", names, c.To)))
	}
	if c.Reversed {
		opts = append(opts, widerow.Reversed())
	}
	return key, opts, err
}

// parseArg parses an argument as a Go value of a type. A time UUID may be given as a date, also if it
// is a component of a composite.
func parseArg(t coltype.Type, arg string) (any, error) {
	base := t
	for reversed, ok := base.(*coltype.ReversedType); ok; reversed, ok = base.(*coltype.ReversedType) {
		base = reversed.Base()
	}
	if composite, ok := base.(*coltype.CompositeType); ok {
		if tuple, ok := parseDates(composite, arg); ok {
			return tuple, nil
		}
	}
	if coltype.Equal(base, coltype.TimeUUID) {
		if moment, err := time.Parse(time.RFC3339Nano, arg); err == nil {
			return moment, nil
		}
	}
	f := jsonlines.FormatOf(t)
	b, err := f.ParseArg(arg)
	if err != nil {
		return nil, err
	}
	return t.Unpack(b)
}

// parseDates parses the components of a composite one by one. If it cannot parse a component, the
// caller parses the argument as in JSON Lines, which reports better errors.
func parseDates(t *coltype.CompositeType, arg string) (coltype.Tuple, bool) {
	var parts []json.RawMessage
	components := t.Components()
	if json.Unmarshal([]byte(arg), &parts) != nil || len(parts) > len(components) {
		return nil, false
	}
	tuple := make(coltype.Tuple, len(parts))
	for i, part := range parts {
		text := string(part)
		if part[0] == '"' && json.Unmarshal(part, &text) != nil {
			return nil, false
		}
		v, err := parseArg(components[i], text)
		if err != nil {
			return nil, false
		}
		tuple[i] = v
	}
	return tuple, true
}

// text returns a row as pycassa's get prints it. With --timestamps, each value is a
// pair of value and timestamp.
func (c *getCmd) text(row widerow.Row) string {
	if !c.Timestamps {
		return row.String()
	}
	return withTimestamps(row.Columns)
}

func withTimestamps(columns []widerow.Column) string {
	var b strings.Builder
	b.WriteByte('{')
	for i, col := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(widerow.Repr(col.Name) + ": ")
		if col.IsSuper() {
			b.WriteString(withTimestamps(col.Columns))
			continue
		}
		fmt.Fprintf(&b, "(%s, %d)", widerow.Repr(col.Value), col.Timestamp)
	}
	return b.String() + "}"
}
