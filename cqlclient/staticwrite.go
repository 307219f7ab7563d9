package cqlclient

import (
	"strings"

	"github.com/widerow/widerow/backend"
)

// declaredModification is the shape of a statement that changes a column of CQL which is a column of the family (formStatic, formMixed).
type declaredModification struct {
	what         change // write, increment or remove
	column       string // quoted
	stamped, ttl bool
}

// write implements shape.
func (m declaredModification) write(t *table) string {
	using := modification{what: m.what, stamped: m.stamped, ttl: m.ttl}
	var b strings.Builder
	switch m.what {
	case remove:
		b.WriteString("DELETE " + m.column + " FROM " + t.name)
		using.writeUsing(&b)
	default:
		using.writeSet(&b, t, m.column)
	}
	for i, k := range t.key {
		b.WriteString([]string{" WHERE ", " AND "}[min(i, 1)] + k.name + " = ?")
	}
	return b.String()
}

// declares reports whether the family's columns are CQL columns, which are written one by one.
func (t *table) declares() bool { return t.form == formStatic || t.form == formMixed }

// checkDeclared refuses mutations that a table without clustering columns cannot store.
func (t *table) checkDeclared(row *backend.RowMutation) error {
	for i := range row.Mutations {
		m := &row.Mutations[i]
		if m.Op != backend.Delete && t.statics[string(m.Column.Name)] == "" {
			return backend.InvalidRequest("table %s has the columns that its definition describes and no others: %q is not one of them",
				t.name, m.Column.Name)
		}
	}
	return t.addKey(newArguments(len(t.key)), row.Key)
}

// declared adds the statements of a mutation that change declared CQL columns. It reports whether these statements are the whole mutation.
func (b *batch) declared(t *table, key []byte, m *backend.Mutation) bool {
	if m.Op != backend.Delete {
		column := t.statics[string(m.Column.Name)]
		if column != "" {
			b.setDeclared(t, key, column, m)
		}
		return column != ""
	}
	p := m.Columns
	if p == nil {
		return false // the whole row is deleted
	}
	order := t.family.Comparator
	for _, d := range t.declared() {
		selected := p.Names == nil && between(order, p, d.name) == 0
		for _, name := range p.Names {
			selected = selected || order.Compare(name, d.name) == 0
		}
		if !selected {
			continue
		}
		s := declaredModification{what: remove, column: d.column, stamped: !t.family.Counter}
		if s.stamped {
			b.a.addInt64(m.Timestamp)
		}
		_ = t.addKey(b.a, key)
		b.entry(text(t, s))
	}
	return t.form == formStatic
}

func (b *batch) setDeclared(t *table, key []byte, column string, m *backend.Mutation) {
	s := declaredModification{what: increment, column: column}
	if m.Op == backend.Add {
		b.a.addInt64(m.Delta)
	} else {
		b.a.addInt64(m.Column.Timestamp)
		var using modification
		addWritten(t, b.a, &using, &m.Column)
		s.what, s.stamped, s.ttl = write, true, using.ttl
	}
	_ = t.addKey(b.a, key) // checkDeclared has checked the key
	b.entry(text(t, s))
}

// indexColumn returns the quoted CQL column whose index serves queries of a column. If no query can use an index, it returns "".
func (t *table) indexColumn(name []byte) string {
	switch {
	case t.unbuilt[string(name)]:
		return ""
	case t.declares() && t.family.Indexed(name) != nil:
		return t.statics[string(name)]
	}
	return t.shadows[string(name)]
}
