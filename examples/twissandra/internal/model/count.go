package model

import (
	"context"
	"errors"

	"github.com/widerow/widerow"
)

// Counts are the counters of a user. A counter is one number to read however many followers
// there are. Its price: an increment cannot be part of an atomic batch, and one whose
// outcome is unknown cannot be repeated, so a counter may be off by one after a failure.
type Counts struct{ Tweets, Following, Followers int64 }

// Counts returns the counters of a user.
func (m *Model) Counts(ctx context.Context, user string) (c Counts, err error) {
	row, err := m.counts.Get(ctx, user)
	if errors.Is(err, widerow.ErrNotFound) {
		return c, nil // nothing was counted yet
	}
	c.Tweets, _ = row.Value("tweets").(int64)
	c.Following, _ = row.Value("following").(int64)
	c.Followers, _ = row.Value("followers").(int64)
	return c, err
}

func (m *Model) countFollow(ctx context.Context, who, whom string, delta int64) error {
	var b widerow.Batch
	b.Add(m.counts, who, "following", delta).Add(m.counts, whom, "followers", delta)
	return b.Send(ctx)
}
