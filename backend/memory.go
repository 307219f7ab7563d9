package backend

import (
	"context"
	"unsafe"
)

// Reserve asks for the memory of a result. A caller sets it in a request to bound what
// the request takes, however much is stored. The store calls it with a number of bytes
// before it takes them for the result, so that it never has more than 64 KB, or one value,
// of what was not reserved. In all it reserves at least what [ResultSize] says. A store
// that receives whole results, such as the client of a server, reserves a result when it
// has come.
//
// Reserve may wait until there is room, or until ctx ends. An error ends the call, which
// returns it, and nothing is changed. What was reserved is the caller's to give back, after
// an error too. A nil Reserve gives all that is asked for.
type Reserve func(ctx context.Context, n int) error

// Take asks for n bytes.
func (r Reserve) Take(ctx context.Context, n int) error {
	if r == nil {
		return nil
	}
	return r(ctx, n)
}

// The memory that parts of a result, and a mutation, take beside the bytes of keys, names
// and values.
const (
	RowSize    = int(unsafe.Sizeof(Row{}))
	SuperSize  = int(unsafe.Sizeof(SuperColumn{}))
	ColumnSize = int(unsafe.Sizeof(Column{}))

	MutationSize = int(unsafe.Sizeof(Mutation{}) + unsafe.Sizeof(Predicate{}))
)

// ResultSize is how much memory rows take, in bytes.
func ResultSize(rows []Row) int {
	n := 0
	for i := range rows {
		row := &rows[i]
		n += RowSize + len(row.Key) + columnsSize(row.Columns)
		for j := range row.Supers {
			n += SuperSize + len(row.Supers[j].Name) + columnsSize(row.Supers[j].Columns)
		}
	}
	return n
}

func columnsSize(columns []Column) int {
	n := len(columns) * ColumnSize
	for i := range columns {
		n += len(columns[i].Name) + len(columns[i].Value)
	}
	return n
}
