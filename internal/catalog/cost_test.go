package catalog

import (
	"fmt"
	"slices"
	"testing"

	"github.com/widerow/widerow/schema"
)

// TestVersionOfContent creates the same schema in two orders and checks that both have the same version.
func TestVersionOfContent(t *testing.T) {
	apply := func(c *Catalog, change schema.Change) *Catalog {
		t.Helper()
		next, err := c.Apply(change)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	create := func(names ...string) *Catalog {
		c := new(Catalog)
		for _, ks := range []string{"a", "b"} {
			c = apply(c, schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: ks}})
		}
		for _, name := range names {
			c = apply(c, schema.CreateFamily{Family: schema.Family{Keyspace: "a", Name: name}})
		}
		return c
	}
	var names []string
	for i := range 40 {
		names = append(names, fmt.Sprint("f", i))
	}
	c := create(names...)
	slices.Reverse(names)
	other := create(append(names, "g")...)
	if c.Version() == other.Version() {
		t.Error("one family more, and the same version")
	}
	other = apply(other, schema.AlterFamily{Family: schema.Family{Keyspace: "a", Name: "f7", Comment: "x"}})
	other = apply(other, schema.AlterFamily{Family: schema.Family{Keyspace: "a", Name: "f7"}, Whole: true})
	other = apply(other, schema.DropFamily{Keyspace: "a", Name: "g"})
	if c.Version() != other.Version() {
		t.Error("equal schemas have different versions")
	}
	all, err := c.Keyspaces()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := New(all); err != nil || again.Version() != c.Version() {
		t.Errorf("after a compilation of its definitions the schema has a different version (%v)", err)
	}
	if c = apply(apply(c, schema.DropKeyspace{Name: "a"}), schema.DropKeyspace{Name: "b"}); c.Version() != new(Catalog).seal().Version() {
		t.Error("the version still depends on dropped definitions")
	}
}
