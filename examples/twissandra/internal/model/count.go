package model

import (
	"context"
	"errors"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
)

// Post is a tweet as a viewer sees it.
type Post struct {
	Tweet
	Likes int  // at most maxLikes
	Liked bool // whether the viewer likes it
}

// maxLikes is up to where likes are counted: column by column, which is exact and needs no
// counter, but takes the longer the more there are.
const maxLikes = 1000

// Posts returns tweets as viewer sees them, without those that do not exist. However many
// there are, this is three calls.
func (m *Model) Posts(ctx context.Context, viewer string, ids ...uuid.UUID) ([]Post, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	tweets, err := m.tweets.MultiGet(ctx, widerow.Anys(ids))
	if err != nil {
		return nil, err
	}
	likes, err := m.likedBy.MultiCount(ctx, widerow.Anys(ids), widerow.Limit(maxLikes))
	if err != nil {
		return nil, err
	}
	likesOf, liked := map[uuid.UUID]int{}, map[uuid.UUID]bool{}
	for i, id := range ids {
		likesOf[id] = likes[i]
	}
	if viewer != "" {
		cells, err := m.likes.Slice(ctx, viewer, m.likes.Names(ids...))
		if err != nil {
			return nil, err
		}
		for _, c := range cells {
			liked[c.Name] = true
		}
	}
	posts := make([]Post, len(tweets))
	for i, t := range tweets {
		posts[i] = Post{t, likesOf[t.ID], liked[t.ID]}
	}
	return posts, nil
}

// Like notes that a user likes a tweet. To do it twice is to do it once: a column has a
// name, and to write it again is to replace it.
func (m *Model) Like(ctx context.Context, user string, t Tweet) error {
	var b widerow.Batch
	b.Insert(m.likedBy, t.ID, widerow.Values{{user, m.now()}})
	m.likes.QueueInsert(&b, user, []widerow.Cell[uuid.UUID, string]{{Name: t.ID, Value: t.Author}})
	return b.Send(ctx, widerow.Atomic())
}

// Unlike undoes Like.
func (m *Model) Unlike(ctx context.Context, user string, t Tweet) error {
	var b widerow.Batch
	b.Remove(m.likedBy, t.ID, widerow.Names(user)).Remove(m.likes.Family(), user, widerow.Names(t.ID))
	return b.Send(ctx, widerow.Atomic())
}

// LikedBy returns a page of the users who like a tweet, sorted by user name.
func (m *Model) LikedBy(ctx context.Context, id uuid.UUID, bookmark string) (Page[User], error) {
	page, err := m.likedBy.Page(ctx, id, bookmark, widerow.Limit(PageSize))
	return m.people(ctx, page, err)
}

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
