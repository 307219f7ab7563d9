package csvrows

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/jsonlines"
)

// The names of the fields in a file with a record for each column.
const (
	keyField       = "key"
	superField     = "super"
	columnField    = "column"
	valueField     = "value"
	timestampField = "timestamp"
	ttlField       = "ttl"
)

// Table decodes records according to a header and the types of a column family. It is safe for concurrent use.
type Table struct {
	family    *jsonlines.Family
	timestamp int64
	width     int // number of fields of a record
	key       int
	columns   []column // fields of a file with a record for each row
	// at maps the names of fields to their positions, in a file with a record for each column. Otherwise it is nil.
	at map[string]int
}

type column struct {
	field int
	name  []byte
	value *jsonlines.Format
}

// NewTable returns the table for a header. Columns without a timestamp get the given timestamp.
func NewTable(header []byte, family *jsonlines.Family, timestamp int64) (*Table, error) {
	list, err := fields(header)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = string(f.text)
		if slices.Contains(names[:i], names[i]) {
			return nil, fmt.Errorf("header: field %q occurs twice", names[i])
		}
	}
	t := &Table{family: family, timestamp: timestamp, width: len(list)}
	if byColumn(names) {
		t.at = make(map[string]int)
		for i, name := range names {
			t.at[name] = i
		}
		_, super := t.at[superField]
		_, stamped := t.at[timestampField]
		_, expires := t.at[ttlField]
		switch {
		case super != family.Super:
			return nil, fmt.Errorf("header: a super column family needs a field %q, and no other family may have it", superField)
		case family.Counter && (stamped || expires):
			return nil, errors.New("header: counters have no timestamp and no ttl")
		}
		return t, nil
	}
	if family.Super {
		return nil, fmt.Errorf("header: %s is a super column family: the fields must be key, super, column and value, optionally with timestamp and ttl", family.Name)
	}
	t.key = max(slices.Index(names, keyField), 0)
	for i, name := range names {
		if i == t.key {
			continue
		}
		packed, err := parse(family.Names(), list[i].text)
		if err != nil {
			return nil, fmt.Errorf("header: name %q: %w", name, err)
		}
		t.columns = append(t.columns, column{field: i, name: packed, value: family.ValueOf(packed)})
	}
	return t, nil
}

// byColumn reports whether a header belongs to a file with a record for each column.
func byColumn(names []string) bool {
	for _, needed := range []string{keyField, columnField, valueField} {
		if !slices.Contains(names, needed) {
			return false
		}
	}
	return !slices.ContainsFunc(names, func(name string) bool {
		return !slices.Contains([]string{keyField, superField, columnField, valueField, timestampField, ttlField}, name)
	})
}

// Decode decodes a record. If the record is only an end of line, the result has no row.
func (t *Table) Decode(record []byte) (jsonlines.Record, error) {
	if jsonlines.Blank(record) {
		return jsonlines.Record{}, nil
	}
	if !utf8.Valid(record) {
		return jsonlines.Record{}, errors.New("the text is not UTF-8")
	}
	list, err := fields(record)
	if err != nil {
		return jsonlines.Record{}, err
	}
	if len(list) != t.width {
		return jsonlines.Record{}, fmt.Errorf("%d fields, and the header has %d", len(list), t.width)
	}
	if t.at != nil {
		return t.single(list)
	}
	out := jsonlines.Record{Family: t.family}
	if out.Row.Key, err = parse(t.family.Key(), list[t.key].text); err != nil {
		return out, fmt.Errorf("key: %w", err)
	}
	for _, c := range t.columns {
		f := list[c.field]
		if len(f.text) == 0 && !f.quoted {
			continue
		}
		value, err := parse(c.value, f.text)
		if err != nil {
			return out, fmt.Errorf("field %d: %w", c.field+1, err)
		}
		if err := t.add(&out, &out.Row.Columns, backend.Column{Name: c.name, Value: value, Timestamp: t.timestamp, TTL: t.family.WithoutTTL()}); err != nil {
			return out, fmt.Errorf("field %d: %w", c.field+1, err)
		}
	}
	return out, nil
}

// single decodes a record of one column.
func (t *Table) single(list []field) (jsonlines.Record, error) {
	out := jsonlines.Record{Family: t.family}
	c := backend.Column{Timestamp: t.timestamp, TTL: t.family.WithoutTTL()}
	var super []byte
	var err error
	read := func(name string, f *jsonlines.Format, to *[]byte) {
		if i, ok := t.at[name]; ok && err == nil {
			if *to, err = parse(f, list[i].text); err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	number := func(name string, low, high int64, to func(int64)) {
		i, ok := t.at[name]
		if !ok || err != nil || len(list[i].text) == 0 {
			return
		}
		n, badNumber := strconv.ParseInt(string(list[i].text), 10, 64)
		if badNumber != nil || n < low || n > high {
			err = fmt.Errorf("%s: %q is not an integer from %d to %d", name, list[i].text, low, high)
			return
		}
		to(n)
	}
	read(keyField, t.family.Key(), &out.Row.Key)
	read(superField, t.family.Comparator(), &super)
	read(columnField, t.family.Names(), &c.Name)
	read(valueField, t.family.ValueOf(c.Name), &c.Value)
	number(timestampField, math.MinInt64, math.MaxInt64, func(n int64) { c.Timestamp = n })
	number(ttlField, 1, math.MaxInt32, func(n int64) { c.TTL = int32(n) })
	if err != nil {
		return out, err
	}
	columns := &out.Row.Columns
	if t.family.Super {
		out.Row.Supers = []backend.SuperColumn{{Name: super}}
		columns = &out.Row.Supers[0].Columns
	}
	return out, t.add(&out, columns, c)
}

func (t *Table) add(out *jsonlines.Record, columns *[]backend.Column, c backend.Column) error {
	if t.family.Counter {
		if len(c.Value) != 8 {
			return fmt.Errorf("a count has 8 bytes, have %d", len(c.Value))
		}
		c.Timestamp, c.TTL = 0, 0
	}
	*columns = append(*columns, c)
	out.Columns++
	return nil
}

// parse parses a field. An empty field is an empty value, for every type.
func parse(f *jsonlines.Format, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return []byte{}, nil
	}
	return f.ParseArg(string(text))
}

// AppendHeader writes the header of a file with a record for each column.
func AppendHeader(dst []byte, family *jsonlines.Family) []byte {
	names := []string{keyField, columnField, valueField, timestampField, ttlField}
	if family.Counter {
		names = names[:3]
	}
	if family.Super {
		names = slices.Insert(names, 1, superField)
	}
	return append(append(dst, strings.Join(names, ",")...), '\n')
}

// AppendRow writes the columns of a row, a record for each.
func AppendRow(dst []byte, family *jsonlines.Family, row *backend.Row) []byte {
	var arg []byte
	put := func(f *jsonlines.Format, b []byte) {
		arg = f.AppendArg(arg[:0], b)
		dst = append(appendField(dst, arg), ',')
	}
	columns := func(super []byte, list []backend.Column) {
		for i := range list {
			c := &list[i]
			put(family.Key(), row.Key)
			if family.Super {
				put(family.Comparator(), super)
			}
			put(family.Names(), c.Name)
			put(family.ValueOf(c.Name), c.Value)
			if family.Counter {
				dst[len(dst)-1] = '\n'
				continue
			}
			dst = append(strconv.AppendInt(dst, c.Timestamp, 10), ',')
			if c.TTL > 0 {
				dst = strconv.AppendInt(dst, int64(c.TTL), 10)
			}
			dst = append(dst, '\n')
		}
	}
	columns(nil, row.Columns)
	for _, s := range row.Supers {
		columns(s.Name, s.Columns)
	}
	return dst
}

// appendField writes a field, in quotation marks if it needs them.
func appendField(dst, text []byte) []byte {
	plain := true
	for _, c := range text {
		if c == '"' || c == ',' || c == '\n' || c == '\r' {
			plain = false
			break
		}
	}
	if plain && (len(text) == 0 || text[0] != ' ' && text[len(text)-1] != ' ') {
		return append(dst, text...)
	}
	dst = append(dst, '"')
	for _, c := range text {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}
