package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/schema"
)

type describeCmd struct {
	Keyspace string `arg:"" optional:"" help:"Keyspace to describe (default: the store and its keyspaces)."`
	Family   string `arg:"" optional:"" help:"Column family to describe."`
}

// Help is shown by widerow describe --help.
func (c *describeCmd) Help() string {
	return `Prints definitions in the form of pycassaShell's describe_keyspace and
describe_column_family. Attributes that the definition lacks are left out. Attributes that
pycassaShell did not know, such as key types, are printed if they are not the default.

  widerow describe
  widerow describe Keyspace1
  widerow describe Keyspace1 Users`
}

func (c *describeCmd) Run(ctx context.Context, p *program, s *streams) (err error) {
	b, err := connect.Backend(ctx, p.Store, connect.Existing(), connect.ReadOnly())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	d := &description{}
	if c.Keyspace == "" {
		if err := d.store(ctx, b); err != nil {
			return err
		}
		return d.print(s.out)
	}
	ks, err := keyspaceOf(ctx, b, c.Keyspace)
	switch {
	case err != nil:
		return err
	case c.Family == "":
		d.keyspace(ks)
	case ks.Family(c.Family) == nil:
		return noFamily(ctx, b, ks, c.Family)
	default:
		d.family(ks.Family(c.Family))
	}
	return d.print(s.out)
}

// description is a text in two columns, labels and values.
type description struct{ lines []string }

func (d *description) print(w io.Writer) error {
	_, err := io.WriteString(w, strings.Join(d.lines, "\n")+"\n")
	return err
}

// line adds a label and its value. The value begins in column 37.
func (d *description) line(label, value string) {
	d.lines = append(d.lines, strings.TrimRight(fmt.Sprintf("%-36s %s", label, value), " "))
}

func (d *description) heading(text string) { d.lines = append(d.lines, text) }

// gap adds an empty line, unless the last line is empty.
func (d *description) gap() {
	if n := len(d.lines); n > 0 && d.lines[n-1] != "" {
		d.lines = append(d.lines, "")
	}
}

func (d *description) store(ctx context.Context, b backend.Backend) error {
	facts, err := b.Describe(ctx, &backend.DescribeRequest{Facts: backend.FactName | backend.FactVersion | backend.FactPartitioner})
	if err != nil {
		return err
	}
	keyspaces, err := b.Keyspaces(ctx)
	if err != nil {
		return err
	}
	d.line("Cluster:", facts.Name)
	d.line("Thrift Interface:", facts.Version)
	d.line("Partitioner:", schema.ShortClass(facts.Partitioner))
	d.gap()
	d.heading("Keyspaces:")
	for i := range keyspaces {
		d.heading("   " + keyspaces[i].Name)
	}
	return nil
}

func (d *description) keyspace(ks *schema.Keyspace) {
	d.line("Name:", ks.Name)
	d.gap()
	d.line("Replication Strategy:", schema.ShortClass(ks.Strategy))
	if factor, ok := ks.StrategyOptions["replication_factor"]; ok {
		d.line("Replication Factor:", factor)
	} else if ks.ReplicationFactor != nil {
		d.line("Replication Factor:", strconv.Itoa(int(*ks.ReplicationFactor)))
	}
	var names []string
	for name := range ks.StrategyOptions {
		if name != "replication_factor" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		d.line("  "+name+":", ks.StrategyOptions[name])
	}
	if ks.DurableWrites != nil && !*ks.DurableWrites {
		d.line("Durable Writes:", "False")
	}
	d.gap()
	d.heading("Column Families:")
	for i := range ks.Families {
		d.heading("   " + ks.Families[i].Name)
	}
}

func (d *description) family(f *schema.Family) {
	d.line("Name:", f.Name)
	d.line("Description:", f.Comment)
	d.line("Column Type:", string(orDefault(f.Type, schema.Standard)))
	d.gap()
	d.line("Comparator Type:", class(f.Comparator))
	if f.IsSuper() {
		d.line("Subcomparator Type:", class(f.Subcomparator))
	}
	d.line("Default Validation Class:", class(f.DefaultValidator))
	if key := class(f.KeyValidator); key != "BytesType" {
		d.line("Key Validation Class:", key)
	}
	d.gap()
	d.caches(f)
	chance(d, "Read Repair Chance:", f.ReadRepairChance)
	if p := f.DCLocalReadRepairChance; p != nil && *p != 0 {
		chance(d, "DC Local Read Repair Chance:", p)
	}
	d.gap()
	number(d, "GC Grace Seconds:", f.GCGraceSeconds, "")
	number(d, "Default Time to Live:", f.DefaultTTL, " seconds")
	d.gap()
	d.compaction(f)
	d.memtable(f)
	d.savePeriods(f)
	d.columns(f)
}

func (d *description) caches(f *schema.Family) {
	if f.RowCacheSize != nil || f.KeyCacheSize != nil {
		d.heading("Cache Sizes")
		cacheSize(d, "  Row Cache:", f.RowCacheSize, "rows")
		cacheSize(d, "  Key Cache:", f.KeyCacheSize, "keys")
		d.gap()
	}
	if f.Caching != "" {
		d.line("Caching:", f.Caching)
		d.gap()
	}
}

func (d *description) compaction(f *schema.Family) {
	low, high := f.MinCompactionThreshold, f.MaxCompactionThreshold
	if low != nil && high != nil {
		texts := []string{strconv.Itoa(int(*low)), strconv.Itoa(int(*high))}
		if *low == 0 || *high == 0 {
			texts = []string{"Minor Compactions Disabled", "Minor Compactions Disabled"}
		}
		d.heading("Compaction Thresholds")
		d.line("  Min:", texts[0])
		d.line("  Max:", texts[1])
		d.gap()
	}
}

func (d *description) memtable(f *schema.Family) {
	if f.MemtableThroughputMB == nil && f.MemtableOperationsMillions == nil && f.MemtableFlushAfterMins == nil {
		return
	}
	d.heading("Memtable Flush After Thresholds")
	number(d, "  Throughput:", f.MemtableThroughputMB, " MiB")
	if f.MemtableOperationsMillions != nil {
		d.line("  Operations:", fmt.Sprintf("%d operations", int64(*f.MemtableOperationsMillions*1_000_000)))
	}
	number(d, "  Time:", f.MemtableFlushAfterMins, " minutes")
	d.gap()
}

func (d *description) savePeriods(f *schema.Family) {
	if f.RowCacheSavePeriod == nil && f.KeyCacheSavePeriod == nil {
		return
	}
	d.heading("Cache Save Periods")
	for _, p := range []struct {
		label string
		value *int32
	}{{"  Row Cache:", f.RowCacheSavePeriod}, {"  Key Cache:", f.KeyCacheSavePeriod}} {
		switch {
		case p.value == nil:
		case *p.value == 0:
			d.line(p.label, "Disabled")
		default:
			number(d, p.label, p.value, " seconds")
		}
	}
	d.gap()
}

func (d *description) columns(f *schema.Family) {
	if len(f.Columns) == 0 {
		return
	}
	d.heading("Column Metadata")
	names := f.Comparator
	if f.IsSuper() {
		names = f.Subcomparator
	}
	for i := range f.Columns {
		c := &f.Columns[i]
		d.line("  - Name:", columnName(names, c.Name))
		d.line("    Value Type:", class(c.Validator))
		if c.Index != schema.NoIndex {
			d.line("    Index Type:", c.Index.String())
			d.line("    Index Name:", orDefault(c.IndexName, "None"))
		}
		d.gap()
	}
	if n := len(d.lines); d.lines[n-1] == "" {
		d.lines = d.lines[:n-1]
	}
}

// columnName returns a name as its type prints it. Text has no quotation marks.
func columnName(comparator string, name []byte) string {
	t := coltype.Type(coltype.Bytes)
	if comparator != "" {
		var err error
		if t, err = coltype.Parse(comparator); err != nil {
			t = coltype.Bytes
		}
	}
	v, err := t.Unpack(name)
	if err != nil {
		v = name
	}
	text := widerow.Repr(v)
	if _, ok := v.(string); ok && text == "'"+v.(string)+"'" {
		return v.(string)
	}
	if b, ok := v.([]byte); ok && text == "'"+string(b)+"'" {
		return string(b)
	}
	return text
}

func cacheSize(d *description, label string, size *float64, unit string) {
	switch {
	case size == nil:
	case *size == 0:
		d.line(label, "Disabled")
	case *size >= 1:
		d.line(label, fmt.Sprintf("%d %s", int64(*size), unit))
	default:
		d.line(label, strconv.FormatFloat(*size, 'g', -1, 64)+"%")
	}
}

func chance(d *description, label string, p *float64) {
	switch {
	case p == nil:
	case *p == 0:
		d.line(label, "Disabled")
	default:
		// The result is rounded, since 0.07*100 is not exactly 7.
		text := strconv.FormatFloat(*p*100, 'g', 12, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		d.line(label, text+"%")
	}
}

func number(d *description, label string, n *int32, unit string) {
	if n != nil {
		d.line(label, strconv.Itoa(int(*n))+unit)
	}
}

// class shortens the class names in a type. An empty type is BytesType.
func class(name string) string {
	return strings.ReplaceAll(orDefault(name, "BytesType"), "org.apache.cassandra.db.marshal.", "")
}

// short removes the package from a class name.

func orDefault[S ~string](s, or S) S {
	if s == "" {
		return or
	}
	return s
}
