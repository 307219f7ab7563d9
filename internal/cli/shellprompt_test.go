package cli

import (
	"strings"
	"testing"
)

func TestEntryRows(t *testing.T) {
	for _, tt := range []struct {
		entry string
		want  int
	}{
		{"", 1},
		{strings.Repeat("x", 15), 1},
		{strings.Repeat("x", 16), 2}, // the cursor is in the second row
		{strings.Repeat("\u00fc", 15), 1},
		{strings.Repeat("\u4e16", 8), 2},
		{"\t\t\t\t", 2},
		{"def f():\n    return 1\n", 3},
		{"a\n" + strings.Repeat("x", 40), 4},
	} {
		if got := entryRows(tt.entry, 20); got != tt.want {
			t.Errorf("%q takes %d rows of 20 columns, want %d", tt.entry, got, tt.want)
		}
	}
}
