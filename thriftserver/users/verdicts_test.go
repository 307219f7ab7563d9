package users

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
)

// counted counts the cost of password comparisons until the test ends.
func counted(t *testing.T) (spent func() int) {
	n := 0
	compare = func(hash, password []byte) error {
		c, err := bcrypt.Cost(hash)
		if err != nil {
			t.Error(err)
		}
		n += 1 << c
		return bcrypt.CompareHashAndPassword(hash, password)
	}
	t.Cleanup(func() { compare = bcrypt.CompareHashAndPassword })
	return func() int {
		defer func() { n = 0 }()
		return n
	}
}

// A failed login costs the same whether or not the user exists, and whatever the cost of the user's
// hash.
func TestFailuresCostTheSame(t *testing.T) {
	spent := counted(t)
	for _, costs := range [][]int{{4}, {5}, {4, 6}, {7, 5, 4}} {
		l := New("unused")
		for i, c := range costs {
			l.cost = c
			if err := l.Set(string(rune('a'+i)), "right", nil); err != nil {
				t.Fatal(err)
			}
		}
		want := 0
		for _, c := range costs {
			want = max(want, 1<<c)
		}
		for _, name := range slices.Compact([]string{"a", string(rune('a' + len(costs) - 1)), "nobody", "", strings.Repeat("n", 1000)}) {
			for _, password := range []string{"wrong", "", strings.Repeat("w", 100)} {
				if login(t, l, name, password) {
					t.Fatalf("%s logs in with %q", name, password)
				}
				if n := spent(); n != want {
					t.Errorf("costs %v: a failure of %q costs %d, want %d", costs, name, n, want)
				}
			}
		}
	}
}

// A password is hashed once until the list changes.
func TestVerdicts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users")
	l := New(path)
	set(t, l, "ann", "right", "*=r")
	if err := l.Save(); err != nil {
		t.Fatal(err)
	}
	spent := counted(t)
	recalled := func(name, password string) bool {
		user, ok := l.Recall(map[string]string{"username": name, "password": password})
		return ok && user == name
	}
	if recalled("ann", "right") {
		t.Error("a login is recalled that never was")
	}
	check := func(name, password string, ok, free bool) {
		t.Helper()
		if got := login(t, l, name, password); got != ok {
			t.Errorf("login of %s with %q: %t", name, password, got)
		}
		if n := spent(); n == 0 != free {
			t.Errorf("login of %s with %q costs %d", name, password, n)
		}
	}
	check("ann", "right", true, false)
	check("ann", "right", true, true)
	check("ann", "wrong", false, false)
	check("ann", "wrong", false, true)
	check("eve", "right", false, false)
	check("eve", "right", false, true)
	if !recalled("ann", "right") || recalled("ann", "wrong") || recalled("eve", "right") || recalled("annr", "ight") {
		t.Error("Recall takes the wrong ones")
	}

	// Each change of the list clears the cache.
	set(t, l, "ann", "other", "")
	if recalled("ann", "right") {
		t.Error("an old password is recalled")
	}
	check("ann", "right", false, false)
	check("ann", "other", true, false)
	l.Remove("ann")
	if recalled("ann", "other") || l.HasUser("ann") {
		t.Error("a removed user is recalled")
	}
	if err := l.Reload(); err != nil || !l.HasUser("ann") || recalled("ann", "other") {
		t.Errorf("after Reload, %v", err)
	}
	check("ann", "right", true, false)
	check("ann", "wrong", false, false)
	if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := l.Reload(); err == nil || !recalled("ann", "right") {
		t.Errorf("an invalid file makes a change: %v", err)
	}

	// Wrong passwords do not fill the memory.
	for i := range 3 * maxWrong {
		l.verdicts.note("ann", l.verdicts.sum("ann", strings.Repeat("x", i)), false)
	}
	if n := len(l.verdicts.wrong); n > maxWrong {
		t.Errorf("%d wrong passwords are remembered, want at most %d", n, maxWrong)
	}
	if !recalled("ann", "right") {
		t.Error("guesses push out a login")
	}
}
