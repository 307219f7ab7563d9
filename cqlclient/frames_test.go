package cqlclient

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"unsafe"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// manyColumns returns the CQL rows of n columns with values of 100 bytes.
func manyColumns(n int) (rows [][][]byte) {
	for i := range n {
		rows = append(rows, [][]byte{
			fmt.Appendf(nil, "c%04d", i), bytes.Repeat([]byte{byte(i)}, 100), binary.BigEndian.AppendUint64(nil, uint64(i)), nil,
		})
	}
	return rows
}

// TestCellsAliasFrames pins two properties of the driver: a cell read as raw bytes aliases its
// frame, and the driver never writes to that memory again.
func TestCellsAliasFrames(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	const columns, calls = 50, 200
	var kept [][]backend.Column
	for i := range calls {
		rows := manyColumns(columns)
		for j := range rows {
			rows[j][1] = fmt.Appendf(nil, "value %d of call %d", j, i)
		}
		n.set(sliceStatement, message{opResult, rowsOf(rows)})
		got, err := c.Slice(t.Context(), sliceOf(columns, "k"))
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, got[0].Columns)
	}
	for i, list := range kept {
		if len(list) != columns {
			t.Fatalf("call %d has %d columns, want %d", i, len(list), columns)
		}
		for j := range list {
			if want := fmt.Sprintf("value %d of call %d", j, i); string(list[j].Value) != want {
				t.Fatalf("the value has become %q, want %q", list[j].Value, want)
			}
		}
		first, last := unsafe.SliceData(list[0].Name), unsafe.SliceData(list[columns-1].Value)
		if apart := int(uintptr(unsafe.Pointer(last)) - uintptr(unsafe.Pointer(first))); apart <= 0 || apart > columns*100 {
			t.Fatalf("call %d: the first name and the last value are %d bytes apart: they do not share a frame", i, apart)
		}
	}
}

// TestAllocations bounds the allocations of a call beyond the driver's: at most 15, plus 0.25 for
// each column.
func TestAllocations(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	ctx := context.Background()
	for _, columns := range []int{1, 100, 1000} {
		n.set(sliceStatement, message{opResult, rowsOf(manyColumns(columns))})
		request := sliceOf(1000, "k")
		ours := testing.AllocsPerRun(200, func() {
			if rows, err := c.Slice(ctx, request); err != nil || len(rows[0].Columns) != columns {
				t.Fatal(len(rows[0].Columns), err)
			}
		})
		key := notNull([]byte("k"))
		args := []any{&key}
		driver := testing.AllocsPerRun(200, func() {
			iter := c.session.Query(sliceStatement, args...).Consistency(gocql.One).PageSize(1000).IterContext(ctx)
			var name, value, time, ttl raw
			for dest := []any{&name, &value, &time, &ttl}; iter.Scan(dest...); {
			}
			if err := iter.Close(); err != nil {
				t.Fatal(err)
			}
		})
		beyond := ours - driver
		t.Logf("%d columns: %.0f allocations, %.0f of them the driver's", columns, ours, driver)
		if limit := 15 + 0.25*float64(columns); beyond > limit {
			t.Errorf("%d columns: %.0f allocations beyond the driver's %.0f, want at most %.0f", columns, beyond, driver, limit)
		}
	}
	insert := &backend.MutateRequest{Keyspace: "ks", Rows: []backend.RowMutation{
		{Family: "Std", Key: []byte("k"), Mutations: []backend.Mutation{insertion("a", "v", 1, 0)}},
	}}
	ours := testing.AllocsPerRun(200, func() {
		if err := c.Mutate(ctx, insert); err != nil {
			t.Fatal(err)
		}
	})
	cells := []raw{make(raw, 8), raw("v"), raw("k"), raw("a")}
	args := []any{&cells[0], &cells[1], &cells[2], &cells[3]}
	driver := testing.AllocsPerRun(200, func() {
		q := c.session.Query(`UPDATE "ks"."Std" USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ?`, args...)
		if err := q.Consistency(gocql.One).ExecContext(ctx); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("an insert: %.0f allocations, %.0f of them the driver's", ours, driver)
	if ours-driver > 15 {
		t.Errorf("an insert: %.0f allocations beyond the driver's %.0f, want at most 15", ours-driver, driver)
	}
}

// TestErrorsOfNode maps errors in the form in which a node sends them.
func TestErrorsOfNode(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	failure := func(code uint32, text string, more ...byte) message {
		return message{opError, append(appendString(binary.BigEndian.AppendUint32(nil, code), text), more...)}
	}
	for _, test := range []struct {
		m    message
		want error
	}{
		{failure(0x1001, "Server is overloaded"), backend.ErrTooMuch},
		{failure(0x1000, "Cannot achieve consistency level", 0, 1, 0, 0, 0, 1, 0, 0, 0, 0), backend.ErrUnavailable},
		{failure(0x1200, "Operation timed out", 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0), backend.ErrTimedOut},
		{failure(0x1300, "Operation failed", 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0), backend.ErrReplicaFailure},
		{failure(0x2200, "no"), backend.ErrInvalidRequest},
		{failure(0x0000, "java.lang.NullPointerException"), backend.ErrInternal},
	} {
		n.set(sliceStatement, test.m)
		if _, err := c.Slice(t.Context(), sliceOf(1, "k", "l", "m")); !errors.Is(err, test.want) {
			t.Errorf("%v, want %v", err, test.want)
		}
	}
}

// TestReserve checks that Reserve is asked for the full size of a result, and that its error ends
// the call.
func TestReserve(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	n.set(sliceStatement, message{opResult, rowsOf(manyColumns(1000))})
	request := sliceOf(1000, "a", "b", "c")
	taken, largest := 0, 0
	request.Reserve = func(_ context.Context, n int) error {
		taken += n
		largest = max(largest, n)
		return nil
	}
	rows, err := c.Slice(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if want := backend.ResultSize(rows); taken < want || largest > 2*step {
		t.Errorf("%d bytes were asked for, at most %d at once, want at least %d, and %d", taken, largest, want, 2*step)
	}
	full := errors.New("no room")
	request.Reserve = func(context.Context, int) error { return full }
	if _, err := c.Slice(t.Context(), request); err != full {
		t.Errorf("the call ends with %v, want the error of Reserve", err)
	}
}

func TestCloneValues(t *testing.T) {
	key, null := raw("k"), raw(nil)
	clones := cloneValues([]any{&key, &null})
	key[0] = 'x'
	if got := values(clones); got != " 'k' null" {
		t.Errorf("the clones are%s", got)
	}
}
