package main

import (
	"context"
	"fmt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/schema"
)

func keyspaces(ctx context.Context, s *stage, db *widerow.DB) {
	s.title("Creating a Keyspace and Column Families")

	sys := db.System()
	err := sys.CreateKeyspace(ctx, schema.Keyspace{
		Name:            "Keyspace1",
		StrategyOptions: map[string]string{"replication_factor": "1"},
	})
	s.show(err)

	err = sys.CreateFamily(ctx, schema.Family{Keyspace: "Keyspace1", Name: "ColumnFamily1"})
	s.show(err)
	names, err := sys.Keyspaces(ctx)
	s.show(names, err)

	s.title("Getting a Column Family")

	cf, err := db.Keyspace("Keyspace1").Family(ctx, "ColumnFamily1")
	s.show(err)
	_, err = db.Keyspace("Keyspace1").Family(ctx, "ColumnFamily2")
	s.fails(err)
	_ = cf
}

// family opens a family whose opening is not worth showing.
func family(ctx context.Context, s *stage, db *widerow.DB, name string) *widerow.Family {
	cf, err := db.Keyspace("Keyspace1").Family(ctx, name)
	if err != nil && s.err == nil {
		s.err = err
	}
	return cf
}

func inserting(ctx context.Context, s *stage, db *widerow.DB) {
	cf := family(ctx, s, db, "ColumnFamily1")
	s.title("Inserting Data")

	ts, err := cf.Insert(ctx, "row_key", widerow.Values{{"col_name", "col_val"}})
	s.show(ts, err)
	ts, err = cf.Insert(ctx, "row_key", widerow.Values{{"col_name", "col_val"}, {"col_name2", "col_val2"}})
	s.show(ts, err)
	ts, err = cf.BatchInsert(ctx, widerow.Values{
		{"row1", widerow.Values{{"name1", "val1"}, {"name2", "val2"}}},
		{"row2", widerow.Values{{"foo", "bar"}}},
	})
	s.show(ts, err)
}

func getting(ctx context.Context, s *stage, db *widerow.DB) {
	cf := family(ctx, s, db, "ColumnFamily1")
	s.title("Getting Data")

	row, err := cf.Get(ctx, "row_key")
	s.show(row, err)
	row, err = cf.Get(ctx, "row_key", widerow.Names("col_name", "col_name2"))
	s.show(row, err)
	for i := range 9 {
		if _, err = cf.Insert(ctx, "row_key", widerow.Values{{fmt.Sprint(i + 1), "val"}}); err != nil {
			break
		}
	}
	s.show(err)

	row, err = cf.Get(ctx, "row_key", widerow.Slice("5", "7"))
	s.show(row, err)
	row, err = cf.Get(ctx, "row_key", widerow.Reversed(), widerow.Limit(3)) // letters are after digits
	s.show(row, err)
	rows, err := cf.MultiGet(ctx, []any{"row1", "row2"})
	s.show(byKey(rows), err)
	for i := range 9 {
		key := fmt.Sprint("row_key", i+1)
		if _, err = cf.Insert(ctx, key, widerow.Values{{"name", "val"}}); err != nil {
			break
		}
	}
	s.show(err)

	out := ""
	for row, err = range cf.Range(ctx, widerow.KeyRange("row_key5", "row_key7")) {
		if err != nil {
			break
		}
		out += fmt.Sprintln(widerow.Repr(row.Key), "=>", row)
	}
	s.show(trim(out), err)

	n := 0
	for _, err = range cf.Columns(ctx, "row_key", widerow.Buffer(4)) { // a row of any length, four at a time
		if err != nil {
			break
		}
		n++
	}
	s.show(n, err)

	ts, err := cf.Remove(ctx, "row_key7")
	s.show(ts, err)
	_, err = cf.Get(ctx, "row_key7")
	s.fails(err)
}

func counting(ctx context.Context, s *stage, db *widerow.DB) {
	cf := family(ctx, s, db, "ColumnFamily1")
	s.title("Counting")

	n, err := cf.Count(ctx, "row_key")
	s.show(n, err)
	n, err = cf.Count(ctx, "row_key", widerow.Names("col_name", "nothing"))
	s.show(n, err)
	n, err = cf.Count(ctx, "row_key", widerow.From("5"))
	s.show(n, err)

	counts, err := cf.MultiCount(ctx, []any{"row1", "row2", "row3"})
	s.show(counts, err)
	counts, err = cf.MultiCount(ctx, []any{"row1", "row2", "row3"}, widerow.Slice("name1", "name1"))
	s.show(counts, err)
}

func types(ctx context.Context, s *stage, db *widerow.DB) {
	sys := db.System()
	s.title("Typed Column Names and Values")

	err := sys.CreateFamily(ctx, schema.Family{
		Keyspace: "Keyspace1", Name: "StandardInt", Comparator: schema.IntegerType,
	})
	s.show(err)
	cf, err := db.Keyspace("Keyspace1").Family(ctx, "StandardInt")
	if !s.show(err) {
		return
	}
	ts, err := cf.Insert(ctx, "row_key", widerow.Values{{42, "some_val"}})
	s.show(ts, err)
	row, err := cf.Get(ctx, "row_key")
	s.show(row, err)

	err = sys.CreateFamily(ctx, schema.Family{
		Keyspace: "Keyspace1", Name: "Users", KeyValidator: schema.UTF8Type, Comparator: schema.UTF8Type,
	}, widerow.ColumnDef{Name: "name", Validator: schema.UTF8Type}, widerow.ColumnDef{Name: "age", Validator: schema.IntegerType})
	s.show(err)
	users, err := db.Keyspace("Keyspace1").Family(ctx, "Users")
	if !s.show(err) {
		return
	}
	ts, err = users.Insert(ctx, "thobbs", widerow.Values{{"name", "Tyler"}, {"age", 24}})
	s.show(ts, err)
	row, err = users.Get(ctx, "thobbs")
	s.show(row, err)
	_, err = users.Insert(ctx, "thobbs", widerow.Values{{"age", "twenty-four"}})
	s.fails(err)
	raw, err := users.Using(widerow.Raw())
	if !s.show(err) {
		return
	}
	row, err = raw.Get(ctx, []byte("thobbs"))
	s.show(row, err)
}

// byKey shows rows as the dictionary that pycassa's multiget returns.
func byKey(rows []widerow.Row) string {
	out := "{"
	for i, row := range rows {
		if i > 0 {
			out += ", "
		}
		out += widerow.Repr(row.Key) + ": " + row.String()
	}
	return out + "}"
}

// trim cuts the last newline off.
func trim(s string) string {
	if n := len(s); n > 0 {
		return s[:n-1]
	}
	return s
}
