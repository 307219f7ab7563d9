package realcass

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// run runs a program in a directory and returns its standard output. The error contains the end of
// the program's output.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C")
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, tail(stdout.String()+stderr.String(), 30))
	}
	return stdout.String(), nil
}

// tail returns the last lines of a text.
func tail(text string, lines int) string {
	list := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(list[max(0, len(list)-lines):], "\n")
}
