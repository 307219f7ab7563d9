package widerow

import (
	"context"
	"iter"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
)

// Operator compares a column's value with the value of an [Expression].
type Operator = backend.Operator

// The operators of an [Expression]. [Eq], [Gte] and so on make expressions with them.
const (
	EQ  = backend.EQ  // equal
	GTE = backend.GTE // greater or equal
	GT  = backend.GT  // greater
	LTE = backend.LTE // less or equal
	LT  = backend.LT  // less
)

// Expression matches rows in which the value of column Name compares to Value by Op, in
// the order of the column's type. A row without the column does not match. It is an option of [Family.Where] and [Family.Range].
type Expression struct {
	Name  any
	Op    Operator
	Value any
}

// Eq matches rows in which the column has this value.
func Eq(name, value any) Expression { return Expression{name, EQ, value} }

// Gt matches rows in which the column has a greater value.
func Gt(name, value any) Expression { return Expression{name, GT, value} }

// Gte matches rows in which the column has this value or a greater one.
func Gte(name, value any) Expression { return Expression{name, GTE, value} }

// Lt matches rows in which the column has a smaller value.
func Lt(name, value any) Expression { return Expression{name, LT, value} }

// Lte matches rows in which the column has this value or a smaller one.
func Lte(name, value any) Expression { return Expression{name, LTE, value} }

// String returns the expression as text, such as 'state' EQ 'Utah'.
func (e Expression) String() string {
	return Repr(e.Name) + " " + e.Op.String() + " " + Repr(e.Value)
}

func (e Expression) apply(c *call) {
	c.give(optExpression)
	s := c.scanning()
	s.filter = append(s.filter, e)
}
func (Expression) scans() {}

// Where iterates over the rows that match all the expressions among its
// options, in the partitioner's order. At least one expression must be an [Eq] on a column
// with an index (see [SystemManager.CreateIndex]). Where returns at most [RowLimit] rows, by
// default 100 ([DefaultWhereRows]). The other options select columns of each row, by default
// the first 100. A matching row without a selected column is returned without columns. Super
// families have no indexes.
//
// Where fetches [Buffer] rows in one request. An error ends the iteration.
func (f *Family) Where(ctx context.Context, opts ...ScanOption) iter.Seq2[Row, error] {
	return iterate(f, "where", nil, func(yield func(Row) bool) error {
		c, err := begin(ctx, f, opts, forWhere)
		if err != nil {
			return err
		}
		t := f.types.Load()
		sel, err := t.selection(c, DefaultLimit)
		if err != nil {
			return err
		}
		rows, err := f.whereRows(ctx, t, c, sel.Peek())
		if err != nil {
			return err
		}
		unpack := func(r *backend.Row) (Row, error) { return t.row(r, nil, sel) }
		return eachRow(f, "where", rows, unpack, yield)
	})
}

func (f *Family) whereRows(ctx context.Context, t *types, c *call, sel *paging.Slice) (iter.Seq2[*backend.Row, error], error) {
	r, err := f.indexRequest(t, c, sel)
	if err != nil {
		return nil, err
	}
	rows := rowPages{Rows: paging.Index(f.db.backend, r), sel: sel, left: c.rowLimitOr(DefaultWhereRows), buffer: f.rowBuffer(c)}
	return rows.all(ctx), nil
}

func (f *Family) indexRequest(t *types, c *call, sel *paging.Slice) (*backend.IndexRequest, error) {
	expressions, err := t.expressions(c.scanning().filter)
	if err != nil {
		return nil, err
	}
	r := &backend.IndexRequest{
		Parent:      backend.Parent{Keyspace: f.keyspace, Family: f.name},
		Expressions: expressions,
		Predicate:   sel.Request(),
		Consistency: f.readLevel(c),
	}
	if start := c.scanning().keyFrom; start != nil {
		r.StartKey, err = t.packKey(start)
	}
	return r, err
}

func (t *types) expressions(exprs []Expression) ([]backend.Expression, error) {
	if len(exprs) == 0 {
		return nil, nil
	}
	packed := make([]backend.Expression, len(exprs))
	for i, e := range exprs {
		name, err := packName(t.leaf, e.Name)
		if err != nil {
			return nil, err
		}
		value, err := t.validator(name).Append(nil, e.Value)
		if err != nil {
			return nil, unfit("expression "+e.String(), err)
		}
		packed[i] = backend.Expression{Name: name, Op: e.Op, Value: value}
	}
	return packed, nil
}
