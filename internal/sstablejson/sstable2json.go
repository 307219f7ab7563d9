package sstablejson

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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

// columnsOf reads a row of sstable2json. Before 2.1 its columns are in "columns", which is an object in a super
// family, and the key is in hexadecimal.
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
		return fmt.Errorf("a row with super columns, and %s is not a super column family", r.Family.Name)
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

// columns reads a list of columns, of a super column if super is not nil.
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

// shorten shows a column in an error.
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

// column reads [name, value, timestamp], and after these: "d" of a tombstone, whose value is when it was written; "e", the
// TTL and the time of the expiry; "c" and the time of the last deletion of a counter. [start, end, timestamp, "t", time]
// is the tombstone of a slice.
func (r *rowDecoder) column(c []json.RawMessage, super []byte) error {
	if len(c) < 3 {
		return fmt.Errorf("%d elements, want at least a name, a value and a timestamp", len(c))
	}
	var name, value, kind string
	fields := []any{&name, &value, new(int64), &kind, new(int64), new(int64)}
	if len(c) > 3 && string(c[3]) == `"d"` {
		fields[1] = new(any) // of no use: text up to 2.0, then a number
	}
	if len(c) > len(fields) {
		return fmt.Errorf("%d elements, want at most %d", len(c), len(fields))
	}
	for i, raw := range c {
		if err := json.Unmarshal(raw, fields[i]); err != nil {
			return err
		}
	}
	timestamp := *fields[2].(*int64)
	if kind == "t" {
		return r.slice(super, name, value, timestamp)
	}
	out := cell{super: super, timestamp: timestamp}
	switch {
	case kind == "d":
		out.deleted = true
	case kind == "e" && len(c) == 6:
		out.expires = fields[5].(*int64)
	case kind != "" && kind != "c":
		return fmt.Errorf("unknown kind %q", kind)
	case (kind == "c") != r.Family.Counter:
		return r.notCounter()
	}
	var err error
	if r.Family.Super && super == nil { // since 2.1
		if out.super, out.name, err = r.Family.SuperName(name, false); err == nil && out.name == nil {
			err = errors.New("a column of a super column family without the name of its super column")
		}
	} else {
		out.name, err = r.nameOf(name)
	}
	switch {
	case err != nil || out.deleted:
	case r.Family.Counter:
		out.value, err = hex.DecodeString(value)
	default:
		out.value, err = r.Family.ValueOf(out.name).ParseText(value)
	}
	if err != nil {
		return err
	}
	return r.add(&out)
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
		return fmt.Errorf("it is not a counter, and %s is a counter family", r.Family.Name)
	}
	return fmt.Errorf("it is a counter, and %s is not a counter family", r.Family.Name)
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
			return fmt.Errorf("the tombstone of a slice from %q to %q, which is more than one super column", start, end)
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
