package shell_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/widerow/widerow/shell"
)

// referencePages maps the pages of pycassa 1.8's documentation that have prompts to their number of prompts. An empty
// prompt does not count.
var referencePages = map[string]int{
	"Class Mapping": 24, "Composite Types": 8, "Secondary Indexes": 9, "Super Columns": 9, "Tutorial": 40, "Version 1 UUIDs": 14,
	"pycassa.batch": 16, "pycassa.columnfamilymap": 5, "pycassa.index": 9, "pycassa.logging.pool_stats_logger": 6,
	"pycassa.logging.pycassa_logger": 5, "pycassa.pool": 3, "pycassa.system_manager": 18, "pycassa.types": 1, "pycassaShell": 9,
}

// marker names the prompts of a reference page that the next examples stand for, such as [Tutorial 2-3] A keyspace.
var marker = regexp.MustCompile(`^\[(\S.*) (\d+)(?:-(\d+))?\] \S`)

// doctest is a file of testdata/doctest. It holds prose, and examples behind prompts with their output. A blank line ends
// the output, <BLANKLINE> stands for a printed blank line, and three dots stand for any text.
type doctest struct {
	examples []statement
	lines    []int // the line numbers of the examples
	covers   map[string][]int
}

func readDoctest(t *testing.T, file string) *doctest {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d := &doctest{covers: map[string][]int{}}
	inExample, pending := false, 0
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		n := len(d.examples)
		switch m := marker.FindStringSubmatch(line); {
		case strings.HasPrefix(line, ">>> "), strings.HasPrefix(line, "$ pycassaShell"):
			d.examples, d.lines = append(d.examples, statement{typed: line}), append(d.lines, i+1)
			inExample, pending = true, 0
		case line == "":
			inExample = false
		case inExample && d.examples[n-1].printed == "" && strings.HasPrefix(line, "..."):
			d.examples[n-1].typed += "\n" + line
		case inExample:
			d.examples[n-1].printed += strings.Replace(line, "<BLANKLINE>", "", 1) + "\n"
		case m != nil:
			if pending > 0 && pending != i {
				t.Errorf("%s:%d: no example before the next marker", file, pending)
			}
			pending = i + 1
			from, _ := strconv.Atoi(m[2])
			to, err := strconv.Atoi(m[3])
			if err != nil {
				to = from
			}
			for ; from <= to; from++ {
				d.covers[m[1]] = append(d.covers[m[1]], from)
			}
		}
	}
	if pending > 0 {
		t.Errorf("%s:%d: no example after the marker", file, pending)
	}
	return d
}

// typed returns the lines that a user types for the examples.
func (d *doctest) typed() string {
	var out strings.Builder
	for _, e := range d.examples {
		for line := range strings.SplitSeq(e.typed, "\n") {
			if rest, ok := strings.CutPrefix(line, ">>> "); ok {
				line = rest
			} else if rest, ok := strings.CutPrefix(line, "..."); ok {
				line = strings.TrimPrefix(rest, " ")
			}
			out.WriteString(line + "\n")
		}
	}
	return out.String()
}

func doctests(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/doctest/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no doctests: %v", err)
	}
	return files
}

// printedAs reports whether a text matches the output of an example, in which three dots stand for any text.
func printedAs(got, want string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), `\.\.\.`, `(?s:.*)`)
	return got == want || regexp.MustCompile(`^`+pattern+`$`).MatchString(got)
}

// TestDoctests runs the examples of the reference, which are in files with prose of our own.
func TestDoctests(t *testing.T) { onStores(t, runDoctests) }

func runDoctests(t *testing.T, store *clockStore) {
	for _, file := range doctests(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			if store.overCQL() && filepath.Base(file) == "system.txt" {
				t.Skip("it makes a keyspace with replicas in data centres that do not exist, which Cassandra 4 and later refuse")
			}
			d := readDoctest(t, file)
			var out bytes.Buffer
			if err := shell.Transcript(t.Context(), store.options(), strings.NewReader(d.typed()), &out); err != nil {
				t.Fatal(err)
			}
			got := statements(out.String())
			if len(got) != len(d.examples) {
				t.Fatalf("%d statements, want %d:\n%s", len(got), len(d.examples), out.String())
			}
			for i, want := range d.examples {
				if got[i].typed != want.typed || !printedAs(got[i].printed, want.printed) {
					t.Errorf("%s:%d:\n%s\nprints\n%swant\n%s", file, d.lines[i], got[i].typed, got[i].printed, want.printed)
				}
			}
		})
	}
}

// TestDoctestsCoverReference fails if the reference has prompts that no doctest stands for.
func TestDoctestsCoverReference(t *testing.T) {
	tested := map[string]map[int]bool{}
	for _, file := range doctests(t) {
		for page, list := range readDoctest(t, file).covers {
			if tested[page] == nil {
				tested[page] = map[int]bool{}
			}
			for _, n := range list {
				if n < 1 || n > referencePages[page] {
					t.Errorf("%s: the reference has no prompt %d on page %s", file, n, page)
				}
				if tested[page][n] {
					t.Errorf("%s: prompt %d of page %s is tested twice", file, n, page)
				}
				tested[page][n] = true
			}
		}
	}
	for page, prompts := range referencePages {
		for n := 1; n <= prompts; n++ {
			if !tested[page][n] {
				t.Errorf("prompt %d of page %s is in no doctest", n, page)
			}
		}
	}
}
