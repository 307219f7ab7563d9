package thriftclient

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/schema"
)

func TestPhantoms(t *testing.T) {
	phantom := schema.Column{Validator: "MapType(UTF8Type,BytesType)"}
	value := schema.Column{Name: []byte("value"), Validator: "BytesType"}
	other := schema.Column{Name: []byte("other"), Validator: "BytesType"}
	for _, test := range []struct {
		name         string
		kind         schema.FamilyType
		columns      []schema.Column
		left, needed []schema.Column
	}{
		{"a standard family", schema.Standard, []schema.Column{value}, []schema.Column{value}, nil},
		{"a super family of another version", schema.Super, []schema.Column{value}, []schema.Column{value}, nil},
		{"nothing was described", schema.Super, []schema.Column{phantom, value}, nil, []schema.Column{phantom}},
		{"a column was described", schema.Super, []schema.Column{other, phantom}, []schema.Column{other}, []schema.Column{phantom}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &schema.Family{Type: test.kind, DefaultValidator: "BytesType", Columns: test.columns}
			needed := takePhantoms(f)
			if diff := cmp.Diff(test.left, f.Columns); diff != "" {
				t.Errorf("columns that are left (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.needed, needed); diff != "" {
				t.Errorf("columns that an alteration needs (-want +got):\n%s", diff)
			}
		})
	}
}
