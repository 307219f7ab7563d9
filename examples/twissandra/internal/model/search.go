package model

import (
	"context"
	"unicode/utf8"

	"github.com/widerow/widerow"
)

// Search returns up to 50 users whose names begin with name and whose town is town. If name or
// town is empty, Search ignores it.
//
// An index finds the rows in which a column equals a value. "Begins with" is not "equals": the index finds
// names by their first letter, and the store drops the names outside the range of names that begin with name.
func (m *Model) Search(ctx context.Context, name, town string) (found []User, err error) {
	var where []widerow.ScanOption
	if name = fold(name); name != "" {
		where = append(where, widerow.Eq("initial", initial(name)),
			widerow.Gte("folded", name), widerow.Lt("folded", name+string(utf8.MaxRune)))
	}
	if town = fold(town); town != "" {
		where = append(where, widerow.Eq("place", town))
	}
	if len(where) == 0 {
		return nil, nil
	}
	for user, err := range m.users.Where(ctx, append(where, widerow.RowLimit(50))...) {
		if err != nil {
			return nil, err
		}
		found = append(found, user)
	}
	return found, nil
}
