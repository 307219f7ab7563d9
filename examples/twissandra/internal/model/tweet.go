package model

import (
	"context"
	"time"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/timeuuid"
)

// Tweet is a row of the family Tweets, as a struct. The row also stores the author's name, so
// that no page of tweets needs to read users.
type Tweet struct {
	ID     uuid.UUID `widerow:",key"` // a time UUID
	Author string    `widerow:"author"`
	Name   string    `widerow:"name"`
	Text   string    `widerow:"text"`
}

// At returns the time at which the tweet was written. The tweet's identifier contains it.
func (t Tweet) At() time.Time {
	at, _ := timeuuid.Time(t.ID)
	return at
}

// NewTweet returns a tweet that is written now. Publish stores it.
func (m *Model) NewTweet(ctx context.Context, author, words string) (Tweet, error) {
	words, err := text("text", words, 1, 280)
	if err != nil {
		return Tweet{}, err
	}
	user, err := m.User(ctx, author)
	if err != nil {
		return Tweet{}, err
	}
	id, err := timeuuid.Random(m.now())
	return Tweet{ID: id, Author: author, Name: user.Name, Text: words}, err
}

const (
	// everyone is the only row of the family Public. A large cluster would have a row for each hour.
	everyone = "everyone"

	// The columns of lines expire, so that rows stay bounded. The tweets themselves stay.
	publicLife = 7 * 24 * time.Hour
	homeLife   = 90 * 24 * time.Hour

	// fanOut is the number of followers in a batch. Cassandra keeps an atomic batch in a log until the batch
	// is applied. It warns of batches of more than 5 KB, which is about this many columns.
	fanOut = 100
)

// Publish stores a tweet and writes its identifier to the lines of all users who will read it ("fan-out on
// write"). So a write is slow for an author with many followers, but a home page reads one slice.
//
// One atomic batch writes the tweet, the author's two lines and the public line. Batches of 100 write
// the followers' home lines, each atomic by itself: if a batch fails, its followers and later ones miss
// the tweet, until Publish is called again with the same tweet. A second call writes the same columns
// with the same values, so it changes only the author's counter.
func (m *Model) Publish(ctx context.Context, t Tweet) error {
	tweet := []widerow.Cell[uuid.UUID, string]{{Name: t.ID, Value: t.Author}}
	var b widerow.Batch
	if err := m.tweets.QueueInsert(&b, t); err != nil {
		return err
	}
	m.userline.QueueInsert(&b, t.Author, tweet)
	m.home.QueueInsert(&b, t.Author, tweet, widerow.TTL(homeLife))
	m.public.QueueInsert(&b, everyone, tweet, widerow.TTL(publicLife))
	if err := b.Send(ctx, widerow.Atomic()); err != nil {
		return err
	}
	if err := m.counts.Add(ctx, t.Author, "tweets", 1); err != nil {
		return err
	}
	return widerow.InBatch(ctx, fanOut, func(b *widerow.Batch) error {
		for follower, err := range m.follows.Columns(ctx, t.Author, all(followers)) {
			if err != nil {
				return err
			}
			name := follower.Name.(coltype.Tuple)[1].(string)
			m.home.QueueInsert(b, name, tweet, widerow.TTL(homeLife))
			if err := b.Err(); err != nil {
				return err
			}
		}
		return nil
	}, widerow.Atomic())
}
