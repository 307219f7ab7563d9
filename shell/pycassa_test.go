package shell_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/widerow/widerow/shell"
)

// statement is a statement of a transcript with its output.
type statement struct{ typed, printed string }

var (
	maskAddress   = regexp.MustCompile(`\bat 0x[0-9a-fA-F.]+`)
	maskTimestamp = regexp.MustCompile(`\b1[6-9]\d{14}\b`)
)

// statements divides a transcript into statements, as the recorder's own comparison does.
func statements(text string) []statement {
	var out []statement
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		switch n := len(out); {
		case strings.HasPrefix(line, ">>> "), line == ">>>", strings.HasPrefix(line, "$ pycassaShell"):
			out = append(out, statement{typed: line})
		case n > 0 && out[n-1].printed == "" && (strings.HasPrefix(line, "... ") || line == "..."):
			out[n-1].typed += "\n" + line
		case n > 0:
			line = maskAddress.ReplaceAllString(line, "at 0x...")
			out[n-1].printed += maskTimestamp.ReplaceAllString(line, "TIMESTAMP") + "\n"
		}
	}
	return out
}

// differences reads the list of statements whose output differs, with the reasons.
func differences(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.Open("testdata/pycassa/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	known := map[string]bool{}
	for in := bufio.NewScanner(f); in.Scan(); {
		fields := strings.Fields(in.Text())
		if len(fields) > 2 && fields[0] != "#" {
			known[fields[0]+" "+fields[1]] = true
		}
	}
	return known
}

// TestPycassaTranscripts runs the statements that were typed to the real pycassa and compares the output.
func TestPycassaTranscripts(t *testing.T) {
	onStores(t, compareTranscripts)
}

func compareTranscripts(t *testing.T, store *clockStore) {
	known := differences(t)
	files, err := filepath.Glob("testdata/pycassa/statements/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		topic := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(topic, func(t *testing.T) { compareTranscript(t, store, file, topic, known) })
	}
}

func compareTranscript(t *testing.T, store *clockStore, file, topic string, known map[string]bool) {
	typed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(store.expected(topic))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := shell.Transcript(t.Context(), store.options(), bytes.NewReader(typed), &got); err != nil {
		t.Fatal(err)
	}
	g, w := statements(got.String()), statements(string(want))
	if len(g) != len(w) {
		t.Fatalf("%d statements, want %d:\n%s", len(g), len(w), got.String())
	}
	for i := range w {
		id := fmt.Sprintf("%s #%d", topic, i+1)
		switch same := g[i] == w[i]; {
		case same && known[id]:
			t.Errorf("%s is equal now, but is listed in differences.txt", id)
		case !same && !known[id]:
			t.Errorf("%s\n%s\nprints\n%swant\n%s", id, w[i].typed, g[i].printed, w[i].printed)
		}
	}
}
