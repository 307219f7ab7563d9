package model

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/widerow/widerow"
)

// SessionLife is how long a session lasts from the login on. It is the TTL of the session's
// columns: the store forgets them by itself.
const SessionLife = 7 * 24 * time.Hour

// StartSession starts a session of a user and returns its token, which is for the user's
// browser alone: the store has only the token's hash, so that no one who reads the store
// can take over a session.
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
