package users

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow/thriftserver"
)

const (
	// cost is that of new hashes: some 50 ms of a processor.
	cost = bcrypt.DefaultCost
	// maxCost bounds the time that a login can take: a second or so.
	maxCost = 14
	// maxPassword is the longest password, in bytes, that bcrypt takes whole.
	maxPassword = 72
	// maxName is the longest name of a user, in bytes.
	maxName = 255
)

// User is a user of a list.
type User struct {
	Name   string
	Rights []Right
	hash   []byte
}

// List is a list of users. It is safe for concurrent use. A nil or zero List must not be used.
type List struct {
	path string
	cost int // of new hashes; tests have a low one

	mu       sync.RWMutex
	gid      int // of the group that may read the file once it is saved, or -1
	users    map[string]User
	head     []string // the comments of the file
	verdicts *verdicts
}

var (
	_ thriftserver.Authenticator = (*List)(nil)
	_ thriftserver.Recaller      = (*List)(nil)
	_ thriftserver.Lister        = (*List)(nil)
	_ thriftserver.Authorizer    = (*List)(nil)
)

// Load reads the list in a file. If the file does not exist, the error matches fs.ErrNotExist.
func Load(path string) (*List, error) {
	l := New(path)
	return l, l.Reload()
}

// New returns an empty list that [List.Save] writes to a file.
func New(path string) *List {
	return &List{path: path, gid: -1, cost: cost, users: map[string]User{}, verdicts: newVerdicts(nil)}
}

// Update changes the list in a file and creates the file if it is missing. Updates of one file run one at a time, also those
// of several processes (on Unix), so that none is lost. If change returns an error, the file does not change.
func Update(ctx context.Context, path string, change func(*List) error) (err error) {
	unlock, err := lockDir(ctx, filepath.Dir(resolve(path)))
	if err != nil {
		return fmt.Errorf("users: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := Load(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := change(l); err != nil {
		return err
	}
	return l.Save()
}

// resolve returns the file that a path leads to, by links too.
func resolve(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

// SetGroup makes [List.Save] let a group read the file. The number -1 leaves the file's group as it is.
func (l *List) SetGroup(gid int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gid = gid
}

// Reload reads the file again. On an error the list stays as it was.
func (l *List) Reload() error {
	content, err := os.ReadFile(l.path)
	if err != nil {
		return fmt.Errorf("users: %w", err)
	}
	users, head, err := parse(content)
	if err != nil {
		return fmt.Errorf("users: %s: %w", l.path, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.users, l.head = users, head
	l.changed()
	return nil
}

// changed forgets what is known of passwords. The caller holds l.mu.
func (l *List) changed() { l.verdicts = newVerdicts(l.users) }

// parse never has a part of a line in an error: it might be a password.
func parse(content []byte) (users map[string]User, head []string, err error) {
	users = map[string]User{}
	lines := bufio.NewScanner(bytes.NewReader(content))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			head = append(head, line)
			continue
		}
		fields := strings.Split(line, ":")
		if len(fields) != 3 {
			return nil, nil, fmt.Errorf("line %d: want NAME:HASH:RIGHTS", n)
		}
		u := User{Name: fields[0], hash: []byte(fields[1])}
		if err := checkName(u.Name); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", n, err)
		}
		if c, err := bcrypt.Cost(u.hash); err != nil || c > maxCost {
			return nil, nil, fmt.Errorf("line %d: not a bcrypt hash of a cost up to %d", n, maxCost)
		}
		if u.Rights, err = ParseRights(fields[2]); err != nil {
			return nil, nil, fmt.Errorf("line %d: %w", n, err)
		}
		if _, ok := users[u.Name]; ok {
			return nil, nil, fmt.Errorf("line %d: user %q is there already", n, u.Name)
		}
		users[u.Name] = u
	}
	return users, head, lines.Err()
}

var badInName = regexp.MustCompile(`[:#\s\pC]`)

func checkName(name string) error {
	if name == "" || len(name) > maxName || badInName.MatchString(name) {
		return fmt.Errorf("a user's name must not be empty, longer than %d bytes, or have blanks, : or # in it", maxName)
	}
	return nil
}

// Save writes the list to its file. A new file can be read by its owner only. A file that exists keeps its mode, owner and
// group, unless [List.SetGroup] gave another group, and is not changed if it cannot keep them. A reader sees the old file or the new one.
func (l *List) Save() error {
	l.mu.RLock()
	var b bytes.Buffer
	for _, line := range l.head {
		b.WriteString(line + "\n")
	}
	for _, name := range slices.Sorted(maps.Keys(l.users)) {
		u := l.users[name]
		fmt.Fprintf(&b, "%s:%s:%s\n", u.Name, u.hash, FormatRights(u.Rights))
	}
	gid := l.gid
	l.mu.RUnlock()
	if err := l.replace(b.Bytes(), gid); err != nil {
		return fmt.Errorf("users: %w", err)
	}
	return nil
}

// replace puts another content in the place of the file's, for the group to read if gid is not -1.
func (l *List) replace(content []byte, gid int) error {
	path := resolve(l.path) // a link stays one
	old, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".users-*") // with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // it is in nobody's way
		}
	}()
	_, err = f.Write(content)
	mode := fs.FileMode(0o600)
	if err == nil && old != nil {
		mode, err = old.Mode().Perm(), keepOwner(f, old)
	}
	if err == nil && gid >= 0 {
		mode, err = 0o640, f.Chown(-1, gid)
	}
	if err == nil { // after the group is set, since the mode may let the group read
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Set adds a user, or changes the password and the rights of one.
func (l *List) Set(name, password string, rights []Right) error {
	if err := checkName(name); err != nil {
		return err
	}
	if password == "" || len(password) > maxPassword {
		return fmt.Errorf("a password has 1 to %d bytes", maxPassword)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), l.cost)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.users[name] = User{Name: name, Rights: slices.Clone(rights), hash: hash}
	l.changed()
	return nil
}

// Remove removes a user and reports whether there was one.
func (l *List) Remove(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.users[name]
	delete(l.users, name)
	l.changed()
	return ok
}

// Users returns the users, sorted by name.
func (l *List) Users() []User {
	l.mu.RLock()
	defer l.mu.RUnlock()
	list := make([]User, 0, len(l.users))
	for _, name := range slices.Sorted(maps.Keys(l.users)) {
		u := l.users[name]
		list = append(list, User{Name: u.Name, Rights: slices.Clone(u.Rights)})
	}
	return list
}

// HasUser implements [thriftserver.Lister].
func (l *List) HasUser(name string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ok := l.users[name]
	return ok
}

// Authorize implements [thriftserver.Authorizer]. A user who has been removed may
// do nothing any more.
func (l *List) Authorize(user string, p thriftserver.Permission, keyspace, family string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	rights := l.users[user].Rights
	for i := range rights {
		if rights[i].allows(p, keyspace, family) {
			return true
		}
	}
	return false
}
