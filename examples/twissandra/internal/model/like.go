package model

import (
	"context"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
)

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
func (m *Model) LikedBy(ctx context.Context, id uuid.UUID, bookmark string) (People, error) {
	page, err := m.likedBy.Page(ctx, id, bookmark, widerow.Limit(PageSize))
	return m.people(ctx, page, err)
}
