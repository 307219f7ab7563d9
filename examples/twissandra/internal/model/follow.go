package model

import (
	"context"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
)

// Side is a direction of the family Follows. If ann follows bob, ann's row has the
// column (following, bob), and bob's row the column (followers, ann).
type Side string

// The two sides.
const (
	Following Side = "following"
	Followers Side = "followers"
)

// all selects the columns of a side: a slice whose ends have the first component only.
func (s Side) all() widerow.ReadOption {
	return widerow.Slice(coltype.Tuple{s}, coltype.Tuple{s})
}

// backfill is how many tweets of a user come to the home line of a new follower.
const backfill = 50

// Follow lets who follow whom: both rows change in one batch, or neither. Whoever follows
// already stays as they are. Two calls at the same time may count one follower twice, since
// a counter cannot be part of an atomic batch.
func (m *Model) Follow(ctx context.Context, who, whom string) error {
	if who == whom {
		return &Problem{"user", "You cannot follow yourself."}
	}
	if _, err := m.User(ctx, whom); err != nil {
		return err
	}
	if already, err := m.Follows(ctx, who, whom); already || err != nil {
		return err
	}
	var b widerow.Batch
	b.Insert(m.follows, who, widerow.Values{{coltype.Tuple{Following, whom}, m.now()}})
	b.Insert(m.follows, whom, widerow.Values{{coltype.Tuple{Followers, who}, m.now()}})
	if err := b.Send(ctx, widerow.Atomic()); err != nil {
		return err
	}
	if err := m.countFollow(ctx, who, whom, 1); err != nil {
		return err
	}
	newest, err := m.userline.Slice(ctx, whom, widerow.Reversed(), widerow.Limit(backfill))
	if err != nil {
		return err
	}
	for i := range newest {
		newest[i].Timestamp = 0 // a write of now
	}
	_, err = m.home.Insert(ctx, who, newest, widerow.TTL(homeLife))
	return err
}

// Unfollow undoes Follow, and removes the tweets of whom from the home line of who.
func (m *Model) Unfollow(ctx context.Context, who, whom string) error {
	if follows, err := m.Follows(ctx, who, whom); !follows || err != nil {
		return err
	}
	var b widerow.Batch
	b.Remove(m.follows, who, widerow.Names(coltype.Tuple{Following, whom}))
	b.Remove(m.follows, whom, widerow.Names(coltype.Tuple{Followers, who}))
	if err := b.Send(ctx, widerow.Atomic()); err != nil {
		return err
	}
	if err := m.countFollow(ctx, who, whom, -1); err != nil {
		return err
	}
	var gone []uuid.UUID
	for tweet, err := range m.home.Columns(ctx, who) {
		if err != nil {
			return err
		}
		if tweet.Value == whom {
			gone = append(gone, tweet.Name)
		}
	}
	_, err := m.home.Remove(ctx, who, m.home.Names(gone...))
	return err
}

// Follows reports whether who follows whom.
func (m *Model) Follows(ctx context.Context, who, whom string) (bool, error) {
	n, err := m.follows.Count(ctx, who, widerow.Names(coltype.Tuple{Following, whom}))
	return n > 0, err
}

// People is a page of users, with bookmarks for the pages around it.
type People struct {
	Users      []User
	Next, Prev string
}

// Circle returns a page of the users on a side of a user, sorted by user name.
func (m *Model) Circle(ctx context.Context, user string, side Side, bookmark string) (People, error) {
	page, err := m.follows.Page(ctx, user, bookmark, side.all(), widerow.Limit(PageSize))
	for i, edge := range page.Columns {
		page.Columns[i].Name = edge.Name.(coltype.Tuple)[1]
	}
	return m.people(ctx, page, err)
}

// people reads the users that the columns of a page are named after.
func (m *Model) people(ctx context.Context, page widerow.Page, err error) (People, error) {
	if err != nil {
		return People{}, err
	}
	names := make([]any, len(page.Columns))
	for i, column := range page.Columns {
		names[i] = column.Name
	}
	users, err := m.users.MultiGet(ctx, names)
	return People{users, page.Next, page.Prev}, err
}
