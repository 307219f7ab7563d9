package cqlclient

import (
	"context"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// cursor reads the CQL rows of a selection of cells, page by page. The bytes that it returns alias the frames of the reply.
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

	read, size int // number of columns that were read, and of their bytes
}

// open runs a selection of cells, whose values are in a. Before each page, open calls page with the number of CQL rows that were
// read; page returns how many CQL rows the next page should have. If page is nil, open asks for all CQL rows at once.
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

// maxPage limits the names and values of a page, in bytes. The limit is approximate: the client estimates the size of a page from
// the columns of the table that it has read.
const maxPage = 16 << 20

// fetch requests the page that follows a paging state.
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
		q.PageState(state) // with a state, the driver does not fetch further pages by itself
	}
	c.iter = q.IterContext(c.ctx)
}

// more reads the next page, if the result has another page.
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

// next returns the next column that has a value. If the selection contains several super columns, next also returns the name of the
// column's super column. At the end ok is false.
func (c *cursor) next() (column backend.Column, super []byte, ok bool, err error) {
	for {
		for c.iter.Scan(c.dest...) {
			if c.value == nil || c.names[0] == nil {
				if c.s.limited && c.names[0] != nil {
					return column, nil, false, errMarked
				}
				continue // a row marker of INSERT, or a row with static columns only
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
	// A remaining TTL that is longer than the given one belongs to a write of another program, which did not write the ttl column.
	column.TTL = max(column.TTL, c.given.int32())
	return nil
}

func (c *cursor) close() { _ = c.iter.Close() }
