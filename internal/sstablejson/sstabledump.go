package sstablejson

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/widerow/widerow/internal/jsonlines"
)

// partition is the part of a row that sstabledump prints before the columns.
type partition struct {
	Key          []string  `json:"key"`
	Position     int64     `json:"position"`
	DeletionInfo *deletion `json:"deletion_info"`
}

// deletion is a tombstone. The tombstone of a column has no MarkedDeleted: its timestamp is the column's.
type deletion struct {
	MarkedDeleted   string `json:"marked_deleted"`
	LocalDeleteTime string `json:"local_delete_time"`
}

// unfiltered is an element of "rows". It is a column, a super column, the columns that a definition names, or two markers
// between which all columns are deleted.
type unfiltered struct {
	Type       string            `json:"type"`
	Position   int64             `json:"position"`
	Clustering []json.RawMessage `json:"clustering"`
	Liveness   *liveness         `json:"liveness_info"`
	Deletion   *deletion         `json:"deletion_info"`
	Cells      []dumpedCell      `json:"cells"`

	Open  *marker `json:"open"`
	Close *marker `json:"close"`
}

// liveness has the times of a row. They apply to each cell of the row that lacks its own.
type liveness struct {
	Timestamp string `json:"tstamp"`
	TTL       int64  `json:"ttl"`
	ExpiresAt string `json:"expires_at"`
	Expired   bool   `json:"expired"`
}

type dumpedCell struct {
	Name     string          `json:"name"`
	Path     []string        `json:"path"`
	Value    json.RawMessage `json:"value"`
	Deletion *deletion       `json:"deletion_info"`
	liveness
}

type marker struct {
	Type  string `json:"type"`
	Start *bound `json:"start"`
	End   *bound `json:"end"`
}

type bound struct {
	Type       string            `json:"type"`
	Clustering []json.RawMessage `json:"clustering"`
	Deletion   *deletion         `json:"deletion_info"`
}

// partition reads a row of sstabledump.
func (r *rowDecoder) partition(p *part) error {
	var err error
	key := r.Family.Key()
	if key.IsComposite() {
		r.row.Key, err = key.ParseComponents(p.Partition.Key, jsonlines.Exact)
	} else if len(p.Partition.Key) == 1 {
		r.row.Key, err = key.ParseText(p.Partition.Key[0])
	} else {
		err = fmt.Errorf("%d components", len(p.Partition.Key))
	}
	if err != nil {
		return fmt.Errorf("key %q: %w", p.Partition.Key, err)
	}
	if d := p.Partition.DeletionInfo; d != nil {
		at, err := timestampOf(d.MarkedDeleted)
		if err != nil {
			return err
		}
		r.deleteRow(at)
	}
	for _, text := range p.Rows {
		var u unfiltered
		if err := decodeJSON(text, &u); err != nil {
			return err
		}
		if err := r.unfiltered(&u); err != nil {
			return err
		}
	}
	return nil
}

func (r *rowDecoder) unfiltered(u *unfiltered) error {
	switch {
	case u.Type == "range" && u.Open != nil && u.Close != nil:
		return r.between(u.Open, u.Close)
	case u.Type != "row" && u.Type != "static_block":
		return fmt.Errorf("unknown type %q of an element of rows", u.Type)
	case u.Cells == nil:
		return errors.New("a row without cells: sstabledump did not finish it")
	case u.Type == "static_block":
		return r.static(u)
	case r.Family.Super:
		return r.super(u)
	}
	return r.single(u)
}

// static reads the columns that the definition of a standard family names.
func (r *rowDecoder) static(u *unfiltered) error {
	for i := range u.Cells {
		c := &u.Cells[i]
		name, err := r.Family.Names().ParseText(unquote(c.Name))
		if err == nil {
			err = r.cell(nil, name, c, u.Liveness)
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", c.Name, err)
		}
	}
	return nil
}

// single reads a column of a standard family.
func (r *rowDecoder) single(u *unfiltered) error {
	name, err := r.name(u.Clustering)
	if err != nil {
		return err
	}
	if u.Deletion != nil {
		at, err := timestampOf(u.Deletion.MarkedDeleted)
		if err != nil {
			return err
		}
		if err := r.add(&cell{name: name, timestamp: at, deleted: true}); err != nil {
			return err
		}
	}
	if len(u.Cells) > 1 {
		return fmt.Errorf("column %s: %d cells instead of one: the table was not created over Thrift", u.Clustering, len(u.Cells))
	}
	for i := range u.Cells {
		if err := r.cell(nil, name, &u.Cells[i], u.Liveness); err != nil {
			return fmt.Errorf("column %s: %w", u.Clustering, err)
		}
	}
	return nil
}

// super reads a super column.
func (r *rowDecoder) super(u *unfiltered) error {
	super, err := r.name(u.Clustering)
	if err != nil {
		return err
	}
	deleted := func(d *deletion) error {
		at, err := timestampOf(d.MarkedDeleted)
		if err == nil {
			r.deleteSuper(super, at)
		}
		return err
	}
	if u.Deletion != nil {
		if err := deleted(u.Deletion); err != nil {
			return err
		}
	}
	for i := range u.Cells {
		c := &u.Cells[i]
		if len(c.Path) == 0 && c.Deletion != nil && c.Deletion.MarkedDeleted != "" {
			if err := deleted(c.Deletion); err != nil {
				return err
			}
			continue
		}
		text := unquote(c.Name) // name of a column that the definition names
		if len(c.Path) > 0 {
			text = c.Path[0]
		}
		name, err := r.Family.Names().ParseText(text)
		if err == nil {
			err = r.cell(super, name, c, u.Liveness)
		}
		if err != nil {
			return fmt.Errorf("super column %s, column %q: %w", u.Clustering, text, err)
		}
	}
	return nil
}

// cell reads the value and the times of a column.
func (r *rowDecoder) cell(super, name []byte, c *dumpedCell, live *liveness) error {
	out := cell{super: super, name: name, deleted: c.Deletion != nil}
	times := c.liveness
	if live != nil && times.Timestamp == "" {
		times.Timestamp = live.Timestamp
	}
	if live != nil && times.ExpiresAt == "" {
		times.ExpiresAt = live.ExpiresAt
	}
	var err error
	if out.timestamp, err = timestampOf(times.Timestamp); err != nil {
		return err
	}
	if times.ExpiresAt != "" && !out.deleted {
		if out.expires, err = secondsOf(times.ExpiresAt); err != nil {
			return err
		}
	}
	if !out.deleted {
		if r.Family.Counter {
			return errors.New("sstabledump prints no counts: dump the family from a running node, with widerow --store thrift://HOST dump")
		}
		text, err := textOf(c.Value)
		if err != nil {
			return err
		}
		if out.value, err = r.Family.ValueOf(name).ParseText(text); err != nil {
			return err
		}
	}
	return r.add(&out)
}

// name reads the name of a column or super column.
func (r *rowDecoder) name(clustering []json.RawMessage) ([]byte, error) {
	format := r.Family.Comparator()
	texts, err := textsOf(clustering)
	switch {
	case err != nil:
		return nil, err
	case format.IsComposite():
		return format.ParseComponents(texts, jsonlines.Exact)
	case len(texts) != 1:
		return nil, fmt.Errorf("name %s has %d components, want 1", clustering, len(texts))
	}
	return format.ParseText(texts[0])
}

// between reads the two markers of a range tombstone.
func (r *rowDecoder) between(open, closing *marker) error {
	start, end := open.Start, closing.End
	if start == nil || end == nil || start.Deletion == nil {
		return errors.New("a range tombstone without a start, an end or a time")
	}
	at, err := timestampOf(start.Deletion.MarkedDeleted)
	if err != nil {
		return err
	}
	from, err := r.bound(start, jsonlines.Before, jsonlines.After)
	if err == nil {
		err = r.excluded(start, open.End, at)
	}
	if err != nil {
		return err
	}
	to, err := r.bound(end, jsonlines.After, jsonlines.Before)
	if err == nil {
		err = r.excluded(end, closing.Start, at)
	}
	if err != nil {
		return err
	}
	if r.Family.Super && len(from) > 0 && string(from) == string(to) {
		r.deleteSuper(from, at)
		return nil
	}
	return r.deleteSlice(nil, from, to, at)
}

// excluded returns an error for an exclusive bound of a range whose timestamp is at, since only composites can express an
// exclusive bound. There is an exception: if a range ends where another range begins, one of them excludes the bound. If
// the other range is not older, deleting the bound with both ranges has the same effect.
func (r *rowDecoder) excluded(b, other *bound, at int64) error {
	if b.Type != "exclusive" || r.Family.Comparator().IsComposite() {
		return nil
	}
	if other != nil && other.Type == "inclusive" && other.Deletion != nil {
		if t, err := timestampOf(other.Deletion.MarkedDeleted); err == nil && t >= at {
			return nil
		}
	}
	return fmt.Errorf("a range tombstone excludes its bound %s, which cannot be loaded: compact the table first", b.Clustering)
}

// bound reads an end of a range.
func (r *rowDecoder) bound(b *bound, inclusive, exclusive jsonlines.End) ([]byte, error) {
	texts, err := textsOf(b.Clustering)
	if err != nil || len(texts) == 0 {
		return nil, err // no bound: the end of the row
	}
	format := r.Family.Comparator()
	if !format.IsComposite() {
		return format.ParseText(texts[0])
	}
	for len(texts) > 0 && texts[len(texts)-1] == "*" {
		texts = texts[:len(texts)-1]
	}
	if b.Type == "exclusive" {
		return format.ParseComponents(texts, exclusive)
	}
	return format.ParseComponents(texts, inclusive)
}

// textsOf returns the texts of JSON values.
func textsOf(values []json.RawMessage) ([]string, error) {
	texts := make([]string, len(values))
	for i, v := range values {
		var err error
		if texts[i], err = textOf(v); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// textOf returns the text of a JSON value. The text of a string has no quotation marks.
func textOf(v json.RawMessage) (string, error) {
	switch {
	case len(v) == 0:
		return "", errors.New("no value")
	case v[0] == '"':
		var s string
		err := json.Unmarshal(v, &s)
		return s, err
	case string(v) == "null":
		return "", errors.New("sstabledump prints null for NaN and for infinities: the value is lost")
	}
	return string(v), nil
}

// unquote returns the text of a name that CQL has written, with or without quotation marks.
func unquote(name string) string {
	if len(name) >= 2 && name[0] == '"' && name[len(name)-1] == '"' {
		return strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
	}
	return name
}

// timestampOf reads a time in microseconds: a number (sstabledump -t), or a date.
func timestampOf(text string) (int64, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time: try sstabledump -t, which prints numbers", text)
	}
	return t.UnixMicro(), nil
}

// secondsOf reads a time in seconds: a number, or a date.
func secondsOf(text string) (*int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		micros, err := timestampOf(text)
		if err != nil {
			return nil, err
		}
		n = micros / 1e6
	}
	return &n, nil
}
