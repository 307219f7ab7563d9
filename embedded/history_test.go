package embedded

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/model"
)

// TestTombstoneHistories runs random histories on a store and on a model. The histories are rich in
// tombstones of slices, rows and super columns, at equal and different timestamps, and mix in
// columns that expire, purges, flushes, compactions, folds, watched rows and tombstones of format
// 1. WIDEROW_HISTORIES sets their number, WIDEROW_HISTORY a single seed to run.
func TestTombstoneHistories(t *testing.T) {
	number := func(name string, otherwise int) int {
		if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
			return n
		}
		return otherwise
	}
	first, n := 1, number("WIDEROW_HISTORIES", 12)
	if one := number("WIDEROW_HISTORY", 0); one != 0 {
		first, n = one, 1
	}
	for seed := first; seed < first+n; seed++ {
		t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { runHistory(t, uint64(seed)) })
	}
}

type history struct {
	*rand.Rand
	t      *testing.T
	clock  *clock
	s      *Store
	want   *model.Store
	base   int64 // timestamps begin here
	family string
	held   []heldState
}

// heldState is a reader that was opened on a row earlier, and the contents that it must still read.
type heldState struct {
	rd   *reader
	want []backend.Row
}

func runHistory(t *testing.T, seed uint64) {
	h := &history{Rand: rand.New(rand.NewPCG(seed, 99)), t: t, clock: newClock()}
	h.s = mustOpenMemory(t, manual(h.clock, ""))
	alter(t, h.s, testKeyspace())
	var err error
	if h.want, err = model.New(model.Options{Now: h.clock.Now}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.want.Alter(t.Context(), testKeyspace()); err != nil {
		t.Fatal(err)
	}
	h.family = []string{"cf", "super"}[seed%2]
	for range 600 {
		h.step()
		h.compare()
	}
	for _, held := range h.held {
		held.rd.release()
	}
}

const historyNames = 90

func (h *history) key() string { return []string{"k", "l"}[h.IntN(2)] }
func (h *history) name() []byte {
	return fmt.Appendf(nil, "%02d", h.IntN(historyNames))
}
func (h *history) superName() []byte { return fmt.Appendf(nil, "s%d", h.IntN(4)) }
func (h *history) timestamp() int64  { return h.base + h.Int64N(6) }

// part returns a random slice, most often a short one.
func (h *history) part() (start, finish []byte) {
	from := h.IntN(historyNames)
	start, finish = fmt.Appendf(nil, "%02d", from), fmt.Appendf(nil, "%02d", min(from+h.IntN(6), historyNames))
	if h.IntN(12) == 0 {
		start = nil
	}
	if h.IntN(12) == 0 {
		finish = nil
	}
	return start, finish
}

func (h *history) mutation() backend.Mutation {
	m := backend.Mutation{Op: backend.Delete, Timestamp: h.timestamp()}
	isSuper := h.family == "super"
	if isSuper {
		m.Super = h.superName()
	}
	switch p := h.IntN(40); {
	case p < 18:
		m.Op = backend.Insert
		m.Column = backend.Column{Name: h.name(), Value: fmt.Append(nil, h.IntN(9)), Timestamp: m.Timestamp}
		if h.IntN(5) == 0 {
			m.Column.TTL = 1 + h.Int32N(20)
		}
	case p < 28:
		m.Columns = &backend.Predicate{Names: [][]byte{h.name(), h.name()}}
	case p < 38:
		m.Columns = &backend.Predicate{}
		m.Columns.Start, m.Columns.Finish = h.part()
	case p == 38 && isSuper: // a slice of super columns
		m.Super, m.Columns = nil, &backend.Predicate{Start: []byte("s1"), Finish: []byte("s2")}
	case p == 39 && isSuper && h.IntN(2) == 0: // a super column
	case p == 39 && h.IntN(2) == 0: // the row
		m.Super = nil
	default:
		m.Columns = &backend.Predicate{Finish: h.name()}
	}
	return m
}

func (h *history) step() {
	h.t.Helper()
	must := func(err error) {
		h.t.Helper()
		if err != nil {
			h.t.Fatal(err)
		}
	}
	switch p := h.IntN(60); {
	case p < 45:
		r := mutate(h.family, h.key())
		for range 1 + h.IntN(20) {
			r.Rows[0].Mutations = append(r.Rows[0].Mutations, h.mutation())
		}
		must(h.want.Mutate(h.t.Context(), r))
		must(h.s.Mutate(h.t.Context(), r))
	case p < 47:
		must(h.s.db.Flush())
	case p < 48:
		must(h.s.db.Compact(h.t.Context(), []byte{0}, []byte{0xff}, false))
	case p < 51: // purge covered records
		must(h.s.Purge(h.t.Context()))
	case p < 52:
		h.clock.Advance(time.Duration(h.IntN(8)) * time.Second)
	case p < 53:
		h.clock.Advance(afterGrace)
		h.base += 100 // nothing is written with a timestamp from before the purge
		must(h.s.Purge(h.t.Context()))
		must(h.want.Purge(h.t.Context()))
	case p < 55:
		mustWatch(h.t, h.s, h.family, h.key())
	case p < 56:
		it, err := h.s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{tagData}, UpperBound: []byte{tagIndex}})
		must(err)
		for ok := it.First(); ok; ok = it.Next() {
			if h.IntN(20) == 0 {
				must(h.s.fold(h.t.Context(), it.Key()))
			}
		}
		must(it.Close())
	case p < 58:
		h.oldSlice()
	default:
		h.hold()
	}
}

// oldSlice writes a slice's tombstone in format 1.
func (h *history) oldSlice() {
	h.t.Helper()
	f := mustFamily(h.t, h.s, h.family)
	key := h.key()
	m := backend.Mutation{Op: backend.Delete, Timestamp: h.timestamp(), Columns: &backend.Predicate{}}
	m.Columns.Start, m.Columns.Finish = h.part()
	prefix := append(f.appendRow(nil, h.s.part, []byte(key)), secMarks)
	codec, tr := f.names, traitSliceMarks
	if h.family == "super" {
		m.Super = h.superName()
		enc, _, err := appendName(nil, f.names, m.Super)
		if err != nil {
			h.t.Fatal(err)
		}
		prefix = append(append(prefix, markSuper), enc...)
		codec, tr = f.subs, traitSuperMarks
	}
	old, err := appendSliceMark(append(prefix, markSlice), codec, m.Columns.Start, m.Columns.Finish)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.want.Mutate(h.t.Context(), mutate(h.family, key, m)); err != nil {
		h.t.Fatal(err)
	}
	f.traits.inData.Or(uint32(tr | traitGarbage))
	rec := record{kind: kindMark, timestamp: m.Timestamp, deletedAt: h.s.now()}
	if err := h.s.db.Merge(old, rec.appendHead(nil), pebble.NoSync); err != nil {
		h.t.Fatal(err)
	}
}

// hold opens a reader on the current state, and checks a reader that was held before.
func (h *history) hold() {
	h.t.Helper()
	if len(h.held) == 3 {
		held := h.held[0]
		h.held = h.held[1:]
		p, err := held.rd.f.plan(nil, &backend.Predicate{Count: 1 << 20})
		if err != nil {
			h.t.Fatal(err)
		}
		held.rd.look(false)
		var row backend.Row
		err = held.rd.openRow()
		if err == nil {
			held.rd.reply.begin(held.want[0].Key)
			err = held.rd.read(p, &row)
		}
		if err != nil {
			h.t.Fatal(err)
		}
		held.rd.release()
		mustBeSame(h.t, "a row in an older state", withColumns(held.want), withColumns([]backend.Row{row}))
	}
	key := h.key()
	want, err := h.want.Slice(h.t.Context(), slice(h.family, 1<<20, key))
	if err != nil {
		h.t.Fatal(err)
	}
	rd := newReader()
	rd.s, rd.oneRow = h.s, true
	f := mustFamily(h.t, h.s, h.family)
	rd.prefix = f.appendRow(rd.prefix[:0], h.s.part, []byte(key))
	rd.end = prefixEnd(rd.end[:0], rd.prefix)
	if err := rd.open(h.t.Context(), h.s, f, rd.prefix, rd.end); err != nil {
		h.t.Fatal(err)
	}
	h.held = append(h.held, heldState{rd, want})
}

// compare compares a few random reads.
func (h *history) compare() {
	h.t.Helper()
	for range 3 {
		r := slice(h.family, 1+h.IntN(historyNames), h.key(), h.key())
		if h.family == "super" && h.IntN(3) > 0 {
			r.Super = h.superName()
		}
		switch h.IntN(6) {
		case 0:
			r.Predicate.Count = 1 << 20
		case 1:
			r.Predicate = backend.Predicate{Names: [][]byte{h.name(), h.name(), h.name()}}
			if h.family == "super" && r.Super == nil {
				r.Predicate.Names = [][]byte{[]byte("s0"), []byte("s2")}
			}
		case 2:
			if h.family != "super" || r.Super != nil {
				r.Predicate.Start = h.name()
			}
			r.Predicate.Count = 1 + h.IntN(3)
		}
		r.Predicate.Reversed = r.Predicate.Names == nil && h.IntN(3) == 0
		want, err := h.want.Slice(h.t.Context(), r)
		if err != nil {
			h.t.Fatal(err)
		}
		got, err := h.s.Slice(h.t.Context(), r)
		if err != nil {
			h.t.Fatal(err)
		}
		mustBeSame(h.t, fmt.Sprintf("%+v", r), withColumns(want), withColumns(got))
	}
	if h.IntN(10) == 0 {
		mustBeSame(h.t, "all rows", allRows(h.t, h.want, h.family), allRows(h.t, h.s, h.family))
	}
}
