package sstablejson

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// metadata holds the tombstone of a row or of a super column.
type metadata struct {
	DeletionInfo *struct {
		MarkedForDeleteAt int64 `json:"markedForDeleteAt"`
		LocalDeletionTime int64 `json:"localDeletionTime"`
	} `json:"deletionInfo"`
}

func (m *metadata) deletedAt() (timestamp int64, ok bool) {
	if m == nil || m.DeletionInfo == nil {
		return 0, false
	}
	return m.DeletionInfo.MarkedForDeleteAt, true
}

// columnsOf reads a row of sstable2json. Before 2.1 the key is in hexadecimal and the columns are in "columns". In a super
// family "columns" is an object.
func (r *rowDecoder) columnsOf(p *part) (err error) {
	list := p.Columns
	if p.Columns != nil {
		r.row.Key, err = hex.DecodeString(*p.Key)
	} else {
		list, r.cells = p.Cells, true
		r.row.Key, err = r.Family.Key().ParseText(*p.Key)
	}
	if err != nil {
		return fmt.Errorf("key %q: %w", *p.Key, err)
	}
	if at, ok := p.Metadata.deletedAt(); ok {
		r.deleteRow(at)
	}
	if bytes.HasPrefix(list, []byte("{")) {
		return r.supers(list)
	}
	return r.columns(list, nil)
}

// supers reads the super columns of a row: an object of objects.
func (r *rowDecoder) supers(list json.RawMessage) error {
	if !r.Family.Super {
		return fmt.Errorf("the row has super columns, but %s is not a super column family", r.Family.Name)
	}
	d := json.NewDecoder(bytes.NewReader(list))
	if _, err := d.Token(); err != nil { // {
		return err
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		var super struct {
			Metadata   *metadata       `json:"metadata"`
			SubColumns json.RawMessage `json:"subColumns"`
		}
		if err := d.Decode(&super); err != nil {
			return fmt.Errorf("super column %q: %w", name, err)
		}
		packed, err := r.Family.Comparator().ParseText(name)
		if err != nil {
			return fmt.Errorf("super column %q: %w", name, err)
		}
		if at, ok := super.Metadata.deletedAt(); ok {
			r.deleteSuper(packed, at)
		}
		if err := r.columns(super.SubColumns, packed); err != nil {
			return fmt.Errorf("super column %q: %w", name, err)
		}
	}
	return nil
}

// columns reads a list of columns. If super is not nil, they are columns of that super column.
func (r *rowDecoder) columns(list json.RawMessage, super []byte) error {
	var columns [][]json.RawMessage
	if err := json.Unmarshal(list, &columns); err != nil {
		return fmt.Errorf("want a list of columns, each a list: %w", err)
	}
	for _, c := range columns {
		if err := r.column(c, super); err != nil {
			return fmt.Errorf("column %s: %w", shorten(c), err)
		}
	}
	return nil
}

// shorten returns the text of a column for an error.
func shorten(c []json.RawMessage) string {
	if len(c) == 0 {
		return "[]"
	}
	const most = 100
	name := c[0]
	if len(name) > most {
		return string(bytes.ToValidUTF8(name[:most], nil)) + "…"
	}
	return string(name)
}

// column reads [name, value, timestamp, …]. The elements after the timestamp are "d" in a tombstone, whose value is the
// time at which it was written; "e", the TTL and the time of the expiry in an expiring column; or "c" and the time of the
// last deletion in a counter. [start, end, timestamp, "t", time] is the tombstone of a slice.
func (r *rowDecoder) column(c []json.RawMessage, super []byte) error {
	e, err := elementsOf(c)
	if err != nil {
		return err
	}
	if e.kind == "t" {
		return r.slice(super, e.name, e.value, e.timestamp)
	}
	out := cell{super: super, timestamp: e.timestamp}
	switch {
	case e.kind == "d":
		out.deleted = true
	case e.kind == "e" && len(c) == 6:
		out.expires = &e.time
	case e.kind != "" && e.kind != "c":
		return fmt.Errorf("unknown kind %q", e.kind)
	case (e.kind == "c") != r.Family.Counter:
		return r.notCounter()
	}
	if r.Family.Super && super == nil { // since 2.1
		if out.super, out.name, err = r.Family.SuperName(e.name, false); err == nil && out.name == nil {
			err = errors.New("a column of a super column family without the name of its super column")
		}
	} else {
		out.name, err = r.nameOf(e.name)
	}
	switch {
	case err != nil || out.deleted:
	case r.Family.Counter:
		out.value, err = hex.DecodeString(e.value)
	default:
		out.value, err = r.Family.ValueOf(out.name).ParseText(e.value)
	}
	if err != nil {
		return err
	}
	return r.add(&out)
}

// elements contains the decoded elements of a column.
type elements struct {
	name, value, kind string
	timestamp         int64
	time              int64 // time of the expiry, the sixth element
}

func elementsOf(c []json.RawMessage) (e elements, err error) {
	if len(c) < 3 || len(c) > 6 {
		return e, fmt.Errorf("%d elements, want 3 to 6", len(c))
	}
	var unused int64
	numbers := [...]*int64{2: &e.timestamp, 4: &unused, 5: &e.time}
	texts := [...]*string{0: &e.name, 1: &e.value, 3: &e.kind, 5: nil}
	for i, raw := range c {
		switch {
		case texts[i] == nil:
			*numbers[i], err = integerOf(raw)
		case i == 1 && len(c) > 3 && string(c[3]) == `"d"`:
			// Unused. It is text up to 2.0, and a number since 2.1.
		default:
			*texts[i], err = stringOf(raw)
		}
		if err != nil {
			return e, err
		}
	}
	return e, nil
}

// stringOf reads a JSON string. It is fast for strings without escapes, which are the usual case.
func stringOf(raw json.RawMessage) (string, error) {
	if n := len(raw); n >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : n-1]), nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

func integerOf(raw json.RawMessage) (int64, error) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is not an integer of 64 bits", raw)
	}
	return n, nil
}

// nameOf reads the name of a column.
func (r *rowDecoder) nameOf(text string) ([]byte, error) {
	if r.cells {
		return r.Family.Names().ParseCellName(text)
	}
	return r.Family.Names().ParseText(text)
}

func (r *rowDecoder) notCounter() error {
	if r.Family.Counter {
		return fmt.Errorf("it is not a counter, but %s is a counter family", r.Family.Name)
	}
	return fmt.Errorf("it is a counter, but %s is not a counter family", r.Family.Name)
}

// slice reads the tombstone of a slice.
func (r *rowDecoder) slice(super []byte, start, end string, timestamp int64) error {
	if r.Family.Super && super == nil {
		first, from, err := r.Family.SuperName(start, true)
		if err != nil {
			return err
		}
		last, to, err := r.Family.SuperName(end, true)
		switch {
		case err != nil:
			return err
		case !bytes.Equal(first, last) || (from == nil) != (to == nil):
			return fmt.Errorf("the tombstone of a slice from %q to %q covers more than one super column", start, end)
		case from == nil:
			r.deleteSuper(first, timestamp)
			return nil
		}
		return r.deleteSlice(first, from, to, timestamp)
	}
	from, err := r.Family.Names().ParseBound(start)
	if err != nil {
		return err
	}
	to, err := r.Family.Names().ParseBound(end)
	if err != nil {
		return err
	}
	return r.deleteSlice(super, from, to, timestamp)
}
