package cli

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	testscript.Main(checked{m}, map[string]func(){"widerow": func() { os.Exit(Main()) }})
}

// checked detects goroutines that the tests left behind.
type checked struct{ *testing.M }

func (m checked) Run() int {
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		os.Stderr.WriteString(err.Error() + "\n")
		return 1
	}
	return code
}

// TestScripts runs the scripts of testdata/script. There is a file for each
// command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: false,
		Setup: func(env *testscript.Env) error {
			env.Setenv("WIDEROW_STORE", "embedded:store")
			port, err := freePort()
			env.Setenv("PORT", port)
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"answers": answers},
	})
}

// run runs the program in this process.
func run(t *testing.T, ctx context.Context, in string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e bytes.Buffer
	code = Run(ctx, args, strings.NewReader(in), &o, &e)
	return code, o.String(), e.String()
}
