package shell_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/shell"
)

// seed adds the typed lines of the transcripts to the corpus.
func seed(f *testing.F) {
	for _, pattern := range []string{"testdata/recorded/*.txt", "testdata/pycassa/expected/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds: %v", err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			for _, s := range statements(string(text)) {
				src := strings.ReplaceAll(strings.TrimPrefix(s.typed, ">>> "), "\n... ", "\n")
				f.Add(strings.ReplaceAll(src, "\n...", "\n") + "\n")
			}
		}
	}
}

// FuzzParse parses any text, as a prompt does.
func FuzzParse(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, src string) {
		shell.NeedsMore(src)
		shell.Indent(src)
	})
}

// FuzzRun runs any text. It must not panic, and the context must be able to end it.
func FuzzRun(f *testing.F) {
	seed(f)
	store := openStore(f, "").b
	f.Fuzz(func(t *testing.T, src string) {
		var out bytes.Buffer
		s, err := shell.New(t.Context(), &shell.Options{
			Store: store, Out: &out, Echo: true, MaxHeap: 512 << 20,
			Sleep: func(context.Context, time.Duration) error { return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		err = s.Run(ctx, "<fuzz>", src)
		var e *shell.Error
		if errors.As(err, &e) && e.Class == "SystemError" {
			t.Errorf("%q: %v", src, err)
		}
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%q ran for %v", src, d)
		}
		s.Complete(src)
		s.Highlight(src)
	})
}
