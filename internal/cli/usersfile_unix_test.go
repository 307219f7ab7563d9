//go:build unix

package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// serverID is the user and the group of the server in the image.
const serverID = 65532

// openDir returns a directory that every user can see, with the program in it.
func openDir(t *testing.T) (dir, program string) {
	t.Helper()
	dir = t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "widerow")
	if err := os.WriteFile(program, content, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir, program
}

// The two documented ways to manage the users: for the unit, root manages the file and the server runs as another user;
// for the image, the server's user manages the file in its volume. After a change SIGHUP is enough.
func TestUsersFileAsDocumented(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: a test of the ways in which root and the server's user share files, which needs root")
	}
	for _, tt := range []struct {
		name  string
		as    uint32 // user who manages the file
		group string
		mode  fs.FileMode
	}{
		{"unit", 0, fmt.Sprint(serverID), 0o640},
		{"image", serverID, "", 0o600},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, program := openDir(t)
			home := filepath.Join(dir, "home") // the file's directory
			if err := os.Mkdir(home, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chown(home, int(tt.as), int(tt.as)); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(home, "users")
			as := func(id uint32, args ...string) *process {
				p := command(t, t.Context(), args...)
				p.cmd.Path, p.cmd.Dir = program, dir
				p.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
				return p
			}
			add := func(name string, args ...string) {
				t.Helper()
				p := as(tt.as, append([]string{"users", "--file", file}, append(args, "add", name, "*=rw")...)...)
				p.cmd.Stdin = strings.NewReader(name + "-password\n")
				p.start()
				p.ends()
				info, err := os.Stat(file)
				if err != nil {
					t.Fatal(err)
				}
				owner := info.Sys().(*syscall.Stat_t)
				if info.Mode().Perm() != tt.mode || owner.Uid != tt.as || owner.Gid != serverID {
					t.Errorf("after adding %s the file has mode %v, owner %d, group %d", name, info.Mode(), owner.Uid, owner.Gid)
				}
			}
			if tt.group != "" {
				add("admin", "--group", tt.group)
			} else {
				add("admin")
			}
			server := as(serverID, "--store", "memory:", "serve", "--listen", "127.0.0.1:0", "--users", file)
			server.start()
			addr := server.out.waitFor(t, `serving memory: on (.*)`)
			may := func(name string) bool {
				code, _, _ := run(t, t.Context(), "", "--store", fmt.Sprintf("thrift://%s:%s-password@%s?dial_timeout=1m&timeout=1m", name, name, addr), "describe")
				return code == exitDone
			}
			if !may("admin") || may("app") {
				t.Error("the users differ from the file")
			}
			add("app")
			server.signal(syscall.SIGHUP)
			server.errs.waitFor(t, `(msg=reloaded what=users)`)
			if !may("admin") || !may("app") {
				t.Error("after SIGHUP the users differ from the file")
			}
			server.signal(syscall.SIGTERM)
			server.ends()
		})
	}
}
