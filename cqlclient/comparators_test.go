package cqlclient_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"gopkg.in/inf.v0"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// comparators has, for each comparator, packed names in hex.
var comparators = []struct {
	class string
	names []string
}{
	{"AsciiType", []string{"00", "41", "61", "6161", "7e"}},
	{"UTF8Type", []string{"41", "61", "c3a9", "efbfbf", "f09f9880"}},
	{"BytesType", []string{"00", "7f", "80", "ff", "ff00"}},
	{"BooleanType", []string{"00", "01"}},
	{"LongType", []string{"8000000000000000", "ffffffffffffffff", "0000000000000000", "0000000000000001", "7fffffffffffffff"}},
	{"Int32Type", []string{"80000000", "ffffffff", "00000000", "7fffffff"}},
	{"IntegerType", []string{"ff7f", "80", "ff", "00", "7f", "0080", "7fffffffffffffffffff"}},
	{"DateType", []string{"ffffffffffffffff", "0000000000000000", "00000000000003e8", "7fffffffffffffff"}},
	{"TimestampType", []string{"ffffffffffffffff", "0000000000000000", "00000000000003e8", "7fffffffffffffff"}},
	{"FloatType", []string{"ff800000", "bf800000", "80000000", "00000000", "3f800000", "7f800000", "7fc00000"}},
	{"DoubleType", []string{"fff0000000000000", "bff0000000000000", "8000000000000000", "0000000000000000", "3ff0000000000000", "7ff8000000000000"}},
	{"InetAddressType", []string{"01020304", "ff020304", "00000000000000000000000000000001", "fe800000000000000000000000000001"}},
	{"UUIDType", uuids},
	{"LexicalUUIDType", uuids},
	{"TimeUUIDType", timeUUIDs},
	{"DecimalType", packAll(coltype.Parse, "DecimalType", inf.NewDec(-15, 1), inf.NewDec(0, 0), inf.NewDec(1, 3), inf.NewDec(15, 1), inf.NewDec(1, -9))},
	{"ReversedType(LongType)", []string{"ffffffffffffffff", "0000000000000000", "0000000000000001", "7fffffffffffffff"}},
	{"ReversedType(TimeUUIDType)", timeUUIDs},
	{"ReversedType(UTF8Type)", []string{"41", "61", "c3a9"}},
	{"CompositeType(UTF8Type,LongType)", packAll(coltype.Parse, "CompositeType(UTF8Type,LongType)",
		coltype.Tuple{"a"}, coltype.Tuple{"a", -1}, coltype.Tuple{"a", 1}, coltype.Tuple{"aa", 0}, coltype.Tuple{"b"}, coltype.Tuple{"b", 5})},
	{"CompositeType(LongType,ReversedType(IntegerType),UTF8Type)", packAll(coltype.Parse, "CompositeType(LongType,ReversedType(IntegerType),UTF8Type)",
		coltype.Tuple{-1, big.NewInt(5)}, coltype.Tuple{1, big.NewInt(5), "x"}, coltype.Tuple{1, big.NewInt(-5), "x"}, coltype.Tuple{1, big.NewInt(-5), "y"}, coltype.Tuple{2})},
	{"ReversedType(CompositeType(UTF8Type,LongType))", packAll(coltype.Parse, "CompositeType(UTF8Type,LongType)",
		coltype.Tuple{"a"}, coltype.Tuple{"a", -1}, coltype.Tuple{"a", 1}, coltype.Tuple{"b", 5})},
	{"CompositeType(DateType,TimeUUIDType)", dated},
	{"DynamicCompositeType(a=>AsciiType,l=>LongType,r=>ReversedType(LongType))", []string{
		// l:1, l:2, l:2:a:x and a:x, by alias; all end with 0
		"806c0008000000000000000100", "806c0008000000000000000200", "806c00080000000000000002008061000178" + "00", "8061000178" + "00",
		"80720008000000000000000100", "80720008000000000000000200",
	}},
}

var uuids = []string{
	"00000000000010008000000000000001", "00000000000010008000000000000002", "ffffffffffff1fff8000000000000001",
	"00000000000040008000000000000001", "ffffffffffff4fffbfffffffffffffff",
}

var timeUUIDs = []string{
	"00000001000010008000000000000001", "00000001000010008000000000000002", "00000000000110008000000000000001", "ffffffff000010008000000000000001",
}

var dated = []string{
	"0008000000000000000000" + "0010" + timeUUIDs[0] + "00", "0008ffffffffffffffff00" + "0010" + timeUUIDs[0] + "00",
	"000800000000000003e800" + "0010" + timeUUIDs[1] + "00", "0008000000000000000000" + "0010" + timeUUIDs[2] + "00",
}

// packAll packs values of a type.
func packAll(parse func(string) (coltype.Type, error), class string, values ...any) []string {
	t, err := parse(class)
	if err != nil {
		panic(err)
	}
	var list []string
	for _, v := range values {
		b, err := coltype.Pack(t, v)
		if err != nil {
			panic(fmt.Errorf("%s %v: %w", class, v, err))
		}
		list = append(list, hex.EncodeToString(b))
	}
	return list
}

// TestComparators writes names of each comparator and reads them with every kind of bound. It reads
// again after a restart of the node, which flushes the node's memory to disk.
func TestComparators(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := realcass.Start(t, realcass.Config{Version: version})
			var all []*compared
			withClient(t, cluster, func(client *cqlclient.Client) {
				keyspace := schema.NewKeyspace("comparators", 1)
				for i, c := range comparators {
					keyspace.Families = append(keyspace.Families, schema.Family{Name: fmt.Sprintf("F%d", i), Comparator: c.class},
						schema.Family{Name: fmt.Sprintf("S%d", i), Type: schema.Super, Comparator: c.class, Subcomparator: c.class})
				}
				_, _ = client.Alter(t.Context(), schema.DropKeyspace{Name: keyspace.Name})
				if _, err := client.Alter(t.Context(), schema.CreateKeyspace{Keyspace: keyspace}); err != nil {
					t.Fatal(err)
				}
				all = comparedOf(t, client)
				for _, c := range all {
					c.write(t, client)
				}
				for _, c := range all {
					c.check(t, client)
				}
			})
			cluster.Node(0).Stop(t)
			cluster.Node(0).Start(t)
			withClient(t, cluster, func(client *cqlclient.Client) {
				for _, c := range all {
					c.check(t, client)
				}
			})
		})
	}
}

func withClient(t *testing.T, cluster *realcass.Cluster, use func(client *cqlclient.Client)) {
	t.Helper()
	client, err := cqlclient.Open(t.Context(), cluster.NativeAddrs(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	use(client)
}

// compared is a family with a comparator and its names.
type compared struct {
	parent backend.Parent
	key    []byte
	class  string
	order  coltype.Type // the comparator as the family describes it
	names  [][]byte     // in order
	bounds [][]byte     // the names, and the ends of slices of composites
}

// comparedOf lists the families of all comparators. super is the super column of the families that
// have super columns.
func comparedOf(t *testing.T, client *cqlclient.Client) []*compared {
	t.Helper()
	keyspaces, err := client.Keyspaces(t.Context(), "comparators")
	if err != nil {
		t.Fatal(err)
	}
	var all []*compared
	for i, c := range comparators {
		names := make([][]byte, len(c.names))
		for j, name := range c.names {
			if names[j], err = hex.DecodeString(name); err != nil {
				t.Fatal(err)
			}
		}
		for _, family := range []string{fmt.Sprintf("F%d", i), fmt.Sprintf("S%d", i)} {
			def := keyspaces[0].Family(family)
			k := &compared{parent: backend.Parent{Keyspace: "comparators", Family: family}, key: []byte("k"), class: c.class, names: slices.Clone(names)}
			if k.order, err = coltype.Parse(def.Comparator); err != nil {
				t.Fatal(err)
			}
			if def.IsSuper() {
				k.parent.Super = names[0]
			}
			k.sort()
			all = append(all, k)
		}
	}
	return all
}

// sort sorts the names and makes the bounds.
func (k *compared) sort() {
	slices.SortFunc(k.names, k.order.Compare)
	k.bounds = append([][]byte{nil}, k.names...)
	if strings.Contains(k.order.String(), "CompositeType(") {
		for _, name := range k.names {
			for _, end := range []byte{0xff, 1} {
				b := bytes.Clone(name)
				b[len(b)-1] = end
				k.bounds = append(k.bounds, b)
			}
		}
	}
}

func (k *compared) write(t *testing.T, client *cqlclient.Client) {
	t.Helper()
	row := backend.RowMutation{Family: k.parent.Family, Key: k.key}
	for _, name := range k.names {
		row.Mutations = append(row.Mutations, backend.Mutation{
			Op: backend.Insert, Super: k.parent.Super, Column: backend.Column{Name: name, Value: []byte("v"), Timestamp: 1},
		})
	}
	if err := client.Mutate(t.Context(), &backend.MutateRequest{Keyspace: k.parent.Keyspace, Rows: []backend.RowMutation{row}}); err != nil {
		t.Fatalf("%s: %v", k.class, err)
	}
}

// check reads the names one by one and with every pair of bounds, in both directions, by Slice and by Range.
func (k *compared) check(t *testing.T, client *cqlclient.Client) {
	t.Helper()
	for i, name := range k.names {
		k.compare(t, client, &backend.Predicate{Names: [][]byte{name}}, k.names[i:i+1])
	}
	k.compare(t, client, &backend.Predicate{Names: k.names}, k.names)
	for _, from := range k.bounds {
		for _, to := range k.bounds {
			if from != nil && to != nil && k.order.Compare(from, to) > 0 {
				continue
			}
			var want [][]byte
			for _, name := range k.names {
				if (from == nil || k.order.Compare(from, name) <= 0) && (to == nil || k.order.Compare(name, to) <= 0) {
					want = append(want, name)
				}
			}
			k.compare(t, client, &backend.Predicate{Start: from, Finish: to, Count: 100}, want)
			slices.Reverse(want)
			k.compare(t, client, &backend.Predicate{Start: to, Finish: from, Reversed: true, Count: 100}, want)
		}
	}
}

func (k *compared) compare(t *testing.T, client *cqlclient.Client, p *backend.Predicate, want [][]byte) {
	t.Helper()
	ctx := context.Background()
	rows, err := client.Slice(ctx, &backend.SliceRequest{Parent: k.parent, Keys: [][]byte{k.key}, Predicate: *p})
	if err != nil {
		t.Errorf("%s %+v: %v", k.class, p, err)
		return
	}
	ranged, err := client.Range(ctx, &backend.RangeRequest{Parent: k.parent, Range: backend.KeyRange{Count: 10}, Predicate: *p})
	if err != nil || len(ranged) != 1 {
		t.Errorf("%s %+v: the range has %d rows, %v", k.class, p, len(ranged), err)
		return
	}
	for _, row := range []backend.Row{rows[0], ranged[0]} {
		var got [][]byte
		for _, c := range row.Columns {
			got = append(got, c.Name)
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Errorf("%s (%s) %x to %x, reversed %t, names %x:\n got %x\nwant %x", k.class, k.parent.Family, p.Start, p.Finish, p.Reversed, p.Names, got, want)
		}
	}
}
