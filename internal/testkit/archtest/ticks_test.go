package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// tickedTest matches a test that a ticked line names. The name begins with the directory of the test's package, unless the package is
// the module's root.
var tickedTest = regexp.MustCompile("^`(?:([a-z/]+)\\.)?((?:Test|Example|Fuzz)\\w*)`$")

// TestTicksHaveTests checks that each ticked line of docs/pycassa.md ends with tests that exist.
func TestTicksHaveTests(t *testing.T) {
	tests := map[string]map[string]bool{}
	ticks := 0
	for line := range strings.Lines(string(read(t, "docs/pycassa.md"))) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "- [x] ") {
			continue
		}
		ticks++
		i := strings.LastIndex(line, " — ")
		if i < 0 {
			t.Errorf("no test: %s", line)
			continue
		}
		for _, name := range strings.Split(line[i+len(" — "):], ", ") {
			m := tickedTest.FindStringSubmatch(name)
			if m == nil {
				t.Errorf("%s is not a test: %s", name, line)
				continue
			}
			if tests[m[1]] == nil {
				tests[m[1]] = testsOf(t, m[1])
			}
			if !tests[m[1]][m[2]] {
				t.Errorf("there is no test %s: %s", name, line)
			}
		}
	}
	if ticks < 100 {
		t.Errorf("only %d lines are ticked", ticks)
	}
}

// testsOf returns the functions in the tests of a package.
func testsOf(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
