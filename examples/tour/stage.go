package main

import (
	"embed"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/widerow/widerow"
)

// sources holds the source files of the chapters. The stage prints the lines that ran.
//
//go:embed *.go
var sources embed.FS

// stage prints the tour.
type stage struct {
	out io.Writer
	err error // the first error; nothing is printed after it
	// file and line are where the last step ended.
	file string
	line int
}

// title begins a chapter. The first step begins after the line that calls title.
func (s *stage) title(text string) {
	if s.err != nil {
		return
	}
	s.file, s.line = caller()
	fmt.Fprintf(s.out, "\n%s\n%s\n\n", text, strings.Repeat("=", len(text)))
}

// show prints the lines of code since the last step, and the results. The last
// result may be an error, which ends the tour. show reports whether the tour continues.
func (s *stage) show(results ...any) bool {
	if s.err != nil {
		return false
	}
	file, line := caller()
	code, err := lines(file, s.line+1, line-1)
	s.file, s.line = file, line
	if err != nil {
		s.err = err
		return false
	}
	fmt.Fprint(s.out, code)
	for _, r := range results {
		if err, ok := r.(error); ok {
			s.err = err
			return false
		}
		if r != nil {
			fmt.Fprintln(s.out, text(r))
		}
	}
	return true
}

// fails is show for a step that must fail.
func (s *stage) fails(err error) bool {
	if s.err != nil {
		return false
	}
	file, line := caller()
	code, readErr := lines(file, s.line+1, line-1)
	s.file, s.line = file, line
	switch {
	case readErr != nil:
		s.err = readErr
	case err == nil:
		s.err = fmt.Errorf("%s:%d: no error where there should be one", file, line)
	default:
		fmt.Fprintf(s.out, "%serror: %v\n", code, err)
	}
	return s.err == nil
}

// text formats a result as pycassa's users see it. A string is printed unchanged.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case fmt.Stringer:
		return v.String()
	}
	return widerow.Repr(v)
}

// caller returns the file and line that called the method of stage.
func caller() (file string, line int) {
	_, path, line, _ := runtime.Caller(2)
	return filepath.Base(path), line
}

// lines returns lines of a source file, numbered from 1. It puts "> " before each line and removes
// the indentation of the first line. It leaves out the lines that end the chapter after an error.
func lines(file string, from, to int) (string, error) {
	source, err := sources.ReadFile(file)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	all := strings.Split(string(source), "\n")
	indent := ""
	for _, line := range all[from-1 : min(to, len(all))] {
		trimmed := strings.TrimLeft(line, "\t")
		if trimmed == "" || trimmed == "return" || trimmed == "}" && b.Len() == 0 {
			continue
		}
		if b.Len() == 0 {
			indent = line[:len(line)-len(trimmed)]
		}
		b.WriteString("> " + strings.ReplaceAll(strings.TrimPrefix(line, indent), "\t", "    ") + "\n")
	}
	return b.String(), nil
}
