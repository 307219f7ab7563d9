package catalog

import (
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

const marshal = "org.apache.cassandra.db.marshal."

// parseType parses the class name of a type that a store supports. An empty name means
// BytesType.
func parseType(class string) (coltype.Type, error) {
	if len(class) > maxClass {
		return nil, longClass(len(class))
	}
	t, err := coltype.Parse(class)
	if err != nil || bare(t) || anyParameter(t, malformed) {
		return nil, invalidDefinition(class)
	}
	if unknown(t) {
		return nil, backend.InvalidRequest("Unable to find abstract-type class '%s'", outerClass(class))
	}
	if n := len(t.String()); n > maxClass {
		return nil, longClass(n)
	}
	return t, nil
}

// maxClass is the maximal length of a class name in a definition, with the full names of its parameters.
const maxClass = 64 << 10

func longClass(n int) error {
	return backend.InvalidRequest("the class name of a type has %d bytes, and the most is %d", n, maxClass)
}

func invalidDefinition(class string) error {
	return backend.InvalidRequest("Invalid definition for comparator %s.", outerClass(class))
}

// outerClass returns the full name of the class without its parameters.
func outerClass(class string) string {
	class, _, _ = strings.Cut(class, "(")
	class = strings.TrimSpace(class)
	if !strings.Contains(class, ".") {
		class = marshal + class
	}
	return class
}

func unknown(t coltype.Type) bool {
	_, ok := t.(*coltype.UnknownType)
	return ok
}

// bare reports whether t is a composite without components. No name has such a type.
func bare(t coltype.Type) bool {
	c, ok := t.(*coltype.CompositeType)
	return ok && len(c.Components()) == 0
}

// malformed reports whether t cannot be a parameter of a type.
func malformed(t coltype.Type) bool {
	return unknown(t) || bare(t) || anyParameter(t, malformed)
}

// countsWithin reports whether t is, or has as a parameter, the type of counters.
func countsWithin(t coltype.Type) bool {
	return t == coltype.CounterColumn || anyParameter(t, countsWithin)
}

func anyParameter(t coltype.Type, f func(coltype.Type) bool) bool {
	switch t := t.(type) {
	case *coltype.CompositeType:
		for _, p := range t.Components() {
			if f(p) {
				return true
			}
		}
	case *coltype.DynamicCompositeType:
		for _, p := range t.Aliases() {
			if f(p) {
				return true
			}
		}
	case *coltype.ReversedType:
		return f(t.Base())
	}
	return false
}

// compatible reports whether t can replace old. All values that are valid for old must be
// valid for t and in the same order (AbstractType.isCompatibleWith).
func compatible(t, old coltype.Type) bool {
	switch t := t.(type) {
	case *coltype.CompositeType:
		// Components may be added at the end.
		old, ok := old.(*coltype.CompositeType)
		if !ok || len(t.Components()) < len(old.Components()) {
			return false
		}
		for i, c := range old.Components() {
			if !compatible(t.Components()[i], c) {
				return false
			}
		}
		return true
	case *coltype.DynamicCompositeType:
		// Aliases may be added.
		old, ok := old.(*coltype.DynamicCompositeType)
		if !ok {
			return false
		}
		for alias, c := range old.Aliases() {
			if now, ok := t.Aliases()[alias]; !ok || !coltype.Equal(now, c) {
				return false
			}
		}
		return true
	}
	switch t {
	case coltype.Bytes:
		return old == coltype.Bytes || old == coltype.UTF8 || old == coltype.ASCII
	case coltype.UTF8:
		return old == coltype.UTF8 || old == coltype.ASCII
	}
	return coltype.Equal(t, old)
}
