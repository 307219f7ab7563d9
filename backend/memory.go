package backend

import (
	"context"
	"unsafe"
)

// Reserve asks for n bytes of memory for a result. A caller sets a Reserve in a request to
// bound the memory of the request, however much is stored. The store calls Reserve before
// it allocates the bytes. So at any moment the store holds at most 64 KB, or one value,
// that is not reserved. In total the store reserves at least [ResultSize] of the result. A
// store that receives whole results, such as the client of a server, reserves a result when
// it has arrived.
//
// Reserve may wait until there is room, or until ctx ends. If Reserve returns an error, the
// call changes nothing and returns the error. The caller must release all reserved memory,
// after an error too. A nil Reserve always succeeds.
type Reserve func(ctx context.Context, n int) error

// Take asks for n bytes.
func (r Reserve) Take(ctx context.Context, n int) error {
	if r == nil {
		return nil
	}
	return r(ctx, n)
}

// These constants are the bytes of memory that one part of a result, or one mutation,
// takes. The bytes of keys, names and values are not included.
const (
	RowSize    = int(unsafe.Sizeof(Row{}))
	SuperSize  = int(unsafe.Sizeof(SuperColumn{}))
	ColumnSize = int(unsafe.Sizeof(Column{}))

	MutationSize = int(unsafe.Sizeof(Mutation{}) + unsafe.Sizeof(Predicate{}))
)

// ResultSize returns how many bytes of memory rows take.
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
