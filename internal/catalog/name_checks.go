package catalog

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/refusal"
)

// maxLength is the maximal length of a key, of a name and of an indexed value.
const maxLength = 65535

// refuse returns an invalid-request error with a type's reason to refuse bytes.
func refuse(reason error) error {
	return &backend.Error{Kind: backend.KindInvalidRequest, Why: reason.Error()}
}

func (f *Family) checkKey(key []byte) error {
	if len(key) == 0 {
		return backend.InvalidRequest("Key may not be empty")
	}
	if len(key) > maxLength {
		return backend.InvalidRequest("Key length of %d is longer than maximum of %d", len(key), maxLength)
	}
	if err := f.KeyValidator.Validate(key); err != nil {
		return refuse(err)
	}
	return nil
}

// checkParent validates the parent of the columns of a read.
func (f *Family) checkParent(super []byte) error {
	if super == nil {
		return nil
	}
	if !f.Super {
		return refusal.Parent(f.Def.Name)
	}
	return checkName(f.Comparator, super)
}

// checkNames validates the names of columns in the super column super. If super is
// nil, they are names of plain columns or of super columns.
func (f *Family) checkNames(super []byte, names [][]byte) error {
	if err := f.checkSuper(super); err != nil {
		return err
	}
	t := f.Names(super)
	for _, name := range names {
		if err := checkName(t, name); err != nil {
			return err
		}
	}
	return nil
}

// checkSuper validates the name of a super column, except for the rules of its type.
// Cassandra checks these after the names of the columns in the super column.
func (f *Family) checkSuper(super []byte) error {
	switch {
	case super == nil:
		return nil
	case len(super) > maxLength:
		return backend.InvalidRequest("supercolumn name length must not be greater than %d", maxLength)
	case len(super) == 0:
		return backend.InvalidRequest("supercolumn name must not be empty")
	case !f.Super:
		return backend.InvalidRequest("supercolumn specified to ColumnFamily %s containing normal columns", f.Def.Name)
	}
	return nil
}

func checkName(t coltype.Type, name []byte) error {
	if len(name) > maxLength {
		return backend.InvalidRequest("column name length must not be greater than %d", maxLength)
	}
	if len(name) == 0 {
		return refusal.EmptyName()
	}
	if err := t.Validate(name); err != nil {
		return refuse(err)
	}
	return nil
}

// checkPredicate validates the predicate of a read.
func (f *Family) checkPredicate(super []byte, p *backend.Predicate) error {
	if p.Names != nil {
		return f.checkNames(super, p.Names)
	}
	return checkSlice(f.Names(super), p)
}

func checkSlice(t coltype.Type, p *backend.Predicate) error {
	switch {
	case p.Count < 0:
		return backend.InvalidRequest("get_slice requires non-negative count")
	case len(p.Start) > maxLength:
		return backend.InvalidRequest("range start length cannot be larger than %d", maxLength)
	case len(p.Finish) > maxLength:
		return backend.InvalidRequest("range finish length cannot be larger than %d", maxLength)
	}
	if err := checkBound(t, p.Start); err != nil {
		return err
	}
	if err := checkBound(t, p.Finish); err != nil {
		return err
	}
	if len(p.Start) == 0 || len(p.Finish) == 0 {
		return nil
	}
	from, to := p.Start, p.Finish
	if p.Reversed {
		from, to = to, from
	}
	if t.Compare(from, to) > 0 {
		return backend.InvalidRequest("range finish must come after start in the order of traversal")
	}
	return nil
}

// checkBound validates an end of a slice. For every type, an empty end means no bound.
// (1.2 lets InetAddressType refuse it, so that such a family cannot be sliced.)
func checkBound(t coltype.Type, bound []byte) error {
	if len(bound) == 0 {
		return nil
	}
	if err := t.Validate(bound); err != nil {
		return refuse(err)
	}
	return nil
}
