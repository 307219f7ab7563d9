package cqlclient

import (
	"fmt"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/schema"
)

// snapshot is the schema in force. It is immutable.
type snapshot struct {
	// cat contains the families that the client serves. Each Family's Held is its *table.
	cat *catalog.Catalog
	// refused contains the tables that the client cannot serve, each with the reason and the way out.
	refused map[familyName]error
	// version is the cluster's schema_version at which the snapshot was read.
	version string

	release   string // release of the node from which the snapshot was read
	keyspaces map[string]keyspaceMeta
	tables    map[familyName]*tableMeta
	// refusedKeyspaces contains the keyspaces that the catalog cannot hold.
	refusedKeyspaces map[string]error
}

type familyName struct{ keyspace, family string }

// emptySnapshot returns the snapshot from which the first snapshot is made.
func emptySnapshot() *snapshot {
	cat, err := catalog.New(nil)
	if err != nil {
		panic(err) // cannot happen: the catalog is empty
	}
	return &snapshot{cat: cat}
}

// next returns the snapshot of rows that were read after s. Unchanged families keep their *catalog.Family and *table.
func (s *snapshot) next(rows *schemaRows) (*snapshot, error) {
	n := &snapshot{
		cat: s.cat, version: rows.version, release: rows.release,
		refused: map[familyName]error{}, refusedKeyspaces: map[string]error{},
	}
	var views []viewRow
	var err error
	if n.keyspaces, n.tables, views, err = rows.parse(); err != nil {
		return nil, &backend.Error{Kind: backend.KindInternal, Err: err}
	}
	for name := range s.keyspaces {
		if _, ok := n.keyspaces[name]; !ok {
			n.drop(schema.DropKeyspace{Name: name})
		}
	}
	same := s.release == n.release
	for name, old := range s.tables {
		if m := n.tables[name]; m == nil || m.text != old.text || !same {
			n.drop(schema.DropFamily{Keyspace: name.keyspace, Name: name.family})
		}
	}
	for name, k := range n.keyspaces {
		n.takeKeyspace(name, k, s)
	}
	for name, m := range n.tables {
		old := s.tables[name]
		_, badKeyspace := s.refusedKeyspaces[name.keyspace]
		switch {
		case n.refusedKeyspaces[name.keyspace] != nil:
			n.refused[name] = refuse(m, n.refusedKeyspaces[name.keyspace], wayCQL)
		case old != nil && old.text == m.text && same && !badKeyspace:
			n.tables[name] = old
			if err := s.refused[name]; err != nil {
				n.refused[name] = err
			}
		default:
			if err := n.takeTable(m); err != nil {
				n.refused[name] = err
			}
		}
	}
	for _, v := range views {
		n.refused[familyName{v.Keyspace, v.Name}] = &backend.Error{
			Kind: backend.KindUnsupported,
			Why:  fmt.Sprintf("%s.%s is a materialized view: use the table %s that it is of", v.Keyspace, v.Name, v.Base),
		}
	}
	return n, nil
}

// drop removes a keyspace or a family from the catalog, if the catalog contains it.
func (s *snapshot) drop(change schema.Change) {
	if cat, err := s.cat.Apply(change); err == nil {
		s.cat = cat
	}
}

// takeKeyspace adds a keyspace to the catalog.
func (s *snapshot) takeKeyspace(name string, k keyspaceMeta, old *snapshot) {
	if was, ok := old.keyspaces[name]; ok && was.text == k.text {
		if err := old.refusedKeyspaces[name]; err != nil {
			s.refusedKeyspaces[name] = err
		}
		return
	}
	def := schema.Keyspace{Name: name, DurableWrites: new(k.Durable), StrategyOptions: map[string]string{}}
	for option, v := range k.Replication {
		if option == "class" {
			def.Strategy = v
		} else {
			def.StrategyOptions[option] = v
		}
	}
	var change schema.Change = schema.CreateKeyspace{Keyspace: def}
	if s.cat.HasKeyspace(name) {
		change = schema.AlterKeyspace{Keyspace: def}
	}
	cat, err := s.cat.Apply(change)
	if err != nil {
		s.drop(schema.DropKeyspace{Name: name})
		s.refusedKeyspaces[name] = fmt.Errorf("its keyspace has a definition without a counterpart in the Thrift interface (%w)", err)
		return
	}
	s.cat = cat
}

// takeTable adds a table to the catalog. If the client cannot serve the table, the error says why.
func (s *snapshot) takeTable(m *tableMeta) error {
	sh, err := shapeOf(m, s.release)
	if err != nil {
		return err
	}
	cat, err := s.cat.Apply(schema.CreateFamily{Family: *sh.def})
	if err != nil {
		// The catalog knows the storage attributes of Cassandra 1.2 to 3.11. A definition cannot contain later attributes.
		plain := *sh.def
		plain.CompactionStrategy, plain.CompactionStrategyOptions, plain.CompressionOptions, plain.Caching = "", nil, nil, ""
		plain.MinCompactionThreshold, plain.MaxCompactionThreshold = nil, nil
		var again error
		if cat, again = s.cat.Apply(schema.CreateFamily{Family: plain}); again != nil {
			return refuse(m, err, wayCQL)
		}
	}
	f, err := cat.Family(m.Keyspace, m.Name)
	if err != nil {
		return err
	}
	t := sh.table
	if t.form == formOwn {
		quoted := make(map[string]string, len(t.shadows))
		for column, shadow := range t.shadows {
			quoted[column] = quoteName(shadow)
		}
		readable := t.readOnly
		unbuilt := map[string]bool{}
		for column, shadow := range t.shadows {
			if m.indexOn(shadow) == nil {
				unbuilt[column] = true
			}
		}
		if err := checkOwn(m, f, t.shadows); err != nil {
			return err
		}
		t = newOwnTable(f, quoted)
		t.unbuilt, t.readOnly = unbuilt, readable
	}
	t.family = f
	f.Held = t
	s.cat = cat
	return nil
}

// checkOwn compares the columns of a table with the definition in its comment.
func checkOwn(m *tableMeta, f *catalog.Family, shadows map[string]string) error {
	for _, c := range ownColumns(f, shadows) {
		have := m.column(c.name)
		if have == nil {
			return contradiction(m, "the definition in its comment has the column %s, which the table has not", c.name)
		}
		t, err := parseColumnType(have.Type)
		if err != nil {
			return contradiction(m, "column %s: %v", c.name, err)
		}
		if c.name == "value" && have.Kind == c.kind && t.class != nil && coltype.Equal(t.class, f.DefaultValidator) {
			continue // the column of an adopted table
		}
		if have.Kind != c.kind || have.desc() != c.desc || t.class == nil || !coltype.Equal(t.class, c.class) {
			return contradiction(m, "by the definition in its comment, column %s is %s (%s), and in the table it is %s (%s)",
				c.name, c.class, c.kind, have.Type, have.Kind)
		}
	}
	for i := range f.Indexes {
		if _, ok := shadows[string(f.Indexes[i].Column)]; !ok {
			return contradiction(m, "the definition in its comment has an index %s without a column that holds its values", f.Indexes[i].Name)
		}
	}
	return nil
}

func contradiction(m *tableMeta, format string, args ...any) error {
	return refuse(m, fmt.Errorf(format, args...),
		"restore the comment that the table was made with, or remove it from the line that begins with --widerow: on; the table is then served by its columns")
}
