package model

import (
	"context"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
)

// The sides of a follow. If ann follows bob, ann's row of the family Follows has the column
// (following, bob), and bob's row the column (followers, ann).
const (
	following = "following"
	followers = "followers"
)

// all selects all columns of a side. An end of a slice that has only the first component means
// all names that begin with this component.
func all(side string) widerow.ReadOption {
	return widerow.Slice(coltype.Tuple{side}, coltype.Tuple{side})
}

// Follow makes a user a follower of an author. One atomic batch changes the rows of both. Follow then
// copies the newest 50 tweets of the author to the follower's home line. If the user already follows
// the author, Follow changes nothing. Two calls at the same time may count one follower twice, since
// a counter cannot be part of an atomic batch.
func (m *Model) Follow(ctx context.Context, follower, author string) error {
	if follower == author {
		return &Problem{"user", "You cannot follow yourself."}
	}
	if _, err := m.User(ctx, author); err != nil {
		return err
	}
	if already, err := m.Follows(ctx, follower, author); already || err != nil {
		return err
	}
	var b widerow.Batch
	b.Insert(m.follows, follower, widerow.Values{{coltype.Tuple{following, author}, m.now()}})
	b.Insert(m.follows, author, widerow.Values{{coltype.Tuple{followers, follower}, m.now()}})
	if err := b.Send(ctx, widerow.Atomic()); err != nil {
		return err
	}
	if err := m.countFollow(ctx, follower, author, 1); err != nil {
		return err
	}
	newest, err := m.userline.Slice(ctx, author, widerow.Reversed(), widerow.Limit(50))
	if err != nil {
		return err
	}
	for i := range newest {
		newest[i].Timestamp = 0 // the current time: an earlier Unfollow left tombstones, which hide older timestamps
	}
	_, err = m.home.Insert(ctx, follower, newest, widerow.TTL(homeLife))
	return err
}

// Unfollow undoes Follow. It also reads the follower's home line and removes the author's tweets from it.
// The value of each column of a home line is the author of the tweet.
func (m *Model) Unfollow(ctx context.Context, follower, author string) error {
	if follows, err := m.Follows(ctx, follower, author); !follows || err != nil {
		return err
	}
	var b widerow.Batch
	b.Remove(m.follows, follower, widerow.Names(coltype.Tuple{following, author}))
	b.Remove(m.follows, author, widerow.Names(coltype.Tuple{followers, follower}))
	if err := b.Send(ctx, widerow.Atomic()); err != nil {
		return err
	}
	if err := m.countFollow(ctx, follower, author, -1); err != nil {
		return err
	}
	var gone []uuid.UUID
	for tweet, err := range m.home.Columns(ctx, follower) {
		if err != nil {
			return err
		}
		if tweet.Value == author {
			gone = append(gone, tweet.Name)
		}
	}
	_, err := m.home.Remove(ctx, follower, m.home.Names(gone...))
	return err
}

// Follows reports whether a user follows an author.
func (m *Model) Follows(ctx context.Context, follower, author string) (bool, error) {
	n, err := m.follows.Count(ctx, follower, widerow.Names(coltype.Tuple{following, author}))
	return n > 0, err
}

// Circle returns a page of a user's following or followers, sorted by user name.
func (m *Model) Circle(ctx context.Context, user string, side, bookmark string) (Page[User], error) {
	page, err := m.follows.Page(ctx, user, bookmark, all(side), widerow.Limit(PageSize))
	for i, edge := range page.Columns {
		page.Columns[i].Name = edge.Name.(coltype.Tuple)[1]
	}
	return m.people(ctx, page, err)
}

// people reads the users of a page whose column names are user names.
func (m *Model) people(ctx context.Context, page widerow.Page, err error) (Page[User], error) {
	if err != nil {
		return Page[User]{}, err
	}
	names := make([]any, len(page.Columns))
	for i, column := range page.Columns {
		names[i] = column.Name
	}
	users, err := m.users.MultiGet(ctx, names)
	return Page[User]{users, page.Next, page.Prev}, err
}
