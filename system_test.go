package widerow_test

import (
	"context"
	"errors"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

// changes records the schema changes that a store is asked for.
type changes struct {
	backend.Backend
	asked []schema.Change
}

func (c *changes) Alter(ctx context.Context, change schema.Change) (string, error) {
	c.asked = append(c.asked, change)
	return c.Backend.Alter(ctx, change)
}

// TestKeyspaceOfFamilies creates a keyspace with families that do not name it. The request to the
// store must name the keyspace in each family, as Cassandra requires.
func TestKeyspaceOfFamilies(t *testing.T) {
	store := &changes{Backend: widerowtest.New(t).Backend()}
	ks := schema.Keyspace{Name: "A", Families: []schema.Family{{Name: "F"}, {Name: "G", Keyspace: "A"}}}
	if err := widerow.New(store, nil).System().EnsureKeyspace(t.Context(), ks); err != nil {
		t.Fatal(err)
	}
	asked := store.asked[0].(schema.CreateKeyspace).Keyspace
	if asked.Families[0].Keyspace != "A" || asked.Families[1].Keyspace != "A" || ks.Families[0].Keyspace != "" {
		t.Errorf("asked for %+v", asked)
	}
}

func TestSystemManager(t *testing.T) {
	ctx := t.Context()
	each(t, "byteordered", func(t *testing.T, s store) {
		sys := s.System()
		ks := schema.Keyspace{Name: "A", Strategy: "SimpleStrategy", StrategyOptions: map[string]string{"replication_factor": "1"}}
		if err := sys.CreateKeyspace(ctx, ks); err != nil {
			t.Fatal(err)
		}
		if err := sys.CreateKeyspace(ctx, ks); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("a keyspace that exists: %v", err)
		}
		ks.Name = "B"
		if err := sys.CreateKeyspace(ctx, ks); err != nil {
			t.Fatal(err)
		}
		diff(t, "Keyspaces", must(sys.Keyspaces(ctx))(t), []string{"A", "B"})
		ks.DurableWrites = new(false)
		if err := sys.AlterKeyspace(ctx, ks); err != nil {
			t.Fatal(err)
		}
		def := must(sys.Keyspace(ctx, "B"))(t)
		if def.Strategy != schema.SimpleStrategy || def.StrategyOptions["replication_factor"] != "1" || *def.DurableWrites {
			t.Errorf("keyspace %+v", def)
		}
		if err := sys.DropKeyspace(ctx, "B"); err != nil {
			t.Fatal(err)
		}
		if _, err := sys.Keyspace(ctx, "B"); !errors.Is(err, widerow.ErrNotFound) {
			t.Errorf("a keyspace that was dropped: %v", err)
		}

		family := schema.Family{Keyspace: "A", Name: "F", Comparator: "LongType", Comment: "first"}
		err := sys.CreateFamily(ctx, family, widerow.ColumnDef{Name: 1, Validator: schema.UTF8Type}, widerow.ColumnDef{Name: 2})
		if err != nil {
			t.Fatal(err)
		}
		col := func(f *widerow.Family, name int64) schema.Column {
			t.Helper()
			def := f.Schema()
			c := def.Column(must(coltype.Long.Append(nil, name))(t))
			if c == nil {
				t.Fatalf("column %d is not described", name)
			}
			return *c
		}
		f := must(s.Keyspace("A").Family(ctx, "F"))(t)
		check := func(what string, name int64, class string, index schema.IndexType, indexName string) {
			t.Helper()
			if err := f.Reload(ctx); err != nil {
				t.Fatal(err)
			}
			c := col(f, name)
			typ := must(coltype.Parse(c.Validator))(t)
			if !coltype.Equal(typ, must(coltype.Parse(class))(t)) || c.Index != index || indexName != "*" && c.IndexName != indexName {
				t.Errorf("%s: column %d is %+v", what, name, c)
			}
		}
		check("create", 1, schema.UTF8Type, schema.NoIndex, "")
		check("create", 2, schema.BytesType, schema.NoIndex, "")

		// Another handle sees the data of the columns that the alteration describes.
		err = sys.AlterFamily(ctx, schema.Family{Keyspace: "A", Name: "F", GCGraceSeconds: new(int32(42))}, widerow.ColumnDef{Name: 3, Validator: schema.DoubleType})
		if err != nil {
			t.Fatal(err)
		}
		check("alter", 1, schema.UTF8Type, schema.NoIndex, "")
		check("alter", 3, schema.DoubleType, schema.NoIndex, "")
		if got := f.Schema(); *got.GCGraceSeconds != 42 || got.Comment != "first" {
			t.Errorf("after AlterFamily gc_grace is %d, comment %q", *got.GCGraceSeconds, got.Comment)
		}

		if err := sys.CreateIndex(ctx, "A", "F", 1, schema.UTF8Type, &widerow.IndexOptions{Name: "one"}); err != nil {
			t.Fatal(err)
		}
		check("index", 1, schema.UTF8Type, schema.KeysIndex, "one")
		if err := sys.AlterColumn(ctx, "A", "F", 1, schema.BytesType); err != nil {
			t.Fatal(err)
		}
		check("alter column", 1, schema.BytesType, schema.KeysIndex, "one")
		if err := sys.CreateIndex(ctx, "A", "F", 9, schema.LongType, nil); err != nil {
			t.Fatal(err)
		}
		check("index on a new column", 9, schema.LongType, schema.KeysIndex, "*")
		if err := sys.DropIndex(ctx, "A", "F", 1); err != nil {
			t.Fatal(err)
		}
		check("drop index", 1, schema.BytesType, schema.NoIndex, "")
		if err := sys.DropIndex(ctx, "A", "F", 1); !errors.Is(err, widerow.ErrNotFound) {
			t.Errorf("an index that does not exist: %v", err)
		}
		if err := sys.AlterColumn(ctx, "A", "F", "one", schema.LongType); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("an invalid name: %v", err)
		}
		if err := sys.AlterColumn(ctx, "A", "nope", 1, schema.LongType); !errors.Is(err, widerow.ErrNotFound) {
			t.Errorf("a family that does not exist: %v", err)
		}

		sup := schema.Family{Keyspace: "A", Name: "E", Type: schema.Super, Comparator: "UTF8Type", Subcomparator: "LongType"}
		if err := sys.CreateFamily(ctx, sup, widerow.ColumnDef{Name: 5, Validator: schema.UTF8Type}); err != nil {
			t.Fatal(err)
		}
		families := must(sys.Families(ctx, "A"))(t)
		if len(families) != 2 || families["E"].Type != schema.Super {
			t.Errorf("families %v", families)
		}
		handles := must(s.Keyspace("A").Families(ctx, widerow.RawKeys()))(t)
		if len(handles) != 2 || handles[0].Name() != "E" || handles[1].Name() != "F" {
			t.Errorf("handles %v", handles)
		}
		if typ := must(handles[0].ColumnType(5))(t); !coltype.Equal(typ, coltype.UTF8) {
			t.Errorf("the subcolumn's type is %v", typ)
		}
		types := handles[0].Types()
		if !coltype.Equal(types.Super, coltype.UTF8) || !coltype.Equal(types.Name, coltype.Long) || types.Key != coltype.Bytes {
			t.Errorf("types %+v", types)
		}
		if err := sys.DropFamily(ctx, "A", "F"); err != nil {
			t.Fatal(err)
		}
		if err := sys.DropFamily(ctx, "A", "F"); !errors.Is(err, widerow.ErrInvalidRequest) {
			t.Errorf("a family that was dropped: %v", err)
		}

		if v := must(sys.SchemaVersions(ctx))(t); len(v) != 1 {
			t.Errorf("schema versions %v", v)
		}
		if v := must(sys.Partitioner(ctx))(t); v != "org.apache.cassandra.dht.ByteOrderedPartitioner" {
			t.Errorf("partitioner %v", v)
		}
		if v := must(sys.ClusterName(ctx))(t); v == "" {
			t.Error("no cluster name")
		}
		if v := must(sys.Version(ctx))(t); v == "" {
			t.Error("no version")
		}
		if v := must(sys.Snitch(ctx))(t); v == "" {
			t.Error("no snitch")
		}
		if v := must(sys.TokenMap(ctx))(t); len(v) != 1 {
			t.Errorf("token map %v", v)
		}
		if v := must(sys.Ring(ctx, "A"))(t); len(v) != 1 || len(v[0].Endpoints) != 1 {
			t.Errorf("ring %v", v)
		}
		if _, err := sys.Ring(ctx, "nope"); err == nil {
			t.Error("the ring of a keyspace that does not exist")
		}
	})
}
