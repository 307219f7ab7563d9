// Package bench measures a store. Several workers make a mix of calls to the store and
// verify every answer. The report contains throughput, latencies and CPU time, as a table,
// as JSON and as a picture.
//
// The package works on the seam, [backend.Backend], in raw bytes. So the cost of the
// measuring program is small and the same for every store.
//
// # What is in the store
//
// [Run] creates a keyspace with three families: Rows, whose rows have the same few
// columns; Wide, with rows for slices; and Counters. The content of a row is computed
// from its number and the seed. So any process can compare every read with the expected
// content, without a record of the writes. If a store returns wrong content, the run
// fails with a [*MismatchError].
//
// # Latencies
//
// Without a rate, each worker makes its next call after the answer to its last call (a
// closed loop). If the store stalls, it gets fewer calls, and the stall counts once for
// each worker. With a rate, calls are due at fixed times whatever the store does (an open
// loop). The latency of a call is measured from the time at which the call was due, so that
// a stall appears as callers would see it. This avoids the error known as coordinated omission.
//
// Each worker records nanoseconds in its own HDR histogram with three significant digits.
// The histograms are merged at the end.
package bench
