package main

import (
	"context"
	"fmt"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/rowmap"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/timeuuid"
)

func superColumns(ctx context.Context, s *stage, db *widerow.DB) {
	s.title("Super Columns")

	err := db.System().CreateFamily(ctx, schema.Family{Keyspace: "Keyspace1", Name: "Letters", Type: schema.Super})
	s.show(err)
	cf, err := db.Keyspace("Keyspace1").Family(ctx, "Letters")
	if !s.show(err) {
		return
	}
	ts, err := cf.Insert(ctx, "row_key", widerow.Values{
		{"lowercase", widerow.Values{{"a", "1"}, {"b", "2"}, {"c", "3"}}},
		{"uppercase", widerow.Values{{"A", "1"}}},
	})
	s.show(ts, err)
	row, err := cf.Get(ctx, "row_key")
	s.show(row, err)
	row, err = cf.Get(ctx, "row_key", widerow.Super("lowercase"))
	s.show(row, err)
	row, err = cf.Get(ctx, "row_key", widerow.Super("lowercase"), widerow.Names("a", "b"))
	s.show(row, err)
	row, err = cf.Get(ctx, "row_key", widerow.Super("lowercase"), widerow.From("b"))
	s.show(row, err)
	row, err = cf.Get(ctx, "row_key", widerow.Super("lowercase"), widerow.To("b"), widerow.Reversed())
	s.show(row, err)
}

func composites(ctx context.Context, s *stage, db *widerow.DB) {
	s.title("Composite Types")

	comparator := coltype.Composite(coltype.Reversed(coltype.Long), coltype.ASCII)
	err := db.System().CreateFamily(ctx, schema.Family{
		Keyspace: "Keyspace1", Name: "CF1", Comparator: comparator.String(),
	})
	s.show(err)
	cf, err := db.Keyspace("Keyspace1").Family(ctx, "CF1")
	if !s.show(err) {
		return
	}
	ts, err := cf.Insert(ctx, "key", widerow.Values{
		{coltype.Tuple{1234, "abc"}, "colval"},
		{coltype.Tuple{1234, "abd"}, "another"},
		{coltype.Tuple{1235, "abc"}, "a third"},
	})
	s.show(ts, err)
	row, err := cf.Get(ctx, "key")
	s.show(row, err)
	row, err = cf.Get(ctx, "key", widerow.Slice(coltype.Tuple{1234}, coltype.Tuple{1234}))
	s.show(row, err)
	row, err = cf.Get(ctx, "key", widerow.To(coltype.Tuple{1234, coltype.Exclusive("abd")}))
	s.show(row, err)
}

func timeUUIDs(ctx context.Context, s *stage, db *widerow.DB) {
	s.title("Version 1 UUIDs (TimeUUIDType)")

	err := db.System().CreateFamily(ctx, schema.Family{
		Keyspace: "Keyspace1", Name: "Userline", Comparator: schema.TimeUUIDType,
	})
	s.show(err)
	line, err := db.Keyspace("Keyspace1").Family(ctx, "Userline")
	if !s.show(err) {
		return
	}
	moment := time.Date(2010, 12, 11, 8, 2, 15, 0, time.UTC)
	ts, err := line.Insert(ctx, "__PUBLIC__", widerow.Values{{moment, "some tweet stuff here"}})
	s.show(ts, err)
	_, err = line.Insert(ctx, "__PUBLIC__", widerow.Values{{moment.AddDate(0, 0, 1), "a day later"}})
	s.show(err)

	var out string
	var col widerow.Column
	for col, err = range line.Columns(ctx, "__PUBLIC__", widerow.Slice(moment, moment)) {
		if err != nil {
			break
		}
		out += fmt.Sprintln(widerow.Repr(col.Value))
	}
	s.show(trim(out), err)

	lowest, highest := timeuuid.Lowest(moment), timeuuid.Highest(moment)
	s.show(lowest.String(), highest.String())
}

func indexes(ctx context.Context, s *stage, db *widerow.DB) {
	users := family(ctx, s, db, "Users")
	s.title("Secondary Indexes")

	sys := db.System()
	err := sys.CreateIndex(ctx, "Keyspace1", "Users", "state", schema.UTF8Type, nil)
	s.show(err)
	err = sys.AlterColumn(ctx, "Keyspace1", "Users", "birthdate", schema.LongType)
	s.show(err)
	err = users.Reload(ctx)
	s.show(err)
	ts, err := users.BatchInsert(ctx, widerow.Values{
		{"jsmith", widerow.Values{{"name", "John Smith"}, {"state", "Utah"}, {"birthdate", 1971}}},
		{"mscott", widerow.Values{{"name", "Mike Scott"}, {"state", "Utah"}, {"birthdate", 1980}}},
		{"jbird", widerow.Values{{"name", "Jeff Bird"}, {"state", "Utah"}, {"birthdate", 1973}}},
		{"old", widerow.Values{{"name", "Old Timer"}, {"state", "Utah"}, {"birthdate", 1950}}},
		{"texan", widerow.Values{{"name", "Ann Other"}, {"state", "Texas"}, {"birthdate", 1975}}},
	})
	s.show(ts, err)

	var out string
	var user widerow.Row
	for user, err = range users.Where(ctx, widerow.Eq("state", "Utah"), widerow.Gt("birthdate", 1970), widerow.RowLimit(20)) {
		if err != nil {
			break
		}
		out += fmt.Sprintln(user.Value("name"), user.Value("state"), user.Value("birthdate"))
	}
	s.show(trim(out), err)
}

func counters(ctx context.Context, s *stage, db *widerow.DB) {
	s.title("Counters")

	err := db.System().CreateFamily(ctx, schema.Family{
		Keyspace: "Keyspace1", Name: "Hits", DefaultValidator: schema.CounterColumnType,
	})
	s.show(err)
	hits, err := db.Keyspace("Keyspace1").Family(ctx, "Hits")
	if !s.show(err) {
		return
	}
	err = hits.Add(ctx, "/index.html", "today", 5)
	s.show(err)
	err = hits.Add(ctx, "/index.html", "today", -2)
	s.show(err)
	row, err := hits.Get(ctx, "/index.html")
	s.show(row, err)
}

func batches(ctx context.Context, s *stage, db *widerow.DB) {
	cf := family(ctx, s, db, "ColumnFamily1")
	s.title("Batch Operations")

	err := widerow.InBatch(ctx, 10, func(b *widerow.Batch) error {
		b.Insert(cf, "key1", widerow.Values{{"col1", "value11"}, {"col2", "value21"}})
		b.Insert(cf, "key2", widerow.Values{{"col1", "value12"}, {"col2", "value22"}}, widerow.TTL(15*time.Second))
		b.Remove(cf, "key1", widerow.Names("col2"))
		b.Remove(cf, "row2")
		return nil
	})
	s.show(err)
	rows, err := cf.MultiGet(ctx, []any{"key1", "key2", "row2"})
	s.show(byKey(rows), err)
}

// User is a row of the family people.
type User struct {
	Key    string    `widerow:",key"`
	Name   string    `widerow:"name"`
	Age    int       `widerow:"age"`
	Height float32   `widerow:"height"`
	Score  float64   `widerow:"score,default=0.5"`
	Joined time.Time `widerow:"joined,type=DateType"`
}

func structs(ctx context.Context, s *stage, db *widerow.DB) {
	s.title("Class Mapping: Structs as Rows")

	err := db.System().CreateFamily(ctx, schema.Family{
		Keyspace: "Keyspace1", Name: "people", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type,
	})
	s.show(err)
	cf, err := db.Keyspace("Keyspace1").Family(ctx, "people")
	if !s.show(err) {
		return
	}
	people, err := rowmap.New[User](cf)
	if !s.show(err) {
		return
	}
	joined := time.Date(2010, 12, 11, 8, 2, 15, 0, time.UTC)
	ts, err := people.Insert(ctx, User{Key: "john", Name: "John", Age: 18, Height: 5.9, Score: 1.5, Joined: joined})
	s.show(ts, err)
	_, err = cf.Insert(ctx, "bob", widerow.Values{{"name", "Bob"}}) // a row from before there were scores
	s.show(err)

	john, err := people.Get(ctx, "john")
	s.show(fmt.Sprintf("%+v", john), err)
	var out string
	var user User
	for user, err = range people.Range(ctx) {
		if err != nil {
			break
		}
		out += fmt.Sprintln(user.Name, user.Score)
	}
	s.show(trim(out), err)

	ts, err = people.Remove(ctx, john)
	s.show(ts, err)
	_, err = people.Get(ctx, "john")
	s.fails(err)
}
