package thriftclient

import (
	"context"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// Mutate implements [backend.Backend]. A batch that exceeds [Options.FrameLimit] is
// sent in several messages, one after the other. A row is cut only if it exceeds the limit
// by itself; then its mutations do not become visible together. An atomic batch is never
// cut. Increments of counters are sent at most once, unless [Options.RetryCounters] is set.
func (q *requests) Mutate(ctx context.Context, r *backend.MutateRequest) error {
	if err := checkMutations(r); err != nil {
		return err
	}
	if err := q.checkVersion(ctx, r); err != nil {
		return err
	}
	if err := q.checkSlices(ctx, r); err != nil {
		return err
	}
	r, err := q.withTTLs(ctx, r)
	if err != nil {
		return err
	}
	if r.Atomic {
		_, err := q.via.call(ctx, q.writeRoute(r.Keyspace, r.Rows), &thriftwire.AtomicBatchMutateArgs{
			MutationMap: mutationsToThrift(r.Rows), ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		})
		return err
	}
	if row, m := single(r); m != nil {
		return q.mutateOne(ctx, r, row, m)
	}
	for rows := r.Rows; len(rows) > 0; {
		var batch []backend.RowMutation
		batch, rows = cut(rows, q.opts.FrameLimit-minLimit)
		_, err := q.via.call(ctx, q.writeRoute(r.Keyspace, batch), &thriftwire.BatchMutateArgs{
			MutationMap: mutationsToThrift(batch), ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// checkMutations refuses mutations that the Thrift interface cannot express.
func checkMutations(r *backend.MutateRequest) error {
	for i := range r.Rows {
		for j := range r.Rows[i].Mutations {
			m := &r.Rows[i].Mutations[j]
			switch {
			case m.Op < backend.Insert || m.Op > backend.Delete:
				return refusal.Mutation()
			case m.Op == backend.Delete && m.Columns != nil && (m.Columns.Reversed || m.Columns.Count != 0):
				return backend.InvalidRequest("a deletion has no order and no count")
			}
		}
	}
	return nil
}

// checkVersion refuses mutations that an older server would ignore or misread without an error.
func (q *requests) checkVersion(ctx context.Context, r *backend.MutateRequest) error {
	var needs interfaceVersion
	var why string
	switch {
	case r.Atomic:
		needs, why = v12, "atomic batches need Cassandra 1.2 (CASSANDRA-4542)"
	case hasAdditions(r.Rows):
		needs, why = v08, "counters need Cassandra 0.8 (CASSANDRA-1072)"
	default:
		return nil
	}
	version, err := q.via.version(ctx)
	if err == nil && version.before(needs) {
		err = unsupported(why, version)
	}
	return err
}

func hasAdditions(rows []backend.RowMutation) bool {
	return slices.ContainsFunc(rows, func(row backend.RowMutation) bool {
		return slices.ContainsFunc(row.Mutations, func(m backend.Mutation) bool { return m.Op == backend.Add })
	})
}

// writeRoute sends rows to a node that owns the first of them.
func (q *requests) writeRoute(keyspace string, rows []backend.RowMutation) route {
	r := route{keyspace: keyspace, once: !q.opts.RetryCounters && hasAdditions(rows)}
	if len(rows) > 0 {
		r.key = rows[0].Key
	}
	return r
}

// single returns the only mutation of a request, if it can be sent without a batch.
// Deletions are sent in batches, because only there they work on counters as on other columns.
func single(r *backend.MutateRequest) (*backend.RowMutation, *backend.Mutation) {
	if len(r.Rows) == 1 && len(r.Rows[0].Mutations) == 1 && r.Rows[0].Mutations[0].Op != backend.Delete {
		return &r.Rows[0], &r.Rows[0].Mutations[0]
	}
	return nil, nil
}

func (q *requests) mutateOne(ctx context.Context, r *backend.MutateRequest, row *backend.RowMutation, m *backend.Mutation) error {
	parent := thriftwire.ColumnParent{ColumnFamily: row.Family, SuperColumn: m.Super}
	var args thriftwire.Args
	if m.Op == backend.Insert {
		args = &thriftwire.InsertArgs{
			Key: row.Key, ColumnParent: parent, Column: thriftconv.CellToThrift(&m.Column), ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		}
	} else {
		args = &thriftwire.AddArgs{
			Key: row.Key, ColumnParent: parent, Column: thriftwire.CounterColumn{Name: m.Column.Name, Value: m.Delta}, ConsistencyLevel: thriftconv.ConsistencyToThrift(r.Consistency),
		}
	}
	_, err := q.via.call(ctx, q.writeRoute(r.Keyspace, r.Rows), args)
	return err
}

// cut takes from rows the mutations that fit into a message of limit bytes, at least
// one mutation. A row is cut only if it does not fit by itself.
func cut(rows []backend.RowMutation, limit int) (batch, rest []backend.RowMutation) {
	size := 0
	for i := range rows {
		n := rowSize(&rows[i])
		if size+n <= limit {
			size += n
			continue
		}
		if i > 0 {
			return rows[:i], rows[i:]
		}
		row := rows[0]
		size = rowOverhead(&row)
		for j := range row.Mutations {
			size += mutationSize(&row.Mutations[j])
			if size > limit && j > 0 {
				first, second := row, row
				first.Mutations, second.Mutations = row.Mutations[:j], row.Mutations[j:]
				return []backend.RowMutation{first}, append([]backend.RowMutation{second}, rows[1:]...)
			}
		}
		return rows[:1], rows[1:]
	}
	return rows, nil
}

// These sizes are upper bounds of the sizes on the wire.

func rowOverhead(row *backend.RowMutation) int { return 32 + len(row.Key) + len(row.Family) }

func rowSize(row *backend.RowMutation) int {
	size := rowOverhead(row)
	for i := range row.Mutations {
		size += mutationSize(&row.Mutations[i])
	}
	return size
}

func mutationSize(m *backend.Mutation) int {
	size := 96 + len(m.Super) + len(m.Column.Name) + len(m.Column.Value)
	if m.Columns != nil {
		size += len(m.Columns.Start) + len(m.Columns.Finish)
		for _, name := range m.Columns.Names {
			size += 4 + len(name)
		}
	}
	return size
}

// mutationsToThrift builds the map of a batch. It groups rows with the same key.
func mutationsToThrift(rows []backend.RowMutation) []thriftwire.Entry[[]byte, []thriftwire.Entry[string, []thriftwire.Mutation]] {
	type family = thriftwire.Entry[string, []thriftwire.Mutation]
	result := make([]thriftwire.Entry[[]byte, []family], 0, len(rows))
	at := make(map[string]int, len(rows))
	for i := range rows {
		row := &rows[i]
		k, ok := at[string(row.Key)]
		if !ok {
			k = len(result)
			at[string(row.Key)] = k
			result = append(result, thriftwire.Entry[[]byte, []family]{Key: row.Key})
		}
		mutations := thriftconv.MutationsToThrift(make([]thriftwire.Mutation, 0, len(row.Mutations)), row.Mutations)
		families := &result[k].Value
		for j := range *families {
			if (*families)[j].Key == row.Family {
				(*families)[j].Value = append((*families)[j].Value, mutations...)
				mutations = nil
				break
			}
		}
		if mutations != nil {
			*families = append(*families, family{Key: row.Family, Value: mutations})
		}
	}
	return result
}

// Truncate implements [backend.Backend].
func (q *requests) Truncate(ctx context.Context, keyspace, family string) error {
	_, err := q.via.call(ctx, route{keyspace: keyspace}, &thriftwire.TruncateArgs{Cfname: family})
	return err
}
