package widerow

import (
	"context"
	"iter"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
)

// columnPages reads a row in pages of columns.
type columnPages struct {
	paging.Columns
	buffer int
}

func (f *Family) columnPages(t *types, key []byte, c *call) (columnPages, error) {
	sel, err := t.selection(c, noLimit)
	if err != nil {
		return columnPages{}, err
	}
	r, err := f.sliceRequest(t, c, sel)
	if err != nil {
		return columnPages{}, err
	}
	r.Keys = [][]byte{key}
	return columnPages{paging.ColumnsOf(f.db.backend, r, sel), f.columnBuffer(c)}, nil
}

// all yields parts of the row. No part is empty.
func (p columnPages) all(ctx context.Context) iter.Seq2[*backend.Row, error] {
	return func(yield func(*backend.Row, error) bool) {
		for {
			row, err := p.Next(ctx, p.buffer)
			if err != nil {
				yield(nil, err)
				return
			}
			if paging.Len(row) == 0 || !yield(row, nil) {
				return
			}
		}
	}
}

// rowPages turns pages of rows into one sequence.
type rowPages struct {
	paging.Rows
	sel       *paging.Slice
	left      int // rows
	buffer    int
	skipEmpty bool
}

func (p rowPages) all(ctx context.Context) iter.Seq2[*backend.Row, error] {
	return func(yield func(*backend.Row, error) bool) {
		for {
			rows, err := p.Next(ctx, p.left, p.buffer)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(rows) == 0 {
				return
			}
			for i := range rows {
				p.sel.Exclude(&rows[i])
				if p.skipEmpty && paging.Len(&rows[i]) == 0 {
					continue
				}
				if !yield(&rows[i], nil) {
					return
				}
				p.left--
			}
		}
	}
}

// eachRow unpacks and yields rows. An error of unpacking names the row.
func eachRow[T any](f *Family, op string, rows iter.Seq2[*backend.Row, error], unpack func(*backend.Row) (T, error), yield func(T) bool) error {
	for r, err := range rows {
		if err != nil {
			return err
		}
		row, err := unpack(r)
		if err != nil {
			return f.fail(op, r.Key, err)
		}
		if !yield(row) {
			return nil
		}
	}
	return nil
}

// iterate returns the sequence of the values that walk yields. An error of walk ends the sequence, wrapped with the operation
// and its target. After yield has returned false, no more values are yielded.
func iterate[T any](f *Family, op string, key any, walk func(yield func(T) bool) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		err := walk(func(v T) bool { return yield(v, nil) })
		if err != nil {
			var none T
			yield(none, f.fail(op, key, err))
		}
	}
}
