package catalog

import (
	"bytes"
	"slices"
	"time"

	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// Family is a compiled column family. It is immutable.
type Family struct {
	// Def is the complete definition. It must not be changed.
	Def *schema.Family

	Comparator       coltype.Type // type of column names, or of super column names
	Subcomparator    coltype.Type // type of the names in a super column; nil in a standard family
	DefaultValidator coltype.Type
	KeyValidator     coltype.Type

	Super, Counter bool
	// GCGrace is the time for which a tombstone is kept. It is not negative.
	GCGrace time.Duration
	// Indexes are the family's secondary indexes, sorted by the bytes of the
	// column's name.
	Indexes []Index

	// Held is the state that a store attaches to the family. The store that owns the catalog sets it
	// before other goroutines see the catalog.
	Held any

	defaultTTL int32 // seconds; 0 means no TTL

	columns map[string]column // columns that the definition describes, by name
	content digest            // digest of Def
}

// Index is a secondary index on the values of one column.
type Index struct {
	Name   string
	Column []byte
	Type   coltype.Type // type of the column's values
}

type column struct {
	validator coltype.Type
	index     *Index
}

// parse returns the family of a complete definition. It replaces the class names in the
// definition by full class names.
func parse(def *schema.Family) (*Family, error) {
	f := &Family{
		Def:     def,
		Super:   def.IsSuper(),
		GCGrace: time.Duration(max(0, *def.GCGraceSeconds)) * time.Second,
	}
	for _, class := range []struct {
		t    *coltype.Type
		name *string
	}{
		{&f.Comparator, &def.Comparator},
		{&f.Subcomparator, &def.Subcomparator},
		{&f.KeyValidator, &def.KeyValidator},
		{&f.DefaultValidator, &def.DefaultValidator},
	} {
		if class.t == &f.Subcomparator && *class.name == "" {
			continue // a standard family
		}
		t, err := parseType(*class.name)
		if err != nil {
			return nil, err
		}
		*class.t, *class.name = t, t.String()
	}
	f.Counter = f.DefaultValidator == coltype.CounterColumn
	if def.DefaultTTL != nil {
		f.defaultTTL = *def.DefaultTTL
	}
	f.columns = make(map[string]column, len(def.Columns))
	for i := range def.Columns {
		c := &def.Columns[i]
		t, err := parseType(c.Validator)
		if err != nil {
			return nil, err
		}
		c.Validator = t.String()
		f.columns[string(c.Name)] = column{validator: t}
	}
	return f, nil
}

// compileIndexes sets Indexes from the columns that have an index.
func (f *Family) compileIndexes() {
	for i := range f.Def.Columns {
		if c := &f.Def.Columns[i]; c.Index != schema.NoIndex {
			f.Indexes = append(f.Indexes, Index{c.IndexName, c.Name, f.columns[string(c.Name)].validator})
		}
	}
	slices.SortFunc(f.Indexes, func(a, b Index) int { return bytes.Compare(a.Column, b.Column) })
	for i := range f.Indexes {
		index := &f.Indexes[i]
		f.columns[string(index.Column)] = column{index.Type, index}
	}
}

// ColumnNames returns the type of the names of plain columns: the
// subcomparator in a super family, otherwise the comparator.
func (f *Family) ColumnNames() coltype.Type {
	if f.Super {
		return f.Subcomparator
	}
	return f.Comparator
}

// Names returns the type of the names in a request for the given parent: the
// subcomparator if super is set, otherwise the comparator.
func (f *Family) Names(super []byte) coltype.Type {
	if super != nil {
		return f.Subcomparator
	}
	return f.Comparator
}

// Validator returns the type of the values of the named column. In a super family
// it is the type of the named subcolumn's values.
func (f *Family) Validator(name []byte) coltype.Type {
	if c, ok := f.columns[string(name)]; ok {
		return c.validator
	}
	return f.DefaultValidator
}

// Indexed returns the index on the named column, or nil.
func (f *Family) Indexed(name []byte) *Index { return f.columns[string(name)].index }
