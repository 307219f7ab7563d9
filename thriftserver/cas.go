package thriftserver

import (
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// cas handles the call of this name (2.0 and later). Its reply shows current columns,
// so the user needs the permission to read too.
func (s *session) cas(ctx context.Context, a *thriftwire.CasArgs) (thriftwire.Body, error) {
	f, err := s.writable(ctx, a.ColumnFamily, false)
	if err != nil {
		return nil, err
	}
	if err := s.may(Select, f.keyspace, f.name); err != nil {
		return nil, err
	}
	comparer, ok := s.server.b.(backend.Comparer)
	if !ok {
		return nil, &backend.Error{Kind: backend.KindUnsupported, Why: "cas"}
	}
	if err := s.reserve(ctx, 2*(len(a.Expected)+len(a.Updates))*backend.MutationSize); err != nil {
		return nil, err
	}
	for i := range a.Updates {
		if err := thriftconv.CheckCell(&a.Updates[i], f.defaultTTL); err != nil {
			return nil, err
		}
	}
	r := &backend.CompareRequest{
		Keyspace: f.keyspace, Family: f.name, Key: a.Key,
		Expected: thriftconv.CellsFromThrift(nil, a.Expected),
		Updates:  make([]backend.Column, len(a.Updates)),
		Reserve:  s.memory.try,
	}
	for i := range a.Updates {
		r.Updates[i] = thriftconv.WrittenFromThrift(&a.Updates[i])
	}
	if r.Serial, err = consistency(a.SerialConsistencyLevel); err != nil {
		return nil, err
	}
	if r.Commit, err = consistency(a.CommitConsistencyLevel); err != nil {
		return nil, err
	}
	answer, err := comparer.CompareAndSet(ctx, r)
	if err != nil {
		return nil, err
	}
	result := &thriftwire.CasResult{Success: thriftwire.CASResult{Success: answer.Applied}}
	size := 64 // besides the columns
	if !answer.Applied {
		current := make([]thriftwire.Column, len(answer.Current))
		for i := range current {
			current[i] = thriftconv.CellToThrift(&answer.Current[i])
			size += thriftwire.ColumnSize + len(current[i].Name) + len(current[i].Value)
		}
		result.Success.CurrentValues = current
	}
	return thriftwire.Sized(result, size), nil
}
