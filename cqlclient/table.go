package cqlclient

import (
	"sync/atomic"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
)

// form is how a table stores the columns of a family.
type form uint8

const (
	// formOwn is a table that this package made.
	formOwn form = iota
	// formDense is a table with one CQL row for each column that another program made: a compact table, a compact table after DROP
	// COMPACT STORAGE, or a plain table with one value column.
	formDense
	// formStatic is a table without clustering columns: each regular column is a column of the family.
	formStatic
	// formMixed is a static table after DROP COMPACT STORAGE: the declared columns are static and the others are CQL rows.
	formMixed
	// formRows is a plain table with several value columns: each cell is a column whose name ends with the value column's.
	formRows
)

// table is how a family is stored in CQL. It is immutable, except expires and columnSize. The value of catalog.Family.Held is a *table.
type table struct {
	family *catalog.Family
	name   string // quoted: "ks"."cf"
	form   form
	key    []keyColumn
	names  []clustering // column1 or, in a super family, column1 and column2; more if each component of a composite has a column
	value  string       // quoted; "" if the table has no value column
	// ttl is the quoted CQL column that stores the TTL with which a column was written. It is "" if the table has no such column.
	ttl     string
	shadows map[string]string // by the indexed column's name: its quoted static column
	statics map[string]string // formStatic, formMixed and formRows: by the declared column's name, the quoted column

	// unbuilt are the indexed columns whose index is still being built: writes keep their shadows, and no query uses them.
	unbuilt map[string]bool
	// readOnly says why the client does not write to the table. If the client writes to the table, readOnly is "".
	readOnly string
	// short means that the client may write names with fewer components than the comparator.
	short bool

	// expires is set once the client has read a column with a TTL. From then on the client also reads the ttl column.
	expires atomic.Bool
	// columnSize estimates the bytes of a column's name and value, from the columns that were read last.
	columnSize atomic.Int64
	texts      texts
}

// keyColumn is a column of the partition key. Several key columns store the components of a composite key.
type keyColumn struct {
	name string // quoted
	t    coltype.Type
}

// clustering is a clustering column.
type clustering struct {
	name string // quoted
	t    coltype.Type
	desc bool
}

// tableOf returns the table of a family.
func tableOf(f *catalog.Family) *table { return f.Held.(*table) }

// shadowOf returns the quoted shadow of a column, and the index that it serves. If the column has no shadow, shadowOf returns nil and "".
// Names that differ in bytes and are equal to the comparator, such as the decimals 1.5 and 1.50, are one column.
func (t *table) shadowOf(name []byte) (*catalog.Index, string) {
	if len(t.shadows) == 0 {
		return nil, ""
	}
	for i := range t.family.Indexes {
		x := &t.family.Indexes[i]
		if shadow := t.shadows[string(x.Column)]; shadow != "" && t.family.Comparator.Compare(x.Column, name) == 0 {
			return x, shadow
		}
	}
	return nil, ""
}

// writable returns an error if the family cannot be written to.
func (t *table) writable() error {
	if t.readOnly == "" {
		return nil
	}
	return &backend.Error{Kind: backend.KindUnsupported, Why: t.readOnly}
}

// newOwnTable describes a table that this package made.
func newOwnTable(f *catalog.Family, shadows map[string]string) *table {
	t := &table{
		family: f, name: quoteName(f.Def.Keyspace) + "." + quoteName(f.Def.Name), form: formOwn,
		key: []keyColumn{{"key", f.KeyValidator}}, value: "value", ttl: "ttl", shadows: shadows,
		names: []clustering{clusterBy("column1", f.Comparator)},
	}
	if f.Super {
		t.names = append(t.names, clusterBy("column2", f.Subcomparator))
	}
	if f.Counter {
		t.ttl = ""
	}
	return t
}

// clusterBy returns the clustering column for names of a type. For a reversed type it is a descending column of the base type.
func clusterBy(name string, t coltype.Type) clustering {
	c := clustering{name: name, t: t}
	for {
		r, ok := c.t.(*coltype.ReversedType)
		if !ok {
			return c
		}
		c.t, c.desc = r.Base(), !c.desc
	}
}
