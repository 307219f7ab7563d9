package backendtest

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/widerow/widerow/internal/testkit/model"
)

// randomFamily is a family of random histories.
type randomFamily struct {
	name, create string
	supers       []string // names of super columns, none in a standard family
	names        []string
	values       []string // none in a counter family

	indexed      []string // names of columns
	alterWithout string   // drops an index
	alterWith    string   // makes it again
}

const (
	textFamily = " with comparator=UTF8Type and default_validation_class=UTF8Type and key_validation_class=UTF8Type"
	indexes    = " and column 'i' UTF8Type indexed and column 'j' UTF8Type indexed"
)

// There are few names and values, so that writes concern the same columns.
var (
	randomKeys     = []string{"'k1'", "'k2'", "'k3'", "'k4'"}
	randomFamilies = []*randomFamily{
		{
			name:    "Standard",
			create:  "create column family Standard" + textFamily + indexes,
			names:   []string{"'a'", "'b'", "'c'", "'i'", "'j'"},
			values:  []string{"'x'", "'y'", "'é'", "''"},
			indexed: []string{"'i'", "'j'"},
			// Alterations replace the descriptions of columns.
			alterWithout: "alter column family Standard with column 'j' UTF8Type indexed",
			alterWith:    "alter column family Standard with column 'i' UTF8Type indexed and column 'j' UTF8Type indexed",
		},
		{
			name:   "Down",
			create: "create column family Down with comparator=ReversedType(LongType) and default_validation_class=LongType and key_validation_class=UTF8Type",
			names:  []string{"-1", "0", "1", "256"},
			values: []string{"1", "-1", "2"},
		},
		{
			name:   "Pairs",
			create: "create column family Pairs with comparator=CompositeType(UTF8Type,IntegerType) and default_validation_class=UTF8Type and key_validation_class=UTF8Type",
			names:  []string{"('a', 1)", "('a', 2)", "('a')", "('ab', -1)", "('b', 1)", "('a', x'0001')"},
			values: []string{"'x'", "'y'"},
		},
		{
			name:   "Groups",
			create: "create column family Groups with column_type=Super and comparator=LongType and subcomparator=UTF8Type and default_validation_class=UTF8Type and key_validation_class=UTF8Type",
			supers: []string{"-1", "1", "2"},
			names:  []string{"'a'", "'b'", "'c'"},
			values: []string{"'x'", "'y'"},
		},
		{
			name:   "Counts",
			create: "create column family Counts with comparator=UTF8Type and default_validation_class=CounterColumnType and key_validation_class=UTF8Type",
			names:  []string{"'a'", "'b'", "'c'"},
		},
		{
			name:   "SuperCounts",
			create: "create column family SuperCounts with column_type=Super and comparator=UTF8Type and subcomparator=UTF8Type and default_validation_class=CounterColumnType and key_validation_class=UTF8Type",
			supers: []string{"'s'", "'t'"},
			names:  []string{"'a'", "'b'"},
		},
	}
)

func pick(t *rapid.T, from []string, what string) string {
	return rapid.SampledFrom(from).Draw(t, what)
}

// often returns true n times out of ten.
func often(t *rapid.T, n int, what string) bool {
	return rapid.IntRange(0, 9).Draw(t, what) >= 10-n
}

// newHistories returns histories of statements that the store supports.
func newHistories(target *Target) *histories {
	g := &generator{}
	has := func(f Feature) bool { _, lacks := target.lacks(f); return !lacks }
	g.ttls = has(FarClock)
	g.slices = has(SliceDeletion) && has(OpenSliceDeletion) && has(OverlappingSliceDeletion) && has(SubcolumnSliceDeletion)
	g.counterDeletes = has(ExactCounters)
	g.reopens = has(Reopen)
	g.purges = has(Purge)
	for _, e := range exclusions {
		if !has(e.unless) {
			g.excluded = append(g.excluded, e.statement)
		}
	}
	return &histories{
		episode: rapid.Custom(g.episode),
		model:   model.Options{NoGhosts: !has(Ghosts), Ties4: !has(SignedTies)},
	}
}

// generator draws statements of scripts.
type generator struct {
	ttls, slices, counterDeletes, reopens, purges bool

	excluded []func(f *randomFamily, statement string) bool
}

// exclusions are kinds of statements that a store without a feature need not execute correctly.
var exclusions = []struct {
	unless    Feature
	statement func(f *randomFamily, statement string) bool
}{
	{NewestNames, func(_ *randomFamily, s string) bool { return strings.Contains(s, "x'0001'") }},
	{ReversedDescribed, func(f *randomFamily, s string) bool { return f.indexed != nil && strings.Contains(s, " reversed") }},
	{ReversedSupers, func(f *randomFamily, s string) bool { return f.supers != nil && strings.Contains(s, " reversed") }},
	{ValidatedCounts, func(_ *randomFamily, s string) bool {
		return strings.HasPrefix(s, "count ") && (strings.Contains(s, " from ") || strings.Contains(s, " to "))
	}},
	{CounterTruncation, func(f *randomFamily, s string) bool { return f.values == nil && strings.HasPrefix(s, "truncate ") }},
	{ExactResiduals, func(_ *randomFamily, s string) bool {
		return (strings.Contains(s, " where ") || strings.Contains(s, " filter ")) && strings.Contains(s, " and ")
	}},
	{RebuiltIndexes, isAlteration},
	{LateColumns, isAlteration},
}

func isAlteration(_ *randomFamily, s string) bool { return strings.HasPrefix(s, "alter ") }

// allowed returns a statement, or a plain read if the statement is excluded.
func (g *generator) allowed(t *rapid.T, f *randomFamily, statement string) string {
	for _, excluded := range g.excluded {
		if excluded(f, statement) {
			return "get " + f.row(t)
		}
	}
	return statement
}

// episode draws statements about one family, so that they affect each other.
func (g *generator) episode(t *rapid.T) episode {
	f := anyFamily(t)
	of := func(draw func(*rapid.T, *randomFamily) string) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string { return g.allowed(t, f, draw(t, f)) })
	}
	statements := []*rapid.Generator[string]{
		// As many times as it should be drawn.
		of(g.write), of(g.write), of(g.write), of(g.batch), of(g.batch),
		of(g.get), of(g.get), of(g.scan), of(g.schema),
	}
	if f.indexed != nil {
		statements = append(statements, of(g.indexedRow), of(g.indexedRow), of(g.where), of(g.where), of(g.where))
	}
	if g.ttls {
		statements = append(statements, rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("advance %ds", rapid.IntRange(1, 4).Draw(t, "seconds"))
		}))
	}
	var rare []string
	if g.purges {
		rare = append(rare, "purge")
		if g.ttls {
			rare = append(rare, afterGrace)
		}
	}
	if g.reopens {
		rare = append(rare, "reopen")
	}
	if len(rare) > 0 {
		statements = append(statements, rapid.SampledFrom(rare))
	}
	return episode{f, rapid.SliceOfN(rapid.OneOf(statements...), 1, 12).Draw(t, "episode")}
}

func anyFamily(t *rapid.T) *randomFamily {
	return rapid.SampledFrom(randomFamilies).Draw(t, "family")
}

// row draws a path to a row.
func (f *randomFamily) row(t *rapid.T) string {
	return f.name + "[" + pick(t, randomKeys, "key") + "]"
}

// parent draws a path to a row or super column.
func (f *randomFamily) parent(t *rapid.T) string {
	path := f.row(t)
	if f.supers != nil {
		path += "[" + pick(t, f.supers, "super") + "]"
	}
	return path
}

func timestamp(t *rapid.T) string {
	return fmt.Sprintf(" @+%d", rapid.IntRange(0, 5).Draw(t, "timestamp"))
}

// write draws an insert, an increment or a delete.
func (g *generator) write(t *rapid.T, f *randomFamily) string {
	if often(t, 3, "delete") && (f.values != nil || g.counterDeletes) {
		return g.del(t, f)
	}
	if f.values == nil {
		return fmt.Sprintf("incr %s[%s] by %d", f.parent(t), pick(t, f.names, "name"), rapid.IntRange(-3, 3).Draw(t, "delta"))
	}
	s := fmt.Sprintf("insert %s[%s] = %s%s", f.parent(t), pick(t, f.names, "name"), pick(t, f.values, "value"), timestamp(t))
	if g.ttls && often(t, 3, "expires") {
		s += fmt.Sprintf(" ttl %d", rapid.IntRange(1, 6).Draw(t, "ttl"))
	}
	return s
}

// del draws a delete of one of the four kinds.
func (g *generator) del(t *rapid.T, f *randomFamily) string {
	kinds := []string{"row", "column", "column", "columns"}
	if f.supers != nil {
		kinds = append(kinds, "super", "supers")
	}
	if g.slices && f.values != nil {
		kinds = append(kinds, "slice")
		if f.supers != nil {
			kinds = append(kinds, "slice of supers")
		}
	}
	var s string
	switch pick(t, kinds, "kind") {
	case "row":
		s = f.row(t)
	case "column":
		s = f.parent(t) + "[" + pick(t, f.names, "name") + "]"
	case "columns":
		s = f.parent(t) + " columns " + list(t, f.names)
	case "super":
		s = f.parent(t)
	case "supers":
		s = f.row(t) + " columns " + list(t, f.supers)
	case "slice":
		s = f.parent(t) + bounds(t, f.names, true)
	case "slice of supers":
		s = f.row(t) + bounds(t, f.supers, true)
	}
	if f.values != nil {
		s += timestamp(t)
	}
	return "del " + s
}

func list(t *rapid.T, from []string) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(from), 1, 3).Draw(t, "names"), ", ")
}

// bounds draws the ends of a slice, which may be in the wrong order.
func bounds(t *rapid.T, names []string, required bool) string {
	s := ""
	if often(t, 6, "from") || required {
		s += " from " + bound(t, names)
	}
	if often(t, 6, "to") {
		s += " to " + bound(t, names)
	}
	return s
}

// bound draws the end of a slice: a name or, in a family of composite names, a bound
// before or after all names that begin with a tuple.
func bound(t *rapid.T, names []string) string {
	name := pick(t, names, "bound")
	if strings.HasPrefix(name, "(") {
		name += pick(t, []string{"", "+", "-"}, "end")
	}
	return name
}

// batch draws writes to f and sometimes to other families.
func (g *generator) batch(t *rapid.T, f *randomFamily) string {
	writes := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		if often(t, 3, "elsewhere") {
			return g.write(t, anyFamily(t))
		}
		return g.write(t, f)
	}), 1, 6).Draw(t, "writes")
	return batchOf(writes)
}

func batchOf(writes []string) string {
	return beginBatch + "\n" + strings.Join(writes, "\n") + "\n" + applyBatch
}

// indexedRow draws a batch that writes all indexed columns of a row, so that one
// expression finds the row and another one filters it.
func (g *generator) indexedRow(t *rapid.T, f *randomFamily) string {
	row, ts := f.row(t), timestamp(t)
	var writes []string
	for _, name := range f.indexed {
		writes = append(writes, fmt.Sprintf("insert %s[%s] = %s%s", row, name, pick(t, f.values, "value"), ts))
	}
	return batchOf(writes)
}

// predicate draws clauses that select from names.
func predicate(t *rapid.T, names []string) string {
	if often(t, 3, "by name") {
		return " columns " + list(t, names)
	}
	s := bounds(t, names, false)
	if often(t, 4, "reversed") {
		s += " reversed"
	}
	if often(t, 5, "limited") {
		s += fmt.Sprintf(" limit %d", rapid.IntRange(0, 3).Draw(t, "limit"))
	}
	return s
}

func (g *generator) get(t *rapid.T, f *randomFamily) string {
	keys := strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(randomKeys), 1, 3, rapid.ID).Draw(t, "keys"), ", ")
	s := pick(t, []string{"get ", "count "}, "verb") + f.name + "[" + keys + "]"
	if f.supers != nil && often(t, 5, "within a super column") {
		return s + "[" + pick(t, f.supers, "super") + "]" + predicate(t, f.names)
	}
	if f.supers != nil {
		return s + predicate(t, f.supers)
	}
	return s + predicate(t, f.names)
}

func (g *generator) scan(t *rapid.T, f *randomFamily) string {
	s := "range " + f.name
	key := func() string { return pick(t, randomKeys, "key") }
	switch rapid.IntRange(0, 3).Draw(t, "kind of range") {
	case 1:
		s += " keys from " + key()
	case 2:
		s += " keys from " + key() + " keys to " + key()
	case 3:
		s += " tokens from of " + key() + " tokens to of " + key()
	}
	if often(t, 5, "limited") {
		s += fmt.Sprintf(" rows %d", rapid.IntRange(1, 4).Draw(t, "rows"))
	}
	if f.supers != nil && often(t, 5, "within a super column") {
		return s + " in " + pick(t, f.supers, "super") + predicate(t, f.names)
	}
	if f.supers != nil {
		return s + predicate(t, f.supers)
	}
	return s + predicate(t, f.names)
}

// where draws a request of an index or, sometimes, of a range with a filter.
func (g *generator) where(t *rapid.T, f *randomFamily) string {
	s := "range " + f.name + pick(t, []string{" where ", " where ", " filter "}, "verb")
	s += pick(t, f.indexed, "index") + " = " + pick(t, f.values, "value")
	for range rapid.IntRange(0, 2).Draw(t, "more") {
		s += fmt.Sprintf(" and %s %s %s", pick(t, slices.Concat(f.indexed, f.names), "name"),
			pick(t, []string{"=", "<", "<=", ">", ">="}, "operator"), pick(t, f.values, "value"))
	}
	if often(t, 3, "from") {
		s += " keys from " + pick(t, randomKeys, "key")
	}
	if often(t, 3, "limited") {
		s += fmt.Sprintf(" rows %d", rapid.IntRange(1, 3).Draw(t, "rows"))
	}
	return s + predicate(t, f.names)
}

// schema draws a truncation, an alteration, or a family that is dropped and
// created again.
func (g *generator) schema(t *rapid.T, f *randomFamily) string {
	choices := []string{"truncate " + f.name, "drop column family " + f.name + "\n" + f.create}
	if f.indexed != nil {
		choices = append(choices, f.alterWithout, f.alterWith)
	}
	return pick(t, choices, "change")
}
