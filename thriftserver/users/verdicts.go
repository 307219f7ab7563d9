package users

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow/backend"
)

// maxWrong is how many wrong passwords are remembered.
const maxWrong = 1024

// verdicts remember which passwords were right and which wrong, for one state of a list, so that clients which
// open many connections, with a right password or an outdated one, do not cost a hash each. They keep no
// passwords but their HMACs under a key that never leaves the process.
type verdicts struct {
	cost int // the highest of the list's hashes
	key  [sha256.Size]byte

	mu    sync.Mutex
	right map[string][sha256.Size]byte // by name
	wrong map[[sha256.Size]byte]struct{}
}

func newVerdicts(users map[string]User) *verdicts {
	v := &verdicts{right: map[string][sha256.Size]byte{}, wrong: map[[sha256.Size]byte]struct{}{}}
	_, _ = rand.Read(v.key[:]) // which never fails
	for _, u := range users {
		if c, err := bcrypt.Cost(u.hash); err == nil {
			v.cost = max(v.cost, c)
		}
	}
	return v
}

// sum identifies a name with a password.
func (v *verdicts) sum(name, password string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, v.key[:])
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(name))))
	h.Write([]byte(name))
	h.Write([]byte(password))
	h.Sum(sum[:0])
	return sum
}

// isRight reports whether a password is known to be right.
func (v *verdicts) isRight(name string, sum [sha256.Size]byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	right, ok := v.right[name]
	return ok && hmac.Equal(right[:], sum[:])
}

// isWrong reports whether a password is known to be wrong.
func (v *verdicts) isWrong(sum [sha256.Size]byte) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, ok := v.wrong[sum]
	return ok
}

func (v *verdicts) note(name string, sum [sha256.Size]byte, right bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if right {
		v.right[name] = sum
		return
	}
	for old := range v.wrong {
		if len(v.wrong) < maxWrong {
			break
		}
		delete(v.wrong, old)
	}
	v.wrong[sum] = struct{}{}
}

// given returns the name and the password of credentials, without what follows the longest that a user can have
// and a byte more, so that an endless one costs no more than others.
func given(credentials map[string]string) (name, password string) {
	name, password = credentials["username"], credentials["password"]
	return name[:min(len(name), maxName+1)], password[:min(len(password), maxPassword+1)]
}

// state returns a user and what is known of passwords.
func (l *List) state(name string) (u User, exists bool, v *verdicts) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	u, exists = l.users[name]
	return u, exists, l.verdicts
}

// Recall implements [thriftserver.Recaller]: it knows the passwords that were right since the list last changed.
func (l *List) Recall(credentials map[string]string) (string, bool) {
	name, password := given(credentials)
	_, exists, v := l.state(name)
	if !exists || len(password) > maxPassword || !v.isRight(name, v.sum(name, password)) {
		return "", false
	}
	return name, true
}

// Authenticate implements [thriftserver.Authenticator]. The check of a wrong password, or of a user
// who does not exist, takes as long as a check of the slowest hash in the list.
func (l *List) Authenticate(_ context.Context, credentials map[string]string) (string, error) {
	name, password := given(credentials)
	u, exists, v := l.state(name)
	// A password longer than bcrypt's limit is wrong, whatever its first bytes are.
	short := []byte(password[:min(len(password), maxPassword)])
	long := len(password) > maxPassword
	sum := v.sum(name, password)
	switch {
	case exists && v.isRight(name, sum):
		return name, nil
	case v.isWrong(sum):
	case exists:
		if compare(u.hash, short) == nil && !long {
			v.note(name, sum, true)
			return name, nil
		}
		c, err := bcrypt.Cost(u.hash)
		if err != nil {
			return "", err
		}
		// The cost is a power of two, and this makes up for the rest.
		for ; c < v.cost; c++ {
			_ = compare(nobody(c), short)
		}
		v.note(name, sum, false)
	default:
		_ = compare(nobody(max(v.cost, bcrypt.MinCost)), short)
		v.note(name, sum, false)
	}
	return "", &backend.Error{Kind: backend.KindAuthentication, Why: "Username and/or password are incorrect"}
}

// compare compares a password with a hash. Tests count what it costs.
var compare = bcrypt.CompareHashAndPassword

// nobody returns a hash of a cost that no password is likely to have.
func nobody(cost int) []byte {
	return fmt.Appendf(nil, "$2a$%02d$aaaaaaaaaaaaaaaaaaaaaOaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", cost)
}
