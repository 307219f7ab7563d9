package docs_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// block is a fenced block of a page.
type block struct {
	line     int // of the first line of its text
	language string
	text     string
}

// pages returns the pages of the manual.
func pages(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.md")
	if err != nil || len(names) < 10 {
		t.Fatalf("found the pages %v, error %v", names, err)
	}
	return names
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// blocks returns the fenced blocks of a page.
func blocks(t *testing.T, page string) []block {
	t.Helper()
	var found []block
	var open *block
	number := 0
	for line := range strings.Lines(readFile(t, page)) {
		number++
		language, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{line: number + 1, language: strings.TrimSpace(language)}
		case fence:
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += line
		}
	}
	if open != nil {
		t.Errorf("%s:%d: the block does not end", page, open.line)
	}
	return found
}

// source is the test file of a page.
type source struct {
	text     string
	examples []string // the bodies of its Example functions
}

// readSource reads the test file of a page, and checks that each of its Examples runs.
func readSource(t *testing.T, page string) source {
	t.Helper()
	name := strings.TrimSuffix(page, ".md") + "_test.go"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%s has Go code, which must stand in Examples of %s: %v", page, name, err)
	}
	src := source{text: string(text)}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, src.text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string]bool{}
	for _, e := range doc.Examples(file) {
		runs[e.Name] = e.Output != "" || e.EmptyOutput
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
			continue
		}
		if !runs[strings.TrimPrefix(f.Name.Name, "Example")] {
			t.Errorf("%s: %s has no // Output: comment, so it does not run", name, f.Name.Name)
		}
		from, to := files.Position(f.Body.Lbrace).Offset, files.Position(f.Body.Rbrace).Offset
		src.examples = append(src.examples, src.text[from:to])
	}
	return src
}

// exampleSource reads the code of an example program, whose blocks stand in a page as they
// are in the code.
func exampleSource(t *testing.T, dir string) *source {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no code in %s: %v", dir, err)
	}
	src := &source{}
	for _, name := range names {
		src.text += "\n" + readFile(t, name)
	}
	src.examples = []string{src.text} // blocks of functions, less their indentation
	return src
}

// has reports whether a block stands in an Example, or is made of declarations.
func (s source) has(text string) bool {
	indented := "\n"
	for line := range strings.Lines(text) {
		if line != "\n" {
			line = "\t" + line
		}
		indented += line
	}
	for _, body := range s.examples {
		if strings.Contains(body, indented) {
			return true
		}
	}
	return strings.Contains(s.text, "\n"+text)
}

// TestGoBlocks checks that the Go code of each page is code that the tests compile and run.
func TestGoBlocks(t *testing.T) {
	total := 0
	for _, page := range pages(t) {
		var src *source
		for _, b := range blocks(t, page) {
			if b.language != "go" || strings.HasPrefix(b.text, "package main\n") {
				continue
			}
			if src == nil && page == "twissandra.md" {
				src = exampleSource(t, filepath.Join("..", "examples", "twissandra", "internal", "model"))
			} else if src == nil {
				s := readSource(t, page)
				src = &s
			}
			total++
			if !src.has(b.text) {
				t.Errorf("%s:%d: this code is in no Example of the page's test file, nor a declaration of it:\n%s", page, b.line, b.text)
			}
		}
	}
	if total == 0 {
		t.Error("no page has Go code")
	}
}
