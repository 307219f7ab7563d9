package archtest

import (
	"bytes"
	"path"
	"regexp"
	"slices"
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
	"must, or will":                       regexp.MustCompile(`(?i)\b(is|are|was|were) to be\b`),
	"reports":                             regexp.MustCompile(`(?i)\b(tells (whether|that|why|what|how|where|which|who|when)|does not tell|not told)\b`),
	"missing, not found, or no X":         regexp.MustCompile(`\b([Tt]here|that) (is|are) none\b`),
	"the definition":                      regexp.MustCompile(`(?i)\bmade as\b`),
	"sometimes":                           regexp.MustCompile(`(?i)\bnow and then\b`),
	"forever":                             regexp.MustCompile(`(?i)\bfor ever\b`),
	"local":                               regexp.MustCompile(`(?i)\bthe own\b`),
	"a noun as the subject":               regexp.MustCompile(`//\s+Who\b`),
	"increment":                           regexp.MustCompile(`(?i)\badditions? to (a )?counters?\b`),
	"invalid X \"…\", as in: invalid duration \"5x\"": regexp.MustCompile(`(%q|%s|") is no [a-z]+"`),
}

// TestRefusedWords checks code, tests, documents and scripts. It does not check test data.
func TestRefusedWords(t *testing.T) {
	walk(t, func(name string) {
		checked := slices.Contains([]string{".go", ".md", ".conf", ".service"}, path.Ext(name)) || name == ".ci/run"
		if !checked || strings.Contains(name, "testdata/") || strings.HasSuffix(name, "archtest/words_test.go") {
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
		"The file is written anew.", "all but for one", "a row, of which the key", "the client is told", "a call that is to be made", "if there are none", "it tells whether", `fmt.Errorf("%q is no time", s)`,
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
