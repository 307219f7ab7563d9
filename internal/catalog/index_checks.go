package catalog

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
)

// CheckIndex validates a request for Index.
func (c *Catalog) CheckIndex(r *backend.IndexRequest) (*Family, error) {
	f, err := c.checkRead(&r.Parent, &r.Predicate)
	if err != nil {
		return nil, err
	}
	if f.Counter {
		return nil, refusal.Counters(f.Def.Name)
	}
	if len(r.Expressions) == 0 {
		return nil, backend.InvalidRequest("index clause list may not be empty")
	}
	indexed, err := f.checkExpressions(r.Expressions)
	if err != nil {
		return nil, err
	}
	if !indexed {
		return nil, backend.InvalidRequest("No indexed columns present in index clause with operator EQ")
	}
	if err := f.checkEndKey(r.StartKey); err != nil {
		return nil, err
	}
	if r.Count < 0 { // 1.2 reports an internal error; 0 selects no row
		return nil, backend.InvalidRequest("get_indexed_slices requires non-negative count")
	}
	if err := checkReadConsistency(r.Consistency); err != nil {
		return nil, err
	}
	return f, nil
}

// checkExpressions validates the expressions of an index clause or a filter, and
// reports whether one of them is an EQ on an indexed column.
func (f *Family) checkExpressions(expressions []backend.Expression) (indexed bool, err error) {
	for i := range expressions {
		e := &expressions[i]
		if err := f.Comparator.Validate(e.Name); err != nil {
			return false, backend.InvalidRequest("[%x]=[%x] failed name validation (%s)", e.Name, e.Value, err)
		}
		if len(e.Value) > maxLength {
			return false, backend.InvalidRequest("Index expression values may not be larger than 64K")
		}
		if err := f.Validator(e.Name).Validate(e.Value); err != nil {
			return false, backend.InvalidRequest("[%x]=[%x] failed value validation (%s)", e.Name, e.Value, err)
		}
		switch e.Op {
		case backend.EQ:
			indexed = indexed || f.Indexed(e.Name) != nil
		case backend.GTE, backend.GT, backend.LTE, backend.LT:
		default:
			return false, backend.InvalidRequest("unknown index operator %d", int32(e.Op))
		}
	}
	return indexed, nil
}
