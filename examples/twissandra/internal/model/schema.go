// Package model is Twissandra's data model: a small Twitter in wide rows. It does not depend on HTTP.
//
// A column family holds rows, as a table does, and a row is found by its key. A row has any number
// of columns, each with a name and a value, sorted by name. A slice reads consecutive columns of a
// row in one step. A write does not read: it adds a column, or replaces the column of that name.
// There are no joins. So the schema starts with the questions that the pages ask. Each question
// has a row that answers it with one slice ("a -> b" is a column with the name a and the value b):
//
//	family    row key          columns                     question
//	Users     user             field -> value              Who is ann? Who lives in Oslo? (index)
//	Sessions  hash of a token  "user" -> user              Which user sends this request?
//	Attempts  action, visitor  time UUID -> nothing        How often did the visitor try recently?
//	Follows   user             (side, other user) -> since  Whom does ann follow? Who follows ann?
//	Tweets    tweet            field -> value              What does this tweet say?
//	Userline  user             tweet -> author             What did ann write?
//	Home      user             tweet -> author             What did ann, and users she follows, write?
//	Public    "everyone"       tweet -> author             What is new?
//	LikedBy   tweet            user -> since               Who likes this tweet?
//	Likes     user             tweet -> author             What does ann like?
//	Counts    user             counter -> number           How many tweets and followers has ann?
//
// A tweet's identifier is a time UUID, which contains the time and sorts by it. So the columns of a
// line of tweets are in the order of time. Read this file, then follow.go, tweet.go and line.go.
package model

import (
	"context"
	"errors"
	"time"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/rowmap"
	"github.com/widerow/widerow/schema"
)

// keyspace is the schema. KeyValidator is the type of row keys, Comparator the type of
// column names, which sorts the columns of a row, and DefaultValidator the type of values.
var keyspace = schema.Keyspace{Name: "Twissandra", Families: []schema.Family{
	{
		Name: "Users", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
		Columns: []schema.Column{
			{Name: []byte("joined"), Validator: schema.DateType},
			{Name: []byte("initial"), Validator: schema.UTF8Type, Index: schema.KeysIndex}, // finds rows by the value
			{Name: []byte("place"), Validator: schema.UTF8Type, Index: schema.KeysIndex},
		},
	},
	{Name: "Sessions", KeyValidator: schema.BytesType, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type},
	{Name: "Attempts", KeyValidator: schema.UTF8Type, Comparator: schema.TimeUUIDType},
	{
		Name: "Follows", KeyValidator: schema.UTF8Type, DefaultValidator: schema.DateType,
		Comparator: coltype.Composite(coltype.UTF8, coltype.UTF8).String(),
	},
	{Name: "Tweets", KeyValidator: schema.TimeUUIDType, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type},
	{Name: "Userline", KeyValidator: schema.UTF8Type, Comparator: schema.TimeUUIDType, DefaultValidator: schema.UTF8Type},
	{Name: "Home", KeyValidator: schema.UTF8Type, Comparator: schema.TimeUUIDType, DefaultValidator: schema.UTF8Type},
	{Name: "Public", KeyValidator: schema.UTF8Type, Comparator: schema.TimeUUIDType, DefaultValidator: schema.UTF8Type},
	{Name: "Likes", KeyValidator: schema.UTF8Type, Comparator: schema.TimeUUIDType, DefaultValidator: schema.UTF8Type},
	{Name: "LikedBy", KeyValidator: schema.TimeUUIDType, Comparator: schema.UTF8Type, DefaultValidator: schema.DateType},
	{Name: "Counts", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type, DefaultValidator: schema.CounterColumnType},
}}

// Model is the application without its pages. It is safe for concurrent use.
type Model struct {
	now   func() time.Time
	cost  int
	decoy string // LogIn compares the password with this hash if the user does not exist

	users                                        *rowmap.Map[User] // rows as structs
	tweets                                       *rowmap.Map[Tweet]
	userline, home, public, likes                *widerow.View[string, uuid.UUID, string] // keys, names, values of one type each
	sessions, attempts, follows, likedBy, counts *widerow.Family                          // keys, names, values as any
}

// Open creates the missing parts of the schema and opens its families. now is the clock of
// the application. cost is bcrypt's cost for each password.
func Open(ctx context.Context, db *widerow.DB, now func() time.Time, cost int) (m *Model, err error) {
	m = &Model{now: now, cost: cost}
	if m.decoy, err = m.hash("no one's password"); err != nil {
		return nil, err
	}
	if err := db.System().EnsureKeyspace(ctx, keyspace); err != nil {
		return nil, err
	}
	family := func(name string) *widerow.Family {
		f, e := db.Keyspace(keyspace.Name).Family(ctx, name)
		err = errors.Join(err, e)
		return f
	}
	typed := func(name string) *widerow.View[string, uuid.UUID, string] {
		v, e := widerow.Typed[string, uuid.UUID, string](family(name))
		err = errors.Join(err, e)
		return v
	}
	m.sessions, m.attempts, m.follows = family("Sessions"), family("Attempts"), family("Follows")
	m.likedBy, m.counts = family("LikedBy"), family("Counts")
	m.userline, m.home, m.public, m.likes = typed("Userline"), typed("Home"), typed("Public"), typed("Likes")
	var e1, e2 error
	m.users, e1 = rowmap.New[User](family("Users"))
	m.tweets, e2 = rowmap.New[Tweet](family("Tweets"))
	return m, errors.Join(err, e1, e2)
}
