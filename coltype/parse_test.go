package coltype_test

import (
	"strings"
	"testing"

	. "github.com/widerow/widerow/coltype"
)

const marshal = "org.apache.cassandra.db.marshal."

func TestParse(t *testing.T) {
	tests := []struct {
		class string
		want  Type
	}{
		{"", Bytes},
		{" \t\n", Bytes},
		{"TimestampType", Timestamp},
		{marshal + "TimeUUIDType", TimeUUID},
		{"Int32Type(reversed=false)", Int32},
		{marshal + "LongType(reversed=true)", Reversed(Long)},
		{"ReversedType(\n " + marshal + "LongType )", Reversed(Long)},
		{"CompositeType(LongType(reversed=true), AsciiType(reversed=false))", Composite(Reversed(Long), ASCII)},
		{"DynamicCompositeType(a=>LongType, b => ReversedType(UTF8Type))", DynamicComposite(map[byte]Type{'a': Long, 'b': Reversed(UTF8)})},
		{"CompositeType(ListType(UTF8Type),com.example.Foo(a=b,(c)))", Composite(Unknown(marshal+"ListType(UTF8Type)"), Unknown("com.example.Foo(a=b,(c))"))},
		{"com.example.LongType", Unknown("com.example.LongType")},
		{"FooType", Unknown(marshal + "FooType")},
		{"ColumnToCollectionType(6162:" + marshal + "ListType(" + marshal + "Int32Type))", Unknown(marshal + "ColumnToCollectionType(6162:" + marshal + "ListType(" + marshal + "Int32Type))")},
	}
	for _, tt := range tests {
		got, err := Parse(tt.class)
		if err != nil || !Equal(got, tt.want) {
			t.Errorf("Parse(%q) = %v, %v, want %v", tt.class, got, err, tt.want)
			continue
		}
		if again, err := Parse(got.String()); err != nil || !Equal(again, got) {
			t.Errorf("Parse(%q) = %v, %v, want %v", got.String(), again, err, got)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat("ReversedType(", 33) + "LongType" + strings.Repeat(")", 33)
	for class, want := range map[string]string{
		"(":                               "expected a class name",
		"LongType(":                       "expected )",
		"LongType)":                       "expected the end",
		"LongType AsciiType":              "expected the end",
		"LongType(=)":                     "expected a name",
		"CompositeType(LongType":          "expected )",
		"CompositeType(,,LongType)":       "expected a class name",
		"ReversedType":                    "ReversedType takes exactly one argument, 0 given",
		"DynamicCompositeType(ab=>Long)":  "an alias should be a single character",
		"DynamicCompositeType(a=LongType": "expected =>",
		"com.example.Foo(":                "expected )",
		deep:                              "types are nested more than 32 deep",
	} {
		if got, err := Parse(class); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%.40q) = %v, %v, want %q", class, got, err, want)
		}
	}
	if _, err := Parse(deep[len("ReversedType(") : len(deep)-1]); err != nil {
		t.Errorf("32 deep: %v", err)
	}
}

func TestEqual(t *testing.T) {
	distinct := []Type{
		Long, Integer, Date, OldPycassaDate, IntermediateDate, Timestamp, Reversed(Long), Reversed(Integer), Reversed(Reversed(Long)),
		Composite(), Composite(Long), Composite(Long, Long), DynamicComposite(nil),
		DynamicComposite(map[byte]Type{'a': Long}), DynamicComposite(map[byte]Type{'b': Long}), Unknown("a"), Unknown("b"),
		intString{},
		listed{{1}},
		listed{{2}},
		nil,
	}
	for i, a := range distinct {
		for j, b := range distinct {
			if Equal(a, b) != (i == j) {
				t.Errorf("Equal(%v, %v) = %v", a, b, i != j)
			}
		}
	}
	if !Equal(Composite(Reversed(Long)), Composite(Reversed(Long))) {
		t.Error("two composites of the same components are not equal")
	}
}

// listed is a user's type that == does not compare.
type listed []struct{ intValue int }

func (listed) String() string                           { return "listed" }
func (listed) Append(dst []byte, v any) ([]byte, error) { return dst, nil }
func (listed) Unpack(b []byte) (any, error)             { return nil, nil }
func (listed) Validate(b []byte) error                  { return nil }
func (listed) Compare(a, b []byte) int                  { return 0 }
