package archtest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// pkg describes a package for the tests. Paths are relative to the root, with slashes.
type pkg struct {
	dir         string
	doc         []string // files that have a package comment
	imports     []string // outside tests
	testImports []string
	files       []string
}

// root is the module's directory.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test's directory")
		}
		dir = parent
	}
}

// walk calls fn for every file of the project, in order, with its path from the root.
func walk(t *testing.T, fn func(name string)) {
	t.Helper()
	top := root(t)
	ignored := gitignore(t, top)
	err := filepath.WalkDir(top, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel == ".git" || ignored(rel) {
				return filepath.SkipDir
			}
			return nil
		}
		// In a worktree of Git, .git is a file.
		if rel != ".git" && d.Type().IsRegular() && !ignored(rel) {
			fn(rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// gitignore reads our .gitignore, which has only simple patterns: /dir/ and *.suffix.
func gitignore(t *testing.T, top string) func(rel string) bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(top, ".gitignore"))
	if err != nil {
		t.Fatal(err)
	}
	patterns := strings.Fields(string(text))
	return func(rel string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool {
			if suffix, ok := strings.CutPrefix(p, "*"); ok {
				return strings.HasSuffix(rel, suffix)
			}
			return strings.Trim(p, "/") == rel
		})
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var loadOnce struct {
	sync.Once
	packages []*pkg
}

// load parses the packages of the module. It skips modules inside the module.
func load(t *testing.T) []*pkg {
	t.Helper()
	loadOnce.Do(func() { loadOnce.packages = parse(t) })
	if len(loadOnce.packages) < 10 {
		t.Fatalf("found only %d packages", len(loadOnce.packages))
	}
	return loadOnce.packages
}

func parse(t *testing.T) []*pkg {
	t.Helper()
	byDir := make(map[string]*pkg)
	var packages []*pkg
	var inner []string
	walk(t, func(name string) {
		if dir, base := splitName(name); base == "go.mod" && dir != "." {
			inner = append(inner, dir+"/")
		}
	})
	walk(t, func(name string) {
		dir, base := splitName(name)
		if slices.ContainsFunc(inner, func(m string) bool { return strings.HasPrefix(name, m) }) {
			return
		}
		if !strings.HasSuffix(base, ".go") || slices.Contains(strings.Split(dir, "/"), "testdata") {
			return
		}
		p := byDir[dir]
		if p == nil {
			p = &pkg{dir: dir}
			byDir[dir] = p
			packages = append(packages, p)
		}
		p.files = append(p.files, name)
		file, err := parser.ParseFile(token.NewFileSet(), name, read(t, name), parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		isTest := strings.HasSuffix(base, "_test.go")
		if file.Doc != nil && !isTest {
			p.doc = append(p.doc, name)
		}
		list := &p.imports
		if isTest {
			list = &p.testImports
		}
		for _, spec := range file.Imports {
			*list = append(*list, importPath(t, spec))
		}
	})
	for _, p := range packages {
		for _, list := range []*[]string{&p.imports, &p.testImports} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
	}
	return packages
}

func importPath(t *testing.T, spec *ast.ImportSpec) string {
	t.Helper()
	s, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func splitName(name string) (dir, base string) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return ".", name
	}
	return name[:i], name[i+1:]
}

// generated reports whether a file says that a program generated it.
func generated(text []byte) bool {
	for line := range bytes.Lines(text) {
		if bytes.HasPrefix(line, []byte("package ")) {
			return false
		}
		if bytes.HasPrefix(line, []byte("// Code generated ")) && bytes.Contains(line, []byte("DO NOT EDIT.")) {
			return true
		}
	}
	return false
}
