package cqlclient

import (
	"context"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// cursor reads the CQL rows of a selection of cells. What it returns aliases the frames of the reply.
type cursor struct {
	t     *table
	iter  *gocql.Iter
	keys  []raw // key columns, if the selection has no key
	names []raw // name columns
	value raw
	time  raw
	ttl   raw
	given raw
	asked bool // for given
	dest  []any
}

// open runs a selection of cells.
func (r *read) open(ctx context.Context, s selection, a *arguments, page int) *cursor {
	c := &cursor{t: r.t, asked: s.given}
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
	c.iter = r.query(ctx, s, a, page).IterContext(ctx)
	return c
}

// next returns the next column that has a value, and the name of its super column if the selection has those of several. ok
// is false at the end.
func (c *cursor) next() (column backend.Column, super []byte, ok bool, err error) {
	for c.iter.Scan(c.dest...) {
		if c.value == nil || c.names[0] == nil {
			continue // a row marker of INSERT, or static columns alone
		}
		column = backend.Column{Name: c.names[len(c.names)-1], Value: c.value}
		if len(c.names) > 1 {
			super = c.names[0]
		}
		if c.t.family.Counter {
			return column, super, true, nil
		}
		column.Timestamp = c.time.int64()
		if c.ttl != nil {
			column.TTL = c.ttl.int32()
			if !c.asked && c.t.ttl != "" {
				c.t.expires.Store(true)
				return column, super, false, errGiven
			}
			if c.given != nil {
				column.TTL = c.given.int32()
			}
		}
		return column, super, true, nil
	}
	return column, nil, false, c.iter.Close()
}

func (c *cursor) close() { _ = c.iter.Close() }
