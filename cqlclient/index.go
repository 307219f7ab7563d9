package cqlclient

import (
	"context"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
)

// candidates is the smallest number of keys that are read at once if only some of the rows match.
const candidates = 100

// Index implements backend.Backend. The server finds rows by its index on the shadow of one column. The client checks the other
// expressions, and reads the columns that the predicate selects.
func (c *Client) Index(ctx context.Context, r *backend.IndexRequest) (_ []backend.Row, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodIndex, start, err) }(time.Now())
	return again(ctx, c, r.Keyspace, func() []string { return []string{r.Family} }, func(s *snapshot) ([]backend.Row, error) {
		f, err := s.cat.CheckIndex(r)
		if err != nil {
			return nil, err
		}
		read := c.newRead(f, &r.Parent, r.Consistency, r.Reserve)
		rows, err := read.indexed(ctx, r)
		if err != nil {
			return nil, err
		}
		return rows, c.fail(ctx, read.reserve.settle(ctx, rows))
	})
}

// indexed returns the rows that match an index clause.
func (r *read) indexed(ctx context.Context, req *backend.IndexRequest) ([]backend.Row, error) {
	if req.Count == 0 {
		return nil, nil
	}
	by, err := r.pickIndex(req.Expressions)
	if err != nil {
		return nil, err
	}
	rest := make([]backend.Expression, 0, len(req.Expressions))
	for i := range req.Expressions {
		if i != by {
			rest = append(rest, req.Expressions[i])
		}
	}
	found := &shadowed{r.t.indexColumn(req.Expressions[by].Name), req.Expressions[by].Value}
	matching, err := r.matching(ctx, span{firstKey: req.StartKey}, found, rest, req.Count)
	if err != nil {
		return nil, err
	}
	return r.rows(ctx, matching, &req.Predicate)
}

// pickIndex returns the expression whose index the client queries.
func (r *read) pickIndex(expressions []backend.Expression) (int, error) {
	for i := range expressions {
		if e := &expressions[i]; e.Op == backend.EQ && r.t.indexColumn(e.Name) != "" {
			return i, nil
		}
	}
	return 0, &backend.Error{Kind: backend.KindUnavailable, Why: "the index is being built"}
}

// filtered appends the rows of a span that match the request's filter.
func (r *read) filtered(ctx context.Context, rows []backend.Row, sp span, req *backend.RangeRequest) ([]backend.Row, error) {
	found, err := r.matching(ctx, sp, nil, req.Filter, req.Range.Count-len(rows))
	if err != nil {
		return nil, err
	}
	filled, err := r.rows(ctx, found, &req.Predicate)
	return append(rows, filled...), err
}

// shadowed finds rows by the index on a shadow.
type shadowed struct {
	column string // quoted
	value  []byte
}

// selectKeys makes the selection of the keys of a span. If by is not nil, it selects only the keys that the index finds.
func (r *read) selectKeys(sp *span, by *shadowed) (selection, *arguments) {
	s := selection{what: keys}
	a := newArguments(3)
	if by != nil {
		s.shadow = by.column
		a.add(by.value)
	}
	sp.add(r.c.ring, &s, a)
	return s, a
}

// matching returns the keys of up to limit rows of a span that match all expressions. If by is not nil, only rows that the index finds
// can match.
func (r *read) matching(ctx context.Context, sp span, by *shadowed, expressions []backend.Expression, limit int) (found [][]byte, err error) {
	p := namesOf(expressions)
	for {
		page := limit - len(found)
		if len(expressions) > 0 {
			page = max(page, candidates)
		}
		page = min(page, r.c.opts.PageSize)
		rows, err := r.keys(ctx, sp, by, page)
		if err != nil {
			return nil, err
		}
		n := len(rows)
		if n == 0 {
			return found, nil
		}
		last := rows[n-1].Key
		if rows, err = r.residuals(ctx, rows, by, p); err != nil {
			return nil, err
		}
		for i := range rows {
			if len(found) < limit && holds(r.t.family, rows[i].Columns, expressions) {
				found = append(found, rows[i].Key)
				if err := r.reserve.addKey(ctx, rows[i].Key); err != nil {
					return nil, r.c.fail(ctx, err)
				}
			}
		}
		if len(found) == limit || n < page {
			return found, nil
		}
		sp.firstKey, sp.behind, sp.after = last, true, ""
	}
}

// residuals reads the columns that expressions name, in consecutive rows or in rows that an index found.
func (r *read) residuals(ctx context.Context, rows []backend.Row, by *shadowed, p *backend.Predicate) ([]backend.Row, error) {
	switch {
	case len(p.Names) == 0:
		return rows, nil
	case by == nil:
		return r.fill(ctx, rows, p)
	}
	list := make([][]byte, len(rows))
	for i := range rows {
		list[i] = rows[i].Key
	}
	return r.rows(ctx, list, p)
}

// namesOf returns a predicate that selects the columns that expressions name.
func namesOf(expressions []backend.Expression) *backend.Predicate {
	p := &backend.Predicate{Names: make([][]byte, len(expressions))}
	for i := range expressions {
		p.Names[i] = expressions[i].Name
	}
	return p
}

// holds reports whether a row's columns match all expressions.
func holds(f *catalog.Family, columns []backend.Column, expressions []backend.Expression) bool {
	for i := range expressions {
		if !expressionHolds(f, columns, &expressions[i]) {
			return false
		}
	}
	return true
}

func expressionHolds(f *catalog.Family, columns []backend.Column, e *backend.Expression) bool {
	for i := range columns {
		if f.Comparator.Compare(columns[i].Name, e.Name) != 0 {
			continue
		}
		return e.Op.Holds(f.Validator(e.Name).Compare(columns[i].Value, e.Value))
	}
	return false
}
