package docs_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/timeuuid"
)

func Example_timeuuidsWrite() {
	ks, done := demo()
	defer done()
	timeline, err := ks.Family(ctx, "Timeline")
	check(err)
	noon := time.Date(2024, 4, 1, 12, 0, 0, 0, time.UTC)
	_, err = timeline.Insert(ctx, "finn", widerow.Values{{noon, "Hello"}})
	check(err)

	id, err := timeuuid.Random(noon)
	check(err)
	_, err = timeline.Insert(ctx, "finn", widerow.Values{{id, "At the same instant"}})
	check(err)
	_, err = timeline.Remove(ctx, "finn", widerow.Names(id))
	check(err)

	row, err := timeline.Get(ctx, "finn")
	check(err)
	at, err := timeuuid.Time(row.Columns[0].Name.(uuid.UUID))
	check(err)
	fmt.Println(at, row.Columns[0].Value)
	// Output: 2024-04-01 12:00:00 +0000 UTC Hello
}

func Example_timeuuidsSlice() {
	ks, done := demo()
	defer done()
	timeline, err := ks.Family(ctx, "Timeline")
	check(err)
	morning := time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)
	row, err := timeline.Get(ctx, "everyone", widerow.Slice(morning, morning.Add(12*time.Hour)))
	check(err)
	for name, text := range row.All() {
		at, err := timeuuid.Time(name.(uuid.UUID))
		check(err)
		fmt.Println(at.Format(time.DateTime), text)
	}
	// Output:
	// 2024-03-02 06:03:00 dina: Sorted by time, as wide rows are
}

func Example_timeuuidsCompare() {
	var ids []uuid.UUID
	for _, second := range []int64{3, 1, 2} {
		id, err := timeuuid.Random(time.Unix(second, 0))
		check(err)
		ids = append(ids, id)
	}
	slices.SortFunc(ids, timeuuid.Compare)
	for _, id := range ids {
		at, err := timeuuid.Time(id)
		check(err)
		fmt.Print(at.Unix(), " ")
	}
	// Output: 1 2 3
}
