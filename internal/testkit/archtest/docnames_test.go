package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// qualified matches a name of a public package in a document, such as pool.Stats.
var qualified = regexp.MustCompile(`\b(backend|coltype|connect|cqlclient|embedded|metrics|pool|rowmap|schema|shell|thriftclient|thriftserver|timeuuid|widerowtest)\.([A-Z]\w*)`)

// TestNamesInDocs checks that every name of a public package in the documents exists.
func TestNamesInDocs(t *testing.T) {
	docs, err := filepath.Glob("../../../docs/*.md")
	if err != nil || len(docs) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	exported := map[string]map[string]bool{}
	for _, doc := range append(docs, "../../../README.md") {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range qualified.FindAllStringSubmatch(string(text), -1) {
			if exported[m[1]] == nil {
				exported[m[1]] = exportedNames(t, "../../../"+m[1])
				maps.Copy(exported[m[1]], testsOf(t, m[1]))
			}
			if !exported[m[1]][m[2]] {
				t.Errorf("%s has %s, which does not exist", filepath.Base(doc), m[0])
			}
		}
	}
}

// exportedNames returns the exported declarations of a package at the top level.
func exportedNames(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}
