package users

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/thriftserver"
)

func rights(t testing.TB, s string) []Right {
	t.Helper()
	r, err := ParseRights(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func set(t testing.TB, l *List, name, password, may string) {
	t.Helper()
	l.cost = bcrypt.MinCost
	if err := l.Set(name, password, rights(t, may)); err != nil {
		t.Fatal(err)
	}
}

func login(t testing.TB, l *List, name, password string) bool {
	t.Helper()
	user, err := l.Authenticate(t.Context(), map[string]string{"username": name, "password": password})
	switch {
	case err == nil:
		if user != name {
			t.Errorf("user %q, want %q", user, name)
		}
	case !errors.Is(err, backend.ErrAuthentication):
		t.Errorf("error %v, want one of authentication", err)
	case strings.Contains(err.Error(), password) && password != "":
		t.Errorf("the error contains the password: %v", err)
	}
	return err == nil
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	if _, err := Load(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want fs.ErrNotExist", err)
	}
	if err := os.WriteFile(path, []byte("# who may\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	set(t, l, "bob", "secret", "app=r,app.Users=rw")
	set(t, l, "alice", "wonder", "*=rw")
	set(t, l, "eve", "apple", "")
	if err := l.Save(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(content), "# who may\nalice:$2a$") {
		t.Errorf("the file is\n%s", content)
	}
	for _, password := range []string{"secret", "wonder", "apple"} {
		if strings.Contains(string(content), password) {
			t.Errorf("the file has the password %q", password)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode %v, %v, want that others cannot read it", info.Mode(), err)
	}

	again, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l.Users(), again.Users(), cmpopts.IgnoreUnexported(User{})); diff != "" {
		t.Errorf("after reading it again (-want +got):\n%s", diff)
	}
	for _, who := range []struct {
		name, password string
		want           bool
	}{
		{"bob", "secret", true}, {"bob", "secre", false}, {"bob", "", false}, {"eve", "apple", true}, {"mallory", "secret", false},
	} {
		if got := login(t, again, who.name, who.password); got != who.want {
			t.Errorf("login of %s with %q: %t", who.name, who.password, got)
		}
	}
	if !again.Remove("bob") || again.Remove("bob") {
		t.Error("Remove does not report whether the user existed")
	}
	if login(t, again, "bob", "secret") {
		t.Error("a user who was removed can log in")
	}
	if err := again.Reload(); err != nil || !login(t, again, "bob", "secret") {
		t.Errorf("after Reload, %v, bob is not back", err)
	}
}

// Saving keeps the mode of the file. If the path is a symbolic link, it stays one.
func TestSaveKeepsTheMode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := t.TempDir()
	path, link := filepath.Join(dir, "users"), filepath.Join(dir, "link")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("users", link); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o600} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		l, err := Load(link)
		if err != nil {
			t.Fatal(err)
		}
		set(t, l, mode.String(), "secret", "*=r")
		if err := l.Save(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != mode {
			t.Errorf("mode %v, %v, want %v", info.Mode(), err, mode)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("the link has mode %v, %v", info.Mode(), err)
		}
	}
	if l, err := Load(path); err != nil || len(l.Users()) != 3 {
		t.Errorf("%v, and users are lost", err)
	}
}

func TestPasswords(t *testing.T) {
	l := New("unused")
	long := strings.Repeat("x", maxPassword)
	set(t, l, "u", long, "")
	if !login(t, l, "u", long) || login(t, l, "u", long+"x") || login(t, l, "u", long[1:]) {
		t.Error("passwords that differ near the limit count as equal")
	}
	for name, password := range map[string]string{"empty": "", "too long": long + "x"} {
		if err := l.Set("v", password, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, name := range []string{"", "a:b", "a b", "a\n", "#a", "\x01", strings.Repeat("n", 256)} {
		if err := l.Set(name, "p", nil); err == nil {
			t.Errorf("name %q: no error", name)
		}
	}
}

func TestBadFiles(t *testing.T) {
	const hash = "$2a$04$aaaaaaaaaaaaaaaaaaaaaOaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	path := filepath.Join(t.TempDir(), "users")
	write := func(content string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a:" + hash + ":*=r\n")
	l, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ content, want string }{
		{"a:secret", "line 1: want NAME:HASH:RIGHTS"},
		{"\n#\na:secret:*=r", "line 3: not a bcrypt hash"},
		{"a:" + strings.Replace(hash, "$04$", "$31$", 1) + ":", "line 1: not a bcrypt hash of a cost"},
		{"a:" + hash + ":app", `line 1: right "app" is not such as`},
		{"a:" + hash + ":app=x", `neither r, w nor rw`},
		{"a:" + hash + ":\na:" + hash + ":", `line 2: user "a" is there already`},
		{":" + hash + ":", "line 1: a user's name"},
	} {
		write(tt.content)
		err := l.Reload()
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want %q", tt.content, err, tt.want)
		}
		if len(l.Users()) != 1 {
			t.Errorf("%q: an invalid file changed the list", tt.content)
		}
	}
}

func TestAuthorize(t *testing.T) {
	l := New("unused")
	l.users["u"] = User{Name: "u", Rights: rights(t, "app=r,app.Users=w,other=rw,other.Log=r")}
	l.users["admin"] = User{Name: "admin", Rights: rights(t, "*=rw")}
	l.users["reader"] = User{Name: "reader", Rights: rights(t, "*=r")}
	for _, tt := range []struct {
		user             string
		p                thriftserver.Permission
		keyspace, family string
		want             bool
	}{
		{"u", thriftserver.Select, "app", "Users", true},
		{"u", thriftserver.Select, "app", "Log", true},
		{"u", thriftserver.Modify, "app", "Users", true},
		{"u", thriftserver.Modify, "app", "Log", false},
		{"u", thriftserver.Create, "app", "", false},
		{"u", thriftserver.Alter, "app", "Users", true},
		{"u", thriftserver.Create, "other", "", true},
		{"u", thriftserver.Drop, "other", "", true},
		{"u", thriftserver.Select, "third", "F", false},
		{"u", thriftserver.Create, "", "", false},
		{"admin", thriftserver.Create, "", "", true},
		{"admin", thriftserver.Modify, "any", "F", true},
		{"reader", thriftserver.Select, "any", "F", true},
		{"reader", thriftserver.Modify, "any", "F", false},
		{"nobody", thriftserver.Select, "app", "Users", false},
		{"", thriftserver.Select, "app", "Users", false},
	} {
		if got := l.Authorize(tt.user, tt.p, tt.keyspace, tt.family); got != tt.want {
			t.Errorf("%s may %s %s.%s: %t, want %t", tt.user, tt.p, tt.keyspace, tt.family, got, tt.want)
		}
	}
}

func TestRightsRoundTrip(t *testing.T) {
	const all = "*=r,app=rw,app.Users=w"
	if got := FormatRights(rights(t, all)); got != all {
		t.Errorf("%s became %s", all, got)
	}
	for _, s := range []string{"=r", "a.=r", ".b=r", "a.b.c=r", "a", "a=", "a=wr", "**=r", "a b=r"} {
		if r, err := ParseRight(s); err == nil {
			t.Errorf("%q is %v, want an error", s, r)
		}
	}
}

// Concurrent changes are all kept. A change that fails changes nothing.
func TestUpdate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte("# who may\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	link := path + ".link"
	if err := os.Symlink(path, link); err != nil {
		t.Skip("SKIPPED: ", err)
	}
	names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	errs := make(chan error)
	for i, name := range names {
		go func() {
			at := path
			if i%2 == 0 {
				at = link
			}
			errs <- Update(t.Context(), at, func(l *List) error {
				l.cost = bcrypt.MinCost
				return l.Set(name, "secret", nil)
			})
		}()
	}
	for range names {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	refused := errors.New("refused")
	if err := Update(t.Context(), path, func(l *List) error { l.Remove("a"); return refused }); !errors.Is(err, refused) {
		t.Errorf("error %v, want that of the change", err)
	}
	l, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range l.Users() {
		got = append(got, u.Name)
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Error(diff)
	}
}

// A change that waits for another one gives up when its context ends.
func TestUpdateGivesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	ctx, cancel := context.WithCancel(t.Context())
	err := Update(ctx, path, func(*List) error {
		cancel()
		return Update(ctx, path, func(*List) error { return nil })
	})
	if runtime.GOOS != "windows" && !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}
