package archtest

import (
	"bytes"
	"path"
	"regexp"
	"strings"
	"testing"
)

// refused lists words and phrases that need a second reading. The keys are the words to write instead.
var refused = map[string]*regexp.Regexp{
	"again, or rewrite, rebuild":          regexp.MustCompile(`(?i)\banew\b`),
	"during, in that time, or in between": regexp.MustCompile(`(?i)\bmeanwhile\b`),
	"except":                              regexp.MustCompile(`(?i)\bbut for\b`),
	"a sentence of its own":               regexp.MustCompile(`(?i)(, of which|\bbe it|\bsuch as is)\b`),
	"gets, reports, or returns":           regexp.MustCompile(`(?i)\b(is|are|was|were|been) told\b`),
	"retry":                               regexp.MustCompile(`(?i)\banother try\b`),
	"ignored, or unused":                  regexp.MustCompile(`(?i)\bof no interest\b`),
	"may be lost, or may have been made":  regexp.MustCompile(`(?i)\bcome to pass\b`),
	"since there is no":                   regexp.MustCompile(`(?i)\bfor want of\b`),
	"directory":                           regexp.MustCompile(`\b[Ff]olders?\b`),
	"pool":                                regexp.MustCompile(`(?i)\ba stock of\b|\bthe stock\b`),
	"increment":                           regexp.MustCompile(`(?i)\badditions? to (a )?counters?\b`),
	"invalid X \"…\", as in: invalid duration \"5x\"": regexp.MustCompile(`(%q|%s|") is no [a-z]+"`),
}

// TestRefusedWords checks code and documents. It does not check test data.
func TestRefusedWords(t *testing.T) {
	walk(t, func(name string) {
		ext := path.Ext(name)
		if ext != ".go" && ext != ".md" || strings.Contains(name, "testdata/") || strings.HasSuffix(name, "archtest/words_test.go") {
			return
		}
		text := read(t, name)
		if generated(text) {
			return
		}
		number := 0
		for line := range bytes.Lines(text) {
			number++
			for better, re := range refused {
				if m := re.Find(line); m != nil {
					t.Errorf("%s:%d: %q: write %s", name, number, m, better)
				}
			}
		}
	})
}

func TestRefusedWordsAreFound(t *testing.T) {
	for _, text := range []string{
		"The file is written anew.", "all but for one", "a row, of which the key", "the client is told", `fmt.Errorf("%q is no time", s)`,
	} {
		found := false
		for _, re := range refused {
			found = found || re.MatchString(text)
		}
		if !found {
			t.Errorf("no pattern matches %q", text)
		}
	}
}
