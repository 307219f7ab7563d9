package thriftclient

import (
	"bytes"
	"context"
	"math"
	"slices"

	"github.com/widerow/widerow/backend"
)

// match finds the rows that match expressions, with find, and returns them with the
// columns that r.Predicate selects.
//
// In filters of ranges without an index, and since 3.0 also in index clauses, Cassandra
// looks up the columns of expressions only among the columns that the predicate selects.
// So a read by names also asks for the names in the expressions. A read by a slice takes
// two calls: the first finds the rows by the expressions' names, the second reads the
// slice. If a row changes between the two calls, it is returned as the second call sees it.
func (q *requests) match(ctx context.Context, r *backend.SliceRequest, expressions []backend.Expression,
	find func(*backend.Predicate) ([]backend.Row, error),
) ([]backend.Row, error) {
	names := slices.Clone(r.Predicate.Names)
	var added [][]byte
	for _, e := range expressions {
		if !has(names, e.Name) {
			names, added = append(names, e.Name), append(added, e.Name)
		}
	}
	rows, err := find(&backend.Predicate{Names: names})
	if err == nil && len(rows) == 0 && r.Predicate.Names == nil {
		_, err = find(&r.Predicate) // which the server has not seen and may refuse
	}
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	if r.Predicate.Names != nil {
		for i := range rows {
			rows[i].Columns = slices.DeleteFunc(rows[i].Columns, func(c backend.Column) bool { return has(added, c.Name) })
		}
		return rows, nil
	}
	for i := range rows {
		r.Keys = append(r.Keys, rows[i].Key)
	}
	return q.Slice(ctx, r)
}

func has(names [][]byte, name []byte) bool {
	return slices.ContainsFunc(names, func(n []byte) bool { return bytes.Equal(n, name) })
}

// bounded reports whether a predicate is a slice that begins or ends within the row.
func bounded(p *backend.Predicate) bool {
	return p.Names == nil && len(p.Start)+len(p.Finish) > 0
}

// hidesIndexed reports whether an index clause with this predicate may miss rows,
// or return their columns in the wrong order. Cassandra up to 2.0 mishandles the ends
// of reversed slices, and 2.1 and 2.2 do not reverse slices.
func hidesIndexed(p *backend.Predicate, v interfaceVersion) bool {
	return p.Names == nil && p.Reversed || !v.before(v22) && (p.Names != nil || bounded(p))
}

// hidesFiltered reports whether a filter of a range with this predicate may miss rows.
func hidesFiltered(p *backend.Predicate) bool {
	return p.Names != nil || bounded(p) || p.Count < math.MaxInt32
}
