package model

import (
	"context"
	"errors"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/timeuuid"
)

// Limit is how many times something may be done in a span of whole seconds.
type Limit struct {
	Action string
	Times  int
	Per    time.Duration
}

// The limits of the application. They hold for all processes on one store.
var (
	loginsFrom  = Limit{"login from", 30, 10 * time.Minute} // an address
	loginsAs    = Limit{"login as", 10, 10 * time.Minute}   // a user
	SignUpsFrom = Limit{"sign up from", 20, time.Hour}      // an address
	TweetsBy    = Limit{"tweet by", 30, time.Minute}        // a user
	ClicksBy    = Limit{"click by", 120, time.Minute}       // a user: likes, follows, profiles
)

// ErrTooMany says that a limit is reached.
var ErrTooMany = errors.New("too many attempts")

// Attempt counts an attempt of who, or fails with ErrTooMany. An attempt is a column that
// expires after the limit's span, so to count the columns is to count the attempts of late.
// Attempts at the same instant may exceed the limit by a few.
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
