package model

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow"
)

// User is a row of the family Users, as a struct. The row also has the column "password".
// No struct has a field for it, so that a password cannot end up on a page.
type User struct {
	Username string    `widerow:",key"`
	Name     string    `widerow:"name"`
	Town     string    `widerow:"town,omitempty"`
	Bio      string    `widerow:"bio,omitempty"`
	Joined   time.Time `widerow:"joined"`

	// Search finds the user by these fields.
	Folded  string `widerow:"folded"`          // the name in lower case
	Initial string `widerow:"initial"`         // its first letter, indexed
	Place   string `widerow:"place,omitempty"` // the town in lower case, indexed
}

var username = regexp.MustCompile(`^[a-z0-9_]{2,15}$`)

// SignUp adds a user. Two users cannot take one name at the same time, except on Cassandra before
// 2.0, which cannot compare and set: there the later user wins, and the earlier user cannot log in.
// If the program ends between the two writes, the user can log in, but search does not find the user.
func (m *Model) SignUp(ctx context.Context, u User, password string) error {
	hash, err := m.complete(&u, password)
	if err != nil {
		return err
	}
	users, claim := m.users.Family(), widerow.Values{{"password", hash}, {"name", u.Name}, {"joined", u.Joined}}
	free, _, err := users.CompareAndSet(ctx, u.Username, nil, claim)
	if errors.Is(err, widerow.ErrUnsupported) { // over CQL, which can expect a missing column but no empty row
		free, _, err = users.CompareAndSet(ctx, u.Username, widerow.Values{{"password", nil}}, claim)
	}
	if errors.Is(err, widerow.ErrUnsupported) {
		_, err = users.Get(ctx, u.Username, widerow.Names("password"))
		if free = errors.Is(err, widerow.ErrNotFound); free {
			_, err = users.Insert(ctx, u.Username, claim)
		}
	}
	if err == nil && !free {
		err = &Problem{"username", "This user name is taken."}
	}
	if err == nil {
		_, err = m.users.Insert(ctx, u)
	}
	return err
}

// complete checks the fields that a user typed, sets the other columns of the row, and hashes the password.
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
	if len(password) < 8 || len(password) > 72 { // bcrypt's limit is 72 bytes
		return "", &Problem{"password", "A password has 8 to 72 characters."}
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), m.cost)
	return string(hash), err
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

func initial(s string) string { return string([]rune(s)[:1]) }

// User returns a user. If no user has that name, it returns widerow.ErrNotFound.
func (m *Model) User(ctx context.Context, name string) (User, error) {
	return m.users.Get(ctx, name)
}

// Problem is an error in a user's input.
type Problem struct {
	Field string // the name of the form's field
	Why   string // a sentence for the user
}

// Error returns Why.
func (p *Problem) Error() string { return p.Why }

// text returns s without the space around it. If s has too few or too many characters, it returns a Problem.
func text(field, s string, from, to int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	switch n := utf8.RuneCountInString(s); {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }):
		return "", &Problem{field, "Control characters are not allowed."}
	case n > to:
		return "", &Problem{field, fmt.Sprintf("This has %d characters; %d are allowed.", n, to)}
	case n < from:
		return "", &Problem{field, "Please write something."}
	}
	return s, nil
}
