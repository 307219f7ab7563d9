package cqlclient

import (
	"strings"

	"github.com/widerow/widerow/backend"
)

// foreignModification is the shape of an UPDATE or a DELETE in a table that is not direct.
type foreignModification struct {
	what         change
	stamped, ttl bool
	// equal is how many clustering columns are given.
	equal        int
	lower, upper edge
}

// write implements shape.
func (m foreignModification) write(t *table) string {
	var b strings.Builder
	using := modification{what: m.what, stamped: m.stamped, ttl: m.ttl}
	switch m.what {
	case write, increment:
		using.writeSet(&b, t, t.value)
	case remove:
		b.WriteString("DELETE FROM " + t.name)
		using.writeUsing(&b)
	}
	var where []string
	for _, k := range t.key {
		where = append(where, k.name+" = ?")
	}
	for _, c := range t.names[:m.equal] {
		where = append(where, c.name+" = ?")
	}
	b.WriteString(" WHERE " + strings.Join(m.upper.write(m.lower.write(where, t), t), " AND "))
	return b.String()
}

// checkForeign returns an error if a row mutation cannot be written to a table that is not direct.
func (t *table) checkForeign(row *backend.RowMutation) error {
	if t.form == formStatic {
		return t.checkDeclared(row)
	}
	a := newArguments(8)
	if err := t.addKey(a, row.Key); err != nil {
		return err
	}
	for i := range row.Mutations {
		m := &row.Mutations[i]
		switch p := m.Columns; {
		case m.Op != backend.Delete:
			parts, _, err := t.nameParts(m.Column.Name)
			if err != nil {
				return err
			}
			if len(parts) < len(t.names) && !t.short {
				return backend.InvalidRequest("the table has %d clustering columns, and the name only %d components", len(t.names), len(parts))
			}
		case p == nil:
		case p.Names != nil:
			for _, name := range p.Names {
				if parts, _, err := t.nameParts(name); err != nil {
					return err
				} else if len(parts) < len(t.names) {
					return unsupportedDeletion("a name that has fewer components than the table has clustering columns")
				}
			}
		default:
			_, exactStart, err := t.edgeOf(a, p.Start, true)
			if err != nil {
				return err
			}
			_, exactFinish, err := t.edgeOf(a, p.Finish, false)
			if err != nil {
				return err
			}
			if !exactStart || !exactFinish {
				return unsupportedDeletion("this slice of several components: no condition on the clustering columns selects it")
			}
		}
	}
	return nil
}

func unsupportedDeletion(what string) error {
	return &backend.Error{Kind: backend.KindUnsupported, Why: "a table of CQL with several clustering columns cannot delete " + what}
}

// foreign adds the statements of a mutation that checkForeign has accepted.
func (b *batch) foreign(t *table, key []byte, m *backend.Mutation) {
	if t.declares() && b.declared(t, key, m) {
		return
	}
	s := foreignModification{stamped: !t.family.Counter}
	name := func(name []byte) {
		_ = t.addKey(b.a, key)
		parts, _, _ := t.nameParts(name)
		s.equal = len(parts)
		for _, p := range parts {
			b.a.add(p)
		}
	}
	switch {
	case m.Op == backend.Add:
		s.what = increment
		b.a.addInt64(m.Delta)
		name(m.Column.Name)
	case m.Op == backend.Insert:
		s.what = write
		b.a.addInt64(m.Column.Timestamp)
		using := modification{}
		addWritten(t, b.a, &using, &m.Column)
		s.ttl = using.ttl
		name(m.Column.Name)
	case m.Columns != nil && m.Columns.Names != nil:
		s.what = remove
		for _, n := range m.Columns.Names {
			if s.stamped {
				b.a.addInt64(m.Timestamp)
			}
			name(n)
			b.entry(text(t, s))
		}
		return
	default:
		s.what = remove
		if s.stamped {
			b.a.addInt64(m.Timestamp)
		}
		_ = t.addKey(b.a, key)
		if p := m.Columns; p != nil {
			s.lower, _, _ = t.edgeOf(b.a, p.Start, true)
			s.upper, _, _ = t.edgeOf(b.a, p.Finish, false)
		}
	}
	b.entry(text(t, s))
}
