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

// maxLikes is the number up to which likes are counted. Counting the columns is exact and needs no
// counter, but its time grows with their number.
const maxLikes = 1000

// Posts returns tweets as viewer sees them. It leaves out tweets that do not exist. Posts makes three
// calls to the store, whatever the number of tweets.
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

// Like records that a user likes a tweet. A second like does not count twice: the column's name is the
// user's name, so the second call replaces the column.
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

// Counts are the counters of a user. To read a counter is to read one number, however many followers there
// are. But an increment cannot be part of an atomic batch, and an increment whose outcome is unknown must
// not be retried. So a counter may be off by one after a failure.
type Counts struct{ Tweets, Following, Followers int64 }

// Counts returns the counters of a user.
func (m *Model) Counts(ctx context.Context, user string) (c Counts, err error) {
	row, err := m.counts.Get(ctx, user)
	if errors.Is(err, widerow.ErrNotFound) {
		return c, nil // no counter was incremented yet
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
