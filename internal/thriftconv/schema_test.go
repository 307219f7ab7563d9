package thriftconv

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
)

// fill sets all fields that are reachable from v, each to another value. So a field that
// is added later is tested too.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"a": string(rune('a' + *n)), "b": "2"}))
	case reflect.String:
		v.SetString(string(rune('a' + *n)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(int64(1 + *n%3))
	case reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Int:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.Float64:
		v.SetFloat(float64(*n))
	default:
		panic(v.Kind().String())
	}
}

func filled[T any]() *T {
	x, n := new(T), 0
	fill(reflect.ValueOf(x).Elem(), &n)
	return x
}

func TestSchemaRoundTrip(t *testing.T) {
	want := filled[schema.Keyspace]()
	for i := range want.Families { // attributes that only CQL has
		f := &want.Families[i]
		f.AdditionalWritePolicy, f.ReadRepair, f.Memtable = "", "", ""
		f.CDC, f.AllowAutoSnapshot, f.IncrementalBackups = nil, nil, nil
	}
	d := KeyspaceToThrift(want)
	if got := KeyspaceFromThrift(&d); !cmp.Equal(want, &got) {
		t.Errorf("to Thrift and back differs (-want +got):\n%s", cmp.Diff(want, &got))
	}
	wire := filled[thriftwire.KsDef]()
	for i := range wire.CfDefs { // a map contains a name once
		for _, options := range []*[]thriftwire.Entry[string, string]{
			&wire.CfDefs[i].CompactionStrategyOptions, &wire.CfDefs[i].CompressionOptions,
		} {
			(*options)[1].Key = (*options)[0].Key + "b"
		}
	}
	k := KeyspaceFromThrift(wire)
	if got := KeyspaceToThrift(&k); !cmp.Equal(wire, &got) {
		t.Errorf("from Thrift and back differs (-want +got):\n%s", cmp.Diff(wire, &got))
	}
}

func TestSchemaKeepsWhatIsNotSet(t *testing.T) {
	k := schema.Keyspace{Name: "K", Families: []schema.Family{{Keyspace: "K", Name: "F", Columns: []schema.Column{{Name: []byte("c"), Validator: "V"}}}}}
	d := KeyspaceToThrift(&k)
	want := thriftwire.KsDef{
		Name: "K", StrategyClass: schema.SimpleStrategy,
		CfDefs: []thriftwire.CfDef{{Keyspace: "K", Name: "F", ColumnMetadata: []thriftwire.ColumnDef{{Name: []byte("c"), ValidationClass: "V"}}}},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("to Thrift differs (-want +got):\n%s", diff)
	}
	k.Strategy = schema.SimpleStrategy
	if diff := cmp.Diff(k, KeyspaceFromThrift(&d)); diff != "" {
		t.Errorf("and back differs (-want +got):\n%s", diff)
	}
	// Empty options that are set let a server remove all options.
	f := schema.Family{CompressionOptions: map[string]string{}}
	if d := FamilyToThrift(&f); d.CompressionOptions == nil {
		t.Error("empty options are unset after the conversion")
	}
	if f := FamilyFromThrift(&thriftwire.CfDef{CompressionOptions: []thriftwire.Entry[string, string]{}}); f.CompressionOptions == nil {
		t.Error("empty options of Thrift are unset after the conversion")
	}
}

func TestIndexTypes(t *testing.T) {
	for index, wire := range map[schema.IndexType]thriftwire.Optional[thriftwire.IndexType]{
		schema.NoIndex:         {},
		schema.KeysIndex:       thriftwire.Some(thriftwire.IndexTypeKeys),
		schema.CustomIndex:     thriftwire.Some(thriftwire.IndexTypeCustom),
		schema.CompositesIndex: thriftwire.Some(thriftwire.IndexTypeComposites),
	} {
		if got := ColumnToThrift(&schema.Column{Index: index}).IndexType; got != wire {
			t.Errorf("%v to Thrift is %v, want %v", index, got, wire)
		}
		if got := ColumnFromThrift(&thriftwire.ColumnDef{IndexType: wire}).Index; got != index {
			t.Errorf("%v from Thrift is %v, want %v", wire, got, index)
		}
	}
}
