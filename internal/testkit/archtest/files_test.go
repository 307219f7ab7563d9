package archtest

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

// A file has one idea. These limits, in lines, are enough for one idea.
const (
	maxLines     = 600
	maxTestLines = 900
)

func TestPackageComment(t *testing.T) {
	for _, p := range load(t) {
		hasCode := false
		for _, f := range p.files {
			hasCode = hasCode || !strings.HasSuffix(f, "_test.go")
		}
		if hasCode && len(p.doc) != 1 {
			t.Errorf("package %s has %d package comments (%s), want 1", p.dir, len(p.doc), strings.Join(p.doc, ", "))
		}
	}
}

func TestFileLength(t *testing.T) {
	for _, p := range load(t) {
		for _, name := range p.files {
			text := read(t, name)
			limit := maxLines
			if strings.HasSuffix(name, "_test.go") {
				limit = maxTestLines
			}
			if lines := bytes.Count(text, []byte("\n")); lines > limit && !generated(text) {
				t.Errorf("%s has %d lines, want at most %d: split it by idea", name, lines, limit)
			}
		}
	}
}

// Twissandra is code to read and copy from, so all of it must stay short.
func TestTwissandraLength(t *testing.T) {
	const limit = 1500
	lines := 0
	walk(t, func(name string) {
		if strings.HasPrefix(name, "examples/twissandra/") && strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			lines += bytes.Count(read(t, name), []byte("\n"))
		}
	})
	if lines == 0 || lines > limit {
		t.Errorf("examples/twissandra has %d lines of Go without its tests, want 1 to %d", lines, limit)
	}
}

// hosts are the hosts to which a link in our files may point.
var hosts = regexp.MustCompile(`^((www\.)?apache\.org|(issues|cassandra|svn)\.apache\.org|github\.com|pkg\.go\.dev|go\.dev|keepachangelog\.com|semver\.org|jsonlines\.org|www\.rfc-editor\.org|www\.w3\.org|mozilla\.org|localhost|127\.0\.0\.1|([a-z0-9-]+\.)?example\.(com|org|net))$`)

var (
	link = regexp.MustCompile(`\b[a-z]+://(?:[^\s/@"']*@)?([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)`)
	// A path that exists on one machine only.
	machinePath = regexp.MustCompile(`(?:^|[\s"'` + "`" + `=(:])/(?:home|root|Users|work|workspace|builds?|runner)/[A-Za-z0-9_.-]+`)
	// Whoever builds the module chooses the source of its dependencies.
	moduleSource = regexp.MustCompile(`GO(PROXY|SUMDB|PRIVATE|NOSUMDB|INSECURE)\b`)
)

// Tests and documents may name addresses of stores that do not exist.
var storeSchemes = regexp.MustCompile(`^(thrift|cql|embedded|memory|tls)://`)

func TestNothingOfOneMachine(t *testing.T) {
	walk(t, func(name string) {
		if strings.HasPrefix(name, "internal/testkit/archtest/") || name == "go.sum" {
			return
		}
		text := read(t, name)
		if bytes.IndexByte(text, 0) >= 0 {
			return // binary test data
		}
		number := 0
		for line := range bytes.Lines(text) {
			number++
			for _, m := range link.FindAllSubmatch(line, -1) {
				if !hosts.Match(m[1]) && !storeSchemes.Match(m[0]) {
					t.Errorf("%s:%d: link to %s, which the list of hosts does not have", name, number, m[1])
				}
			}
			if m := machinePath.Find(line); m != nil {
				t.Errorf("%s:%d: path of one machine: %s", name, number, bytes.TrimSpace(m))
			}
			if m := moduleSource.Find(line); m != nil {
				t.Errorf("%s:%d: setting of a module source: %s", name, number, m)
			}
		}
	})
}

func TestModuleFile(t *testing.T) {
	text := read(t, "go.mod")
	if m := regexp.MustCompile(`(?m)^\s*(replace|exclude)\b.*`).Find(text); m != nil {
		t.Errorf("go.mod has %q: a module that others import must build without", m)
	}
	if !bytes.Contains(text, []byte("module "+module+"\n")) {
		t.Errorf("go.mod is not of %s", module)
	}
}

func TestChecksSeeDefects(t *testing.T) {
	for _, tt := range []struct {
		re   *regexp.Regexp
		text string
		want bool
	}{
		{machinePath, `open("/home/ann/x")`, true},
		{machinePath, `see https://example.com/home/ann`, false},
		{machinePath, `cd /Users/ann/src`, true},
		{machinePath, `a row/work/item`, false},
		{moduleSource, "export GOPROXY=direct", true},
		{link, "thrift://user:secret@cass1.example.com:9160", true},
	} {
		if got := tt.re.MatchString(tt.text); got != tt.want {
			t.Errorf("%v matches %q: %v, want %v", tt.re, tt.text, got, tt.want)
		}
	}
	for host, want := range map[string]bool{"github.com": true, "proxy.internal": false, "a.example.com": true, "evil-github.com": false} {
		if got := hosts.MatchString(host); got != want {
			t.Errorf("hosts matches %q: %v, want %v", host, got, want)
		}
	}
}
