package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/rowmap"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/timeuuid"
)

// User is a row of the family Users.
type User struct {
	Name   string    `widerow:",key"`
	Bio    *string   `widerow:"bio"`
	Joined time.Time `widerow:"joined"`
}

// Timeline is the application: posts of users, newest first, and posts by tag.
//
// Each question has a family whose rows answer it with one slice:
//
//	Users   row: user   columns: attributes
//	Posts   row: user   columns: time UUID -> text
//	Tags    row: tag    columns: (user, time UUID) -> text
//	Counts  row: user   counters: posts
type Timeline struct {
	now          func() time.Time
	users        *rowmap.Map[User]
	posts        *widerow.View[string, uuid.UUID, string]
	tags, counts *widerow.Family
}

var keyspace = schema.Keyspace{Name: "Timeline", Families: []schema.Family{
	{Name: "Users", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type},
	{Name: "Posts", KeyValidator: schema.UTF8Type, Comparator: schema.TimeUUIDType, DefaultValidator: schema.UTF8Type},
	{
		Name: "Tags", KeyValidator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
		Comparator: coltype.Composite(coltype.UTF8, coltype.TimeUUID).String(),
	},
	{Name: "Counts", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, DefaultValidator: schema.CounterColumnType},
}}

// Open creates the missing parts of the schema and opens its families. now is the
// application's clock.
func Open(ctx context.Context, db *widerow.DB, now func() time.Time) (*Timeline, error) {
	if err := db.System().EnsureKeyspace(ctx, keyspace); err != nil {
		return nil, err
	}
	t := &Timeline{now: now}
	ks := db.Keyspace(keyspace.Name)
	users, err := ks.Family(ctx, "Users")
	if err != nil {
		return nil, err
	}
	if t.users, err = rowmap.New[User](users); err != nil {
		return nil, err
	}
	posts, err := ks.Family(ctx, "Posts")
	if err != nil {
		return nil, err
	}
	if t.posts, err = widerow.Typed[string, uuid.UUID, string](posts); err != nil {
		return nil, err
	}
	if t.tags, err = ks.Family(ctx, "Tags"); err != nil {
		return nil, err
	}
	t.counts, err = ks.Family(ctx, "Counts")
	return t, err
}

// Join adds a user. If the store can compare and set, two users cannot take one name, even at
// the same time.
func (t *Timeline) Join(ctx context.Context, name string) error {
	joined := widerow.Values{{"joined", t.now()}}
	// By Thrift, Cassandra can check that a row does not exist. By CQL, it can check that a column does not exist.
	for _, expected := range []widerow.Values{nil, {{"joined", nil}}} {
		applied, _, err := t.users.Family().CompareAndSet(ctx, name, expected, joined)
		switch {
		case errors.Is(err, widerow.ErrUnsupported):
			continue
		case err == nil && !applied:
			err = fmt.Errorf("the name %q is taken", name)
		}
		return err
	}
	_, err := t.users.Insert(ctx, User{Name: name, Joined: t.now()})
	return err
}

// SetBio replaces a user's bio. A nil bio removes it.
func (t *Timeline) SetBio(ctx context.Context, name string, bio *string) error {
	user, err := t.users.Get(ctx, name)
	if err != nil {
		return err
	}
	user.Bio = bio
	return t.users.Replace(ctx, user)
}

var hashtag = regexp.MustCompile(`#\w+`)

// Post adds a post to a user's timeline and to its tags, in one batch. With a time to live the
// post expires in both. A time to live of zero keeps it.
func (t *Timeline) Post(ctx context.Context, user, text string, live time.Duration) error {
	var b widerow.Batch
	if err := t.queue(&b, user, text, live); err != nil {
		return err
	}
	if err := b.Send(ctx); err != nil {
		return err
	}
	return t.counts.Add(ctx, user, "posts", 1)
}

func (t *Timeline) queue(b *widerow.Batch, user, text string, live time.Duration) error {
	id, err := timeuuid.Random(t.now())
	if err != nil {
		return err
	}
	var opts []widerow.WriteOption
	if live > 0 {
		opts = append(opts, widerow.TTL(live))
	}
	t.posts.QueueInsert(b, user, []widerow.Cell[uuid.UUID, string]{{Name: id, Value: text}}, opts...)
	for _, tag := range hashtag.FindAllString(text, -1) {
		b.Insert(t.tags, strings.ToLower(tag[1:]), widerow.Values{{coltype.Tuple{user, id}, text}}, opts...)
	}
	return nil
}

// pageSize is the number of posts of a page.
const pageSize = 5

// Page returns a page of a user's posts, newest first. An empty bookmark means the first page.
func (t *Timeline) Page(ctx context.Context, user, bookmark string) (widerow.Page, error) {
	return t.posts.Family().Page(ctx, user, bookmark, widerow.Reversed(), widerow.Limit(pageSize))
}

// Tagged calls visit with each post of a user that has a tag and is between two times.
func (t *Timeline) Tagged(ctx context.Context, tag, user string, from, to time.Time, visit func(at time.Time, text string)) error {
	slice := widerow.Slice(coltype.Tuple{user, from}, coltype.Tuple{user, to})
	for col, err := range t.tags.Columns(ctx, tag, slice) {
		if err != nil {
			return err
		}
		id := col.Name.(coltype.Tuple)[1].(uuid.UUID)
		at, err := timeuuid.Time(id)
		if err != nil {
			return err
		}
		visit(at, col.Value.(string))
	}
	return nil
}

// Posts returns how often a user posted.
func (t *Timeline) Posts(ctx context.Context, user string) (int64, error) {
	row, err := t.counts.Get(ctx, user, widerow.Names("posts"))
	if errors.Is(err, widerow.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return row.Value("posts").(int64), nil
}

// Import adds posts from lines that have a user, a tab and a text. It sends a thousand writes in each call.
func (t *Timeline) Import(ctx context.Context, r io.Reader) (posts int, err error) {
	lines := bufio.NewScanner(r)
	counts := map[string]int64{}
	err = widerow.InBatch(ctx, 1000, func(b *widerow.Batch) error {
		for lines.Scan() {
			user, text, ok := strings.Cut(lines.Text(), "\t")
			if !ok {
				return fmt.Errorf("line %d: want a user, a tab and text", posts+1)
			}
			if err := t.queue(b, user, text, 0); err != nil {
				return err
			}
			counts[user]++
			posts++
		}
		return lines.Err()
	})
	if err != nil {
		return posts, err
	}
	var b widerow.Batch
	for user, n := range counts {
		b.Add(t.counts, user, "posts", n)
	}
	return posts, b.Send(ctx)
}
