package cli

import (
	"bytes"
	"fmt"

	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// contradictions lists the attributes in which a family that exists differs from a definition. It compares only
// attributes that the definition sets and that change the meaning of bytes.
func contradictions(have, want *schema.Family) []string {
	var list []string
	differ := func(what, have, want string) {
		list = append(list, fmt.Sprintf("%s %s, not %s", what, have, want))
	}
	if want.Type != "" && have.IsSuper() != want.IsSuper() {
		kind := map[bool]string{true: string(schema.Super), false: string(schema.Standard)}
		differ("column_type", kind[have.IsSuper()], kind[want.IsSuper()])
	}
	class := func(what, have, want string) {
		if want != "" && !sameType(have, want) {
			differ(what, orBytes(have), want)
		}
	}
	class("comparator_type", have.Comparator, want.Comparator)
	if want.IsSuper() {
		class("subcomparator_type", have.Subcomparator, want.Subcomparator)
	}
	class("key_validation_class", have.KeyValidator, want.KeyValidator)
	class("default_validation_class", have.DefaultValidator, want.DefaultValidator)
	for _, c := range want.Columns {
		column := schema.Column{Validator: have.DefaultValidator}
		for _, h := range have.Columns {
			if bytes.Equal(h.Name, c.Name) {
				column = h
			}
		}
		what := fmt.Sprintf("column %q", c.Name)
		class(what+" with validation_class", column.Validator, c.Validator)
		if c.Index != schema.NoIndex && column.Index != c.Index {
			differ(what+" with index_type", column.Index.String(), c.Index.String())
		}
	}
	return list
}

// sameType reports whether two class names mean the same type. An empty one is BytesType.
func sameType(a, b string) bool {
	if a == b {
		return true
	}
	ta, errA := coltype.Parse(orBytes(a))
	tb, errB := coltype.Parse(orBytes(b))
	return errA == nil && errB == nil && coltype.Equal(ta, tb)
}

func orBytes(class string) string {
	if class == "" {
		return "BytesType"
	}
	return class
}
