package jsonlines

import (
	"fmt"
	"strconv"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// Family writes and reads the rows of one column family by its types. It is safe
// for concurrent use.
type Family struct {
	// Name is the name of the family. Each line contains it.
	Name string
	// Super is set if rows have super columns. Counter is set if values are counts,
	// which have no timestamps.
	Super, Counter bool

	withoutTTL int32  // TTL of columns whose lines have no TTL
	prefix     []byte // beginning of each line: {"family":"…","key":
	key        Format
	comparator Format
	names      Format             // names of the columns in a super column or in a standard row
	value      Format             // values of columns without their own type
	values     map[string]*Format // values of the other columns, by column name
}

// NewFamily compiles a definition.
func NewFamily(def *schema.Family) (*Family, error) {
	f := &Family{Name: def.Name, Super: def.IsSuper(), values: make(map[string]*Format, len(def.Columns))}
	if def.DefaultTTL != nil && *def.DefaultTTL > 0 {
		f.withoutTTL = backend.NoTTL
	}
	f.prefix = append(appendString([]byte(`{"family":`), []byte(def.Name)), `,"key":`...)
	for _, p := range []struct {
		to    *Format
		class string
		what  string
	}{
		{&f.key, def.KeyValidator, "key validator"},
		{&f.comparator, def.Comparator, "comparator"},
		{&f.names, def.Subcomparator, "subcomparator"},
		{&f.value, def.DefaultValidator, "default validator"},
	} {
		t, err := parseType(p.class)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", p.what, def.Name, err)
		}
		*p.to = FormatOf(t)
		if p.to == &f.value {
			f.Counter = coltype.Equal(t, coltype.CounterColumn)
		}
	}
	if !f.Super {
		f.names = f.comparator
	}
	for _, c := range def.Columns {
		t, err := parseType(c.Validator)
		if err != nil {
			return nil, fmt.Errorf("validator of a column of %s: %w", def.Name, err)
		}
		v := FormatOf(t)
		f.values[string(c.Name)] = &v
	}
	return f, nil
}

func parseType(class string) (coltype.Type, error) {
	if class == "" {
		return coltype.Bytes, nil
	}
	return coltype.Parse(class)
}

// Key is the format of row keys.
func (f *Family) Key() *Format { return &f.key }

// Comparator is the format of the names of columns. In a super family it is the format of the names of super columns.
func (f *Family) Comparator() *Format { return &f.comparator }

// Names is the format of the names of columns. In a super family these are the columns in a super column.
func (f *Family) Names() *Format { return &f.names }

// ValueOf is the format of the values of the column with that name.
func (f *Family) ValueOf(name []byte) *Format { return f.valueOf(name) }

// WithoutTTL is the TTL of a column that must not expire. It is backend.NoTTL if the family has a default TTL, otherwise 0.
func (f *Family) WithoutTTL() int32 { return f.withoutTTL }

func (f *Family) valueOf(name []byte) *Format {
	if v, ok := f.values[string(name)]; ok {
		return v
	}
	return &f.value
}

// AppendRow appends a row as a line, with its newline. If row contains only a part of
// the columns, the line is a part of the row.
func (f *Family) AppendRow(dst []byte, row *backend.Row) []byte {
	dst = f.key.Append(append(dst, f.prefix...), row.Key)
	if !f.Super {
		dst = append(dst, `,"columns":`...)
		return append(f.appendColumns(dst, row.Columns), '}', '\n')
	}
	dst = append(dst, `,"supers":[`...)
	for i, super := range row.Supers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(f.comparator.Append(append(dst, '['), super.Name), ',')
		dst = append(f.appendColumns(dst, super.Columns), ']')
	}
	return append(dst, ']', '}', '\n')
}

func (f *Family) appendColumns(dst []byte, columns []backend.Column) []byte {
	dst = append(dst, '[')
	for i := range columns {
		c := &columns[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(f.names.Append(append(dst, '['), c.Name), ',')
		dst = f.valueOf(c.Name).Append(dst, c.Value)
		if !f.Counter {
			dst = strconv.AppendInt(append(dst, ','), c.Timestamp, 10)
			if c.TTL > 0 {
				dst = strconv.AppendInt(append(dst, ','), int64(c.TTL), 10)
			}
		}
		dst = append(dst, ']')
	}
	return append(dst, ']')
}
