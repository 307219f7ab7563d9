package rowmap

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// plan maps a struct type to rows.
type plan struct {
	key     *field
	super   *field
	raw     *field
	columns []*field
	byName  map[string]*field // by text
}

// field is a field of the struct, or of a struct embedded in it.
type field struct {
	index     []int
	typ       reflect.Type
	path      string // for errors, such as User.Name
	column    string // the column's name as in the tag
	name      any    // the column's name as a value that the comparator packs
	class     string // of type=
	omitEmpty bool
	fallback  func() reflect.Value // of default=; nil if the tag has no default=
}

var rawType = reflect.TypeFor[[]widerow.Column]()

// parseStruct reads the tags of a struct type.
func parseStruct(t reflect.Type) (*plan, error) {
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a struct", t)
	}
	p := &plan{byName: map[string]*field{}}
	if err := p.add(t, t.Name(), nil); err != nil {
		return nil, err
	}
	if p.key == nil {
		return nil, fmt.Errorf("%s has no key: tag the field of the row key `widerow:\",key\"`", t)
	}
	if len(p.columns) == 0 && p.raw == nil {
		return nil, fmt.Errorf("%s has no columns: export fields, or tag one `widerow:\",raw\"`", t)
	}
	return p, nil
}

func (p *plan) add(t reflect.Type, path string, index []int) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, tagged := sf.Tag.Lookup("widerow")
		at := append(append([]int(nil), index...), i)
		where := path + "." + sf.Name
		if tag == "-" {
			continue
		}
		if inner, ok := embedded(sf); ok && !tagged {
			if err := p.add(inner, path, at); err != nil {
				return err
			}
			continue
		}
		if !sf.IsExported() {
			if tagged {
				return fmt.Errorf("%s is tagged but not exported", where)
			}
			continue
		}
		f := &field{index: at, typ: sf.Type, path: where, column: sf.Name}
		if err := p.addField(f, tag); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
	}
	return nil
}

// embedded returns the struct whose fields are promoted through sf.
func embedded(sf reflect.StructField) (reflect.Type, bool) {
	t := sf.Type
	if t.Kind() == reflect.Pointer {
		// reflect cannot set a pointer that is not exported.
		if !sf.IsExported() {
			return nil, false
		}
		t = t.Elem()
	}
	return t, sf.Anonymous && t.Kind() == reflect.Struct && !isScalar(t)
}

// isScalar reports whether a struct type is a value of a column.
func isScalar(t reflect.Type) bool {
	switch t.PkgPath() + "." + t.Name() {
	case "time.Time", "net/netip.Addr", "math/big.Int", "gopkg.in/inf.v0.Dec":
		return true
	}
	return false
}

func (p *plan) addField(f *field, tag string) error {
	name, rest, _ := strings.Cut(tag, ",")
	if name != "" {
		f.column = name
	}
	role := ""
	fallback, hasFallback := "", false
	for rest != "" {
		var opt string
		opt, rest = cutOption(rest)
		key, value, assigned := strings.Cut(opt, "=")
		switch {
		case key == "default" && assigned:
			fallback, hasFallback = value, true
		case key == "type" && assigned:
			f.class = value
		case opt == "key", opt == "super", opt == "raw":
			if role != "" {
				return fmt.Errorf("tag options %s and %s contradict each other", role, opt)
			}
			if name != "" {
				return fmt.Errorf("tag option %s takes no column name, but there is %q", opt, name)
			}
			role = opt
		case opt == "omitempty":
			f.omitEmpty = true
		default:
			return fmt.Errorf("unknown tag option %q", opt)
		}
	}
	if role != "" && (hasFallback || f.omitEmpty) {
		return fmt.Errorf("tag options default and omitempty are for columns, not for the %s", role)
	}
	if role == "raw" && f.class != "" {
		return errors.New("tag option type is not for the raw columns")
	}
	if hasFallback {
		v, err := parseValue(f.typ, fallback)
		if err != nil {
			return fmt.Errorf("default=%s: %w", fallback, err)
		}
		f.fallback = func() reflect.Value { return v }
		if k := f.typ.Kind(); k == reflect.Pointer || k == reflect.Slice {
			// Two structs must not share memory that the default points to.
			f.fallback = func() reflect.Value {
				v, _ := parseValue(f.typ, fallback)
				return v
			}
		}
	}
	return p.place(f, role)
}

func (p *plan) place(f *field, role string) error {
	once := func(slot **field) error {
		if *slot != nil {
			return fmt.Errorf("%s has tag option %s already", (*slot).path, role)
		}
		*slot = f
		return nil
	}
	switch role {
	case "key":
		return once(&p.key)
	case "super":
		return once(&p.super)
	case "raw":
		if f.typ != rawType {
			return fmt.Errorf("a field of raw columns must be a []widerow.Column, not a %s", f.typ)
		}
		return once(&p.raw)
	}
	for _, other := range p.columns {
		if other.column == f.column {
			return fmt.Errorf("%s has the column %q already", other.path, f.column)
		}
	}
	p.columns = append(p.columns, f)
	return nil
}

// cutOption cuts the first option off a tag: up to a comma that is not in parentheses, or
// the whole rest of the tag if the option is default=.
func cutOption(s string) (opt, rest string) {
	if strings.HasPrefix(s, "default=") {
		return s, ""
	}
	depth := 0
	for i, c := range s {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth <= 0:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// bind sets the names of columns to values that the family's comparator packs, and
// returns the options that set the type of each field.
func (p *plan) bind(family *widerow.Family) ([]widerow.FamilyOption, error) {
	types := family.Types()
	var opts []widerow.FamilyOption
	key, err := p.key.coltype(types.Key)
	if err != nil {
		return nil, err
	}
	opts = append(opts, widerow.KeyType(key))
	switch {
	case types.Super == nil && p.super != nil:
		return nil, fmt.Errorf("%s is a super column's name, but %s is not a super family", p.super.path, family.Name())
	case types.Super != nil && p.super == nil:
		return nil, fmt.Errorf("%s is a super family: tag a field for the super column's name `widerow:\",super\"`", family.Name())
	case p.super != nil:
		super, err := p.super.coltype(types.Super)
		if err != nil {
			return nil, err
		}
		opts = append(opts, widerow.SuperNameType(super))
	}
	for _, f := range p.columns {
		if err := f.bindName(types.Name); err != nil {
			return nil, err
		}
		p.byName[nameText(f.name)] = f
		stored, err := family.ColumnType(f.name)
		if err != nil {
			return nil, err
		}
		typ, err := f.coltype(stored)
		if err != nil {
			return nil, err
		}
		opts = append(opts, widerow.ColumnType(f.name, typ))
	}
	return opts, nil
}

// bindName finds the value that the comparator packs for a name in a tag: the text, or
// the integer that the text spells.
func (f *field) bindName(comparator coltype.Type) error {
	candidates := []any{f.column}
	if i, err := strconv.ParseInt(f.column, 10, 64); err == nil {
		candidates = append(candidates, i)
	}
	var failure error
	for _, name := range candidates {
		b, err := comparator.Append(nil, name)
		if err == nil {
			f.name, err = comparator.Unpack(b)
		}
		if err == nil {
			return nil
		}
		failure = err
	}
	return fmt.Errorf("%s: column name %q: %w", f.path, f.column, failure)
}

// coltype returns the type of the field's values: the type in the tag, or the type in the
// definition, or the type that the Go type suggests.
func (f *field) coltype(stored coltype.Type) (coltype.Type, error) {
	if f.class != "" {
		t, err := coltype.Parse(f.class)
		if err != nil {
			return nil, fmt.Errorf("%s: type=%s: %w", f.path, f.class, err)
		}
		return t, f.holds(t)
	}
	if !coltype.Equal(stored, coltype.Bytes) {
		return stored, f.holds(stored)
	}
	if t := goType(f.typ); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("%s: no type for Go's %s: say which with type=", f.path, f.typ)
}

// samples are values. Each type of package coltype packs at least one of them.
var samples = []any{int64(1), "x", true, uuid.UUID{}, netip.IPv4Unspecified(), coltype.Tuple{}}

// holds checks with a sample whether the field can hold the values of a type. If it
// cannot, holds returns an error.
func (f *field) holds(t coltype.Type) error {
	for _, sample := range samples {
		b, err := coltype.Pack(t, sample)
		if err != nil {
			continue
		}
		value, err := t.Unpack(b)
		if err != nil || value == nil {
			return nil // a type of the user, or a type without values
		}
		if assign(reflect.New(f.typ).Elem(), value) != nil {
			return fmt.Errorf("field %s is a %s, and the type of its values is %s: use %s", f.path, f.typ, schema.ShortClass(t.String()), fitting(value))
		}
		return nil
	}
	return nil
}

// fitting names the Go types of fields that can hold a value and the other values of its type.
func fitting(value any) string {
	v := reflect.ValueOf(value)
	_, integer := toInteger(v)
	switch {
	case integer:
		return "int64 or another integer type"
	case v.CanFloat():
		return "float64 or float32"
	case isText(v):
		return "string or []byte"
	}
	return v.Type().String()
}

func nameText(name any) string {
	switch n := name.(type) {
	case string:
		return n
	case []byte:
		return string(n)
	}
	return widerow.Repr(name)
}
