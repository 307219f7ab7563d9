package catalog

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
)

// maxTTL is twenty years.
const maxTTL = 20 * 365 * 24 * 60 * 60

// TTL returns the effective TTL of a column in seconds, by the rules of [backend.Column]. 0 means no TTL.
func (f *Family) TTL(given int32) int32 {
	switch given {
	case 0:
		return f.defaultTTL
	case backend.NoTTL:
		return 0
	}
	return given
}

// CheckMutate validates a request for Mutate and appends the family of each of its
// rows, in their order, to dst. If the caller reuses dst, CheckMutate does not allocate.
//
// The rules are those of batch_mutate, with one exception: a slice may be deleted, as in
// Cassandra since 2.1.
func (c *Catalog) CheckMutate(dst []*Family, r *backend.MutateRequest) ([]*Family, error) {
	if len(r.Rows) == 0 && !c.HasKeyspace(r.Keyspace) {
		_, err := c.Family(r.Keyspace, "")
		return dst, err
	}
	var f *Family
	for i := range r.Rows {
		row := &r.Rows[i]
		if f == nil || f.Def.Name != row.Family {
			var err error
			if f, err = c.Family(r.Keyspace, row.Family); err != nil {
				return dst, err
			}
		}
		if err := f.checkRow(row, r); err != nil {
			return dst, err
		}
		dst = append(dst, f)
	}
	return dst, checkWriteConsistency(r.Consistency)
}

// CheckTruncate validates a call of Truncate.
func (c *Catalog) CheckTruncate(keyspace, family string) (*Family, error) {
	return c.Family(keyspace, family)
}

func (f *Family) checkRow(row *backend.RowMutation, r *backend.MutateRequest) error {
	if err := f.checkKey(row.Key); err != nil {
		return err
	}
	if f.Counter {
		if err := f.checkCounterConsistency(r.Consistency); err != nil {
			return err
		}
	}
	for i := range row.Mutations {
		if err := f.checkMutation(&row.Mutations[i]); err != nil {
			return err
		}
	}
	if f.Counter && r.Atomic && len(row.Mutations) > 0 {
		return backend.InvalidRequest("Counter mutations are not allowed in atomic batches")
	}
	return nil
}

func (f *Family) checkMutation(m *backend.Mutation) error {
	switch m.Op {
	case backend.Insert:
		return f.checkInsert(m)
	case backend.Add:
		if !f.Counter {
			return refusal.NoCounters(f.Def.Name)
		}
		return f.checkPath(m.Super, m.Column.Name)
	case backend.Delete:
		return f.checkDelete(m)
	}
	return refusal.Mutation()
}

func (f *Family) checkInsert(m *backend.Mutation) error {
	if f.Counter {
		return refusal.Counters(f.Def.Name)
	}
	// // In a super column Cassandra checks the names first.
	if !f.Super {
		if err := checkTTL(m.Column.TTL); err != nil {
			return err
		}
	}
	if err := f.checkPath(m.Super, m.Column.Name); err != nil {
		return err
	}
	if f.Super {
		if err := checkTTL(m.Column.TTL); err != nil {
			return err
		}
	}
	return f.checkValue(&m.Column)
}

// checkPath validates the whole name of a column.
func (f *Family) checkPath(super, name []byte) error {
	if f.Super && super == nil {
		return refusal.SuperNeeded(f.Def.Name)
	}
	if !f.Super && super != nil {
		return refusal.NoSuper(f.Def.Name)
	}
	if err := f.checkSuper(super); err != nil {
		return err
	}
	if err := checkName(f.Names(super), name); err != nil {
		return err
	}
	if super != nil {
		return checkName(f.Comparator, super)
	}
	return nil
}

func checkTTL(seconds int32) error {
	if seconds < 0 && seconds != backend.NoTTL {
		return refusal.TTL()
	}
	if seconds > maxTTL {
		return backend.InvalidRequest("ttl is too large. requested (%d) maximum (%d)", seconds, maxTTL)
	}
	return nil
}

func (f *Family) checkValue(c *backend.Column) error {
	about, described := f.columns[string(c.Name)]
	if !described {
		about.validator = f.DefaultValidator
	}
	if err := about.validator.Validate(c.Value); err != nil {
		return backend.InvalidRequest("(%s) [%s][%s][%s] failed validation", err, f.Def.Keyspace, f.Def.Name, text(f.ColumnNames(), c.Name))
	}
	if about.index != nil && len(c.Value) >= maxLength {
		return backend.InvalidRequest("Can't index column value of size %d for index %s in CF %s of KS %s",
			len(c.Value), about.index.Name, f.Def.Name, f.Def.Keyspace)
	}
	return nil
}

func (f *Family) checkDelete(m *backend.Mutation) error {
	if m.Super != nil {
		if err := checkName(f.Comparator, m.Super); err != nil {
			return err
		}
	}
	switch p := m.Columns; {
	case p == nil:
	case p.Names != nil:
		if err := f.checkNames(m.Super, p.Names); err != nil {
			return err
		}
	case p.Reversed || p.Count != 0:
		return backend.InvalidRequest("a deletion of a slice is neither reversed nor limited")
	default:
		if err := f.checkSuper(m.Super); err != nil {
			return err
		}
		if err := checkSlice(f.Names(m.Super), p); err != nil {
			return err
		}
	}
	if m.Super != nil && !f.Super {
		return backend.InvalidRequest("Deletion of super columns is not possible on a standard ColumnFamily "+
			"(KeySpace=%s ColumnFamily=%s Deletion=Deletion(timestamp:%d, super_column:%x))", f.Def.Keyspace, f.Def.Name, m.Timestamp, m.Super)
	}
	return nil
}
