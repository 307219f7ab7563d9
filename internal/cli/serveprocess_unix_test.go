//go:build unix

package cli

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// process is the program in a separate process.
type process struct {
	t         *testing.T
	cmd       *exec.Cmd
	out, errs output
}

// command returns the program as a process that is not started. The test's binary acts as the program if it has the
// program's name.
func command(t *testing.T, ctx context.Context, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, cmd: exec.CommandContext(ctx, self, args...)}
	p.cmd.Args[0] = "widerow"
	p.cmd.Dir = t.TempDir()
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.errs
	return p
}

func (p *process) start() {
	p.t.Helper()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = p.cmd.Process.Kill() })
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// ends waits until the process exits, and checks that it succeeded.
func (p *process) ends() {
	p.t.Helper()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("%v\n%s%s", err, &p.out, &p.errs)
	}
}

// SIGHUP ends a server neither while it opens nor while it stops.
func TestHangupWhileOpeningAndStopping(t *testing.T) {
	dir := t.TempDir()
	users := filepath.Join(dir, "users")
	if err := syscall.Mkfifo(users, 0o600); err != nil {
		t.Fatal(err)
	}
	p := command(t, t.Context(), "--store", "memory:", "serve", "--listen", "127.0.0.1:0", "--users", users, "--metrics", "127.0.0.1:0")
	p.start()
	// The server opens and waits for the users, which arrive late.
	late, err := os.OpenFile(users, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGHUP)
	if err := os.Remove(users); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(users, []byte("# nobody\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := late.Close(); err != nil {
		t.Fatal(err)
	}
	addr := p.out.waitFor(t, `serving memory: on (.*)`)
	p.errs.waitFor(t, `(msg=reloaded what=users)`)

	// The server stops and waits, for some time, for the rest of a message.
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.Write([]byte{0, 0, 0, 100, 0x80}); err != nil {
		t.Fatal(err)
	}
	p.signal(syscall.SIGTERM)
	p.errs.waitFor(t, `(msg=stopping)`)
	for range 10 {
		_ = p.cmd.Process.Signal(syscall.SIGHUP)
	}
	p.ends()
}

// If connections use all files that they may use, the store must still have enough.
func TestFilesAreKeptForTheStore(t *testing.T) {
	p := command(t, t.Context(), "--store", "embedded:store", "serve", "--listen", "127.0.0.1:0")
	self := p.cmd.Path
	p.cmd.Path, p.cmd.Args = "/bin/sh", []string{"sh", "-c", `ulimit -n 300; exec -a widerow "$0" "$@"`, self, "--store", "embedded:store", "serve", "--listen", "127.0.0.1:0"}
	if bash, err := exec.LookPath("bash"); err == nil { // some shells sh lack exec -a
		p.cmd.Path = bash
	} else {
		t.Skip("bash not found: the test needs its ulimit and exec -a")
	}
	p.start()
	addr := p.out.waitFor(t, `serving .* on (.*)`)
	p.errs.waitFor(t, `(level=WARN msg="the limit of open files lowers --max-connections" files=300 max-connections=97)`)
	var refused int
	for range 400 {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		if _, err := nc.Write([]byte{0, 0, 0, 100, 0x80}); err != nil {
			refused++
		}
	}
	p.errs.waitFor(t, `(msg="connections are refused: there are too many" limit=97 refused=256)`)
	copied := filepath.Join(t.TempDir(), "copy")
	if code, _, errs := run(t, t.Context(), "", "--store", "embedded:"+filepath.Join(p.cmd.Dir, "store"), "checkpoint", copied); code != 0 {
		t.Errorf("a full server makes no checkpoint: %s", errs)
	}
	p.signal(syscall.SIGTERM)
	p.ends()
	if text := p.errs.String(); strings.Contains(text, "too many open files") {
		t.Errorf("files ran out:\n%s", text)
	}
}
