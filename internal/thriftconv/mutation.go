package thriftconv

import (
	"bytes"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/internal/thriftwire"
)

// CheckCell returns Cassandra's error for a column that cannot be written
// (ThriftValidation.validateTtl, validateColumnData). It checks the facts that a backend.Column
// does not contain. A TTL of 0 is valid only in families with a default TTL, which it turns off.
func CheckCell(c *thriftwire.Column, defaultTTL bool) error {
	switch {
	case c.TTL.Set && (c.TTL.V < 0 || c.TTL.V == 0 && !defaultTTL):
		return refusal.TTL()
	case c.Value == nil:
		return backend.InvalidRequest("Column value is required")
	case !c.Timestamp.Set:
		return backend.InvalidRequest("Column timestamp is required")
	}
	return nil
}

// Family is the part of a column family that decides which mutations are valid.
type Family struct {
	Name       string // for errors
	Counters   bool   // the columns are counters, whose deletions need no timestamp
	DefaultTTL bool   // the family has a default TTL
}

// MutationsFromThrift appends mutations of a row of a family to dst. A mutation with a super
// column becomes a mutation for each column in the super column. MutationsFromThrift checks the
// facts that the result does not contain. Its error is an invalid request.
//
// The parameter family decides which mutations are valid.
func MutationsFromThrift(dst []backend.Mutation, list []thriftwire.Mutation, family Family) ([]backend.Mutation, error) {
	for i := range list {
		m := &list[i]
		var err error
		switch {
		case (m.ColumnOrSupercolumn == nil) == (m.Deletion == nil):
			err = refusal.Mutation()
		case m.Deletion != nil:
			dst, err = appendDeletion(dst, m.Deletion, family)
		default:
			dst, err = appendWrite(dst, m.ColumnOrSupercolumn, family)
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// CountMutations returns the maximal number of mutations that MutationsFromThrift appends.
func CountMutations(list []thriftwire.Mutation) int {
	n := len(list)
	for i := range list {
		if c := list[i].ColumnOrSupercolumn; c != nil {
			if c.SuperColumn != nil {
				n += len(c.SuperColumn.Columns)
			}
			if c.CounterSuperColumn != nil {
				n += len(c.CounterSuperColumn.Columns)
			}
		}
	}
	return n
}

func appendWrite(dst []backend.Mutation, c *thriftwire.ColumnOrSuperColumn, family Family) ([]backend.Mutation, error) {
	set := 0
	for _, is := range [...]bool{c.Column != nil, c.SuperColumn != nil, c.CounterColumn != nil, c.CounterSuperColumn != nil} {
		if is {
			set++
		}
	}
	switch counts := c.CounterColumn != nil || c.CounterSuperColumn != nil; {
	case set != 1:
		return dst, backend.InvalidRequest("ColumnOrSuperColumn must have one (and only one) of column, super_column, counter and counter_super_column")
	case family.Counters && !counts:
		return dst, refusal.Counters(family.Name)
	case counts && !family.Counters:
		return dst, refusal.NoCounters(family.Name)
	}
	switch {
	case c.Column != nil:
		return appendInsert(dst, nil, c.Column, family)
	case c.SuperColumn != nil:
		for i := range c.SuperColumn.Columns {
			var err error
			if dst, err = appendInsert(dst, c.SuperColumn.Name, &c.SuperColumn.Columns[i], family); err != nil {
				return dst, err
			}
		}
	case c.CounterColumn != nil:
		dst = append(dst, AddFromThrift(nil, c.CounterColumn))
	default:
		for i := range c.CounterSuperColumn.Columns {
			dst = append(dst, AddFromThrift(c.CounterSuperColumn.Name, &c.CounterSuperColumn.Columns[i]))
		}
	}
	return dst, nil
}

func appendInsert(dst []backend.Mutation, super []byte, c *thriftwire.Column, family Family) ([]backend.Mutation, error) {
	if err := CheckCell(c, family.DefaultTTL); err != nil {
		return dst, err
	}
	return append(dst, backend.Mutation{Op: backend.Insert, Super: super, Column: WrittenFromThrift(c)}), nil
}

// AddFromThrift returns an increment of a counter. super is nil in a standard family.
func AddFromThrift(super []byte, c *thriftwire.CounterColumn) backend.Mutation {
	return backend.Mutation{Op: backend.Add, Super: super, Column: backend.Column{Name: c.Name}, Delta: c.Value}
}

// appendDeletion appends a deletion. As in Cassandra, if there are names, the slice is
// ignored. Only the ends of a slice are used.
func appendDeletion(dst []backend.Mutation, d *thriftwire.Deletion, family Family) ([]backend.Mutation, error) {
	m := backend.Mutation{Op: backend.Delete, Super: d.SuperColumn, Timestamp: d.Timestamp.V}
	if p := d.Predicate; p != nil {
		if p.ColumnNames == nil && p.SliceRange == nil {
			return dst, backend.InvalidRequest("A SlicePredicate must be given a list of Columns, a SliceRange, or both")
		}
		columns := PredicateFromThrift(p)
		if columns.Reversed {
			columns.Start, columns.Finish = columns.Finish, columns.Start
		}
		columns.Reversed, columns.Count = false, 0
		m.Columns = &columns
	}
	if !d.Timestamp.Set && !family.Counters {
		return dst, backend.InvalidRequest("Deletion timestamp is not optional for non commutative column family %s", family.Name)
	}
	return append(dst, m), nil
}

// MutationsToThrift appends mutations of a row of a family to dst. Consecutive writes to the same
// super column become one mutation.
func MutationsToThrift(dst []thriftwire.Mutation, list []backend.Mutation) []thriftwire.Mutation {
	for i := 0; i < len(list); {
		m := &list[i]
		if m.Op == backend.Delete {
			dst = append(dst, thriftwire.Mutation{Deletion: deletionToThrift(m)})
			i++
			continue
		}
		n := 1
		if m.Super != nil {
			for i+n < len(list) && list[i+n].Op == m.Op && list[i+n].Super != nil && bytes.Equal(list[i+n].Super, m.Super) {
				n++
			}
		}
		dst = append(dst, thriftwire.Mutation{ColumnOrSupercolumn: writesToThrift(list[i : i+n])})
		i += n
	}
	return dst
}

// writesToThrift returns inserts or increments in one super column, or a single insert or increment.
func writesToThrift(list []backend.Mutation) *thriftwire.ColumnOrSuperColumn {
	m := &list[0]
	switch {
	case m.Op == backend.Add && m.Super == nil:
		return &thriftwire.ColumnOrSuperColumn{CounterColumn: &thriftwire.CounterColumn{Name: m.Column.Name, Value: m.Delta}}
	case m.Op == backend.Add:
		s := &thriftwire.CounterSuperColumn{Name: m.Super}
		for i := range list {
			s.Columns = append(s.Columns, thriftwire.CounterColumn{Name: list[i].Column.Name, Value: list[i].Delta})
		}
		return &thriftwire.ColumnOrSuperColumn{CounterSuperColumn: s}
	case m.Super == nil:
		return &thriftwire.ColumnOrSuperColumn{Column: new(CellToThrift(&m.Column))}
	}
	s := &thriftwire.SuperColumn{Name: m.Super, Columns: make([]thriftwire.Column, len(list))}
	for i := range list {
		s.Columns[i] = CellToThrift(&list[i].Column)
	}
	return &thriftwire.ColumnOrSuperColumn{SuperColumn: s}
}

func deletionToThrift(m *backend.Mutation) *thriftwire.Deletion {
	d := &thriftwire.Deletion{Timestamp: thriftwire.Some(m.Timestamp), SuperColumn: m.Super}
	if m.Columns != nil {
		d.Predicate = new(PredicateToThrift(m.Columns))
	}
	return d
}
