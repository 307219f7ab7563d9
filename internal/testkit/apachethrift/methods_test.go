//go:build apache

package apachethrift

import (
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/apache/thrift/lib/go/thrift"
	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/internal/testkit/apachethrift/cassandra"
	"github.com/widerow/widerow/internal/thriftwire"
)

// A method creates empty arguments and results of one method of the interface, for our code and for
// Apache's.
type method struct {
	name   string
	args   func() thriftwire.Args
	theirs func() (args, result thrift.TStruct)
}

// methodOf returns the method with arguments Ours of our code, and with Args and Result of
// Apache's.
func methodOf[Ours, Args, Result any, PO argsOf[Ours], PA structOf[Args], PR structOf[Result]]() method {
	return method{
		name:   PO(new(Ours)).Method(),
		args:   func() thriftwire.Args { return PO(new(Ours)) },
		theirs: func() (args, result thrift.TStruct) { return PA(new(Args)), PR(new(Result)) },
	}
}

type argsOf[T any] interface {
	*T
	thriftwire.Args
}

type structOf[T any] interface {
	*T
	thrift.TStruct
}

var methods = []method{
	methodOf[thriftwire.AddArgs, cassandra.CassandraAddArgs, cassandra.CassandraAddResult](),
	methodOf[thriftwire.AtomicBatchMutateArgs, cassandra.CassandraAtomicBatchMutateArgs, cassandra.CassandraAtomicBatchMutateResult](),
	methodOf[thriftwire.BatchMutateArgs, cassandra.CassandraBatchMutateArgs, cassandra.CassandraBatchMutateResult](),
	methodOf[thriftwire.CasArgs, cassandra.CassandraCasArgs, cassandra.CassandraCasResult](),
	methodOf[thriftwire.DescribeClusterNameArgs, cassandra.CassandraDescribeClusterNameArgs, cassandra.CassandraDescribeClusterNameResult](),
	methodOf[thriftwire.DescribeKeyspaceArgs, cassandra.CassandraDescribeKeyspaceArgs, cassandra.CassandraDescribeKeyspaceResult](),
	methodOf[thriftwire.DescribeKeyspacesArgs, cassandra.CassandraDescribeKeyspacesArgs, cassandra.CassandraDescribeKeyspacesResult](),
	methodOf[thriftwire.DescribeLocalRingArgs, cassandra.CassandraDescribeLocalRingArgs, cassandra.CassandraDescribeLocalRingResult](),
	methodOf[thriftwire.DescribePartitionerArgs, cassandra.CassandraDescribePartitionerArgs, cassandra.CassandraDescribePartitionerResult](),
	methodOf[thriftwire.DescribeRingArgs, cassandra.CassandraDescribeRingArgs, cassandra.CassandraDescribeRingResult](),
	methodOf[thriftwire.DescribeSchemaVersionsArgs, cassandra.CassandraDescribeSchemaVersionsArgs, cassandra.CassandraDescribeSchemaVersionsResult](),
	methodOf[thriftwire.DescribeSnitchArgs, cassandra.CassandraDescribeSnitchArgs, cassandra.CassandraDescribeSnitchResult](),
	methodOf[thriftwire.DescribeSplitsArgs, cassandra.CassandraDescribeSplitsArgs, cassandra.CassandraDescribeSplitsResult](),
	methodOf[thriftwire.DescribeSplitsExArgs, cassandra.CassandraDescribeSplitsExArgs, cassandra.CassandraDescribeSplitsExResult](),
	methodOf[thriftwire.DescribeTokenMapArgs, cassandra.CassandraDescribeTokenMapArgs, cassandra.CassandraDescribeTokenMapResult](),
	methodOf[thriftwire.DescribeVersionArgs, cassandra.CassandraDescribeVersionArgs, cassandra.CassandraDescribeVersionResult](),
	methodOf[thriftwire.ExecuteCQL3QueryArgs, cassandra.CassandraExecuteCql3QueryArgs, cassandra.CassandraExecuteCql3QueryResult](),
	methodOf[thriftwire.ExecuteCQLQueryArgs, cassandra.CassandraExecuteCqlQueryArgs, cassandra.CassandraExecuteCqlQueryResult](),
	methodOf[thriftwire.ExecutePreparedCQL3QueryArgs, cassandra.CassandraExecutePreparedCql3QueryArgs, cassandra.CassandraExecutePreparedCql3QueryResult](),
	methodOf[thriftwire.ExecutePreparedCQLQueryArgs, cassandra.CassandraExecutePreparedCqlQueryArgs, cassandra.CassandraExecutePreparedCqlQueryResult](),
	methodOf[thriftwire.GetArgs, cassandra.CassandraGetArgs, cassandra.CassandraGetResult](),
	methodOf[thriftwire.GetCountArgs, cassandra.CassandraGetCountArgs, cassandra.CassandraGetCountResult](),
	methodOf[thriftwire.GetIndexedSlicesArgs, cassandra.CassandraGetIndexedSlicesArgs, cassandra.CassandraGetIndexedSlicesResult](),
	methodOf[thriftwire.GetMultiSliceArgs, cassandra.CassandraGetMultiSliceArgs, cassandra.CassandraGetMultiSliceResult](),
	methodOf[thriftwire.GetPagedSliceArgs, cassandra.CassandraGetPagedSliceArgs, cassandra.CassandraGetPagedSliceResult](),
	methodOf[thriftwire.GetRangeSlicesArgs, cassandra.CassandraGetRangeSlicesArgs, cassandra.CassandraGetRangeSlicesResult](),
	methodOf[thriftwire.GetSliceArgs, cassandra.CassandraGetSliceArgs, cassandra.CassandraGetSliceResult](),
	methodOf[thriftwire.InsertArgs, cassandra.CassandraInsertArgs, cassandra.CassandraInsertResult](),
	methodOf[thriftwire.LoginArgs, cassandra.CassandraLoginArgs, cassandra.CassandraLoginResult](),
	methodOf[thriftwire.MultigetCountArgs, cassandra.CassandraMultigetCountArgs, cassandra.CassandraMultigetCountResult](),
	methodOf[thriftwire.MultigetSliceArgs, cassandra.CassandraMultigetSliceArgs, cassandra.CassandraMultigetSliceResult](),
	methodOf[thriftwire.PrepareCQL3QueryArgs, cassandra.CassandraPrepareCql3QueryArgs, cassandra.CassandraPrepareCql3QueryResult](),
	methodOf[thriftwire.PrepareCQLQueryArgs, cassandra.CassandraPrepareCqlQueryArgs, cassandra.CassandraPrepareCqlQueryResult](),
	methodOf[thriftwire.RemoveArgs, cassandra.CassandraRemoveArgs, cassandra.CassandraRemoveResult](),
	methodOf[thriftwire.RemoveCounterArgs, cassandra.CassandraRemoveCounterArgs, cassandra.CassandraRemoveCounterResult](),
	methodOf[thriftwire.SetCQLVersionArgs, cassandra.CassandraSetCqlVersionArgs, cassandra.CassandraSetCqlVersionResult](),
	methodOf[thriftwire.SetKeyspaceArgs, cassandra.CassandraSetKeyspaceArgs, cassandra.CassandraSetKeyspaceResult](),
	methodOf[thriftwire.SystemAddColumnFamilyArgs, cassandra.CassandraSystemAddColumnFamilyArgs, cassandra.CassandraSystemAddColumnFamilyResult](),
	methodOf[thriftwire.SystemAddKeyspaceArgs, cassandra.CassandraSystemAddKeyspaceArgs, cassandra.CassandraSystemAddKeyspaceResult](),
	methodOf[thriftwire.SystemDropColumnFamilyArgs, cassandra.CassandraSystemDropColumnFamilyArgs, cassandra.CassandraSystemDropColumnFamilyResult](),
	methodOf[thriftwire.SystemDropKeyspaceArgs, cassandra.CassandraSystemDropKeyspaceArgs, cassandra.CassandraSystemDropKeyspaceResult](),
	methodOf[thriftwire.SystemUpdateColumnFamilyArgs, cassandra.CassandraSystemUpdateColumnFamilyArgs, cassandra.CassandraSystemUpdateColumnFamilyResult](),
	methodOf[thriftwire.SystemUpdateKeyspaceArgs, cassandra.CassandraSystemUpdateKeyspaceArgs, cassandra.CassandraSystemUpdateKeyspaceResult](),
	methodOf[thriftwire.TraceNextQueryArgs, cassandra.CassandraTraceNextQueryArgs, cassandra.CassandraTraceNextQueryResult](),
	methodOf[thriftwire.TruncateArgs, cassandra.CassandraTruncateArgs, cassandra.CassandraTruncateResult](),
}

var methodByName = func() map[string]method {
	all := map[string]method{}
	for _, m := range methods {
		all[m.name] = m
	}
	return all
}()

// unused lists the structs of the interface that no method uses.
var unused = map[string]bool{"KeyCount": true}

// TestAllOfTheInterface checks that the table has every method, and that every struct and exception
// is part of some method's arguments or result.
func TestAllOfTheInterface(t *testing.T) {
	text, err := os.ReadFile("../../thriftwire/cassandra.thrift")
	if err != nil {
		t.Fatal(err)
	}
	names, service, _ := strings.Cut(string(text), "service Cassandra")
	var want, got []string
	for _, m := range regexp.MustCompile(`(?m)^  \S+ (\w+)\(`).FindAllStringSubmatch(service, -1) {
		want = append(want, m[1])
	}
	used := map[string]bool{}
	for _, m := range methods {
		got = append(got, m.name)
		args, result := m.theirs()
		collect(used, reflect.TypeOf(args))
		collect(used, reflect.TypeOf(result))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods (-interface +table):\n%s", diff)
	}
	for _, m := range regexp.MustCompile(`(?m)^(?:struct|exception) (\w+)`).FindAllStringSubmatch(names, -1) {
		if used[m[1]] == unused[m[1]] {
			t.Errorf("%s is used by a method: %v", m[1], used[m[1]])
		}
	}
}

// collect adds to names the names of the structs in typ.
func collect(names map[string]bool, typ reflect.Type) {
	switch typ.Kind() {
	case reflect.Pointer, reflect.Slice:
		collect(names, typ.Elem())
	case reflect.Map:
		collect(names, typ.Key())
		collect(names, typ.Elem())
	case reflect.Struct:
		names[typeName(typ)] = true
		for i := range typ.NumField() {
			collect(names, typ.Field(i).Type)
		}
	}
}

// typeName returns a struct's name in the interface. Apache's compiler appends _ to some names.
func typeName(typ reflect.Type) string { return strings.TrimSuffix(typ.Name(), "_") }

// pathError prepends the place where two values differ.
func pathError(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s%w", path, err)
}
