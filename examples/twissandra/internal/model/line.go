package model

import (
	"context"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
)

// PageSize is the number of tweets, or users, of a page.
const PageSize = 20

// Line is a row of tweets in the order of time. The name of a column is a tweet's identifier, and its
// value the author. The tweet itself is stored once, in the family Tweets, however many lines it is in.
type Line struct {
	m    *Model
	view *widerow.View[string, uuid.UUID, string]
	key  string
}

// Home is the line of a user's own tweets and of the tweets of everyone whom the user follows.
func (m *Model) Home(user string) Line { return Line{m, m.home, user} }

// Userline is the line of a user's own tweets.
func (m *Model) Userline(user string) Line { return Line{m, m.userline, user} }

// Public is the line of everyone's tweets.
func (m *Model) Public() Line { return Line{m, m.public, everyone} }

// Liked is the line of the tweets that a user likes, in the order of the tweets' times.
func (m *Model) Liked(user string) Line { return Line{m, m.likes, user} }

// Page is a page of posts or users, with bookmarks for the pages around it.
type Page[T any] struct {
	Items      []T
	Next, Prev string
}

// Page returns a page of the line, newest first, as viewer sees it. An empty bookmark means
// the first page. If a bookmark was tampered with, Page returns widerow.ErrInvalidRequest.
func (l Line) Page(ctx context.Context, viewer, bookmark string) (Page[Post], error) {
	page, err := l.view.Family().Page(ctx, l.key, bookmark, widerow.Reversed(), widerow.Limit(PageSize))
	if err != nil {
		return Page[Post]{}, err
	}
	ids := make([]uuid.UUID, len(page.Columns))
	for i, tweet := range page.Columns {
		ids[i] = tweet.Name.(uuid.UUID)
	}
	posts, err := l.m.Posts(ctx, viewer, ids...)
	return Page[Post]{posts, page.Next, page.Prev}, err
}

// Newer returns the newest tweets of the line after the tweet since. It also reports whether there
// are more such tweets. Before refers to the order of reading: reversed, newer columns are before.
func (l Line) Newer(ctx context.Context, viewer string, since uuid.UUID) (newer []Post, more bool, err error) {
	tweets, err := l.view.Slice(ctx, l.key, widerow.Reversed(), l.view.Before(since), widerow.Limit(PageSize+1))
	if err != nil {
		return nil, false, err
	}
	more = len(tweets) > PageSize
	ids := make([]uuid.UUID, min(len(tweets), PageSize))
	for i := range ids {
		ids[i] = tweets[i].Name
	}
	newer, err = l.m.Posts(ctx, viewer, ids...)
	return newer, more, err
}
