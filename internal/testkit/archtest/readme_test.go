package archtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestReadmeProgram runs the README's first program, and compares its output with the output in
// the README.
func TestReadmeProgram(t *testing.T) {
	text := string(read(t, "README.md"))
	program := regexp.MustCompile("(?s)```go\n(package main.*?)```").FindStringSubmatch(text)
	output := regexp.MustCompile("(?s)It prints:\n\n```\n(.*?)```").FindStringSubmatch(text)
	if program == nil || output == nil {
		t.Fatal("README.md lacks its program or the program's output")
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(program[1]), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "run", file)
	cmd.Dir = root(t)
	got, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go run: %v\n%s", err, got)
	}
	if string(got) != output[1] {
		t.Errorf("the program prints:\n%s\nwant:\n%s", got, output[1])
	}
}
