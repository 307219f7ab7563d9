package jsonlines

import (
	"errors"
	"math"
	"strconv"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// Record is the content of a line: a row of a family, a part of a row, or the
// definition of a keyspace.
type Record struct {
	Family *Family
	Row    backend.Row
	// Columns is the number of columns in Row, subcolumns included.
	Columns int

	Schema *schema.Keyspace
}

// Decoder reads lines.
type Decoder struct {
	// Lookup returns the family with the name in a line. If Lookup returns an error, Decode of the line fails with it.
	Lookup func(name string) (*Family, error)
	// Timestamp is the timestamp of columns whose lines have no timestamp.
	Timestamp int64
}

// Decode decodes a line, with or without its newline. The record does not alias
// the line. An error reports the position in the line.
func (d *Decoder) Decode(line []byte) (Record, error) {
	s := &scanner{text: line}
	if err := s.expect('{'); err != nil {
		return Record{}, err
	}
	fields, err := s.fields("family", "key", "columns", "supers", "schema")
	if err != nil {
		return Record{}, err
	}
	if err := s.end(); err != nil {
		return Record{}, err
	}
	if at := fields["schema"]; at != 0 {
		if len(fields) > 1 {
			return Record{}, errors.New(`a line with "schema" has no other field`)
		}
		s.pos = at
		text, err := s.skip()
		if err != nil {
			return Record{}, err
		}
		k, err := readKeyspace(text)
		return Record{Schema: k}, err
	}
	return d.row(s, fields)
}

// IsSchema reports whether a line contains a definition. It reads the line only up
// to the name of its first field.
func IsSchema(line []byte) bool {
	s := &scanner{text: line}
	if !s.accept('{') {
		return false
	}
	name, ok, err := s.field(true)
	return ok && err == nil && string(name) == "schema"
}

// fields reads an object after its '{' and returns the position at which the value of
// each field begins. Positions are never 0.
func (s *scanner) fields(known ...string) (map[string]int, error) {
	at := make(map[string]int, len(known))
	for first := true; ; first = false {
		name, ok, err := s.field(first)
		if err != nil || !ok {
			return at, err
		}
		i := 0
		for i < len(known) && known[i] != string(name) {
			i++
		}
		switch {
		case i == len(known):
			return nil, s.errorf("unknown field %q, there are %q", name, known)
		case at[known[i]] != 0:
			return nil, s.errorf("field %q occurs twice", name)
		}
		at[known[i]] = s.pos
		if _, err := s.skip(); err != nil {
			return nil, err
		}
	}
}

func (d *Decoder) row(s *scanner, fields map[string]int) (Record, error) {
	for _, name := range []string{"family", "key"} {
		if fields[name] == 0 {
			return Record{}, errors.New("no field \"" + name + "\"")
		}
	}
	s.pos = fields["family"]
	name, err := s.str()
	if err != nil {
		return Record{}, err
	}
	f, err := d.Lookup(string(name))
	if err != nil {
		return Record{}, err
	}
	rec := Record{Family: f}
	r := &rowReader{scanner: s, family: f, timestamp: d.Timestamp}
	s.pos = fields["key"]
	if rec.Row.Key, err = r.bytes(&f.key); err != nil {
		return Record{}, err
	}
	want, other := "columns", "supers"
	if f.Super {
		want, other = other, want
	}
	if fields[other] != 0 || fields[want] == 0 {
		return Record{}, errors.New("a row of " + f.Name + " has a field \"" + want + "\" and no \"" + other + "\"")
	}
	s.pos = fields[want]
	if f.Super {
		rec.Row.Supers, err = r.supers()
	} else {
		rec.Row.Columns, err = r.columns()
	}
	if err != nil {
		return Record{}, err
	}
	rec.Columns = r.count
	return rec, nil
}

// rowReader reads the columns of a row. It stores all bytes in one buffer.
type rowReader struct {
	*scanner
	family    *Family
	timestamp int64
	buf       []byte
	count     int
}

// bytes reads a value. Results share memory, but appending to a result does not change the next.
func (r *rowReader) bytes(f *Format) ([]byte, error) {
	at := len(r.buf)
	buf, err := f.read(r.buf, r.scanner)
	if err != nil {
		return nil, err
	}
	r.buf = buf
	return buf[at:len(buf):len(buf)], nil
}

func (r *rowReader) supers() ([]backend.SuperColumn, error) {
	var out []backend.SuperColumn
	err := r.each(func() error {
		var super backend.SuperColumn
		var err error
		if err = r.expect('['); err != nil {
			return err
		}
		if super.Name, err = r.bytes(&r.family.comparator); err != nil {
			return err
		}
		if err = r.expect(','); err != nil {
			return err
		}
		if super.Columns, err = r.columns(); err != nil {
			return err
		}
		out = append(out, super)
		return r.expect(']')
	})
	return out, err
}

func (r *rowReader) columns() ([]backend.Column, error) {
	var out []backend.Column
	err := r.each(func() error {
		c, err := r.column()
		out = append(out, c)
		return err
	})
	return out, err
}

// each calls read for each element of an array.
func (r *rowReader) each(read func() error) error {
	if err := r.expect('['); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := r.element(first)
		if err != nil || !more {
			return err
		}
		if err := read(); err != nil {
			return err
		}
	}
}

// column reads [name, value, timestamp, ttl]. The TTL, or the timestamp and the TTL, may be left out.
func (r *rowReader) column() (backend.Column, error) {
	c := backend.Column{Timestamp: r.timestamp, TTL: r.family.withoutTTL}
	var err error
	if err = r.expect('['); err != nil {
		return c, err
	}
	if c.Name, err = r.bytes(&r.family.names); err != nil {
		return c, err
	}
	if err = r.expect(','); err != nil {
		return c, err
	}
	if c.Value, err = r.bytes(r.family.valueOf(c.Name)); err != nil {
		return c, err
	}
	r.count++
	if r.family.Counter {
		if len(c.Value) != 8 {
			return c, r.errorf("a count has 8 bytes, have %d", len(c.Value))
		}
		c.Timestamp = 0
		return c, r.expect(']')
	}
	if r.accept(',') {
		if c.Timestamp, err = r.integer(math.MinInt64, math.MaxInt64); err != nil {
			return c, err
		}
		if r.accept(',') {
			ttl, err := r.integer(1, math.MaxInt32)
			if err != nil {
				return c, err
			}
			c.TTL = int32(ttl)
		}
	}
	return c, r.expect(']')
}

func (r *rowReader) integer(low, high int64) (int64, error) {
	text, err := r.number()
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n < low || n > high {
		return 0, r.errorf("%s is not an integer from %d to %d", text, low, high)
	}
	return n, nil
}
