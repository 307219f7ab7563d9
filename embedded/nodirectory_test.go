package embedded_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
)

// TestNoDirectory checks that an empty path is refused and does not mean the working directory.
func TestNoDirectory(t *testing.T) {
	t.Chdir(t.TempDir())
	s, err := embedded.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, opened := embedded.Open("", nil)
	for name, err := range map[string]error{"Open": opened, "Checkpoint": s.Checkpoint(t.Context(), "")} {
		if !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "no directory is named") {
			t.Errorf("%s: %v, want an invalid request: no directory is named", name, err)
		}
	}
}
