package thriftserver_test

import (
	"encoding/binary"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

const (
	bigValue   = 128 << 10
	bigColumns = 96 // columns of a row: 12 MB
)

// bigRows writes rows of large values in the columns c00 to c95: the row "big" of Log, the super
// column "s" of the row "big" of Groups, and the row "big" of Users, which an index covers. Log and
// Users also get rows big0 to big7, each a twelfth as large.
func bigRows(t *testing.T, store backend.Backend) {
	t.Helper()
	value := make([]byte, bigValue)
	write := func(family, key string, super []byte, columns int) {
		for i := range columns {
			m := backend.Mutation{Op: backend.Insert, Super: super, Column: backend.Column{Name: fmt.Appendf(nil, "c%02d", i), Value: value, Timestamp: 1}}
			row := backend.RowMutation{Family: family, Key: []byte(key), Mutations: []backend.Mutation{m}}
			if family == "Users" && i == 0 {
				row.Mutations = append(row.Mutations, backend.Mutation{Op: backend.Insert, Column: backend.Column{Name: []byte("state"), Value: []byte("UT"), Timestamp: 1}})
			}
			if err := store.Mutate(t.Context(), &backend.MutateRequest{Keyspace: "app", Rows: []backend.RowMutation{row}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("Log", "big", nil, bigColumns)
	write("Users", "big", nil, bigColumns)
	write("Groups", "big", []byte("s"), bigColumns)
	for i := range 8 {
		write("Log", fmt.Sprintf("big%d", i), nil, bigColumns/12)
	}
}

// discard reads a reply without keeping it, and returns the reply's first bytes.
func (c *client) discard() (begins []byte, err error) {
	if err := c.nc.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return nil, err
	}
	var head [4]byte
	if _, err := io.ReadFull(c.nc, head[:]); err != nil {
		return nil, err
	}
	n := int64(binary.BigEndian.Uint32(head[:]))
	begins = make([]byte, min(n, 512))
	if _, err := io.ReadFull(c.nc, begins); err != nil {
		return nil, err
	}
	_, err = io.CopyN(io.Discard, c.nc, n-int64(len(begins)))
	return begins, err
}

// heapInUse returns the memory in use, including garbage.
func heapInUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// However many clients read however much at once, the server holds at most MaxHeld. With GOMEMLIMIT
// set, it uses at most twice that memory. A reply that is too large is refused; other calls wait
// for memory.
func TestReadsStayWithinMaxHeld(t *testing.T) {
	const maxHeld, clients = 32 << 20, 8
	store := appStore(t)
	bigRows(t, store)
	s := servertest.Start(t, store, &thriftserver.Options{MaxHeld: maxHeld, MaxFrame: maxHeld / 16, CallTimeout: -1})
	some := func(n int) thriftwire.SlicePredicate { return from("", "", int32(n)) }
	group := parent("Groups", "s")
	log := parent("Log")
	keys := [][]byte{b("big0"), b("big1"), b("big2"), b("big3"), b("big4"), b("big5"), b("big6"), b("big7")}
	tests := []struct {
		name string
		// The reply to fits is about 1 MB long. The rows of large exceed the limit of a call, so
		// the answer to large is short.
		fits, large thriftwire.Args
	}{
		{
			"get_slice",
			&thriftwire.GetSliceArgs{Key: b("big"), ColumnParent: log, Predicate: some(8), ConsistencyLevel: one},
			&thriftwire.GetSliceArgs{Key: b("big"), ColumnParent: log, Predicate: all(), ConsistencyLevel: one},
		},
		{
			"get",
			&thriftwire.GetArgs{Key: b("big"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Log", Column: b("c01")}, ConsistencyLevel: one},
			&thriftwire.GetArgs{Key: b("big"), ColumnPath: thriftwire.ColumnPath{ColumnFamily: "Groups", SuperColumn: b("s")}, ConsistencyLevel: one},
		},
		{
			"get_slice of super columns",
			&thriftwire.GetSliceArgs{Key: b("big"), ColumnParent: group, Predicate: some(8), ConsistencyLevel: one},
			&thriftwire.GetSliceArgs{Key: b("big"), ColumnParent: parent("Groups"), Predicate: all(), ConsistencyLevel: one},
		},
		{
			"multiget_slice",
			&thriftwire.MultigetSliceArgs{Keys: keys, ColumnParent: log, Predicate: some(1), ConsistencyLevel: one},
			&thriftwire.MultigetSliceArgs{Keys: append(keys, b("big")), ColumnParent: log, Predicate: all(), ConsistencyLevel: one},
		},
		{
			"get_range_slices",
			&thriftwire.GetRangeSlicesArgs{ColumnParent: log, Range: keyRange("big0", "", 8), Predicate: some(1), ConsistencyLevel: one},
			&thriftwire.GetRangeSlicesArgs{ColumnParent: log, Range: keyRange("", "", 100), Predicate: all(), ConsistencyLevel: one},
		},
		{
			"get_paged_slice",
			&thriftwire.GetPagedSliceArgs{ColumnFamily: "Log", Range: keyRange("big0", "", 8), ConsistencyLevel: one},
			&thriftwire.GetPagedSliceArgs{ColumnFamily: "Log", Range: keyRange("", "", 100), ConsistencyLevel: one},
		},
		{
			"get_indexed_slices",
			&thriftwire.GetIndexedSlicesArgs{ColumnParent: parent("Users"), ColumnPredicate: some(8), IndexClause: inUtah(), ConsistencyLevel: one},
			&thriftwire.GetIndexedSlicesArgs{ColumnParent: parent("Users"), ColumnPredicate: all(), IndexClause: inUtah(), ConsistencyLevel: one},
		},
		{
			"get_multi_slice",
			&thriftwire.GetMultiSliceArgs{Request: thriftwire.MultiSliceRequest{Key: b("big"), ColumnParent: &log, ColumnSlices: []thriftwire.ColumnSlice{
				{Start: b("c01"), Finish: b("c04")}, {Start: b("c11"), Finish: b("c14")},
			}}},
			&thriftwire.GetMultiSliceArgs{Request: thriftwire.MultiSliceRequest{Key: b("big"), ColumnParent: &log, ColumnSlices: []thriftwire.ColumnSlice{
				{Start: b("c01"), Finish: b("c40")}, {Start: b("c50")},
			}}},
		},
		// A count holds no rows.
		{"get_count", nil, &thriftwire.GetCountArgs{Key: b("big"), ColumnParent: log, Predicate: all(), ConsistencyLevel: one}},
		{"multiget_count", nil, &thriftwire.MultigetCountArgs{Keys: keys, ColumnParent: log, Predicate: all(), ConsistencyLevel: one}},
		{"cas", nil, bigCas()}, // cas must not wait for memory, because it blocks other writers
	}
	debug.FreeOSMemory()
	calm := heapInUse()
	// Without a memory limit, the collector lets garbage grow as large as the store's live data.
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(m.Sys-m.HeapReleased) + 3*maxHeld/2))
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var wg sync.WaitGroup
			for _, args := range []thriftwire.Args{tt.fits, tt.large} {
				if args == nil {
					continue
				}
				refused := args == tt.large
				for range clients {
					c := dialApp(t, s)
					wg.Go(func() {
						c.send(args)
						answer, err := c.discard()
						if err != nil {
							t.Error(err)
						} else if got := len(answer) < 300; got != refused {
							t.Errorf("refused %v, want %v: %q", got, refused, answer)
						}
					})
				}
			}
			done := make(chan struct{})
			go func() {
				wg.Wait()
				close(done)
			}()
			look := time.NewTicker(time.Millisecond)
			defer look.Stop()
			var held, heap int64
			for ended := false; !ended; {
				select {
				case <-done:
					ended = true
				case <-look.C:
				}
				held = max(held, s.Stats().Held)
				heap = max(heap, heapInUse()-calm)
			}
			t.Logf("at most %d KB held, %d KB more in use", held>>10, heap>>10)
			if held > maxHeld {
				t.Errorf("%d bytes held, the limit is %d", held, maxHeld)
			}
			if heap > 2*maxHeld {
				t.Errorf("%d bytes in use, twice the limit is %d", heap, 2*maxHeld)
			}
			until(t, "all is free", func() bool { return s.Stats().Held == 0 })
		})
	}
}

func inUtah() thriftwire.IndexClause {
	return thriftwire.IndexClause{Count: 10, Expressions: []thriftwire.IndexExpression{{ColumnName: b("state"), Value: b("UT")}}, StartKey: []byte{}}
}

// bigCas returns a compare-and-set that fails and would return the whole row.
func bigCas() *thriftwire.CasArgs {
	var expected []thriftwire.Column
	for i := range bigColumns {
		expected = append(expected, column(fmt.Sprintf("c%02d", i), "other", 1))
	}
	a := casArgs(expected, nil)
	a.Key = b("big")
	return a
}
