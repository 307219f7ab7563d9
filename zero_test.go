package widerow_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/rowmap"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/shell"
	"github.com/widerow/widerow/thriftserver"
	userlist "github.com/widerow/widerow/thriftserver/users"
)

// handles lists the types whose methods return an error or the zero value on a nil pointer and on a
// zero value.
var handles = map[string]any{
	".Batch": widerow.Batch{}, ".DB": widerow.DB{}, ".Family": widerow.Family{}, ".Keyspace": widerow.Keyspace{},
	".SystemManager": widerow.SystemManager{}, ".View": widerow.View[string, string, string]{}, "rowmap.Map": rowmap.Map[nilRow]{},
}

// plain lists the data types whose zero value can be used.
var plain = map[string]any{
	".Column": widerow.Column{}, ".Error": widerow.Error{}, ".Expression": widerow.Expression{}, ".Row": widerow.Row{},
	"backend.Consistency": backend.Consistency(0), "backend.Error": backend.Error{}, "backend.Kind": backend.Kind(0),
	"backend.Operator": backend.Operator(0), "backend.Reserve": backend.Reserve(nil),
	"cqlclient.Method": cqlclient.Method(0), "thriftserver/users.Right": userlist.Right{},
	"embedded.Durability": embedded.Durability{}, "embedded.Options": embedded.Options{},
	"pool.AllServersUnavailableError": pool.AllServersUnavailableError{}, "pool.MaximumRetryError": pool.MaximumRetryError{},
	"pool.NoConnectionAvailableError": pool.NoConnectionAvailableError{}, "pool.Stats": &pool.Stats{},
	"schema.AlterFamily": schema.AlterFamily{}, "schema.Family": schema.Family{}, "schema.IndexType": schema.IndexType(0), "schema.Keyspace": schema.Keyspace{},
	"shell.Error": shell.Error{}, "shell.ExitError": shell.ExitError{},
	"thriftserver.Options": thriftserver.Options{}, "thriftserver.Outcome": thriftserver.Outcome(0), "thriftserver.Permission": thriftserver.Permission(0),
}

// TestNilAndZeroHandles calls every method of every handle on a nil pointer and on a zero value.
// Each method that can return an error must return an invalid request, and no method may panic.
func TestNilAndZeroHandles(t *testing.T) {
	for name, handle := range handles {
		typ := reflect.TypeOf(handle)
		for what, v := range map[string]reflect.Value{"nil": reflect.Zero(reflect.PointerTo(typ)), "zero": reflect.New(typ)} {
			for m := range v.NumMethod() {
				method := v.Method(m)
				what := what + " " + name + "." + v.Type().Method(m).Name
				err := errorOf(method, zeroArguments(method.Type()))
				switch {
				case err != nil && strings.HasPrefix(err.Error(), "panic: "):
					t.Errorf("%s: %v", what, err)
				case name == ".Batch" && v.Elem().IsValid():
					// The zero batch is empty.
				case returnsError(method.Type()) && !errors.Is(err, widerow.ErrInvalidRequest):
					t.Errorf("%s: %v, want an invalid request", what, err)
				}
			}
		}
	}
	if err := (*widerow.Batch)(nil).Remove(nil, "k").Send(t.Context()); !errors.Is(err, widerow.ErrInvalidRequest) {
		t.Errorf("a write to a nil batch: %v, want an invalid request", err)
	}
}

// TestZeroData calls every method of every data type on its zero value. No method may panic.
func TestZeroData(t *testing.T) {
	for name, data := range plain {
		v := reflect.ValueOf(data)
		if v.Kind() != reflect.Pointer {
			v = reflect.New(v.Type())
		}
		for m := range v.NumMethod() {
			method := v.Method(m)
			if err := errorOf(method, zeroArguments(method.Type())); err != nil && strings.HasPrefix(err.Error(), "panic: ") {
				t.Errorf("%s.%s: %v", name, v.Type().Method(m).Name, err)
			}
		}
	}
}

// zeroArguments returns the arguments of a method: pointers to zero values, and the values of
// argument.
func zeroArguments(m reflect.Type) []reflect.Value {
	args := make([]reflect.Value, m.NumIn())
	for i := range args {
		args[i] = argument(m.In(i))
		if m.In(i).Kind() == reflect.Pointer {
			args[i] = reflect.New(m.In(i).Elem())
		}
	}
	return args
}

// returnsError reports whether a method returns an error, or an iterator that has one.
func returnsError(m reflect.Type) bool {
	if m.NumOut() == 0 {
		return false
	}
	last := m.Out(m.NumOut() - 1)
	return last == reflect.TypeFor[error]() || last.Kind() == reflect.Func && m.NumIn() > 0
}

// TestEveryZeroIsTold finds exported types with methods that are neither handles nor data, and
// whose doc comment does not say that a nil or zero value must not be used.
func TestEveryZeroIsTold(t *testing.T) {
	found := 0
	for _, dir := range []string{
		".", "backend", "coltype", "connect", "cqlclient", "embedded", "metrics", "pool", "rowmap", "schema", "shell", "thriftclient",
		"thriftserver", "thriftserver/users", "timeuuid", "widerowtest",
	} {
		docs, methods := typesOf(t, dir)
		for name := range methods {
			found++
			key := dir + "." + name
			if dir == "." {
				key = "." + name
			}
			if handles[key] == nil && plain[key] == nil && !strings.Contains(strings.ReplaceAll(docs[name], "\n", " "), "must not be used") &&
				!strings.Contains(docs[name], "of a zero "+name) {
				t.Errorf("the doc of %s says nothing about a nil or zero %s", key, name)
			}
		}
	}
	if found < 40 {
		t.Errorf("only %d types found", found)
	}
}

// typesOf returns the doc comments of a package's exported types, and which of them are concrete and have exported methods.
func typesOf(t *testing.T, dir string) (docs map[string]string, methods map[string]bool) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	docs, methods = map[string]string{}, map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			switch d := decl.(type) {
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok {
						docs[s.Name.Name] = d.Doc.Text() + s.Doc.Text()
					}
				}
			case *ast.FuncDecl:
				if d.Recv == nil || !d.Name.IsExported() {
					continue
				}
				typ := d.Recv.List[0].Type
				if star, ok := typ.(*ast.StarExpr); ok {
					typ = star.X
				}
				switch x := typ.(type) {
				case *ast.IndexExpr:
					typ = x.X
				case *ast.IndexListExpr:
					typ = x.X
				}
				if name, ok := typ.(*ast.Ident); ok && name.IsExported() {
					methods[name.Name] = true
				}
			}
		}
	}
	return docs, methods
}
