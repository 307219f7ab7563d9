package cqlclient

import (
	"maps"
	"slices"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/schema"
)

// ownColumn is a column of a table of ours.
type ownColumn struct {
	name     string
	kind     string
	declared string       // its type in CREATE TABLE
	class    coltype.Type // its type in system_schema after CREATE TABLE
	desc     bool
}

// newColumn returns a column with a declared type.
func newColumn(name, kind, declared string) ownColumn {
	c := ownColumn{name: name, kind: kind, declared: declared}
	// The class is the text between the quotes, or the class of the native type.
	t, err := parseColumnType(declared)
	if err != nil {
		panic(err) // declared was made from a valid type
	}
	c.class = t.class
	return c
}

// valueBlob is the type of the values: bytes, since each column may have a type of its own, which may be altered. Only an adopted
// table may have another type of values.
const valueBlob = "blob"

// ownColumns returns the columns of a family's table. The keys of shadows are the indexed columns.
func ownColumns(f *catalog.Family, shadows map[string]string) []ownColumn {
	columns := []ownColumn{newColumn("key", partitionKind, declaredBlob(f.KeyValidator))}
	names := []struct {
		name string
		t    coltype.Type
	}{{"column1", f.Comparator}, {"column2", f.Subcomparator}}
	for _, n := range names {
		if n.t != nil {
			c := newColumn(n.name, clusteringKind, declared(n.t))
			c.desc = clusterBy(n.name, n.t).desc
			columns = append(columns, c)
		}
	}
	if f.Counter {
		return append(columns, newColumn("value", regularKind, "counter"))
	}
	columns = append(columns, newColumn("value", regularKind, valueBlob), newColumn("ttl", regularKind, "int"))
	for _, column := range slices.Sorted(maps.Keys(shadows)) {
		columns = append(columns, newColumn(shadows[column], staticKind, declaredBlob(f.Validator([]byte(column)))))
	}
	return columns
}

// createTable returns the statement that creates the table of a family. The argument asked is the definition that the caller gave.
func createTable(f *catalog.Family, asked *schema.Family, shadows map[string]string, release string) (string, error) {
	var columns, key, order []string
	for _, c := range ownColumns(f, shadows) {
		text := quoteName(c.name) + " " + c.declared
		switch c.kind {
		case staticKind:
			text += " static"
		case clusteringKind:
			direction := " ASC"
			if c.desc {
				direction = " DESC"
			}
			order = append(order, quoteName(c.name)+direction)
			fallthrough
		case partitionKind:
			key = append(key, quoteName(c.name))
		}
		columns = append(columns, text)
	}
	d := definition{Family: f.Def, Shadows: shadows}
	comment, err := d.comment()
	if err != nil {
		return "", err
	}
	options := append([]string{"CLUSTERING ORDER BY (" + strings.Join(order, ", ") + ")", "comment = " + quoteText(comment)},
		tableOptions(f.Def, asked, nil, release)...)
	return "CREATE TABLE " + tableName(f.Def) + " (" + strings.Join(columns, ", ") + ", PRIMARY KEY (" + strings.Join(key, ", ") + ")) WITH " +
		strings.Join(options, " AND "), nil
}

// createIndex returns the statement that creates Cassandra's own index on a shadow. The statement names the kind of the index: the
// default kind of a Cassandra 5 can be configured, and other kinds refuse blobs.
func createIndex(f *schema.Family, name, shadow, release string) string {
	text := "CREATE INDEX " + quoteName(name) + " ON " + tableName(f) + " (" + quoteName(shadow) + ")"
	if !before(release, 5) {
		text += " USING 'legacy_local_table'"
	}
	return text
}

func tableName(f *schema.Family) string { return quoteName(f.Keyspace) + "." + quoteName(f.Name) }

// keyspaceStatement returns the statement that creates or alters a keyspace.
func keyspaceStatement(verb string, k *schema.Keyspace) string {
	replication := maps.Clone(k.StrategyOptions)
	if replication == nil {
		replication = map[string]string{}
	}
	replication["class"] = k.Strategy
	text := verb + " KEYSPACE " + quoteName(k.Name) + " WITH replication = " + mapLiteral(replication)
	if k.DurableWrites != nil && !*k.DurableWrites {
		return text + " AND durable_writes = false"
	}
	return text + " AND durable_writes = true"
}

// unalterable returns an error if an alteration cannot turn one table into another: CQL cannot alter the type of a column.
func unalterable(f, old *catalog.Family) error {
	before, after := ownColumns(old, nil), ownColumns(f, nil)
	for i, c := range after {
		if !coltype.Equal(before[i].class, c.class) || before[i].desc != c.desc {
			return &backend.Error{Kind: backend.KindUnsupported, Why: "Cassandra alters the type of no column: " +
				"the comparator and the key validation class of " + f.Def.Name + " stay as they are; make another family and copy the data"}
		}
	}
	return nil
}
