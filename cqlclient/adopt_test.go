package cqlclient

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
)

// TestAdoption plans adoptions. If a table can be adopted in place, the client adopts it and then
// serves it as before.
func TestAdoption(t *testing.T) {
	const define = "comment"
	for _, test := range []struct {
		name, table string
		want        []string // without the definition
		err         string
	}{
		{"dropped", "t compound|key p text|column1 c bigint desc|value r blob", []string{`ADD "ttl" int`, define}, ""},
		{
			"other names", "t compound|user p text|at c timeuuid|value r text",
			[]string{`RENAME "user" TO "key"`, `RENAME "at" TO "column1"`, `ADD "ttl" int`, define},
			"",
		},
		{"counter", "t compound counter|key p text|column1 c text|value r counter", []string{define}, ""},
		{"ours without its comment", "t compound|key p text|column1 c bigint|ttl r int|value r blob|ix_x00000000000000001_3 s text|index i on ix_x00000000000000001_3", []string{define}, ""},
		{"ours", "t compound|key p text|column1 c text|ttl r int|value r blob|comment x\n--widerow:" + `{"v":1,"family":{"Comparator":"UTF8Type","KeyValidator":"UTF8Type"}}`, nil, ""},
		{"compact", "t dense|key p text|column1 c bigint|value r blob", nil, "DROP COMPACT STORAGE first"},
		{"static dropped", "t compound|key p text|name s text|column1 c text|value r blob", nil, "would have to move"},
		{"static", "t compound|id p text|name r text", nil, "one value in each of its rows"},
		{"rows", "t compound|id p text|at c text|a r text|b r text", nil, "one value in each of its rows"},
		{"flattened", "t compound|key p text|column1 c bigint|column2 c text|value r blob", nil, "components of its names"},
		{"composite key", "t compound|key p text|key2 p text|column1 c text|value r blob", nil, "key is in several columns"},
		{"other value", "t compound|key p text|column1 c text|reading r blob", nil, "cannot rename"},
		{"composite key class", "t compound|key p 'org.apache.cassandra.db.marshal.CompositeType(org.apache.cassandra.db.marshal.LongType)'|column1 c text|value r blob", nil, "composite class"},
		{"refused", "t compound|key p text|column1 c text", nil, "no value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := emptySnapshot().next(schemaOf(t, "5.0.5", test.table))
			if err != nil {
				t.Fatal(err)
			}
			statements, err := s.adoption("ks", "t")
			if test.err != "" {
				if !errors.Is(err, backend.ErrUnsupported) || !strings.Contains(err.Error(), test.err) {
					t.Errorf("adoption: %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, statement := range statements {
				what, ok := strings.CutPrefix(statement, `ALTER TABLE "ks"."t" `)
				if !ok {
					t.Errorf("statement %s", statement)
				}
				if comment, ok := strings.CutPrefix(what, "WITH comment = '"); ok {
					what = define
					if _, d, err := parseComment(strings.ReplaceAll(strings.TrimSuffix(comment, "'"), "''", "'")); err != nil || d == nil {
						t.Errorf("the definition %s: %v", comment, err)
					}
				}
				got = append(got, what)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("statements (-want +got):\n%s", diff)
			}
		})
	}
	s, err := emptySnapshot().next(schemaOf(t, "5.0.5"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.adoption("ks", "nowhere"); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("a table that does not exist: %v", err)
	}
}
