package cli

import (
	"bytes"
	"context"
	"io"
	"iter"
	"sync"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/jsonlines"
	"github.com/widerow/widerow/internal/paging"
)

const (
	// pageBytes is the intended size of a page. The numbers of rows and columns of
	// a request follow from the sizes of the previous pages.
	pageBytes = 4 << 20
	maxPage   = 4096 // rows, and columns of a row
	// maxLineBuffer is the size of the largest buffer that the next line uses again.
	maxLineBuffer = 4 << 20
)

// dumper writes the rows of column families. One goroutine reads pages ahead
// while another writes.
type dumper struct {
	backend  backend.Backend
	keyspace string
	out      io.Writer
	// appendRow appends a row or a part of a row.
	appendRow func(f *jsonlines.Family, dst []byte, row *backend.Row) []byte
	// A line ends after this many columns, or bytes of names and values. So a
	// row of any length is dumped in little memory.
	lineSize, lineBytes int
	progress            progress

	rows, columns int64
}

// family writes the rows of a family. If the dump is resumed, family writes only the
// rest of the last row of the file and the rows after that row.
func (d *dumper) family(ctx context.Context, f *jsonlines.Family, after *backend.Row) error {
	p := &pager{backend: d.backend, parent: backend.Parent{Keyspace: d.keyspace, Family: f.Name}, super: f.Super}
	l := &lineBuilder{dumper: d, family: f}
	for part, err := range ahead(ctx, func(ctx context.Context) iter.Seq2[*backend.Row, error] { return p.parts(ctx, after) }) {
		if err != nil {
			return err
		}
		if err := l.add(part); err != nil {
			return err
		}
	}
	return l.flush()
}

// lineBuilder gathers the parts of a row until a line is full. The end of a line
// depends on the row alone, not on its parts. So two dumps of the same data are equal.
type lineBuilder struct {
	dumper *dumper
	family *jsonlines.Family
	row    backend.Row
	begun  bool
	// written reports whether a line of the row was written.
	written bool
	count   int // of columns
	size    int
	buf     []byte
}

func (l *lineBuilder) add(part *backend.Row) error {
	if !l.begun || !bytes.Equal(l.row.Key, part.Key) {
		if err := l.flush(); err != nil {
			return err
		}
		l.row, l.begun, l.written = backend.Row{Key: part.Key}, true, false
	}
	for i := range part.Columns {
		if err := l.room(); err != nil {
			return err
		}
		l.row.Columns = append(l.row.Columns, part.Columns[i])
		l.grow(&part.Columns[i])
	}
	for _, super := range part.Supers {
		for i := range super.Columns {
			if err := l.room(); err != nil {
				return err
			}
			if n := len(l.row.Supers); n == 0 || !bytes.Equal(l.row.Supers[n-1].Name, super.Name) {
				l.row.Supers = append(l.row.Supers, backend.SuperColumn{Name: super.Name})
			}
			last := &l.row.Supers[len(l.row.Supers)-1]
			last.Columns = append(last.Columns, super.Columns[i])
			l.grow(&super.Columns[i])
		}
	}
	return nil
}

func (l *lineBuilder) grow(c *backend.Column) {
	l.count++
	l.size += len(c.Name) + len(c.Value)
}

// room makes room for a column: it writes the line if the line is full.
func (l *lineBuilder) room() error {
	if l.count < l.dumper.lineSize && l.size < l.dumper.lineBytes {
		return nil
	}
	return l.flush()
}

// flush writes the line if it has any column.
func (l *lineBuilder) flush() error {
	if l.count == 0 {
		return nil
	}
	l.buf = l.dumper.appendRow(l.family, l.buf[:0], &l.row)
	if _, err := l.dumper.out.Write(l.buf); err != nil {
		return err
	}
	if !l.written { // a deleted row, which has no columns, has no line
		l.dumper.rows++
		l.written = true
	}
	l.dumper.columns += int64(l.count)
	l.dumper.progress.add(int64(len(l.buf)), int64(l.count))
	l.row = backend.Row{Key: l.row.Key, Columns: l.row.Columns[:0]}
	l.count, l.size = 0, 0
	if cap(l.buf) > maxLineBuffer {
		l.buf = nil
	}
	return nil
}

// pager reads a family page by page.
type pager struct {
	backend backend.Backend
	parent  backend.Parent
	super   bool

	rows, columns int // numbers of rows and columns to request
}

// parts yields all rows after the end of a row, in parts. The parts of a row follow
// each other and contain its columns in order.
func (p *pager) parts(ctx context.Context, after *backend.Row) iter.Seq2[*backend.Row, error] {
	return func(yield func(*backend.Row, error) bool) {
		p.rows, p.columns = 16, 64
		r := &backend.RangeRequest{Parent: p.parent}
		rows := paging.Range(p.backend, r)
		if after != nil {
			rows.Behind(after.Key)
			if !p.rest(ctx, after, yield) {
				return
			}
		}
		for {
			columns := p.columns
			r.Predicate.Count = columns
			page, err := rows.Next(ctx, paging.NoLimit, p.rows)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page) == 0 {
				return
			}
			p.adapt(page)
			for i := range page {
				row := &page[i]
				if !yield(row, nil) {
					return
				}
				if paging.Len(row) >= columns && !p.rest(ctx, row, yield) {
					return
				}
			}
		}
	}
}

// rest yields the columns of a row after the last column of a part.
func (p *pager) rest(ctx context.Context, part *backend.Row, yield func(*backend.Row, error) bool) bool {
	parent := p.parent
	if n := len(part.Supers); n > 0 {
		// The part may end within a super column.
		super := part.Supers[n-1]
		if m := len(super.Columns); m > 0 {
			parent.Super = super.Name
			wrap := func(r *backend.Row) *backend.Row {
				return &backend.Row{Key: r.Key, Supers: []backend.SuperColumn{{Name: super.Name, Columns: r.Columns}}}
			}
			if !p.after(ctx, parent, part.Key, super.Columns[m-1].Name, wrap, yield) {
				return false
			}
		}
		return p.after(ctx, p.parent, part.Key, super.Name, nil, yield)
	}
	if n := len(part.Columns); n > 0 {
		return p.after(ctx, parent, part.Key, part.Columns[n-1].Name, nil, yield)
	}
	return true
}

// after yields the columns after a name, page by page.
func (p *pager) after(
	ctx context.Context, parent backend.Parent, key, name []byte,
	wrap func(*backend.Row) *backend.Row, yield func(*backend.Row, error) bool,
) bool {
	behind := &paging.Slice{Predicate: backend.Predicate{Start: name}, After: name, Limit: paging.NoLimit}
	columns := paging.ColumnsOf(p.backend, &backend.SliceRequest{Parent: parent, Keys: [][]byte{key}}, behind)
	for {
		row, err := columns.Next(ctx, p.columns+1)
		if err != nil {
			return yield(nil, err)
		}
		if paging.Len(row) == 0 {
			return true
		}
		p.adapt([]backend.Row{*row})
		if wrap != nil {
			row = wrap(row)
		}
		if !yield(row, nil) {
			return false
		}
	}
}

// adapt sets the sizes of the next pages according to the size of this page.
func (p *pager) adapt(page []backend.Row) {
	var bytes, columns int
	for i := range page {
		row := &page[i]
		columns += paging.Len(row)
		bytes += sizeOf(row.Columns)
		for _, s := range row.Supers {
			bytes += sizeOf(s.Columns)
		}
	}
	if columns == 0 {
		p.rows = min(p.rows*4, maxPage)
		return
	}
	fit := func(have, unit int) int {
		return max(2, min(have*4, pageBytes/max(unit, 1), maxPage))
	}
	p.columns = fit(p.columns, bytes/columns)
	p.rows = fit(p.rows, bytes/len(page))
}

func sizeOf(columns []backend.Column) int {
	n := 0
	for i := range columns {
		n += 64 + len(columns[i].Name) + len(columns[i].Value)
	}
	return n
}

// ahead runs seq in a separate goroutine, a few items ahead of the reader. The goroutine
// ends before the iteration ends.
func ahead[T any](ctx context.Context, seq func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	type item struct {
		v   T
		err error
	}
	return func(yield func(T, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		items := make(chan item, 64)
		var reader sync.WaitGroup
		reader.Go(func() {
			defer close(items)
			for v, err := range seq(ctx) {
				select {
				case items <- item{v, err}:
				case <-ctx.Done():
					return
				}
			}
		})
		defer reader.Wait()
		defer cancel()
		for it := range items {
			if !yield(it.v, it.err) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			var none T
			yield(none, err)
		}
	}
}
