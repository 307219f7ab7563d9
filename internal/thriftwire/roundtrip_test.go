package thriftwire

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// methods lists all methods of the interface, in the order of the description.
var methods = []string{
	"add", "atomic_batch_mutate", "batch_mutate", "cas", "describe_cluster_name", "describe_keyspace",
	"describe_keyspaces", "describe_local_ring", "describe_partitioner", "describe_ring", "describe_schema_versions",
	"describe_snitch", "describe_splits", "describe_splits_ex", "describe_token_map", "describe_version",
	"execute_cql3_query", "execute_cql_query", "execute_prepared_cql3_query", "execute_prepared_cql_query", "get",
	"get_count", "get_indexed_slices", "get_multi_slice", "get_paged_slice", "get_range_slices", "get_slice", "insert",
	"login", "multiget_count", "multiget_slice", "prepare_cql3_query", "prepare_cql_query", "remove", "remove_counter",
	"set_cql_version", "set_keyspace", "system_add_column_family", "system_add_keyspace", "system_drop_column_family",
	"system_drop_keyspace", "system_update_column_family", "system_update_keyspace", "trace_next_query", "truncate",
}

var exceptions = []error{
	&InvalidRequestException{}, &NotFoundException{}, &UnavailableException{}, &TimedOutException{},
	&AuthenticationException{}, &AuthorizationException{}, &SchemaDisagreementException{},
}

// fill sets v to a random value. A field that may be absent is absent half of the time. Required
// lists and maps are not nil, as after decoding.
func fill(t *rapid.T, v reflect.Value, required bool) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int32, reflect.Int64:
		if v.Kind() == reflect.Int32 {
			v.SetInt(int64(rapid.Int32().Draw(t, "i32")))
		} else {
			v.SetInt(rapid.Int64().Draw(t, "i64"))
		}
	case reflect.Float64:
		v.SetFloat(rapid.Float64().Draw(t, "double"))
	case reflect.String:
		v.SetString(rapid.StringN(0, 3, 8).Draw(t, "string"))
	case reflect.Pointer:
		if rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), false)
		}
	case reflect.Slice:
		if !required && rapid.Bool().Draw(t, "absent") {
			return
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "binary"))
			return
		}
		n := rapid.IntRange(0, 3).Draw(t, "count")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), true)
		}
	case reflect.Struct:
		fillStruct(t, v)
	default:
		t.Fatalf("no value of %v", v.Type())
	}
}

func fillStruct(t *rapid.T, v reflect.Value) {
	if set := v.FieldByName("Set"); set.IsValid() {
		if rapid.Bool().Draw(t, "set") {
			set.SetBool(true)
			fill(t, v.Field(0), true)
		}
		return
	}
	for i := range v.NumField() {
		if v.Type().Field(i).IsExported() {
			// The Go type does not say whether a field is required. So fill sets all binaries and
			// lists; another test covers absent ones.
			fill(t, v.Field(i), true)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, method := range methods {
		t.Run(method, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				args := newArgs([]byte(method))
				fill(t, reflect.ValueOf(args).Elem(), true)
				h := Header{Method: method, Type: Call, Seq: rapid.Int32().Draw(t, "seq"), Old: rapid.Bool().Draw(t, "old")}
				gotHeader, got, err := DecodeCall(AppendMessage(nil, h, args))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(h, gotHeader); diff != "" {
					t.Fatalf("header (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(args, got, exported); diff != "" {
					t.Fatalf("arguments (-want +got):\n%s", diff)
				}

				result := args.NewResult()
				if e := rapid.SampledFrom(exceptions).Draw(t, "exception"); rapid.Bool().Draw(t, "throw") && result.Throw(e) {
					fill(t, reflect.ValueOf(e).Elem(), true)
				} else {
					fill(t, reflect.ValueOf(result).Elem(), true)
				}
				h.Type = Reply
				gotResult := args.NewResult()
				if err := DecodeReply(AppendMessage(nil, h, result), method, h.Seq, gotResult); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(result, gotResult, exported); diff != "" {
					t.Fatalf("result (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestAbsentFields(t *testing.T) {
	want := &GetIndexedSlicesResult{Success: []KeySlice{{Key: []byte{}, Columns: []ColumnOrSuperColumn{
		{}, {Column: &Column{Name: []byte{}}}, {SuperColumn: &SuperColumn{Name: []byte("s"), Columns: []Column{}}},
	}}}}
	got := new(GetIndexedSlicesResult)
	if err := DecodeReply(AppendMessage(nil, Header{Method: "get_indexed_slices", Type: Reply}, want), "get_indexed_slices", 0, got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, exported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRowsKeepTheirOrder(t *testing.T) {
	var want MultigetSliceResult
	for _, key := range []string{"c", "a", "b", "a"} {
		want.Success = append(want.Success, Entry[[]byte, []ColumnOrSuperColumn]{[]byte(key), []ColumnOrSuperColumn{}})
	}
	var got MultigetSliceResult
	if err := DecodeReply(AppendMessage(nil, Header{Method: "multiget_slice", Type: Reply}, &want), "multiget_slice", 0, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, exported); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Apache's libraries, and so Cassandra, decode this way: only 1 is true, and the last of repeated
// fields counts.
func TestOddities(t *testing.T) {
	d := decoder{b: []byte{1, 2, 0}}
	if got := []bool{d.bool(), d.bool(), d.bool()}; !cmp.Equal(got, []bool{true, false, false}) || d.end() != nil {
		t.Errorf("1, 2 and 0 are %v (%v)", got, d.err)
	}

	first := &Column{Name: []byte("n"), Value: []byte("v")}
	b := first.append(appendField(appendField(nil, typeStruct, 0), typeStruct, 1))
	b = append(appendField(append(b, typeStop), typeStruct, 0), typeStop, typeStop)
	d = decoder{b: b}
	var r GetResult
	if r.decode(&d); d.end() != nil || r.Success.Column != nil {
		t.Errorf("the column of the first field is still there (%v)", d.err)
	}
}

func TestThrow(t *testing.T) {
	var r InsertResult
	if r.Throw(&NotFoundException{}) || r.Throw(errors.New("other")) {
		t.Error("an exception that insert does not declare was accepted")
	}
	if e := (&UnavailableException{}); !r.Throw(e) || r.Err() != e {
		t.Errorf("Err() = %v, want %v", r.Err(), e)
	}
}

func TestUnknownFieldsAndExceptions(t *testing.T) {
	// Decode a column with fields of a later version, including a list of maps.
	b := appendBinary(appendField(nil, typeString, 1), []byte("n"))
	b = appendMap(appendList(appendField(b, typeList, 99), typeMap, 1), typeI32, typeStruct, 1)
	b = append(append(appendI32(b, 1), typeStop), appendDouble(appendField(nil, typeDouble, 100), math.Pi)...)
	b = append(appendI64(appendField(b, typeI64, 3), 7), typeStop)
	d := decoder{b: b}
	var got Column
	got.decode(&d)
	want := Column{Name: []byte("n"), Timestamp: Some(int64(7))}
	if diff := cmp.Diff(want, got); diff != "" || d.end() != nil {
		t.Errorf("(-want +got):\n%s%v", diff, d.err)
	}

	reply := appendI32(appendString(binaryVersion(Reply), "truncate"), 0)
	reply = appendString(appendField(appendField(reply, typeStruct, 9), typeString, 1), "later")
	reply = append(reply, typeStop, typeStop)
	var r TruncateResult
	if err := DecodeReply(reply, "truncate", 0, &r); err != nil {
		t.Fatal(err)
	}
	var e *UnknownException
	if !errors.As(r.Err(), &e) || *e != (UnknownException{9, "later"}) {
		t.Errorf("Err() = %#v", r.Err())
	}
}

func binaryVersion(t MessageType) []byte {
	v := uint32(version1) | uint32(t)
	return appendI32(nil, int32(v))
}

func TestAppendDoesNotAllocate(t *testing.T) {
	args := &GetSliceArgs{Key: []byte("key"), ColumnParent: ColumnParent{ColumnFamily: "Standard1"}, Predicate: SlicePredicate{SliceRange: &SliceRange{Count: 100}}}
	buf := make([]byte, 0, 1024)
	allocs := testing.AllocsPerRun(100, func() {
		var err error
		if buf, err = Framed.Append(buf[:0], Header{Method: args.Method(), Type: Call, Seq: 1}, args, 0); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

// reply returns a reply of multiget_slice: rows of columns, each with a name of
// 16 bytes and a value of 100.
func reply(rows, columns int) []byte {
	var r MultigetSliceResult
	for i := range rows {
		row := Entry[[]byte, []ColumnOrSuperColumn]{Key: fmt.Appendf(nil, "row%d", i)}
		for j := range columns {
			row.Value = append(row.Value, ColumnOrSuperColumn{Column: &Column{
				Name: fmt.Appendf(nil, "column%010d", j), Value: bytes.Repeat([]byte("v"), 100), Timestamp: Some(int64(1234567890123456)),
			}})
		}
		r.Success = append(r.Success, row)
	}
	return AppendMessage(nil, Header{Method: "multiget_slice", Type: Reply}, &r)
}

func TestDecodeAllocations(t *testing.T) {
	for _, tt := range []struct{ rows, columns, want int }{{1, 1, 6}, {1, 1000, 6}, {10, 100, 20}, {100, 10, 30}} {
		message := reply(tt.rows, tt.columns)
		allocs := testing.AllocsPerRun(10, func() {
			var r MultigetSliceResult
			if err := DecodeReply(message, "multiget_slice", 0, &r); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%d rows of %d columns: %v allocations", tt.rows, tt.columns, allocs)
		if int(allocs) > tt.want {
			t.Errorf("%d rows of %d columns: %v allocations, want at most %d", tt.rows, tt.columns, allocs, tt.want)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	message := reply(10, 100)
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		var r MultigetSliceResult
		if err := DecodeReply(message, "multiget_slice", 0, &r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	var r MultigetSliceResult
	message := reply(10, 100)
	if err := DecodeReply(message, "multiget_slice", 0, &r); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		buf = AppendMessage(buf[:0], Header{Method: "multiget_slice", Type: Reply}, &r)
	}
}
