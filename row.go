package widerow

import (
	"bytes"
	"iter"
	"math/big"
	"reflect"
	"time"
)

// Row is a row, or the selected part of a row. Columns are in comparator order, or in the
// opposite order with [Reversed]. A Row belongs to the caller, who may keep and change it.
type Row struct {
	Key any
	// Super is the super column of Columns, if the option [Super] was given.
	Super   any
	Columns []Column
	// More reports whether the row has more selected columns than the limit.
	// Columns selected by name are not limited.
	More bool
}

// Column is a column as it is stored or, if Columns is not nil, a super column.
type Column struct {
	Name any
	// Value is nil in a super column. The Value of a counter is its count, an int64.
	Value any
	// Timestamp is the timestamp of the write, by convention in microseconds since
	// 1970. A counter has no timestamp.
	Timestamp int64
	// TTL is how many seconds after its write the column expires, as it was written.
	// 0 means that the column does not expire.
	TTL int32
	// Columns are the columns of a super column.
	Columns []Column
}

// Get returns the named column. Names are compared by value: integers of different types are
// equal if their values are equal, and text is equal to the same bytes.
func (r Row) Get(name any) (Column, bool) { return find(r.Columns, name) }

// Value returns the named column's value, or nil if the row does not have it.
func (r Row) Value(name any) any {
	c, _ := find(r.Columns, name)
	return c.Value
}

// All returns the names and values, or the names and [][Column] of super columns.
func (r Row) All() iter.Seq2[any, any] { return all(r.Columns) }

// Map returns the values by name. If a name is not text, the map has its [Repr]. The
// value of a super column is again a map.
func (r Row) Map() map[string]any { return toMap(r.Columns) }

// String returns the columns as a Python dictionary shows them:
// {'name': 'Tyler', 'age': 24}.
func (r Row) String() string { return reprColumns(r.Columns) }

// IsSuper reports whether the column is a super column.
func (c Column) IsSuper() bool { return c.Columns != nil }

// Get returns the named column of a super column, as [Row.Get] does.
func (c Column) Get(name any) (Column, bool) { return find(c.Columns, name) }

// Time returns the Timestamp as a time. It assumes that the Timestamp is in microseconds.
func (c Column) Time() time.Time { return time.UnixMicro(c.Timestamp).UTC() }

// Map returns the values of a super column by name, as [Row.Map] does.
func (c Column) Map() map[string]any { return toMap(c.Columns) }

// String returns the column as 'name': value.
func (c Column) String() string { return string(appendColumn(nil, c)) }

func find(cols []Column, name any) (Column, bool) {
	for i := range cols {
		if sameName(cols[i].Name, name) {
			return cols[i], true
		}
	}
	return Column{}, false
}

func all(cols []Column) iter.Seq2[any, any] {
	return func(yield func(any, any) bool) {
		for _, c := range cols {
			v := c.Value
			if c.IsSuper() {
				v = c.Columns
			}
			if !yield(c.Name, v) {
				return
			}
		}
	}
}

func toMap(cols []Column) map[string]any {
	m := make(map[string]any, len(cols))
	for _, c := range cols {
		v := c.Value
		if c.IsSuper() {
			v = toMap(c.Columns)
		}
		m[nameText(c.Name)] = v
	}
	return m
}

func nameText(name any) string {
	switch n := name.(type) {
	case string:
		return n
	case []byte:
		return string(n)
	}
	return Repr(name)
}

// sameName compares a name of a result with one that a program wrote.
func sameName(have, want any) bool {
	switch h := have.(type) {
	case string:
		switch w := want.(type) {
		case string:
			return h == w
		case []byte:
			return h == string(w)
		}
	case []byte:
		switch w := want.(type) {
		case string:
			return string(h) == w
		case []byte:
			return bytes.Equal(h, w)
		}
	case time.Time:
		w, ok := want.(time.Time)
		return ok && h.Equal(w)
	}
	hv, wv := reflect.ValueOf(have), reflect.ValueOf(want)
	if hi, ok := integer(hv); ok {
		wi, ok := integer(wv)
		return ok && hi.Cmp(wi) == 0
	}
	if hv.Kind() == reflect.Slice && wv.Kind() == reflect.Slice {
		if hv.Len() != wv.Len() {
			return false
		}
		for i := range hv.Len() {
			if !sameName(hv.Index(i).Interface(), wv.Index(i).Interface()) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(have, want)
}

func integer(v reflect.Value) (*big.Int, bool) {
	switch {
	case !v.IsValid():
		return nil, false
	case v.CanInt():
		return big.NewInt(v.Int()), true
	case v.CanUint():
		return new(big.Int).SetUint64(v.Uint()), true
	}
	i, ok := v.Interface().(*big.Int)
	return i, ok && i != nil
}
