package cqlclient

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// These tests check schemas on real nodes. Each test has its own keyspaces, so that all tests share
// one node.

// realLines lists the lines of Cassandra that this package supports.
var realLines = []string{"3.11", "4.1", "5.0"}

// onReal runs a test on each version that the environment asks for.
func onReal(t *testing.T, test func(t *testing.T, nodes []string)) {
	for _, version := range realcass.Versions(t, realLines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := realcass.Start(t, realcass.Config{Version: version})
			test(t, cluster.NativeAddrs())
		})
	}
}

// openReal opens a client that ends with the test.
func openReal(t *testing.T, nodes []string) *Client {
	t.Helper()
	c, err := Open(t.Context(), nodes, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

var keyspaces atomic.Int64

// newKeyspace creates a keyspace that is dropped when the test ends.
func newKeyspace(t *testing.T, c *Client) string {
	t.Helper()
	name := fmt.Sprintf("s%d_%d", time.Now().Unix(), keyspaces.Add(1))
	mustAlter(t, c, schema.CreateKeyspace{Keyspace: schema.NewKeyspace(name, 1)})
	t.Cleanup(func() {
		other, err := Open(context.Background(), []string{c.session.GetHosts()[0].ConnectAddressAndPort()}, nil)
		if err == nil {
			other.Alter(context.Background(), schema.DropKeyspace{Name: name})
			other.Close()
		}
	})
	return name
}

func mustAlter(t *testing.T, c *Client, change schema.Change) {
	t.Helper()
	if _, err := c.Alter(t.Context(), change); err != nil {
		t.Fatalf("%T: %v", change, err)
	}
}

// definitionOf returns a client's definition of a family.
func definitionOf(t *testing.T, c *Client, keyspace, name string) *schema.Family {
	t.Helper()
	all, err := c.Keyspaces(t.Context(), keyspace)
	if err != nil {
		t.Fatal(err)
	}
	return all[0].Family(name)
}

// comparators lists the comparators of the conformance suite, and more.
var comparators = []string{
	"AsciiType", "BooleanType", "BytesType", "DateType", "DecimalType", "DoubleType", "EmptyType", "FloatType", "InetAddressType", "Int32Type",
	"IntegerType", "LexicalUUIDType", "LongType", "TimeUUIDType", "TimestampType", "UTF8Type", "UUIDType",
	"ReversedType(LongType)", "ReversedType(DateType)", "ReversedType(CompositeType(LongType,UTF8Type))",
	"CompositeType(LongType,UTF8Type)", "CompositeType(ReversedType(DateType),DateType)",
	"CompositeType(CompositeType(LongType),DynamicCompositeType(a=>AsciiType))",
	"DynamicCompositeType(a=>AsciiType,d=>DateType,r=>ReversedType(LongType))",
}

// TestTypesComeBack creates a family with each type as comparator, super comparator, key type and
// indexed value type. A client that opens afterwards must derive the same definition from the
// tables.
func TestTypesComeBack(t *testing.T) {
	onReal(t, func(t *testing.T, nodes []string) {
		c := openReal(t, nodes)
		ks := newKeyspace(t, c)
		for i, class := range comparators {
			mustAlter(t, c, schema.CreateFamily{Family: schema.Family{
				Keyspace: ks, Name: fmt.Sprintf("n%d", i), Comparator: class, KeyValidator: class,
			}})
			mustAlter(t, c, schema.CreateFamily{Family: schema.Family{
				Keyspace: ks, Name: fmt.Sprintf("s%d", i), Type: schema.Super, Comparator: "UTF8Type", Subcomparator: class,
			}})
			mustAlter(t, c, schema.CreateFamily{Family: schema.Family{
				Keyspace: ks, Name: fmt.Sprintf("i%d", i), Comparator: "UTF8Type",
				Columns: []schema.Column{{Name: []byte("Column 1"), Validator: class, Index: schema.KeysIndex}},
			}})
		}
		again := openReal(t, nodes)
		for name, err := range again.snapshot().refused {
			if name.keyspace == ks {
				t.Error(err)
			}
		}
		all, err := c.Keyspaces(t.Context(), ks)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := again.Keyspaces(t.Context(), ks)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(all, theirs); diff != "" {
			t.Errorf("the second client has different definitions (-first +second):\n%s", diff)
		}
		if got, want := len(theirs[0].Families), 3*len(comparators); got != want {
			t.Errorf("%d families, want %d", got, want)
		}
		for i, class := range comparators {
			want, _ := coltype.Parse(class)
			want = signedDates(want)
			if got := theirs[0].Family(fmt.Sprintf("n%d", i)).Comparator; got != want.String() {
				t.Errorf("comparator %s is described as %s", class, got)
			}
			f := theirs[0].Family(fmt.Sprintf("i%d", i))
			if len(f.Columns) != 1 || f.Columns[0].Index != schema.KeysIndex {
				t.Errorf("an index on values of %s is described as %v", class, f.Columns)
			}
			if u := again.snapshot().table(ks, f.Name).unbuilt; len(u) > 0 {
				t.Errorf("index on values of %s is not built", class)
			}
		}
	})
}
