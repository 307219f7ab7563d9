package cqlclient

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/schema"
)

// TestDefinitionForm pins the form of definitions stored in clusters.
func TestDefinitionForm(t *testing.T) {
	d := &definition{
		Family: &schema.Family{
			Keyspace: "ks", Name: "Users", Type: schema.Standard, Comparator: "UTF8Type", DefaultValidator: "BytesType",
			KeyValidator: "UTF8Type", Comment: "of users", GCGraceSeconds: new(int32(5)), CompressionOptions: map[string]string{"x": ""},
			Columns: []schema.Column{{Name: []byte("state"), Validator: "UTF8Type", Index: schema.KeysIndex, IndexName: "by_state"}},
		},
		Shadows: map[string]string{"state": "ix_state_1"},
	}
	want := "of users\n--widerow:" + `{"v":1,"family":{"Columns":[{"Index":1,"IndexName":"by_state","Name":"c3RhdGU=","Validator":"UTF8Type"}],` +
		`"Comparator":"UTF8Type","CompressionOptions":{"x":""},"DefaultValidator":"BytesType","GCGraceSeconds":5,"KeyValidator":"UTF8Type","Type":"Standard"},` +
		`"shadows":{"7374617465":"ix_state_1"}}`
	comment, err := d.comment()
	if err != nil || comment != want {
		t.Fatalf("comment() = %s, %v, want\n%s", comment, err, want)
	}
	user, got, err := parseComment(comment)
	if err != nil || user != "of users" {
		t.Fatalf("parseComment: %q, %v", user, err)
	}
	d.Family.Keyspace, d.Family.Name = "", "" // the table has its names already
	if diff := cmp.Diff(d, got); diff != "" {
		t.Errorf("parsed (-want +got):\n%s", diff)
	}
}

// TestDefinitionKeepsAll fills every field of a family by reflection, so that it also tests fields
// added later.
func TestDefinitionKeepsAll(t *testing.T) {
	d := &definition{Family: new(schema.Family), Shadows: map[string]string{"\x00\xff": "ix_x000ff_3"}}
	fillAll(reflect.ValueOf(d.Family).Elem(), 1)
	comment, err := d.comment()
	if err != nil {
		t.Fatal(err)
	}
	_, got, err := parseComment(comment)
	if err != nil {
		t.Fatal(err)
	}
	d.Family.Keyspace, d.Family.Name = "", ""
	if diff := cmp.Diff(d, got); diff != "" {
		t.Errorf("parsed (-want +got):\n%s", diff)
	}
}

func fillAll(v reflect.Value, n int64) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillAll(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fillAll(v.Field(i), n+int64(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fillAll(v.Index(i), n+int64(i))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"a": "1", "b": ""}))
	case reflect.String:
		v.SetString("text with \n--widerow: in it")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(n)
	case reflect.Uint8:
		v.SetUint(uint64(n % 256))
	case reflect.Float64:
		v.SetFloat(float64(n) / 3)
	default:
		panic(v.Kind().String())
	}
}

func TestParseComment(t *testing.T) {
	for _, test := range []struct {
		name, comment, user, err string
		own                      bool
	}{
		{"none", "", "", "", false},
		{"of others", "a table", "a table", "", false},
		{"empty user comment", "\n--widerow:" + `{"v":1,"family":{}}`, "", "", true},
		{"later version", "x\n--widerow:" + `{"v":2,"family":{}}`, "x", "version 2", false},
		{"no JSON", "x\n--widerow:{", "x", "cannot be read", false},
		{"no version", "x\n--widerow:{}", "x", "version 0", false},
		{"no family", "x\n--widerow:" + `{"v":1}`, "x", "cannot be read", false},
		{"family null", "x\n--widerow:" + `{"v":1,"family":null}`, "x", "", true},
		{"bad shadow", "x\n--widerow:" + `{"v":1,"family":{},"shadows":{"zz":"a"}}`, "x", "hex digits", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			user, d, err := parseComment(test.comment)
			if user != test.user || (d != nil) != test.own {
				t.Errorf("parseComment = %q, %v, want %q, own %v", user, d, test.user, test.own)
			}
			if (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

func FuzzParseComment(f *testing.F) {
	f.Add("x\n--widerow:" + `{"v":1,"family":{"Columns":[{"Name":"AA=="}],"GCGraceSeconds":5},"shadows":{"00":"ix"}}`)
	f.Add("x\n--widerow:" + `{"v":1,"family":null}`)
	f.Fuzz(func(t *testing.T, comment string) {
		_, d, err := parseComment(comment)
		if err != nil || d == nil {
			return
		}
		text, err := d.comment()
		if err != nil {
			t.Fatal(err)
		}
		_, again, err := parseComment(text)
		if err != nil {
			t.Fatal(err)
		}
		second, err := again.comment()
		if err != nil || second != text {
			t.Errorf("%q becomes %q, then %q (%v)", comment, text, second, err)
		}
	})
}

func TestShadowNames(t *testing.T) {
	for _, test := range []struct{ column, want string }{
		{"state", "ix_state_7"},
		{"State", "ix_x05374617465_7"},
		{"\x00", "ix_x000_7"},
		{"x0ab", "ix_x078306162_7"},
		{"a_1", "ix_a_1_7"},
		{strings.Repeat("z", 41), "ix_x0" + strings.Repeat("7a", 41) + "_7"},
	} {
		got := shadowName([]byte(test.column), 7)
		if got != test.want {
			t.Errorf("shadowName(%q) = %s, want %s", test.column, got, test.want)
		}
		if column, ok := indexedBy(got); !ok || string(column) != test.column {
			t.Errorf("indexedBy(%s) = %q, %v", got, column, ok)
		}
		if n := generationOf(got); n != 7 {
			t.Errorf("generationOf(%s) = %d", got, n)
		}
	}
	long := shadowName([]byte(strings.Repeat("long", 1000)), 2)
	if len(long) > 100 || generationOf(long) != 2 {
		t.Errorf("the shadow of a long name is %s", long)
	}
	for _, name := range []string{long, "ix_", "ix_a", "ix_a_0", "ix_a_-1", "ix__1", "state", "ix_x0zz_1"} {
		if column, ok := indexedBy(name); ok {
			t.Errorf("indexedBy(%s) = %q", name, column)
		}
	}
	m := &tableMeta{columns: []columnRow{{Name: "key"}, {Name: "ix_a_2"}}, dropped: []string{"ix_b_9", "old"}}
	if n := m.nextGeneration(); n != 10 {
		t.Errorf("nextGeneration() = %d, want 10", n)
	}
}
