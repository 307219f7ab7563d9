package widerow

import (
	"context"
	"iter"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
)

// Operator compares a column's value with an [Expression]'s.
type Operator = backend.Operator

// The operators.
const (
	EQ  = backend.EQ
	GTE = backend.GTE
	GT  = backend.GT
	LTE = backend.LTE
	LT  = backend.LT
)

// Expression selects the rows whose column Name stands to Value as Op says, by
// the order of the column's type. It is an option of [Family.Where] and [Family.Range].
type Expression struct {
	Name  any
	Op    Operator
	Value any
}

// Eq selects the rows whose column has this value.
func Eq(name, value any) Expression { return Expression{name, EQ, value} }

// Gt selects the rows whose column has a greater value.
func Gt(name, value any) Expression { return Expression{name, GT, value} }

// Gte selects the rows whose column has this or a greater value.
func Gte(name, value any) Expression { return Expression{name, GTE, value} }

// Lt selects the rows whose column has a lesser value.
func Lt(name, value any) Expression { return Expression{name, LT, value} }

// Lte selects the rows whose column has this or a lesser value.
func Lte(name, value any) Expression { return Expression{name, LTE, value} }

// String returns the expression as 'state' EQ 'Utah'.
func (e Expression) String() string {
	return Repr(e.Name) + " " + e.Op.String() + " " + Repr(e.Value)
}

func (e Expression) apply(c *call) {
	c.give(optExpression)
	c.filter = append(c.filter, e)
}
func (Expression) scans() {}

// Where iterates over the rows that match all the expressions among its
// options, in the partitioner's order. At least one must be an [Eq] on a column
// with an index (see [SystemManager.CreateIndex]). It returns 100 rows
// ([DefaultWhereRows]) unless [RowLimit] says otherwise, of each what the other
// options select, by default the first 100 columns. A row of which nothing is
// selected is returned without columns. Super families have no indexes.
//
// It fetches [Buffer] rows at once. An error ends the iteration.
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
	expressions, err := t.expressions(c.filter)
	if err != nil {
		return nil, err
	}
	r := &backend.IndexRequest{
		Parent:      backend.Parent{Keyspace: f.keyspace, Family: f.name},
		Expressions: expressions,
		Predicate:   sel.Request(),
		Consistency: f.readLevel(c),
	}
	if c.keyFrom != nil {
		r.StartKey, err = t.packKey(c.keyFrom)
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
