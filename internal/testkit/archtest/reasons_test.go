package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestReasonsAreWrittenOnce checks that each reason for refusing a request is in the code only once. If several
// packages give the same reason, the reason belongs in package internal/refusal.
func TestReasonsAreWrittenOnce(t *testing.T) {
	places := map[string][]string{}
	for _, p := range load(t) {
		for _, name := range p.files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, name, read(t, name), parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) == 0 || callee(call) != "InvalidRequest" {
					return true
				}
				if reason, ok := call.Args[0].(*ast.BasicLit); ok && reason.Kind == token.STRING {
					text, err := strconv.Unquote(reason.Value)
					if err != nil {
						t.Fatal(err)
					}
					places[text] = append(places[text], fset.Position(reason.Pos()).String())
				}
				return true
			})
		}
	}
	if len(places) < 50 {
		t.Fatalf("only %d reasons found", len(places))
	}
	for reason, at := range places {
		if strings.Trim(reason, "%v") != "" && len(at) > 1 {
			t.Errorf("the reason %q is written %d times: %s", reason, len(at), strings.Join(at, ", "))
		}
	}
}

// callee returns the name of the function that is called, without its package.
func callee(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
