package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strings"
	"testing"
)

// TestExportedNames checks that each exported declaration of the public packages has a doc comment, and each method of
// their exported types and interfaces. A comment on a group of constants or variables documents all of them. Fields of structs
// need no comment: names such as Key and Name suffice, and the comment of the struct is near.
func TestExportedNames(t *testing.T) {
	names := 0
	for _, p := range load(t) {
		if top, _, _ := strings.Cut(p.dir, "/"); top == "internal" || top == "cmd" || top == "examples" {
			continue
		}
		for _, name := range p.files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, name, read(t, name), parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			undocumented(file, func(ident *ast.Ident, documented bool) {
				names++
				if !documented {
					t.Errorf("%s: %s.%s has no doc comment", files.Position(ident.Pos()), path.Base(p.dir), ident.Name)
				}
			})
		}
	}
	if names < 500 {
		t.Errorf("found only %d exported names", names)
	}
}

// undocumented calls visit with each exported name of a file, and with whether the name has a comment.
func undocumented(file *ast.File, visit func(name *ast.Ident, documented bool)) {
	exported := func(names []*ast.Ident, documented bool) {
		for _, n := range names {
			if n.IsExported() {
				visit(n, documented)
			}
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil || receiver(d).IsExported() {
				exported([]*ast.Ident{d.Name}, d.Doc != nil)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.ValueSpec:
					exported(s.Names, d.Doc != nil || s.Doc != nil || s.Comment != nil)
				case *ast.TypeSpec:
					exported([]*ast.Ident{s.Name}, d.Doc != nil || s.Doc != nil)
					if i, ok := s.Type.(*ast.InterfaceType); ok && s.Name.IsExported() {
						for _, m := range i.Methods.List {
							exported(m.Names, m.Doc != nil || m.Comment != nil)
						}
					}
				}
			}
		}
	}
}

// receiver returns the name of a method's receiver type.
func receiver(d *ast.FuncDecl) *ast.Ident {
	typ := d.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t
		}
	}
}
