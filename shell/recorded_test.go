package shell_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/widerow/widerow/shell"
)

// TestRecorded runs transcripts that CPython 2.7.18 printed. The transcripts of calls were recorded with pycassa 1.11.2 on
// widerow serve or on Cassandra 1.2.19.
func TestRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/recorded/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := statements(string(text))
			var typed strings.Builder
			for _, w := range want {
				for _, line := range strings.Split(w.typed, "\n") {
					typed.WriteString(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(line, ">>> "), "..."), " ") + "\n")
				}
			}
			var got bytes.Buffer
			if err := shell.Transcript(t.Context(), openStore(t, "").options(), strings.NewReader(typed.String()), &got); err != nil {
				t.Fatal(err)
			}
			list := statements(got.String())
			if len(list) != len(want) {
				t.Fatalf("%d statements, want %d", len(list), len(want))
			}
			for i, w := range want {
				if list[i] != w {
					t.Errorf("%s\nprints\n%swant\n%s", w.typed, list[i].printed, w.printed)
				}
			}
		})
	}
}
