// Package bench measures a store: it loads it with a mix of calls from several
// workers, verifies every answer, and reports throughput, latencies and the time
// of the processors, as a table, as JSON and as a picture.
//
// It works on the seam, [backend.Backend], in raw bytes, so that the cost of the
// program that measures is small and the same for every store.
//
// # What is in the store
//
// [Run] makes a keyspace with three families: Rows, whose rows have the same few
// columns; Wide, with rows for slices; and Counters. What a row holds is computed
// from its number and the seed, so that every read can be compared with what must
// be there, by any process, without remembering what was written. A store that
// answers fast and wrong fails the run with a [*MismatchError].
//
// # Latencies
//
// Without a rate, each worker sends its next call when the last one is answered (a
// closed loop): a store that stalls is then asked less, and its stall is counted once
// for each worker. With a rate, calls are due at fixed times whatever the store does
// (an open loop), and a latency is counted from when the call was due, so that a stall is seen
// as callers would see it. This is the remedy for what is known as coordinated omission.
//
// Each worker has its own HDR histogram, with three significant digits, of
// nanoseconds; they are merged at the end.
package bench
