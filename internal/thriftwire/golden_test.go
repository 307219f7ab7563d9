package thriftwire

import (
	"bytes"
	"encoding/hex"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// golden holds the contents of the messages in testdata/golden.txt, which another implementation
// wrote.
var golden = map[string]struct {
	h    Header
	body Body
}{
	"insert": {Header{Method: "insert", Type: Call, Seq: 1}, &InsertArgs{
		Key: []byte("k"), ColumnParent: ColumnParent{ColumnFamily: "Standard1"},
		Column:           Column{Name: []byte("n"), Value: []byte("v"), Timestamp: Some(int64(1234567890123456)), TTL: Some(int32(60))},
		ConsistencyLevel: ConsistencyLevelOne,
	}},
	"insert-old-style": {Header{Method: "insert", Type: Call, Seq: -2, Old: true}, &InsertArgs{
		Key: []byte("k"), ColumnParent: ColumnParent{ColumnFamily: "Super1", SuperColumn: []byte("sc")},
		Column:           Column{Name: []byte{}, Value: []byte{}, Timestamp: Some(int64(-1))},
		ConsistencyLevel: ConsistencyLevelAny,
	}},
	"get_slice": {Header{Method: "get_slice", Type: Call, Seq: 7}, &GetSliceArgs{
		Key: []byte("\x00\xff"), ColumnParent: ColumnParent{ColumnFamily: "Standard1"},
		Predicate:        SlicePredicate{SliceRange: &SliceRange{Start: []byte{}, Finish: []byte("z"), Reversed: true, Count: 100}},
		ConsistencyLevel: ConsistencyLevelQuorum,
	}},
	"get_slice-names": {Header{Method: "get_slice", Type: Call, Seq: 8}, &GetSliceArgs{
		Key: []byte("k"), ColumnParent: ColumnParent{ColumnFamily: "Standard1"},
		Predicate:        SlicePredicate{ColumnNames: [][]byte{[]byte("a"), {}, []byte("b")}},
		ConsistencyLevel: ConsistencyLevelOne,
	}},
	"batch_mutate": {Header{Method: "batch_mutate", Type: Call, Seq: 9}, &BatchMutateArgs{
		MutationMap: []Entry[[]byte, []Entry[string, []Mutation]]{{[]byte("k"), []Entry[string, []Mutation]{{"Standard1", []Mutation{
			{ColumnOrSupercolumn: &ColumnOrSuperColumn{Column: &Column{Name: []byte("a"), Value: []byte("1"), Timestamp: Some(int64(5))}}},
			{Deletion: &Deletion{Timestamp: Some(int64(6)), Predicate: &SlicePredicate{ColumnNames: [][]byte{[]byte("x")}}}},
		}}}}},
		ConsistencyLevel: ConsistencyLevelLocalQuorum,
	}},
	"get_range_slices": {Header{Method: "get_range_slices", Type: Call, Seq: 10}, &GetRangeSlicesArgs{
		ColumnParent: ColumnParent{ColumnFamily: "Standard1"},
		Predicate:    SlicePredicate{ColumnNames: [][]byte{}},
		Range: KeyRange{
			StartToken: Some("0"), EndToken: Some("9"), Count: 5,
			RowFilter: []IndexExpression{{ColumnName: []byte("c"), Op: IndexOperatorLT, Value: []byte("v")}},
		},
		ConsistencyLevel: ConsistencyLevelOne,
	}},
	"describe_version": {Header{Method: "describe_version", Type: Call, Seq: 11}, &DescribeVersionArgs{}},
	"system_add_keyspace": {Header{Method: "system_add_keyspace", Type: Call, Seq: 12}, &SystemAddKeyspaceArgs{KsDef: KsDef{
		Name: "Ks", StrategyClass: "SimpleStrategy", StrategyOptions: []Entry[string, string]{{"replication_factor", "1"}},
		CfDefs: []CfDef{{
			Keyspace: "Ks", Name: "Cf", ColumnType: Some("Standard"), ReadRepairChance: Some(0.25),
			ColumnMetadata: []ColumnDef{{Name: []byte("c"), ValidationClass: "LongType", IndexType: Some(IndexTypeKeys), IndexName: Some("i")}},
			GCGraceSeconds: Some(int32(0)), ReplicateOnWrite: Some(false),
		}},
		DurableWrites: Some(true),
	}}},
	"login": {Header{Method: "login", Type: Call, Seq: 13}, &LoginArgs{
		AuthRequest: AuthenticationRequest{Credentials: []Entry[string, string]{{"username", "u"}}},
	}},
	"get-reply": {Header{Method: "get", Type: Reply, Seq: 14}, &GetResult{Success: ColumnOrSuperColumn{SuperColumn: &SuperColumn{
		Name: []byte("s"), Columns: []Column{{Name: []byte("n"), Value: []byte("v"), Timestamp: Some(int64(3))}},
	}}}},
	"get-not-found": {Header{Method: "get", Type: Reply, Seq: 15}, &GetResult{failure: failure{&NotFoundException{}}}},
	"get_slice-reply": {Header{Method: "get_slice", Type: Reply, Seq: 16}, &GetSliceResult{Success: []ColumnOrSuperColumn{
		{Column: &Column{Name: []byte("a"), Value: []byte("1"), Timestamp: Some(int64(1))}},
		{CounterColumn: &CounterColumn{Name: []byte("c"), Value: -9}},
		{CounterSuperColumn: &CounterSuperColumn{Name: []byte("cs"), Columns: []CounterColumn{{Name: []byte("x"), Value: 1 << 62}}}},
	}}},
	"multiget_count-reply": {Header{Method: "multiget_count", Type: Reply, Seq: 17}, &MultigetCountResult{
		Success: []Entry[[]byte, int32]{{[]byte("k"), 3}},
	}},
	"invalid-request": {Header{Method: "insert", Type: Reply, Seq: 18}, &InsertResult{failure{&InvalidRequestException{Why: "no é"}}}},
	"insert-reply":    {Header{Method: "insert", Type: Reply, Seq: 19}, &InsertResult{}},
	"timed-out": {Header{Method: "insert", Type: Reply, Seq: 20}, &InsertResult{failure{&TimedOutException{
		AcknowledgedBy: Some(int32(1)), AcknowledgedByBatchlog: Some(true),
	}}}},
	"describe_schema_versions-reply": {Header{Method: "describe_schema_versions", Type: Reply, Seq: 21}, &DescribeSchemaVersionsResult{
		Success: []Entry[string, []string]{{"v", []string{"127.0.0.1"}}},
	}},
	"describe_ring-reply": {Header{Method: "describe_ring", Type: Reply, Seq: 22}, &DescribeRingResult{Success: []TokenRange{{
		StartToken: "0", EndToken: "1", Endpoints: []string{"a"}, EndpointDetails: []EndpointDetails{{Host: "a", Datacenter: "dc"}},
	}}}},
	"application-exception": {Header{Method: "nope", Type: Exception, Seq: 23}, &ApplicationException{
		Type: UnknownMethod, Message: "Invalid method name: 'nope'",
	}},
}

// exported compares the exported fields of messages, including the exceptions of results.
var exported = cmp.Exporter(func(reflect.Type) bool { return true })

func goldenMessages(tb testing.TB) map[string][]byte {
	text, err := os.ReadFile("testdata/golden.txt")
	if err != nil {
		tb.Fatal(err)
	}
	messages := map[string][]byte{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		name, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		b, err := hex.DecodeString(digits)
		if err != nil {
			tb.Fatalf("%s: %v", name, err)
		}
		messages[name] = b
	}
	return messages
}

func TestGolden(t *testing.T) {
	messages := goldenMessages(t)
	if len(messages) != len(golden) {
		t.Errorf("%d messages in the file, %d in the table", len(messages), len(golden))
	}
	for name, want := range golden {
		t.Run(name, func(t *testing.T) {
			message := messages[name]
			h, body := decodeAny(t, message, want.body)
			if diff := cmp.Diff(want.h, h); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(want.body, body, exported); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got := AppendMessage(nil, want.h, want.body); !bytes.Equal(got, message) {
				t.Errorf("appended %x\nwant     %x", got, message)
			}
		})
	}
}

// decodeAny decodes a message that carries a value of the type of like.
func decodeAny(t *testing.T, message []byte, like Body) (Header, Body) {
	t.Helper()
	if _, ok := like.(Args); ok {
		h, args, err := DecodeCall(message)
		if err != nil {
			t.Fatal(err)
		}
		return h, args
	}
	d := decoder{b: message}
	h, method := d.header()
	h.Method = string(method)
	if d.err != nil {
		t.Fatal(d.err)
	}
	args := newArgs(method)
	if args == nil {
		args = new(GetArgs)
	}
	result := args.NewResult()
	err := DecodeReply(message, h.Method, h.Seq, result)
	if e, ok := err.(*ApplicationException); ok {
		return h, e
	}
	if err != nil {
		t.Fatal(err)
	}
	return h, result
}
