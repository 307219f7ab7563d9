// Package widerowtest gives tests of programs that use widerow a store of their
// own: the embedded engine in memory, with a clock that the test moves and calls
// that fail when the test wants them to.
//
//	func TestSignup(t *testing.T) {
//		store := widerowtest.New(t)
//		users := store.Family(schema.Family{Name: "Users", Comparator: schema.UTF8Type})
//		…
//		store.Advance(time.Hour) // a TTL of less than an hour has passed
//		store.FailNext(widerowtest.Mutate, "Users", widerow.ErrUnavailable)
//	}
//
// The store is a real one: comparators, validators, tombstones, TTLs, counters
// and indexes work as they do in production. [New] closes it when the test ends.
package widerowtest
