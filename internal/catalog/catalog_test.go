package catalog

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/gofrs/uuid/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// All reasons in the tables of this package's tests are the exact texts of Cassandra
// 1.2.19. If we differ, the row has a comment "1.2: …".

// app returns a catalog with one keyspace, "app".
func app(t testing.TB, families ...schema.Family) *Catalog {
	t.Helper()
	c, err := New([]schema.Keyspace{{Name: "app", Families: families}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func apply(t testing.TB, c *Catalog, change schema.Change) *Catalog {
	t.Helper()
	next, err := c.Apply(change)
	if err != nil {
		t.Fatalf("Apply(%T): %v", change, err)
	}
	return next
}

func family(t testing.TB, c *Catalog, name string) *Family {
	t.Helper()
	f, err := c.Family("app", name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// checkReason fails the test unless err is an invalid request with the reason. If
// the reason is empty, err must be nil.
func checkReason(t testing.TB, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var e *backend.Error
	switch {
	case !errors.As(err, &e):
		t.Errorf("error = %v, want %q", err, want)
	case e.Kind != backend.KindInvalidRequest || e.Why != want:
		t.Errorf("%v: %q\nwant %v: %q", e.Kind, e.Why, backend.KindInvalidRequest, want)
	}
}

func indexedColumn(name, validator string) schema.Column {
	return schema.Column{Name: []byte(name), Validator: validator, Index: schema.KeysIndex}
}

func TestSnapshots(t *testing.T) {
	before := app(t, schema.Family{Name: "A"}, schema.Family{Name: "B"})
	a, b := family(t, before, "A"), family(t, before, "B")

	after := apply(t, before, schema.AlterFamily{Family: schema.Family{Keyspace: "app", Name: "A", Comment: "new"}})
	if family(t, after, "A") == a || family(t, after, "A").Def.Comment != "new" {
		t.Error("the altered family was not replaced")
	}
	if family(t, before, "A") != a || a.Def.Comment != "" {
		t.Error("the old catalog changed")
	}
	after = apply(t, after, schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: "other"}})
	after = apply(t, after, schema.AlterKeyspace{Keyspace: schema.Keyspace{Name: "app", DurableWrites: new(false)}})
	after = apply(t, after, schema.DropFamily{Keyspace: "app", Name: "A"})
	if family(t, after, "B") != b {
		t.Error("a family that no change touched was replaced")
	}
	if same := apply(t, before, schema.AlterFamily{Family: schema.Family{Keyspace: "app", Name: "A"}}); family(t, same, "A") != a {
		t.Error("a family that the change did not touch was replaced")
	}
	if _, err := after.Family("app", "A"); err == nil {
		t.Error("a dropped family is still there")
	}
	dropped := apply(t, before, schema.DropKeyspace{Name: "app"})
	if _, err := dropped.Family("app", "B"); err == nil || dropped.HasKeyspace("app") {
		t.Error("a family of a dropped keyspace is still there")
	}
	_, err := before.Apply(nil)
	checkReason(t, err, "unknown schema change <nil>")
}

func TestVersion(t *testing.T) {
	empty := app(t)
	one := apply(t, empty, schema.CreateFamily{Family: schema.Family{Keyspace: "app", Name: "A"}})
	two := apply(t, one, schema.CreateFamily{Family: schema.Family{Keyspace: "app", Name: "B"}})
	other := app(t, schema.Family{Name: "B", Keyspace: "app"}, schema.Family{Name: "A"})
	back := apply(t, two, schema.DropFamily{Keyspace: "app", Name: "B"})
	if two.Version() != other.Version() || back.Version() != one.Version() {
		t.Error("equal schemas differ in version")
	}
	if one.Version() == two.Version() || empty.Version() == one.Version() {
		t.Error("different schemas have one version")
	}
	if _, err := uuid.FromString(empty.Version()); err != nil {
		t.Errorf("Version() = %s: %v", empty.Version(), err)
	}
}

// A store saves definitions as JSON and passes them to New when it opens.
func TestReopen(t *testing.T) {
	c := app(t,
		schema.Family{Name: "Users", Comparator: "UTF8Type", KeyAlias: []byte{}, Comment: "a\xff", Columns: []schema.Column{
			indexedColumn("state", "UTF8Type"), indexedColumn("born", "LongType"), {Name: []byte("x"), Validator: "Int32Type"},
		}},
		schema.Family{Name: "Sup", Type: schema.Super, Subcomparator: "CompositeType(LongType, UTF8Type(reversed=true))"},
		schema.Family{Name: "Hits", DefaultValidator: "CounterColumnType", CompressionOptions: map[string]string{}},
	)
	c = apply(t, c, schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: "Other", Families: []schema.Family{
		{Name: "Users", Comparator: "UTF8Type", Columns: []schema.Column{indexedColumn("state", "UTF8Type")}},
	}}})
	definitions, err := c.Keyspaces()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(definitions)
	if err != nil {
		t.Fatal(err)
	}
	var read []schema.Keyspace
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	again, err := New(read)
	if err != nil {
		t.Fatal(err)
	}
	reread, _ := again.Keyspaces()
	if diff := cmp.Diff(definitions, reread); diff != "" {
		t.Errorf("definitions changed (-was +is):\n%s", diff)
	}
	if again.Version() != c.Version() {
		t.Error("the version changed")
	}
}

func TestKeyspaces(t *testing.T) {
	c, err := New([]schema.Keyspace{{Name: "b"}, {Name: "a", Families: []schema.Family{{Name: "Y"}, {Name: "X"}}}})
	if err != nil {
		t.Fatal(err)
	}
	names := func(all []schema.Keyspace, err error) (names []string) {
		if err != nil {
			t.Error(err)
		}
		for _, k := range all {
			names = append(names, k.Name)
			for _, f := range k.Families {
				names = append(names, k.Name+"."+f.Name)
			}
		}
		return names
	}
	if diff := cmp.Diff([]string{"a", "a.X", "a.Y", "b"}, names(c.Keyspaces())); diff != "" {
		t.Errorf("Keyspaces() (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b", "a", "a.X", "a.Y"}, names(c.Keyspaces("b", "a"))); diff != "" {
		t.Errorf("Keyspaces(b, a) (-want +got):\n%s", diff)
	}
	if _, err := c.Keyspaces("a", "nope"); !errors.Is(err, backend.ErrNotFound) {
		t.Errorf("Keyspaces(nope) = %v, want not found", err)
	}
	all, _ := c.Keyspaces()
	all[0].Families[0].Comment = "changed"
	*all[0].Families[0].GCGraceSeconds = 1
	if f, _ := c.Family("a", "X"); f.Def.Comment != "" || *f.Def.GCGraceSeconds == 1 {
		t.Error("the result shares memory with the catalog")
	}
}

func TestFamily(t *testing.T) {
	c := app(t, schema.Family{
		Name: "Users", Comparator: "UTF8Type", DefaultValidator: "AsciiType", KeyValidator: "LongType",
		GCGraceSeconds: new(int32(-5)),
		Columns:        []schema.Column{indexedColumn("b", "LongType"), {Name: []byte("x"), Validator: "Int32Type"}, indexedColumn("a", "UTF8Type")},
	}, schema.Family{
		Name: "Sup", Type: schema.Super, Comparator: "LongType", Subcomparator: "UTF8Type",
		Columns: []schema.Column{{Name: []byte("x"), Validator: "Int32Type"}},
	}, schema.Family{Name: "Hits", DefaultValidator: "CounterColumnType"})

	f := family(t, c, "Users")
	if f.Super || f.Counter || f.GCGrace != 0 || f.Subcomparator != nil || f.KeyValidator != coltype.Long {
		t.Errorf("Users = %+v", f)
	}
	if f.ColumnNames() != coltype.UTF8 || f.Names(nil) != coltype.UTF8 {
		t.Error("Users: wrong types of names")
	}
	for name, want := range map[string]coltype.Type{"a": coltype.UTF8, "b": coltype.Long, "x": coltype.Int32, "z": coltype.ASCII} {
		if got := f.Validator([]byte(name)); got != want {
			t.Errorf("Validator(%s) = %v, want %v", name, got, want)
		}
	}
	want := []Index{{"Users_a_idx", []byte("a"), coltype.UTF8}, {"Users_b_idx", []byte("b"), coltype.Long}}
	if diff := cmp.Diff(want, f.Indexes, cmp.Comparer(coltype.Equal)); diff != "" {
		t.Errorf("Indexes (-want +got):\n%s", diff)
	}
	if f.Indexed([]byte("b")) != &f.Indexes[1] || f.Indexed([]byte("x")) != nil || f.Indexed([]byte("z")) != nil {
		t.Error("Indexed is wrong")
	}
	f = family(t, c, "Sup")
	if !f.Super || f.ColumnNames() != coltype.UTF8 || f.Names(nil) != coltype.Long || f.Names([]byte{}) != coltype.UTF8 {
		t.Error("Sup: wrong types of names")
	}
	if f.GCGrace.Hours() != 240 || f.Validator([]byte("x")) != coltype.Int32 {
		t.Errorf("Sup = %+v", f)
	}
	if !family(t, c, "Hits").Counter {
		t.Error("Hits counts not")
	}
	for _, test := range []struct{ keyspace, family, want string }{
		{"", "A", "no keyspace has been specified"},
		{"nope", "A", "Keyspace 'nope' does not exist"},
		{"app", "", "non-empty columnfamily is required"},
		{"app", "nope", "unconfigured columnfamily nope"},
		{"app", "users", "unconfigured columnfamily users"},
	} {
		_, err := c.Family(test.keyspace, test.family)
		checkReason(t, err, test.want)
	}
}
