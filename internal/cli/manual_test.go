package cli

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	// word is a word of a command line, with quotes or without.
	word        = regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`)
	explanation = regexp.MustCompile(`\s\s+|\s#`)
	quotes      = strings.NewReplacer(`'`, "", `"`, "")
)

// commands returns the arguments of each command that runs widerow on a line of a document. Two spaces or a # end a
// command: an explanation follows.
func commands(line string) [][]string {
	line = strings.TrimSpace(line)
	if i := explanation.FindStringIndex(line); i != nil {
		line = line[:i[0]]
	}
	var found [][]string
	for _, command := range strings.Split(line, " | ") {
		words := word.FindAllString(command, -1)
		for len(words) > 0 && strings.HasPrefix(words[0], "WIDEROW_") {
			words = words[1:]
		}
		if len(words) < 2 || words[0] != "widerow" {
			continue
		}
		var args []string
		for _, w := range words[1:] {
			if w[0] == '>' || w[0] == '<' {
				break
			}
			args = append(args, quotes.Replace(w))
		}
		found = append(found, args)
	}
	return found
}

// TestCommandsOfManual parses each command of the documents, so that no document names a flag or a command that does not
// exist.
func TestCommandsOfManual(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatalf("found the pages %v, error %v", pages, err)
	}
	total := 0
	for _, page := range append(pages, "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		fenced := false
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "```") {
				fenced = !fenced
			}
			if !fenced {
				continue
			}
			for _, args := range commands(line) {
				total++
				parser, err := newParser(&program{}, io.Discard, io.Discard)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := parser.Parse(markNegative(args)); err != nil {
					t.Errorf("%s: widerow %s: %v", filepath.Base(page), strings.Join(args, " "), err)
				}
			}
		}
	}
	if total < 30 {
		t.Errorf("found only %d commands", total)
	}
}
