package cqlclient

import (
	"bytes"
	"context"
	"errors"
	"math"
	"slices"
	"sync"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
)

// maxNames is the largest number of names in one statement. The server takes seconds for tens of thousands of names.
const maxNames = 1000

// read holds what all statements of one reading call share.
type read struct {
	c       *Client
	t       *table
	super   []byte
	level   gocql.Consistency
	reserve *reservation
}

func (c *Client) newRead(f *catalog.Family, parent *backend.Parent, level backend.Consistency, reserve backend.Reserve) *read {
	return &read{c: c, t: tableOf(f), super: parent.Super, level: consistencies[level], reserve: &reservation{take: reserve}}
}

// query makes the query of a selection with its values. The argument page is the number of CQL rows in a page. If page is 0, the result
// has one page with all CQL rows.
func (r *read) query(s selection, values []any, page int) *gocql.Query {
	speculative := r.c.opts.SpeculativeDelay > 0
	if speculative {
		values = cloneValues(values) // the slower try may still use the values after the call
	}
	q := r.c.session.Query(text(r.t, s), values...).Consistency(r.level).Idempotent(true).PageSize(min(page, r.c.opts.PageSize))
	if speculative {
		q.SetSpeculativeExecutionPolicy(r.c.opts.speculation())
	}
	return q
}

// errGiven means that columns expire, but that the statement did not select the TTLs with which the columns were written.
var errGiven = errors.New("columns expire")

// errMarked means that a CQL row without a value counted towards the limit of the statement. An INSERT of null leaves such a row.
var errMarked = errors.New("a CQL row has no value")

// row reads the columns that a predicate selects in one row.
func (r *read) row(ctx context.Context, key []byte, p *backend.Predicate) (backend.Row, error) {
	for {
		row := backend.Row{Key: bytes.Clone(key)}
		err := r.rowOnce(ctx, &row, p)
		if err != errGiven {
			return row, r.c.fail(ctx, err)
		}
	}
}

func (r *read) rowOnce(ctx context.Context, row *backend.Row, p *backend.Predicate) error {
	if !r.t.direct() {
		return r.foreignRow(ctx, row, p)
	}
	if p.Names == nil {
		if p.Count == 0 {
			return nil
		}
		return r.part(ctx, row, p, nil)
	}
	for part := range r.chunks(p.Names) {
		if err := r.part(ctx, row, p, part); err != nil {
			return err
		}
	}
	return nil
}

// chunks divides names into parts of at most maxNames. If there are more than maxNames names, chunks first sorts them and drops
// repetitions.
func (r *read) chunks(list [][]byte) func(yield func([][]byte) bool) {
	return func(yield func([][]byte) bool) {
		if len(list) > maxNames {
			order := r.t.family.Names(r.super)
			list = slices.Clone(list)
			slices.SortFunc(list, order.Compare)
			list = slices.CompactFunc(list, func(a, b []byte) bool { return order.Compare(a, b) == 0 })
		}
		for part := range slices.Chunk(list, maxNames) {
			if !yield(part) {
				return
			}
		}
	}
}

// part reads the columns whose names are in part, and appends them to the row. If part is nil, it reads the slice of the predicate.
func (r *read) part(ctx context.Context, row *backend.Row, p *backend.Predicate, part [][]byte) error {
	s, a := r.selectRow(cells, row.Key, p, part)
	supers := r.t.family.Super && r.super == nil
	var page func(int) int
	switch {
	case supers:
		page = func(int) int { return r.superPage(p, part) }
	case part == nil:
		page = func(read int) int { return p.Count - read }
	case len(part) > 1:
		page = func(read int) int { return len(part) - read + 1 } // one more than can follow, so that the server marks the last page as the last
	}
	cur := r.open(ctx, s, a, page)
	defer cur.close()
	for {
		if part == nil && !supers && len(row.Columns) == p.Count {
			return nil
		}
		column, super, ok, err := cur.next()
		if !ok {
			if supers && p.Reversed && p.Names == nil {
				turnSupers(row.Supers)
			}
			return err
		}
		if err := r.reserve.add(ctx, &column); err != nil {
			return err
		}
		switch n := len(row.Supers); {
		case supers && part == nil && n == p.Count && !bytes.Equal(row.Supers[n-1].Name, super):
			if p.Reversed {
				turnSupers(row.Supers)
			}
			return nil
		case !supers && row.Columns == nil:
			row.Columns = make([]backend.Column, 0, cur.iter.NumRows())
		}
		appendColumn(row, super, column)
	}
}

// appendColumn appends a column to a row. If super is not nil, it appends the column to the super column of that name: to the row's last
// super column, or to a new one.
func appendColumn(row *backend.Row, super []byte, column backend.Column) {
	if super == nil {
		row.Columns = append(row.Columns, column)
		return
	}
	if n := len(row.Supers); n == 0 || !bytes.Equal(row.Supers[n-1].Name, super) {
		row.Supers = append(row.Supers, backend.SuperColumn{Name: super})
	}
	last := &row.Supers[len(row.Supers)-1]
	last.Columns = append(last.Columns, column)
}

// superPage is how many columns a page of super columns should have. The number suffices if the super columns are small.
func (r *read) superPage(p *backend.Predicate, part [][]byte) int {
	supers := p.Count
	if part != nil {
		supers = len(part)
	}
	return 16 * min(supers, r.c.opts.PageSize)
}

// turnSupers reverses the columns of each super column, since a reversed statement returns these columns in reverse order too.
func turnSupers(supers []backend.SuperColumn) {
	for i := range supers {
		slices.Reverse(supers[i].Columns)
	}
}

// given reports whether statements select the TTLs with which columns were written. Since that costs the server time, given reports true
// only after a column of the table was seen to expire.
func (r *read) given() bool { return r.t.ttl != "" && r.t.expires.Load() }

// selectRow makes a selection in one row. It selects the names in part or, if part is nil, the slice of the predicate.
func (r *read) selectRow(what content, key []byte, p *backend.Predicate, names [][]byte) (selection, *arguments) {
	s := selection{what: what, keyed: true, given: what == cells && r.given()}
	a := newArguments(6)
	a.add(key)
	r.addPredicate(&s, a, p, names)
	return s, a
}

// selectSpan makes the selection of a predicate in each row of a span. If the predicate is nil, it selects all columns.
func (r *read) selectSpan(what content, sp *span, p *backend.Predicate) (selection, *arguments) {
	s := selection{what: what, given: what == cells && r.given()}
	a := newArguments(7)
	sp.add(r.c.ring, &s, a)
	if p == nil {
		return s, a
	}
	r.addPredicate(&s, a, p, p.Names)
	if p.Names == nil && p.Count < math.MaxInt32 {
		s.limited = true
		a.addInt32(int32(p.Count))
	}
	return s, a
}

// addPredicate adds the conditions of a predicate to a selection. It adds the names in part or, if part is nil, the slice.
func (r *read) addPredicate(s *selection, a *arguments, p *backend.Predicate, part [][]byte) {
	if r.super != nil {
		s.super = true
		a.add(r.super)
	}
	switch {
	case len(part) == 1:
		s.named = byName
		a.add(part[0])
		return
	case part != nil:
		s.named = byNames
		a.addList(part)
		return
	}
	start, finish := p.Start, p.Finish
	if p.Reversed {
		s.reversed = true
		start, finish = finish, start
	}
	if len(start) > 0 {
		s.lower = true
		a.add(start)
	}
	if len(finish) > 0 {
		s.upper = true
		a.add(finish)
	}
}

// reservation calls a call's backend.Reserve for the memory of the result. It does so for one reader of the result at a time.
type reservation struct {
	take backend.Reserve
	mu   sync.Mutex
	owed int
	keys int // bytes of the rows that were counted by addKey
}

// step is how many bytes the result may grow before Reserve is called for them.
const step = 32 << 10

// add counts a column.
func (r *reservation) add(ctx context.Context, c *backend.Column) error {
	if r.take == nil {
		return nil
	}
	return r.addBytes(ctx, backend.ColumnSize+len(c.Name)+len(c.Value), step)
}

// addKey counts a row whose columns are read later.
func (r *reservation) addKey(ctx context.Context, key []byte) error {
	if r.take == nil {
		return nil
	}
	n := backend.RowSize + len(key)
	r.keys += n
	return r.addBytes(ctx, n, step)
}

func (r *reservation) addBytes(ctx context.Context, n, atLeast int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owed += n
	if r.owed < atLeast {
		return nil
	}
	n, r.owed = r.owed, 0
	if err := r.take.Take(ctx, n); err != nil {
		return refusal{err}
	}
	return nil
}

// refusal is an error of a backend.Reserve. The call returns this error unchanged.
type refusal struct{ error }

// settle calls Reserve for the bytes of the rows for which it has not been called yet.
func (r *reservation) settle(ctx context.Context, rows []backend.Row) error {
	if r.take == nil {
		return nil
	}
	n := 0
	for i := range rows {
		n += backend.RowSize + len(rows[i].Key)
		for j := range rows[i].Supers {
			n += backend.SuperSize + len(rows[i].Supers[j].Name)
		}
	}
	return r.addBytes(ctx, max(0, n-r.keys), 1)
}
