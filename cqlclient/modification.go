package cqlclient

import "strings"

// modification is the shape of an UPDATE or a DELETE: all that its text depends on beside the table.
type modification struct {
	what change
	// stamped says the timestamp. Otherwise the timestamp is that of the batch.
	stamped bool
	// ttl says how long what is written lives. given writes that to the table's ttl column too.
	ttl, given bool
	// shadow is the quoted static column that is written with the column, or deleted; "" for none.
	shadow string
	// super is about one super column.
	super bool
	// named deletes names. Otherwise lower and upper bound a slice.
	named        naming
	lower, upper bool
	// conditions is how many values the column must have, all at once.
	conditions int
}

// change is what a modification does.
type change uint8

const (
	write        change = iota // of one column
	increment                  // of one counter
	remove                     // of columns, a super column or a row
	removeShadow               // of a row
	touch                      // a column, without a change of its value and its timestamp
)

// write implements shape.
func (m modification) write(t *table) string {
	var b strings.Builder
	switch m.what {
	case write, increment:
		b.WriteString("UPDATE " + t.name)
		m.writeUsing(&b)
		b.WriteString(" SET ")
		if m.what == increment {
			b.WriteString(t.value + " = " + t.value + " + ?")
			break
		}
		b.WriteString(t.value + " = ?")
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
