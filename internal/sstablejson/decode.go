package sstablejson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/jsonlines"
)

// maxTTL is the longest TTL that Cassandra and the stores accept, in seconds.
const maxTTL = 20 * 365 * 24 * 60 * 60

// Decoder reads parts of rows. It is safe for concurrent use.
type Decoder struct {
	// Family is the column family of the table.
	Family *jsonlines.Family
	// Now is the time that decides which columns have expired.
	Now time.Time
}

// Row is a decoded part of a row.
type Row struct {
	Key []byte
	// Mutations are inserts, deletions and, in a counter family, increments by the whole count.
	Mutations []backend.Mutation
	// Columns is the number of live columns in Mutations.
	Columns int
}

// part is the JSON of a part, of either tool.
type part struct {
	// The fields of sstable2json. Before 2.1 the key is in hexadecimal, and the columns are in "columns".
	Key      *string         `json:"key"`
	Metadata *metadata       `json:"metadata"`
	Columns  json.RawMessage `json:"columns"`
	Cells    json.RawMessage `json:"cells"`

	// The fields of sstabledump.
	TableKind string            `json:"table kind"`
	Partition *partition        `json:"partition"`
	Rows      []json.RawMessage `json:"rows"`
}

// Decode reads a part of a row.
func (d *Decoder) Decode(text []byte) (*Row, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("the text is not UTF-8: let the tool print UTF-8, with JAVA_TOOL_OPTIONS=-Dfile.encoding=UTF-8")
	}
	var p part
	if err := decodeJSON(text, &p); err != nil {
		return nil, err
	}
	r := &rowDecoder{Decoder: d, row: new(Row)}
	switch {
	case p.Partition != nil && p.Rows != nil:
		return r.row, r.partition(&p)
	case p.Key != nil && (p.Columns == nil) != (p.Cells == nil):
		return r.row, r.columnsOf(&p)
	}
	return nil, errors.New(`a row has "key" and "columns" (sstable2json) or "partition" and "rows" (sstabledump)`)
}

// decodeJSON decodes JSON into v. A field that v lacks is an error.
func decodeJSON(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("a row that the tool did not finish, or is not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("text after the end of a row")
	}
	return nil
}

// rowDecoder gathers the changes of a row.
type rowDecoder struct {
	*Decoder
	row   *Row
	cells bool // the row was printed by sstable2json of 2.1 or later
	// The tombstones of the row and of the super column that was deleted last. In a counter family they hide counters.
	rowDeleted, superDeleted *int64
	deletedSuper             []byte
}

// cell is a column in the form common to both tools.
type cell struct {
	super, name []byte
	value       []byte
	timestamp   int64
	deleted     bool
	expires     *int64 // expiry, in seconds since 1970
}

// add adds a column or its tombstone.
func (r *rowDecoder) add(c *cell) error {
	if c.expires != nil && *c.expires <= r.Now.Unix() {
		c.deleted = true
	}
	if r.Family.Counter {
		return r.addCounter(c)
	}
	if c.deleted {
		r.delete(backend.Mutation{Super: c.super, Timestamp: c.timestamp, Columns: &backend.Predicate{Names: [][]byte{c.name}}})
		return nil
	}
	column := backend.Column{Name: c.name, Value: c.value, Timestamp: c.timestamp, TTL: r.Family.WithoutTTL()}
	if c.expires != nil {
		column.TTL = int32(min(*c.expires-r.Now.Unix(), maxTTL))
	}
	r.row.Mutations = append(r.row.Mutations, backend.Mutation{Op: backend.Insert, Super: c.super, Column: column})
	r.row.Columns++
	return nil
}

func (r *rowDecoder) addCounter(c *cell) error {
	covered := func(deleted *int64) bool { return deleted != nil && c.timestamp <= *deleted }
	if c.deleted || covered(r.rowDeleted) || covered(r.superDeleted) && bytes.Equal(c.super, r.deletedSuper) {
		return nil
	}
	total, err := jsonlines.CounterTotal(c.value)
	if err != nil {
		return err
	}
	r.row.Mutations = append(r.row.Mutations, backend.Mutation{
		Op: backend.Add, Super: c.super, Column: backend.Column{Name: c.name}, Delta: total,
	})
	r.row.Columns++
	return nil
}

// delete adds a tombstone, unless the family is a counter family.
func (r *rowDecoder) delete(m backend.Mutation) {
	if r.Family.Counter {
		return
	}
	m.Op = backend.Delete
	r.row.Mutations = append(r.row.Mutations, m)
}

// deleteSuper adds the tombstone of a super column.
func (r *rowDecoder) deleteSuper(super []byte, timestamp int64) {
	r.superDeleted, r.deletedSuper = &timestamp, super
	r.delete(backend.Mutation{Super: super, Timestamp: timestamp})
}

// deleteRow adds the tombstone of the row.
func (r *rowDecoder) deleteRow(timestamp int64) {
	r.rowDeleted = &timestamp
	r.delete(backend.Mutation{Timestamp: timestamp})
}

// deleteSlice adds the tombstone of a slice of columns, or of super columns.
func (r *rowDecoder) deleteSlice(super, start, finish []byte, timestamp int64) error {
	if r.Family.Counter {
		return errors.New("the tombstone of a slice in a counter family cannot be loaded: compact the table first")
	}
	r.delete(backend.Mutation{Super: super, Timestamp: timestamp, Columns: &backend.Predicate{Start: start, Finish: finish}})
	return nil
}
