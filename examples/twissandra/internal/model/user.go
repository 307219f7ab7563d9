package model

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow"
)

// User is a row of the family Users, as a struct. The row also has the column "password",
// which is in no struct so that it cannot end up on a page.
type User struct {
	Username string    `widerow:",key"`
	Name     string    `widerow:"name"`
	Town     string    `widerow:"town,omitempty"`
	Bio      string    `widerow:"bio,omitempty"`
	Joined   time.Time `widerow:"joined"`

	// What Search finds the user by.
	Folded  string `widerow:"folded"`          // the name in lower case
	Initial string `widerow:"initial"`         // its first letter, indexed
	Place   string `widerow:"place,omitempty"` // the town in lower case, indexed
}

var username = regexp.MustCompile(`^[a-z0-9_]{2,15}$`)

// ErrTaken says that a user has the name.
var ErrTaken = &Problem{"username", "This user name is taken."}

// SignUp adds a user. If the store can compare and set, two users cannot take one name at the
// same time. On other stores, Cassandra before 2.0 among them, the later of two such users
// wins, and the earlier one cannot log in.
func (m *Model) SignUp(ctx context.Context, u User, password string) error {
	hash, err := m.complete(&u, password)
	if err != nil {
		return err
	}
	users, claim := m.users.Family(), widerow.Values{{"password", hash}, {"name", u.Name}, {"joined", u.Joined}}
	free, _, err := users.CompareAndSet(ctx, u.Username, nil, claim)
	if errors.Is(err, widerow.ErrUnsupported) {
		_, err = users.Get(ctx, u.Username, widerow.Names("password"))
		if free = errors.Is(err, widerow.ErrNotFound); free {
			_, err = users.Insert(ctx, u.Username, claim)
		}
	}
	if err == nil && !free {
		err = ErrTaken
	}
	if err == nil {
		_, err = m.users.Insert(ctx, u)
	}
	return err
}

// complete checks what a user typed, fills in the rest of the row, and hashes the password.
func (m *Model) complete(u *User, password string) (hash string, err error) {
	if !username.MatchString(u.Username) {
		return "", &Problem{"username", "A user name has 2 to 15 of the characters a-z, 0-9 and _."}
	}
	for _, f := range []struct {
		name     string
		value    *string
		from, to int
	}{{"name", &u.Name, 1, 50}, {"town", &u.Town, 0, 50}, {"bio", &u.Bio, 0, 160}} {
		if *f.value, err = text(f.name, *f.value, f.from, f.to); err != nil {
			return "", err
		}
	}
	u.Joined, u.Folded, u.Place = m.now(), fold(u.Name), fold(u.Town)
	u.Initial = initial(u.Folded)
	return m.hash(password)
}

func (m *Model) hash(password string) (string, error) {
	if len(password) < 8 || len(password) > 72 { // bcrypt takes no more
		return "", &Problem{"password", "A password has 8 to 72 characters."}
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), m.cost)
	return string(hash), err
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func initial(s string) string { return string([]rune(s)[:1]) }

// User returns a user; widerow.ErrNotFound if there is none of that name.
func (m *Model) User(ctx context.Context, name string) (User, error) {
	return m.users.Get(ctx, name)
}

// ErrWrongPassword says that a user does not exist or has another password.
var ErrWrongPassword = &Problem{"password", "The user name or the password is wrong."}

// LogIn fails with ErrWrongPassword if the password is not the user's, and with ErrTooMany
// after too many calls for the user or from the address. It takes the same time whether the
// user exists or not.
func (m *Model) LogIn(ctx context.Context, address, name, password string) error {
	if err := m.Attempt(ctx, loginsFrom, address); err != nil {
		return err
	}
	if !username.MatchString(name) {
		return ErrWrongPassword
	}
	if err := m.Attempt(ctx, loginsAs, name); err != nil {
		return err
	}
	row, err := m.users.Family().Get(ctx, name, widerow.Names("password"))
	if err != nil && !errors.Is(err, widerow.ErrNotFound) {
		return err
	}
	hash, exists := row.Value("password").(string)
	if !exists {
		hash = m.decoy
	}
	if bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) != nil || !exists {
		return ErrWrongPassword
	}
	return nil
}
