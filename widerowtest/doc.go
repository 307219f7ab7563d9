// Package widerowtest has a store for tests of programs that use widerow: the embedded
// engine in memory, with a clock that the test moves, and with calls that the test can make
// fail.
//
//	func TestSignup(t *testing.T) {
//		store := widerowtest.New(t)
//		users := store.Family(schema.Family{Name: "Users", Comparator: schema.UTF8Type})
//		…
//		store.Advance(time.Hour) // a TTL of less than an hour has passed
//		store.FailNext(widerowtest.Mutate, "Users", widerow.ErrUnavailable)
//	}
//
// The store is a real store: comparators, validators, tombstones, TTLs, counters
// and indexes work as in production. A store of [New] is closed when the test ends.
package widerowtest
