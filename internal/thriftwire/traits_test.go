package thriftwire

import (
	"reflect"
	"testing"
)

// traits lists the methods that have one of these three traits. All other methods have none of
// them.
func TestTraits(t *testing.T) {
	want := map[string]Traits{
		"login": Open, "describe_version": Open, "describe_cluster_name": Open, "describe_partitioner": Open, "describe_snitch": Open,
		"truncate": Slow, "describe_splits": Slow, "describe_splits_ex": Slow,
		"system_add_keyspace": Schema, "system_update_keyspace": Schema, "system_drop_keyspace": Schema,
		"system_add_column_family": Schema, "system_update_column_family": Schema, "system_drop_column_family": Schema,
	}
	for _, args := range allArgs(t) {
		if got := args.Traits() &^ Detached; got != want[args.Method()] {
			t.Errorf("%s has the traits %b, want %b", args.Method(), got, want[args.Method()])
		}
		delete(want, args.Method())
	}
	if len(want) > 0 {
		t.Errorf("no methods for %v", want)
	}
}

// A detached result has no field that can hold bytes of the reply. Every other result has one.
func TestDetached(t *testing.T) {
	for _, args := range allArgs(t) {
		holds := holdsBytes(reflect.TypeOf(args.NewResult()).Elem())
		if detached := args.Traits().Has(Detached); detached == holds {
			t.Errorf("%s: detached is %v, and its result holds bytes: %v", args.Method(), detached, holds)
		}
	}
}

func holdsBytes(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem().Kind() == reflect.Uint8 || holdsBytes(t.Elem())
	case reflect.Pointer:
		return holdsBytes(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if holdsBytes(f.Type) {
				return true
			}
		}
	}
	return false
}

// allArgs returns empty arguments of every method in cassandra.thrift.
func allArgs(t *testing.T) []Args {
	t.Helper()
	var all []Args
	for _, name := range methodNames(t) {
		args := newArgs([]byte(name))
		if args == nil {
			t.Fatalf("no arguments of %s", name)
		}
		all = append(all, args)
	}
	if len(all) < 40 {
		t.Fatalf("only %d methods", len(all))
	}
	return all
}
