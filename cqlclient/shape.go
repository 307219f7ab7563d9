package cqlclient

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// shape is how the client serves a table: the definition of the family, and a table whose family is not set yet.
type shape struct {
	def   *schema.Family
	table *table
}

// shapeOf decides how the client serves a table. If the client cannot serve the table, the error says why, and the way out.
//
// If the comment of a table has a definition, the client serves the table by the definition. Otherwise its columns decide:
//
//   - the columns of a table of ours that has lost its comment: as formOwn;
//   - partition columns, clustering columns and one value: as formDense. Such tables are compact tables, compact tables after DROP
//     COMPACT STORAGE, and plain tables with one value for each of their rows;
//   - the same with static columns that were declared in Thrift: as formMixed;
//   - no clustering columns: as formStatic. So are static compact tables, which hide their clustering column;
//   - clustering columns and several values: as formRows, read only.
func shapeOf(m *tableMeta, release string) (*shape, error) {
	_, d, err := parseComment(m.Comment)
	if err != nil {
		return nil, refuse(m, err, "restore the comment, or remove it from the line that begins with --widerow: on; the table is then served by its columns")
	}
	s := &shape{table: &table{name: quoteName(m.Keyspace) + "." + quoteName(m.Name)}}
	if d != nil {
		s.def = d.Family
		s.def.Keyspace, s.def.Name = m.Keyspace, m.Name
		s.table.form, s.table.shadows = formOwn, d.Shadows
		overlay(s.def, &m.tableRow)
		return s, nil
	}
	s.def = &schema.Family{
		Keyspace: m.Keyspace, Name: m.Name, Type: schema.Standard, Comment: m.Comment,
		DefaultValidator: schema.BytesType,
	}
	overlay(s.def, &m.tableRow)
	if err := s.of(m, release); err != nil {
		return nil, err
	}
	return s, nil
}

// refuse returns the error of a table that the client does not serve.
func refuse(m *tableMeta, why error, way string) error {
	return &backend.Error{
		Kind: backend.KindUnsupported, Why: fmt.Sprintf("table %s.%s cannot be served as a column family: %v; %s", m.Keyspace, m.Name, why, way),
	}
}

const (
	wayCQL    = "use it through CQL, or copy it into a family"
	wayThrift = "copy it into a new family with widerow dump and load while the cluster is at 3.11"
)

// of decides the shape by the columns.
func (s *shape) of(m *tableMeta, release string) error {
	if m.flag("super") || m.column("") != nil {
		if before(release, 4) {
			return refuse(m, errors.New("it is a super column family that Thrift made, and Cassandra 4 and later cannot read its data"),
				wayThrift+" or before; over Thrift it is served")
		}
		return refuse(m, errors.New("it was a super column family, whose data Cassandra 4 and later cannot read"), wayThrift)
	}
	partition, clusterings := m.kind(partitionKind), m.kind(clusteringKind)
	statics, values := m.kind(staticKind), m.kind(regularKind)
	if err := s.keyOf(m, partition, release); err != nil {
		return err
	}
	for _, c := range slices.Concat(statics, values) {
		if t, err := parseColumnType(c.Type); err != nil {
			return refuse(m, fmt.Errorf("column %q: %w", c.Name, err), wayCQL)
		} else if _, err := t.value(); err != nil && !m.hidden(&c) {
			return refuse(m, fmt.Errorf("column %q: %w", c.Name, err), wayCQL)
		}
	}
	switch {
	case m.staticCompact():
		return s.staticOf(m, statics, clusterings[0].Type)
	case len(clusterings) == 0:
		return s.staticOf(m, values, "text")
	case isOwn(m):
		return s.ownOf(m)
	}
	if err := s.namesOf(m, clusterings); err != nil {
		return err
	}
	switch {
	case len(values) == 1 && values[0].Type == "empty", len(values) == 0:
		return refuse(m, errors.New("its rows have no value"), wayCQL)
	case len(values) == 1 && len(statics) > 0 && isMixed(m, clusterings, statics, values):
		s.table.form = formMixed
		s.valueOf(&values[0])
		return s.declare(m, statics, s.table.names[0].t)
	case len(values) == 1:
		s.table.form = formDense
		s.table.short = m.compact() && len(clusterings) > 1
		s.valueOf(&values[0])
		if len(statics) > 0 {
			s.table.readOnly = fmt.Sprintf("table %s.%s has static columns, which a family has no place for: deleting a row would delete them unseen; %s",
				m.Keyspace, m.Name, "write to it through CQL")
		}
		return nil
	}
	s.rowsOf(m, values)
	return nil
}

// staticCompact reports whether the table is a compact one without the flag dense: CQL shows its static
// columns as its columns and hides column1 and value, in which undeclared columns are.
func (m *tableMeta) staticCompact() bool {
	return !m.flag("compound") && !m.flag("dense") && len(m.kind(clusteringKind)) == 1
}

// hidden reports whether CQL does not show a column.
func (m *tableMeta) hidden(c *columnRow) bool { return m.staticCompact() && c.Kind == regularKind }

// keyOf reads the type of the keys. As in Thrift, several partition columns are the components of a composite.
func (s *shape) keyOf(m *tableMeta, partition []columnRow, release string) error {
	var types []coltype.Type
	for _, c := range partition {
		t, err := parseColumnType(c.Type)
		if err == nil {
			var name coltype.Type
			if name, err = t.name(); err == nil {
				types = append(types, name)
				s.table.key = append(s.table.key, keyColumn{quoteName(c.Name), name})
				continue
			}
		}
		return refuse(m, fmt.Errorf("partition column %q: %w", c.Name, err), wayCQL)
	}
	if len(types) > 1 {
		s.def.KeyValidator = coltype.Composite(types...).String()
		return nil
	}
	if _, ok := types[0].(*coltype.CompositeType); ok && before(release, 5) {
		return refuse(m, errors.New("its keys are of a composite class in one column, which Cassandra before 5.0 returns cut short"),
			"copy it to a table whose key has a column for each component")
	}
	s.def.KeyValidator = types[0].String()
	if !slices.Equal(s.def.KeyAlias, []byte(partition[0].Name)) && partition[0].Name != "key" {
		s.def.KeyAlias = []byte(partition[0].Name)
	}
	return nil
}

// namesOf reads the type of the column names. Several clustering columns are the components of a composite.
func (s *shape) namesOf(m *tableMeta, clusterings []columnRow) error {
	var types []coltype.Type
	for _, c := range clusterings {
		t, err := parseColumnType(c.Type)
		if err == nil {
			var name coltype.Type
			if name, err = t.name(); err == nil {
				s.table.names = append(s.table.names, clustering{quoteName(c.Name), name, c.desc()})
				if c.desc() {
					name = coltype.Reversed(name)
				}
				types = append(types, name)
				continue
			}
		}
		return refuse(m, fmt.Errorf("clustering column %q: %w", c.Name, err), wayCQL)
	}
	if len(types) == 1 {
		s.def.Comparator = types[0].String()
	} else {
		s.def.Comparator = coltype.Composite(types...).String()
	}
	return nil
}

// valueOf uses a column as the column of the values.
func (s *shape) valueOf(c *columnRow) {
	t, _ := parseColumnType(c.Type)
	v, _ := t.value() // of has checked the type
	s.def.DefaultValidator = v.String()
	s.table.value = quoteName(c.Name)
}

// staticOf describes a table whose columns are the family's columns.
func (s *shape) staticOf(m *tableMeta, columns []columnRow, comparator string) error {
	names, err := parseColumnType(comparator)
	if err == nil {
		var t coltype.Type
		if t, err = names.name(); err == nil {
			s.table.form = formStatic
			s.def.Comparator = t.String()
			if m.flag("counter") {
				s.def.DefaultValidator = schema.CounterColumnType
			}
			if len(columns) == 0 {
				return refuse(m, errors.New("it has no columns beside its key"), wayCQL)
			}
			return s.declare(m, columns, t)
		}
	}
	return refuse(m, fmt.Errorf("its column names: %w", err), wayCQL)
}

// declare describes columns of CQL that are columns of the family.
func (s *shape) declare(m *tableMeta, columns []columnRow, names coltype.Type) error {
	s.table.statics = map[string]string{}
	for _, c := range columns {
		if err := names.Validate(c.Raw); err != nil {
			return refuse(m, fmt.Errorf("column %q is not a valid name for %s: %w", c.Name, names, err), wayCQL)
		}
		t, _ := parseColumnType(c.Type)
		v, _ := t.value()
		column := schema.Column{Name: c.Raw, Validator: v.String()}
		if x := m.indexOn(c.Name); x != nil && !m.flag("counter") {
			column.Index, column.IndexName = schema.KeysIndex, x.Name
		}
		s.def.Columns = append(s.def.Columns, column)
		s.table.statics[string(c.Raw)] = quoteName(c.Name)
	}
	return nil
}

// isMixed reports whether a table is a static compact table after DROP COMPACT STORAGE. In such a table the declared columns are static
// columns and the other columns are in column1 and value, so that all names have one type.
func isMixed(m *tableMeta, clusterings, statics, values []columnRow) bool {
	if len(clusterings) != 1 || clusterings[0].Name != "column1" || values[0].Name != "value" {
		return false
	}
	t, err := parseColumnType(clusterings[0].Type)
	if err != nil || t.class == nil {
		return false
	}
	return !slices.ContainsFunc(statics, func(c columnRow) bool { return t.class.Validate(c.Raw) != nil })
}

// rowsOf describes a table with several values in each row. As in Thrift, each cell is a column, whose name is the name of the row followed
// by the name of the value's column.
func (s *shape) rowsOf(m *tableMeta, values []columnRow) {
	s.table.form = formRows
	s.table.statics = map[string]string{}
	var types []coltype.Type
	for _, c := range s.table.names {
		if c.desc {
			types = append(types, coltype.Reversed(c.t))
		} else {
			types = append(types, c.t)
		}
	}
	s.def.Comparator = coltype.Composite(append(types, coltype.UTF8)...).String()
	if m.flag("counter") {
		s.def.DefaultValidator = schema.CounterColumnType
	}
	for _, c := range values {
		s.table.statics[c.Name] = quoteName(c.Name)
	}
	s.table.readOnly = fmt.Sprintf("table %s.%s has several values in each row: it is served for reading; write to it through CQL", m.Keyspace, m.Name)
}

// shadowPrefix is the prefix of the names of shadows.
const shadowPrefix = "ix_"

// isOwn reports whether a table without a definition has the columns of a table of ours.
func isOwn(m *tableMeta) bool {
	partition, clusterings, values := m.kind(partitionKind), m.kind(clusteringKind), m.kind(regularKind)
	if m.compact() || len(partition) != 1 || partition[0].Name != "key" || len(clusterings) > 2 || clusterings[0].Name != "column1" {
		return false
	}
	if len(clusterings) == 2 && clusterings[1].Name != "column2" {
		return false
	}
	for _, c := range m.kind(staticKind) {
		if !strings.HasPrefix(c.Name, shadowPrefix) {
			return false
		}
	}
	if m.flag("counter") {
		return false // the table looks like a dense table, and is served as a dense table
	}
	return len(values) == 2 && values[0].Name == "ttl" && values[0].Type == "int" && values[1].Name == "value" && values[1].Type == "blob"
}

// ownOf describes a table of ours that has lost its definition. The types of the values are lost; the indexes are not.
func (s *shape) ownOf(m *tableMeta) error {
	if err := s.namesOf(m, m.kind(clusteringKind)); err != nil {
		return err
	}
	s.table.form = formOwn
	types := s.table.names
	s.def.Comparator = reversedIf(types[0]).String()
	if len(types) == 2 {
		s.def.Type, s.def.Subcomparator = schema.Super, reversedIf(types[1]).String()
	}
	s.table.names = nil // as in every table of ours
	s.table.shadows = map[string]string{}
	for _, c := range m.kind(staticKind) {
		name, ok := indexedBy(c.Name)
		x := m.indexOn(c.Name)
		if !ok || x == nil || s.def.IsSuper() {
			continue
		}
		t, err := parseColumnType(c.Type)
		if err != nil || t.class == nil {
			continue
		}
		s.def.Columns = append(s.def.Columns, schema.Column{Name: name, Validator: t.class.String(), Index: schema.KeysIndex, IndexName: x.Name})
		s.table.shadows[string(name)] = c.Name
	}
	return nil
}

func reversedIf(c clustering) coltype.Type {
	if c.desc {
		return coltype.Reversed(c.t)
	}
	return c.t
}
