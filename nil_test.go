package widerow_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/rowmap"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

// errorOf calls a method and returns its error. If the method returns an iterator, errorOf runs
// through it. A panic counts as an error.
func errorOf(f reflect.Value, args []reflect.Value) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	call := f.Call
	if f.Type().IsVariadic() {
		call = f.CallSlice
	}
	out := call(args)
	if len(out) == 0 {
		return nil
	}
	last := out[len(out)-1]
	if last.Kind() == reflect.Func {
		last.Call([]reflect.Value{reflect.MakeFunc(last.Type().In(0), func(in []reflect.Value) []reflect.Value {
			if e := in[len(in)-1]; !e.IsNil() {
				err = e.Interface().(error)
			}
			return []reflect.Value{reflect.ValueOf(true)}
		})})
		return err
	}
	err, _ = last.Interface().(error)
	return err
}

// argument returns a value for a parameter of a verb.
func argument(t reflect.Type) reflect.Value {
	switch {
	case t == reflect.TypeFor[context.Context]():
		return reflect.ValueOf(context.Background())
	case t == reflect.TypeFor[schema.Keyspace]():
		return reflect.ValueOf(schema.NewKeyspace("New", 1))
	case t == reflect.TypeFor[schema.Family]():
		return reflect.ValueOf(schema.Family{Keyspace: "New", Name: "F"})
	case t.Kind() == reflect.Interface && t.NumMethod() == 0:
		return reflect.ValueOf(widerow.Values{})
	case t.Kind() == reflect.String:
		return reflect.ValueOf("")
	}
	return reflect.Zero(t)
}

type nilRow struct {
	Key  string `widerow:",key"`
	Name string `widerow:"name"`
}

// verbs returns the methods of a handle that take a context.
func verbs(t *testing.T, of any) map[string]reflect.Value {
	t.Helper()
	v := reflect.ValueOf(of)
	found := map[string]reflect.Value{}
	for i := range v.NumMethod() {
		m := v.Method(i)
		if m.Type().NumIn() > 0 && m.Type().In(0) == reflect.TypeFor[context.Context]() {
			found[v.Type().Method(i).Name] = m
		}
	}
	if len(found) == 0 {
		t.Fatalf("%T has no verbs", of)
	}
	return found
}

// TestNilArguments calls every verb of every handle with a nil context, a nil option and a nil
// family. Each call must return an invalid request that names the nil argument, and must not reach
// the store.
func TestNilArguments(t *testing.T) {
	s := widerowtest.New(t)
	f := s.Family(text("F"))
	people := must(rowmap.New[nilRow](f))(t)
	view := must(widerow.Typed[string, string, string](f))(t)
	calls := s.Calls(widerowtest.AnyVerb, "")
	refused := func(name, want string, err error) {
		t.Helper()
		if !errors.Is(err, widerow.ErrInvalidRequest) || !contains(err.Error(), want) {
			t.Errorf("%s: %v, want an invalid request: %s", name, err, want)
		}
	}
	handles := []any{s.DB, s.DB.System(), s.DB.Keyspace("K"), f, view, people, new(widerow.Batch)}
	for _, h := range handles {
		for name, m := range verbs(t, h) {
			name := fmt.Sprintf("%T.%s", h, name)
			args := make([]reflect.Value, m.Type().NumIn())
			for i := range args {
				args[i] = argument(m.Type().In(i))
			}
			args[0] = reflect.Zero(reflect.TypeFor[context.Context]())
			refused(name+" with a nil context", "the context is nil", errorOf(m, args))
			last := m.Type().In(len(args) - 1)
			if !m.Type().IsVariadic() || last.Elem().Kind() == reflect.Struct {
				continue
			}
			args[0] = reflect.ValueOf(t.Context())
			args[len(args)-1] = reflect.MakeSlice(last, 1, 1)
			refused(name+" with a nil option", "an option is nil", errorOf(m, args))
		}
	}
	var none *widerow.Family
	for name, m := range verbs(t, none) {
		args := make([]reflect.Value, m.Type().NumIn())
		for i := range args {
			args[i] = argument(m.Type().In(i))
		}
		refused(name+" of a nil family", "the family is nil", errorOf(m, args))
	}
	refused("InBatch of a nil function", "the function fill is nil", widerow.InBatch(t.Context(), 1, nil))
	_, err := widerow.Typed[string, string, string](nil)
	refused("Typed of a nil family", "the family is nil", err)
	_, err = rowmap.New[nilRow](nil)
	refused("rowmap.New of a nil family", "the family is nil", err)
	_, err = none.Using()
	refused("Using of a nil family", "the family is nil", err)
	_, err = f.Using(nil)
	refused("Using with a nil option", "an option is nil", err)
	var noContext context.Context
	refused("InBatch with a nil context", "the context is nil", widerow.InBatch(noContext, 0, func(*widerow.Batch) error { return nil }))
	refused("InBatch with a nil option", "an option is nil", widerow.InBatch(t.Context(), 0, func(*widerow.Batch) error { return nil }, nil))
	for name, b := range map[string]*widerow.Batch{
		"Insert":      new(widerow.Batch).Insert(nil, "k", widerow.Values{{"a", "b"}}),
		"Add":         new(widerow.Batch).Add(nil, "k", "a", 1),
		"Remove":      new(widerow.Batch).Remove(nil, "k"),
		"RemoveSlice": new(widerow.Batch).RemoveSlice(nil, "k", "a", "b"),
	} {
		refused("Batch."+name+" of a nil family", "the family is nil", b.Err())
	}
	for name, b := range map[string]*widerow.Batch{
		"Insert":      new(widerow.Batch).Insert(f, "k", widerow.Values{{"a", "b"}}, nil),
		"Add":         new(widerow.Batch).Add(f, "k", "a", 1, nil),
		"Remove":      new(widerow.Batch).Remove(f, "k", nil),
		"RemoveSlice": new(widerow.Batch).RemoveSlice(f, "k", "a", "b", nil),
	} {
		refused("Batch."+name+" with a nil option", "an option is nil", b.Err())
	}
	if n := s.Calls(widerowtest.AnyVerb, "") - calls; n != 0 {
		t.Errorf("%d calls reached the store", n)
	}
}
