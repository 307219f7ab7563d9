package cqlclient

import (
	"context"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// cursor reads the CQL rows of a selection of cells, page by page. What it returns aliases the frames of the reply.
type cursor struct {
	ctx    context.Context
	r      *read
	s      selection
	values []any
	page   func(read int) int
	iter   *gocql.Iter

	keys  []raw // key columns, if the selection has no key
	names []raw // name columns
	value raw
	time  raw
	ttl   raw
	given raw
	dest  []any

	read, size int // columns, and their bytes
}

// open runs a selection of cells, whose values are in a. Before each page, page says how many CQL rows it should have after as
// many were read; a nil page asks for all at once.
func (r *read) open(ctx context.Context, s selection, a *arguments, page func(read int) int) *cursor {
	c := &cursor{ctx: ctx, r: r, s: s, values: a.take(), page: page}
	nKeys, nNames := len(r.t.key), len(r.t.names)
	if s.keyed {
		nKeys = 0
	}
	if s.super {
		nNames--
	}
	list := make([]raw, nKeys+nNames)
	c.keys, c.names = list[:nKeys], list[nKeys:]
	c.dest = make([]any, 0, len(list)+4)
	for i := range list {
		c.dest = append(c.dest, &list[i])
	}
	c.dest = append(c.dest, &c.value)
	if !r.t.family.Counter {
		c.dest = append(c.dest, &c.time, &c.ttl)
	}
	if s.given {
		c.dest = append(c.dest, &c.given)
	}
	c.fetch(nil)
	return c
}

// maxPage is about how many bytes of names and values a page should have at most, by what the columns of the table had so far.
const maxPage = 16 << 20

// fetch asks for the page behind a state.
func (c *cursor) fetch(state []byte) {
	size := 0
	if c.page != nil {
		size = max(1, c.page(c.read))
		if average := int(c.r.t.columnSize.Load()); average > 0 {
			size = min(size, max(1, maxPage/average))
		}
	}
	q := c.r.query(c.s, c.values, size)
	if size > 0 {
		q.PageState(state) // pages do not follow by themselves
	}
	c.iter = q.IterContext(c.ctx)
}

// more reads the next page, if there is one.
func (c *cursor) more() (bool, error) {
	if c.read > 0 {
		c.r.t.columnSize.Store(int64(c.size / c.read))
	}
	if err := c.iter.Close(); err != nil {
		return false, err
	}
	state := c.iter.PageState()
	if c.page == nil || len(state) == 0 {
		return false, nil
	}
	c.fetch(state)
	return true, nil
}

// next returns the next column that has a value, and the name of its super column if the selection has those of several. ok
// is false at the end.
func (c *cursor) next() (column backend.Column, super []byte, ok bool, err error) {
	for {
		for c.iter.Scan(c.dest...) {
			if c.value == nil || c.names[0] == nil {
				if c.s.limited && c.names[0] != nil {
					return column, nil, false, errMarked
				}
				continue // a row marker of INSERT, or static columns alone
			}
			column = backend.Column{Name: c.names[len(c.names)-1], Value: c.value}
			if len(c.names) > 1 {
				super = c.names[0]
			}
			c.read++
			c.size += len(column.Name) + len(column.Value)
			err = c.addTime(&column)
			return column, super, err == nil, err
		}
		if ok, err = c.more(); !ok {
			return column, nil, false, err
		}
	}
}

// addTime adds the timestamp and the TTL to a column.
func (c *cursor) addTime(column *backend.Column) error {
	t := c.r.t
	if t.family.Counter {
		return nil
	}
	column.Timestamp = c.time.int64()
	if c.ttl == nil {
		return nil
	}
	column.TTL = c.ttl.int32()
	if !c.s.given && t.ttl != "" {
		t.expires.Store(true)
		return errGiven
	}
	if c.given != nil {
		column.TTL = c.given.int32()
	}
	return nil
}

func (c *cursor) close() { _ = c.iter.Close() }
