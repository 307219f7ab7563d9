package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestComplete completes command lines with the parser's model of the commands.
func TestComplete(t *testing.T) {
	for _, tt := range []struct {
		words string // separated by spaces; the last word is completed
		want  string // the first columns of the answer's lines
	}{
		{"du", "dump"},
		{"users ", "add remove list"},
		{"users r", "remove"},
		{"--store x users r", "remove"},
		{"--store=x users r", "remove"},
		{"--sto", "--store"},
		{"--store m", "memory:"},
		{"users add --gr", "--group"},
		{"dump --schema ", "with without only"},
		{"dump --schema=w", "--schema=with --schema=without"},
		{"dump --schema = w", "with without"}, // as bash splits it
		{"dump --schema =", "with without only"},
		{"bench --consistency LOCAL_", "LOCAL_QUORUM LOCAL_SERIAL LOCAL_ONE"},
		{"bench -w re", "read"},
		{"serve --version-mimic 2", "2.0 2.1 2.2"},
		{"completion ", "bash zsh fish"},
		{"completion bash ", ""},
		{"help che", "checkpoint"},
		{"load ", ":file"},
		{"load -", "--help --store --version"},
		{"load --rejects ", ":file"},
		{"load -- --rej", ":file"},
		{"checkpoint ", ":dir"},
		{"get ks ", ""},
		{"shell --demo ", ":file"},
		{"dump --force ", ""},
		{"nonsense ", ""},
	} {
		code, out, errs := run(t, t.Context(), "", append([]string{completeCommand}, strings.Split(tt.words, " ")...)...)
		if code != 0 || errs != "" {
			t.Errorf("%q: exit code %d, %s", tt.words, code, errs)
		}
		var got []string
		for line := range strings.Lines(out) {
			candidate, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
			got = append(got, candidate)
		}
		if have := strings.Join(got, " "); have != tt.want && !(tt.words == "load -" && strings.HasPrefix(have, tt.want)) {
			t.Errorf("%q: %q, want %q", tt.words, have, tt.want)
		}
	}
	if code, out, _ := run(t, t.Context(), "", completeCommand); code != 0 || !strings.Contains(out, "load\tLoad rows.\n") {
		t.Errorf("without words: exit code %d, %s", code, out)
	}
}

// TestCompletionInShells types into real shells.
func TestCompletionInShells(t *testing.T) {
	for _, tt := range []struct {
		shell string
		start string // arguments of the shell; the program is in its PATH
		setup string // command that loads the script
	}{
		{"bash", "--norc --noprofile -i", "source <(widerow completion bash)"},
		{"zsh", "-f -i", "autoload -U compinit; compinit -u -D; source <(widerow completion zsh)"},
		{"fish", "--no-config -i", "widerow completion fish | source"},
	} {
		t.Run(tt.shell, func(t *testing.T) {
			w := newTerminal(t)
			if _, err := exec.LookPath(tt.shell); err != nil {
				t.Skip("no ", tt.shell, ": completion is not tried in it")
			}
			if err := os.WriteFile(filepath.Join(w.home, "rows.jsonl"), nil, 0o666); err != nil {
				t.Fatal(err)
			}
			w.tmux("-u", "new-session", "-d", "-s", "s", "-x", "100", "-y", "30", "-c", w.home,
				"env HOME="+w.home+" XDG_CONFIG_HOME="+w.home+" LC_ALL=C.UTF-8 TERM=screen PATH="+w.home+":"+os.Getenv("PATH")+" "+tt.shell+" "+tt.start)
			settle()
			w.keys("s", tt.setup+"; echo 'lo''aded'", "Enter")
			w.wait("s", "loaded")
			for _, try := range []struct{ typed, want string }{
				{"widerow checkp", "widerow checkpoint"},
				{"widerow users rem", "widerow users remove"},
				{"widerow dump --sch", "widerow dump --schema"},
				{"widerow dump --schema on", "widerow dump --schema only"},
				{"widerow dump --schema=on", "widerow dump --schema=only"},
				{"widerow load ro", "widerow load rows.jsonl"},
				{"widerow bench --consistency EACH", "widerow bench --consistency EACH_QUORUM"},
				{"widerow completion ", "zsh"}, // in the list
			} {
				settle()
				w.keys("s", "C-c")
				settle()
				w.keys("s", "C-l")
				settle()
				w.keys("s", try.typed)
				settle()
				w.keys("s", "Tab")
				settle()
				if try.want == "zsh" {
					w.keys("s", "Tab")
				}
				w.wait("s", try.want)
			}
		})
	}
}
