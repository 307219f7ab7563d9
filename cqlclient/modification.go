package cqlclient

import "strings"

// modification is the shape of an UPDATE or a DELETE. The text of the statement depends only on the modification and the table.
type modification struct {
	what change
	// stamped means that the statement has a timestamp of its own. If stamped is false, the batch's timestamp applies.
	stamped bool
	// ttl means that the written column has a TTL. given means that the TTL is also stored in the table's ttl column.
	ttl, given bool
	// shadow is the quoted static column that is written or deleted with the column. It is "" if the column has no shadow.
	shadow string
	// super means that the statement changes one super column.
	super bool
	// named deletes names. Otherwise lower and upper bound a slice.
	named        naming
	lower, upper bool
	// conditions is how many conditions the column must fulfil together.
	conditions int
}

// change is the kind of a modification.
type change uint8

const (
	write        change = iota // writes one column
	increment                  // increments one counter
	remove                     // removes columns, a super column or a row
	removeShadow               // removes the shadow of a row
	touch                      // touches a column without a change of its value and its timestamp
)

// write implements shape.
func (m modification) write(t *table) string {
	var b strings.Builder
	switch m.what {
	case write, increment:
		m.writeSet(&b, t, t.value)
		if m.what == increment {
			break
		}
		if m.given {
			b.WriteString(", " + t.ttl + " = ?")
		}
		if m.shadow != "" {
			b.WriteString(", " + m.shadow + " = ?")
		}
	case touch:
		b.WriteString("UPDATE " + t.name + " SET " + t.ttl + " = null")
	case remove:
		b.WriteString("DELETE FROM " + t.name)
		m.writeUsing(&b)
	case removeShadow:
		b.WriteString("DELETE " + m.shadow + " FROM " + t.name)
		m.writeUsing(&b)
	}
	s := selection{keyed: true, super: m.super, named: m.named, lower: m.lower, upper: m.upper}
	s.writeConditions(&b, t)
	for i := range m.conditions {
		b.WriteString([]string{" IF ", " AND "}[min(i, 1)] + t.value + " = ?")
	}
	return b.String()
}

// writeSet appends an UPDATE that sets a column to a bound value or, for an increment, adds the bound value to it.
func (m modification) writeSet(b *strings.Builder, t *table, column string) {
	b.WriteString("UPDATE " + t.name)
	m.writeUsing(b)
	b.WriteString(" SET " + column + " = ")
	if m.what == increment {
		b.WriteString(column + " + ")
	}
	b.WriteString("?")
}

func (m modification) writeUsing(b *strings.Builder) {
	switch {
	case m.stamped && m.ttl:
		b.WriteString(" USING TIMESTAMP ? AND TTL ?")
	case m.stamped:
		b.WriteString(" USING TIMESTAMP ?")
	case m.ttl:
		b.WriteString(" USING TTL ?")
	}
}
