package shell_test

import (
	"testing"

	"github.com/widerow/widerow/shell"
)

func TestPasted(t *testing.T) {
	for text, want := range map[string]string{
		"x = 1\ny = 2\n":                        "x = 1\ny = 2\n",
		">>> x = 1\n>>> x\n1\n":                 "x = 1\nx\n",
		"\n>>> 5\n5":                            "5\n",
		">>> 5":                                 "5",
		">>> for i in y:\n...     i\n...\n1\n2": "for i in y:\n    i\n\n",
		">>> x\n...text that is printed\n...\n": "x\n",
		">>>x\n":                                ">>>x\n",
		"x >>> 1\n":                             "x >>> 1\n",
		"":                                      "",
		">>> a\r\n1\r\n>>>\r\n>>> b\r\n":        "a\r\n\r\nb\r\n",
	} {
		if got := shell.Pasted(text); got != want {
			t.Errorf("Pasted(%q) = %q, want %q", text, got, want)
		}
	}
}
