package widerow

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/paging"
	"github.com/widerow/widerow/schema"
)

// types are the data types of a family in force: the types of its definition, or the types
// that the family's options set instead. They are immutable.
type types struct {
	def            *schema.Family
	super, counter bool

	key  coltype.Type
	name coltype.Type // of columns, or of super columns in a super family
	leaf coltype.Type // of the columns that have values
	// value is the type of the values of columns without a type of their own.
	value coltype.Type
	// columns has the types of single columns by their packed names.
	columns map[string]coltype.Type
}

func compileTypes(def *schema.Family, set *familySettings) (*types, error) {
	t := &types{def: def, super: def.IsSuper()}
	var err error
	parse := func(dst *coltype.Type, override coltype.Type, raw bool, class, what string) {
		switch {
		case raw || override == nil && class == "":
			*dst = coltype.Bytes
		case override != nil:
			*dst = override
		default:
			parsed, perr := coltype.Parse(class)
			if perr != nil && err == nil {
				err = undecodable(what+" "+class, perr)
			}
			*dst = parsed
		}
	}
	var stored coltype.Type
	parse(&stored, nil, false, def.DefaultValidator, "default validator")
	t.counter = err == nil && coltype.Equal(stored, coltype.CounterColumn)

	parse(&t.key, set.key, set.rawKeys, def.KeyValidator, "key validator")
	parse(&t.value, set.value, set.rawValues, def.DefaultValidator, "default validator")
	if t.super {
		parse(&t.name, set.super, set.rawNames, def.Comparator, "comparator")
		parse(&t.leaf, set.name, set.rawNames, def.Subcomparator, "subcomparator")
	} else {
		parse(&t.name, set.name, set.rawNames, def.Comparator, "comparator")
		t.leaf = t.name
	}
	if err != nil {
		return nil, err
	}
	if set.rawValues {
		return t, nil
	}
	t.columns = make(map[string]coltype.Type, len(def.Columns)+len(set.columns))
	for i := range def.Columns {
		c := &def.Columns[i]
		if c.Validator == "" {
			continue
		}
		var typ coltype.Type
		parse(&typ, nil, false, c.Validator, "validator of a column")
		t.columns[string(c.Name)] = typ
	}
	if err != nil {
		return nil, err
	}
	// The names in options are Go values, even if RawNames is set, which makes the names
	// in calls bytes.
	leaf := t.leaf
	if set.rawNames && len(set.columns) > 0 {
		class := def.Comparator
		if t.super {
			class = def.Subcomparator
		}
		if parse(&leaf, set.name, false, class, "comparator"); err != nil {
			return nil, err
		}
	}
	for _, o := range set.columns {
		name, perr := leaf.Append(nil, o.name)
		if perr != nil {
			return nil, unfit("ColumnType: name "+keyText(o.name), perr)
		}
		t.columns[string(name)] = o.typ
	}
	return t, nil
}

// validator returns the type of the values of a column.
func (t *types) validator(name []byte) coltype.Type {
	if typ, ok := t.columns[string(name)]; ok {
		return typ
	}
	return t.value
}

func (t *types) packKey(key any) ([]byte, error) {
	b, err := t.key.Append(nil, key)
	if err != nil {
		return nil, unfit("key "+keyText(key), err)
	}
	return b, nil
}

// packName packs a column's name. The result is never nil, since an empty name is not a
// missing name.
func packName(typ coltype.Type, name any) ([]byte, error) {
	b, err := typ.Append(make([]byte, 0, 16), name)
	if err != nil {
		return nil, unfit("column name "+keyText(name), err)
	}
	return b, nil
}

func packBound(typ coltype.Type, name any, bound coltype.Bound) ([]byte, error) {
	if name == nil {
		return nil, nil
	}
	b, err := coltype.PackBound(typ, name, bound)
	if err != nil {
		return nil, unfit("slice end "+keyText(name), err)
	}
	return b, nil
}

// packSuper packs the name that Super was given.
func (t *types) packSuper(c *call) ([]byte, error) {
	if !c.has(optSuper) {
		return nil, nil
	}
	if !t.super {
		return nil, invalid("Super(%s): %s is not a super family", keyText(c.super), t.def.Name)
	}
	b, err := t.name.Append(make([]byte, 0, 16), c.super)
	if err != nil {
		return nil, unfit("super column name "+keyText(c.super), err)
	}
	return b, nil
}

// selected returns the type of the names that a call selects by.
func (t *types) selected(c *call) coltype.Type {
	if c.has(optSuper) {
		return t.leaf
	}
	return t.name
}

// packNames returns a list that is never nil.
func packNames(typ coltype.Type, names []any) ([][]byte, error) {
	packed := make([][]byte, len(names))
	for i, name := range names {
		b, err := packName(typ, name)
		if err != nil {
			return nil, err
		}
		packed[i] = b
	}
	return packed, nil
}

// row unpacks the part of a row that sel selected. super is the packed name of the requested
// super column, or nil.
func (t *types) row(r *backend.Row, super []byte, sel *paging.Slice) (Row, error) {
	key, err := t.key.Unpack(r.Key)
	if err != nil {
		return Row{}, undecodable("key "+keyText(r.Key), err)
	}
	row := Row{Key: key, More: sel.Cut(r)}
	if super != nil {
		if row.Super, err = t.name.Unpack(super); err != nil {
			return row, undecodable("super column name "+keyText(super), err)
		}
	}
	row.Columns, err = t.columnsOf(r)
	return row, err
}

// columnsOf unpacks the columns, or super columns, of a row.
func (t *types) columnsOf(r *backend.Row) ([]Column, error) {
	if len(r.Supers) == 0 {
		return t.unpackColumns(r.Columns)
	}
	cols := make([]Column, len(r.Supers))
	for i := range r.Supers {
		var err error
		if cols[i], err = t.superColumn(&r.Supers[i]); err != nil {
			return cols[:i], err
		}
	}
	return cols, nil
}

func (t *types) superColumn(s *backend.SuperColumn) (Column, error) {
	name, err := t.name.Unpack(s.Name)
	if err != nil {
		return Column{}, undecodable("super column name "+keyText(s.Name), err)
	}
	cols, err := t.unpackColumns(s.Columns)
	return Column{Name: name, Columns: cols}, err
}

func (t *types) unpackColumns(cols []backend.Column) ([]Column, error) {
	out := make([]Column, len(cols))
	for i := range cols {
		var err error
		if out[i], err = t.column(&cols[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *types) column(c *backend.Column) (Column, error) {
	name, err := t.leaf.Unpack(c.Name)
	if err != nil {
		return Column{}, undecodable("column name "+keyText(c.Name), err)
	}
	value, err := t.validator(c.Name).Unpack(c.Value)
	if err != nil {
		return Column{}, undecodable("value of column "+keyText(name), err)
	}
	return Column{Name: name, Value: value, Timestamp: c.Timestamp, TTL: c.TTL}, nil
}
