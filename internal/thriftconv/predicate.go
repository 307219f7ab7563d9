package thriftconv

import (
	"math"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// PredicateFromThrift returns the predicate. If there are names, it selects by name. If there
// are neither names nor a slice, it selects nothing.
func PredicateFromThrift(p *thriftwire.SlicePredicate) backend.Predicate {
	if p.ColumnNames != nil || p.SliceRange == nil {
		return backend.Predicate{Names: p.ColumnNames}
	}
	r := p.SliceRange
	return backend.Predicate{Start: r.Start, Finish: r.Finish, Reversed: r.Reversed, Count: int(r.Count)}
}

// PredicateToThrift returns the predicate.
func PredicateToThrift(p *backend.Predicate) thriftwire.SlicePredicate {
	if p.Names != nil {
		return thriftwire.SlicePredicate{ColumnNames: p.Names}
	}
	return thriftwire.SlicePredicate{SliceRange: &thriftwire.SliceRange{
		Start: p.Start, Finish: p.Finish, Reversed: p.Reversed, Count: CountToThrift(p.Count),
	}}
}

// CountToThrift returns a count in 32 bits. A larger count becomes the largest 32-bit number.
func CountToThrift(n int) int32 { return int32(min(max(n, math.MinInt32), math.MaxInt32)) }

// ExpressionsFromThrift returns the expressions.
func ExpressionsFromThrift(list []thriftwire.IndexExpression) []backend.Expression {
	if list == nil {
		return nil
	}
	expressions := make([]backend.Expression, len(list))
	for i := range list {
		e := &list[i]
		expressions[i] = backend.Expression{Name: e.ColumnName, Op: backend.Operator(e.Op), Value: e.Value}
	}
	return expressions
}

// ExpressionsToThrift returns the expressions.
func ExpressionsToThrift(list []backend.Expression) []thriftwire.IndexExpression {
	if list == nil {
		return nil
	}
	expressions := make([]thriftwire.IndexExpression, len(list))
	for i := range list {
		e := &list[i]
		expressions[i] = thriftwire.IndexExpression{ColumnName: e.Name, Op: thriftwire.IndexOperator(e.Op), Value: e.Value}
	}
	return expressions
}
