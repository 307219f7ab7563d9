package model

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/timeuuid"
)

// SessionLife is the TTL of a session's columns. The store removes expired columns by itself.
const SessionLife = 7 * 24 * time.Hour

// StartSession starts a session of a user and returns its token. Only the user's browser may know the
// token. The store has only its hash, so that nobody who reads the store can take over a session.
func (m *Model) StartSession(ctx context.Context, user string) (token string, err error) {
	token = rand.Text()
	_, err = m.sessions.Insert(ctx, sessionKey(token), widerow.Values{{"user", user}}, widerow.TTL(SessionLife))
	return token, err
}

// Session returns the user of a session, or "" if there is no such session.
func (m *Model) Session(ctx context.Context, token string) (user string, err error) {
	row, err := m.sessions.Get(ctx, sessionKey(token), widerow.Names("user"))
	if errors.Is(err, widerow.ErrNotFound) {
		return "", nil
	}
	user, _ = row.Value("user").(string)
	return user, err
}

// EndSession ends a session.
func (m *Model) EndSession(ctx context.Context, token string) error {
	_, err := m.sessions.Remove(ctx, sessionKey(token))
	return err
}

func sessionKey(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// ErrWrongPassword reports that a user does not exist or has another password.
var ErrWrongPassword = &Problem{"password", "The user name or the password is wrong."}

// LogIn checks a password. It returns ErrWrongPassword if the password is not the user's, and ErrTooMany after
// too many calls for the user or from the address. It takes the same time whether the user exists or not.
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

// Limit is the number of times that an action is allowed in a span of whole seconds.
type Limit struct {
	Action string
	Times  int
	Per    time.Duration
}

// The limits of the application. They hold for all processes on one store.
var (
	loginsFrom  = Limit{"login from", 30, 10 * time.Minute} // of an address
	loginsAs    = Limit{"login as", 10, 10 * time.Minute}   // of a user
	SignUpsFrom = Limit{"sign up from", 20, time.Hour}      // of an address
	TweetsBy    = Limit{"tweet by", 30, time.Minute}        // of a user
	ClicksBy    = Limit{"click by", 120, time.Minute}       // of a user: likes, follows, logouts
)

// ErrTooMany reports that a limit is reached.
var ErrTooMany = errors.New("too many attempts")

// Attempt counts an attempt of who, a user or an address. If the limit is reached, it returns
// ErrTooMany. An attempt is a column that expires after l.Per, so the number of columns is the number
// of recent attempts. Attempts at the same instant may exceed the limit by a few.
func (m *Model) Attempt(ctx context.Context, l Limit, who string) error {
	key := l.Action + " " + who
	n, err := m.attempts.Count(ctx, key, widerow.Limit(l.Times))
	if err == nil && n >= l.Times {
		err = ErrTooMany
	}
	if err != nil {
		return err
	}
	id, err := timeuuid.Random(m.now())
	if err != nil {
		return err
	}
	_, err = m.attempts.Insert(ctx, key, widerow.Values{{id, []byte{}}}, widerow.TTL(l.Per))
	return err
}
