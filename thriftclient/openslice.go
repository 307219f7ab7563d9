package thriftclient

import (
	"context"
	"errors"
	"slices"

	"github.com/widerow/widerow/backend"
)

// keyspaceOf3 is a keyspace that Cassandra has since 3.0. The version of the interface
// is the same in 2.2 and in 3.0 to 3.11.
const keyspaceOf3 = "system_schema"

// checkSlices refuses deletions of slices without an end if the server is Cassandra 2.0
// to 2.2, which would delete only the column at the start and report no error. Older
// servers refuse deletions of slices themselves.
func (q *requests) checkSlices(ctx context.Context, r *backend.MutateRequest) error {
	if !deletesWithoutEnd(r) {
		return nil
	}
	version, err := q.via.version(ctx)
	if err != nil || version.before(v20) {
		return err
	}
	if !version.before(v22) {
		if _, err = q.keyspace(ctx, keyspaceOf3); !errors.Is(err, backend.ErrNotFound) {
			return err
		}
	}
	return unsupported("deleting a slice that has no end needs Cassandra 3.0", version)
}

func deletesWithoutEnd(r *backend.MutateRequest) bool {
	return slices.ContainsFunc(r.Rows, func(row backend.RowMutation) bool {
		return slices.ContainsFunc(row.Mutations, func(m backend.Mutation) bool {
			return m.Op == backend.Delete && m.Columns != nil && m.Columns.Names == nil && len(m.Columns.Finish) == 0
		})
	})
}
