package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	// A link within the project: [text](path), [text](path#anchor) or [text](#anchor).
	relativeLink = regexp.MustCompile(`\]\(([^)#:]*)(?:#([^)]*))?\)`)
	fencedBlock  = regexp.MustCompile("(?ms)^```.*?^```")
	codeSpan     = regexp.MustCompile("`[^`\n]*`")
	linkText     = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// TestLinks checks that relative links in documents lead to files, and their anchors to headings.
func TestLinks(t *testing.T) {
	anchors := map[string]map[string]bool{}
	walk(t, func(name string) {
		if strings.HasSuffix(name, ".md") {
			anchors[name] = headings(string(read(t, name)))
		}
	})
	for name := range anchors {
		text := codeSpan.ReplaceAllString(fencedBlock.ReplaceAllString(string(read(t, name)), ""), "")
		for _, m := range relativeLink.FindAllStringSubmatch(text, -1) {
			target := name
			if m[1] != "" {
				dir, _ := splitName(name)
				target = filepath.ToSlash(filepath.Join(filepath.FromSlash(dir), filepath.FromSlash(m[1])))
			}
			if _, err := os.Stat(filepath.Join(root(t), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s links to %s, which does not exist", name, m[1])
			} else if m[2] != "" && !anchors[target][m[2]] {
				t.Errorf("%s links to %s#%s: no heading has this anchor", name, m[1], m[2])
			}
		}
	}
}

// headings returns the anchors that GitHub gives the headings of a document.
func headings(text string) map[string]bool {
	found := map[string]bool{}
	for line := range strings.Lines(fencedBlock.ReplaceAllString(text, "")) {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		title = linkText.ReplaceAllString(strings.TrimSpace(title), "$1")
		anchor := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
				return unicode.ToLower(r)
			}
			return -1
		}, title)
		found[anchor] = true
	}
	return found
}

func TestHeadings(t *testing.T) {
	got := headings("# The `Get` call, [linked](x.md)\n```\n# no heading\n```\n## What's new?\n#none\n")
	if len(got) != 2 || !got["the-get-call-linked"] || !got["whats-new"] {
		t.Errorf("headings: %v", got)
	}
}

// TestContents checks that the manual's table of contents leads to each page.
func TestContents(t *testing.T) {
	contents := string(read(t, "docs/README.md"))
	walk(t, func(name string) {
		page, ok := strings.CutPrefix(name, "docs/")
		if ok && strings.HasSuffix(page, ".md") && page != "README.md" && !strings.Contains(contents, "]("+page+")") {
			t.Errorf("docs/README.md, the table of contents, has no link to %s", page)
		}
	})
}
