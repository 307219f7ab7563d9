package cqlclient

import (
	"context"
	"strings"

	"github.com/widerow/widerow/backend"
)

// foreignScan is the shape of a SELECT of the declared columns of the rows of a span, in a table whose rows are CQL rows.
type foreignScan struct {
	from bound
	upTo bool
}

// write implements shape.
func (s foreignScan) write(t *table) string {
	list := []string{keyList(t)}
	for _, v := range t.declared() {
		list = append(list, v.column)
		if !t.family.Counter {
			list = append(list, "WRITETIME("+v.column+")", "TTL("+v.column+")")
		}
	}
	var b strings.Builder
	b.WriteString("SELECT " + strings.Join(list, ", ") + " FROM " + t.name)
	selection{what: keys, from: s.from, upTo: s.upTo}.writeConditions(&b, t)
	return b.String()
}

// foreignSpan appends up to limit rows of a span, in a table whose rows are CQL rows (formStatic).
func (r *read) foreignSpan(ctx context.Context, rows []backend.Row, sp span, p *backend.Predicate, limit int) ([]backend.Row, error) {
	var bounds selection
	a := newArguments(2)
	sp.add(r.c.ring, &bounds, a)
	statement := text(r.t, foreignScan{bounds.from, bounds.upTo})
	q := r.c.session.Query(statement, a.take()...).Consistency(r.level).Idempotent(true).PageSize(min(pageOf(limit, 1), r.c.opts.PageSize))
	iter := q.IterContext(ctx)
	defer iter.Close()
	f := r.newForeignRow(true)
	parts, dest := r.keyDest()
	dest = append(dest, f.dest...)
	for limit += len(rows); len(rows) < limit && iter.Scan(dest...); {
		row := backend.Row{Key: r.t.joinKey(parts)}
		if !sp.has(r.c.ring, row.Key) {
			continue
		}
		for i, v := range f.values {
			if r.wants(p, v.name) {
				f.appendColumn(&row, i, v.name)
			}
		}
		r.order(&row, p)
		if err := r.addAll(ctx, row.Columns); err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, iter.Close()
}
