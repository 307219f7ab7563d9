package docs_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

func Example_familiesDefine() {
	ks, done := demo()
	defer done()
	sys := ks.DB().System()
	check(sys.CreateFamily(ctx, schema.Family{
		Keyspace: "Demo", Name: "Measures",
		KeyValidator: schema.UTF8Type, Comparator: schema.LongType, DefaultValidator: schema.DoubleType,
	}))
	families, err := ks.Families(ctx)
	check(err)
	for _, f := range families {
		fmt.Println(f.Name())
	}
	// Output:
	// Followers
	// Measures
	// Timeline
	// Users
	// Visits
	// Weather
}

func Example_familiesOpen() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users", widerow.ReadLevel(widerow.Quorum), widerow.WriteLevel(widerow.Quorum))
	check(err)
	raw, err := users.Using(widerow.RawValues())
	check(err)
	row, err := raw.Get(ctx, "ann", widerow.Names("name"))
	check(err)
	fmt.Printf("%q\n", row.Value("name").([]byte))
	// Output: "Ann Bell"
}

func Example_familiesColumns() {
	ks, done := demo()
	defer done()
	timeline, err := ks.Family(ctx, "Timeline")
	check(err)
	n := 0
	for col, err := range timeline.Columns(ctx, "everyone", widerow.Buffer(10)) {
		check(err)
		if strings.HasPrefix(col.Value.(string), "ann: ") {
			n++
		}
	}
	fmt.Println(n)
	// Output: 8
}

func Example_familiesTtl() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	_, err = users.Insert(ctx, "ann", widerow.Values{{"code", "1234"}}, widerow.TTL(5*time.Minute))
	check(err)
	row, err := users.Get(ctx, "ann", widerow.Names("code"))
	check(err)
	fmt.Println(row, row.Columns[0].TTL)
	// Output: {'code': '1234'} 300
}

func Example_familiesTimestamps() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	_, err = users.Insert(ctx, "ann", widerow.Values{{"city", "Turin"}}, widerow.AtTime(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)))
	check(err)
	row, err := users.Get(ctx, "ann", widerow.Names("city"))
	check(err)
	fmt.Println(row)
	// Output: {'city': 'Rome'}
}

func Example_familiesCounters() {
	ks, done := demo()
	defer done()
	visits, err := ks.Family(ctx, "Visits")
	check(err)
	check(visits.Add(ctx, "2024-03-01", "home", 1))
	check(visits.Add(ctx, "2024-03-01", "search", -2))
	row, err := visits.Get(ctx, "2024-03-01")
	check(err)
	fmt.Println(row)
	// Output: {'about': 8, 'home': 10, 'search': 2}
}

func Example_familiesRemove() {
	ks, done := demo()
	defer done()
	weather, err := ks.Family(ctx, "Weather")
	check(err)
	_, err = weather.RemoveSlice(ctx, "rome", coltype.Tuple{"attic"}, coltype.Tuple{"attic", 8})
	check(err)
	n, err := weather.Count(ctx, "rome", widerow.Slice(coltype.Tuple{"attic"}, coltype.Tuple{"attic"}))
	check(err)
	fmt.Println(n)
	// Output: 2
}

func Example_familiesCas() {
	ks, done := demo()
	defer done()
	users, err := ks.Family(ctx, "Users")
	check(err)
	applied, current, err := users.CompareAndSet(ctx, "ann", widerow.Values{{"city", "Oslo"}}, widerow.Values{{"city", "Bergen"}})
	check(err)
	fmt.Println(applied, current)
	applied, _, err = users.CompareAndSet(ctx, "finn", nil, widerow.Values{{"name", "Finn"}}) // a new row
	check(err)
	fmt.Println(applied)
	// Output:
	// false {'city': 'Rome'}
	// true
}

func Example_familiesTyped() {
	ks, done := demo()
	defer done()
	visits, err := ks.Family(ctx, "Visits")
	check(err)
	counts, err := widerow.Typed[string, string, int64](visits) // key, name, value
	check(err)
	cells, err := counts.Slice(ctx, "2024-03-01", counts.From("home"))
	check(err)
	for _, c := range cells {
		fmt.Println(c.Name, c.Value+1)
	}
	// Output:
	// home 10
	// search 5
}
