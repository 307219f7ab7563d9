package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrograms runs each block that is a whole program, in an empty directory, and compares what it prints with the next
// block of the page. The README's program is run by internal/testkit/archtest.
func TestPrograms(t *testing.T) {
	for _, page := range pages(t) {
		list := blocks(t, page)
		for i, b := range list {
			if b.language != "go" || !strings.HasPrefix(b.text, "package main\n") {
				continue
			}
			if i+1 == len(list) {
				t.Errorf("%s:%d: no block shows the program's output", page, b.line)
				continue
			}
			dir := t.TempDir()
			source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program.exe")
			if err := os.WriteFile(source, []byte(b.text), 0o666); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, source).CombinedOutput(); err != nil {
				t.Errorf("%s:%d: go build: %v\n%s", page, b.line, err, out)
				continue
			}
			run := exec.CommandContext(t.Context(), program)
			run.Dir = dir
			got, err := run.CombinedOutput()
			if want := list[i+1].text; err != nil || string(got) != want {
				t.Errorf("%s:%d: the program prints, with error %v:\n%s\nwant:\n%s", page, b.line, err, got, want)
			}
		}
	}
}
