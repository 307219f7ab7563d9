package cqlclient

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// snapshotOf returns the schema with the families in keyspace ks.
func snapshotOf(t testing.TB, families ...schema.Family) *snapshot {
	t.Helper()
	return &snapshot{cat: catalogOf(t, families...)}
}

// unindexed is standard without its index.
var unindexed = schema.Family{Name: "Std", Comparator: "UTF8Type", Columns: []schema.Column{{Name: []byte("i"), Validator: "UTF8Type"}}}

// statements records the statements that a node executes. Before the node answers the first
// statement, it calls first.
func statements(n *fakeNode, first func()) func() []string {
	var mu sync.Mutex
	var list []string
	n.mu.Lock()
	defer n.mu.Unlock()
	n.seen = func(statement string, _ []byte) {
		mu.Lock()
		defer mu.Unlock()
		if list = append(list, statement); len(list) == 1 && first != nil {
			first()
		}
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Sorted(slices.Values(list))
	}
}

// TestIndexAddedDuringWrite adds an index during a write that also increments counters. The client must write the other families again,
// with the shadow, and must not send the increments again.
func TestIndexAddedDuringWrite(t *testing.T) {
	c, n := onFakeNode(t, standard, &Options{Parallel: 1})
	c.schema.snapshot.Store(snapshotOf(t, unindexed, counter))
	ran := statements(n, func() { c.schema.snapshot.Store(snapshotOf(t, standard, counter)) })
	err := c.Mutate(t.Context(), &backend.MutateRequest{
		Keyspace: "ks", Consistency: backend.One, Rows: []backend.RowMutation{
			{Family: "Cnt", Key: []byte("k"), Mutations: []backend.Mutation{{Op: backend.Add, Column: backend.Column{Name: []byte("a")}, Delta: 1}}},
			{Family: "Std", Key: []byte("k"), Mutations: []backend.Mutation{insertion("i", "v", 1, 0)}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`UPDATE "ks"."Cnt" SET value = value + ? WHERE key = ? AND column1 = ?`,
		`UPDATE "ks"."Std" USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ?`,
		`UPDATE "ks"."Std" USING TIMESTAMP ? SET value = ?, "ix_i" = ? WHERE key = ? AND column1 = ?`,
	}
	if diff := cmp.Diff(want, ran()); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

// TestIndexAddedDuringCompareAndSet adds an index during a compare and set. After the compare and set, the client must write the shadow with
// the timestamp that the server chose.
func TestIndexAddedDuringCompareAndSet(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	c.schema.snapshot.Store(snapshotOf(t, unindexed))
	applied := appendColumns([]byte{0, 0, 0, 2}, []string{"[applied]"}, map[string][]uint16{"[applied]": {0x04}})
	n.set("BATCH", message{opResult, append(binary.BigEndian.AppendUint32(applied, 1), 0, 0, 0, 1, 1)})
	get := `SELECT value, WRITETIME(value), TTL(value) FROM "ks"."Std" WHERE key = ? AND column1 = ?`
	stamp := []byte("\x00\x00\x00\x00\x00\x00\x00\x63")
	n.set(get, message{opResult, rowsOf([][][]byte{{[]byte("new"), stamp, nil}})})
	ran := statements(n, func() { c.schema.snapshot.Store(snapshotOf(t, standard)) })
	result, err := c.CompareAndSet(t.Context(), &backend.CompareRequest{
		Keyspace: "ks", Family: "Std", Key: []byte("k"), Serial: backend.Serial, Commit: backend.Quorum,
		Expected: []backend.Column{{Name: []byte("i"), Value: []byte("old")}}, Updates: []backend.Column{{Name: []byte("i"), Value: []byte("new")}},
	})
	if err != nil || !result.Applied {
		t.Fatalf("result %v, error %v", result, err)
	}
	want := []string{"BATCH", get, `UPDATE "ks"."Std" USING TIMESTAMP ? AND TTL ? SET "ix_i" = ? WHERE key = ?`}
	if diff := cmp.Diff(want, ran()); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

// TestRowsWithoutValue reads a range in which one row has a CQL row without a value. Such a CQL row counts towards PER PARTITION LIMIT.
func TestRowsWithoutValue(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	cell := func(key, name string, value []byte) [][]byte {
		row := [][]byte{[]byte(key), []byte(name), value, nil, nil}
		if value != nil {
			row[3] = []byte("\x00\x00\x00\x00\x00\x00\x00\x01")
		}
		return row
	}
	columns := `column1, value, WRITETIME(value), TTL(value) FROM "ks"."Std"`
	whole := `SELECT key, ` + columns + ` WHERE token(key) >= ?`
	n.set(`SELECT key, `+columns+` PER PARTITION LIMIT ?`, message{opResult, rowsOf([][][]byte{cell("k", "a", nil), cell("l", "a", []byte("1"))})})
	n.set(whole+` AND token(key) <= ? PER PARTITION LIMIT ?`, message{opResult, rowsOf([][][]byte{cell("k", "a", nil), cell("l", "a", []byte("1"))})})
	n.set(`SELECT DISTINCT key FROM "ks"."Std"`, message{opResult, rowsOf([][][]byte{{[]byte("k")}, {[]byte("l")}})})
	n.set(sliceStatement, message{opResult, rowsOf([][][]byte{cell("k", "a", nil)[1:], cell("k", "b", []byte("1"))[1:]})})
	rows, err := c.Range(t.Context(), &backend.RangeRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: "Std"}, Range: backend.KeyRange{StartKey: []byte{}, EndKey: []byte{}, Count: 10},
		Predicate: backend.Predicate{Count: 1}, Consistency: backend.One,
	})
	if err != nil || len(rows) != 2 || len(rows[0].Columns) != 1 || string(rows[0].Columns[0].Name) != "b" {
		t.Errorf("rows %+v, error %v", rows, err)
	}
}

// TestPagesOfNames asks for names in pages, which bound the memory of a reply.
func TestPagesOfNames(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	statement := sliceStatement + " AND column1 IN ?"
	paged := false
	n.mu.Lock()
	n.seen = func(_ string, request []byte) {
		flags := request[2+len(statement)+2]
		paged = flags&0x04 != 0
	}
	n.mu.Unlock()
	_, err := c.Slice(t.Context(), &backend.SliceRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: "Std"}, Keys: bytesOf("k"), Predicate: backend.Predicate{Names: bytesOf("a", "b")},
	})
	if err != nil || !paged {
		t.Errorf("paged: %v, error %v", paged, err)
	}
}

// TestReserveOfKeys reads many keys of rows without the selected columns. The client must call Reserve before it has read all keys.
func TestReserveOfKeys(t *testing.T) {
	c, n := onFakeNode(t, standard, &Options{PageSize: 10})
	list := make([][][]byte, 5000)
	for i := range list {
		list[i] = [][]byte{binary.BigEndian.AppendUint64(nil, uint64(i))}
	}
	n.set(`SELECT DISTINCT key FROM "ks"."Std"`, message{opResult, rowsOf(list)})
	request := &backend.RangeRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: "Std"}, Range: backend.KeyRange{StartKey: []byte{}, EndKey: []byte{}, Count: len(list)},
		Predicate: backend.Predicate{Names: [][]byte{[]byte("a")}}, Consistency: backend.One,
	}
	taken, largest := 0, 0
	request.Reserve = func(_ context.Context, n int) error {
		taken += n
		largest = max(largest, n)
		return nil
	}
	rows, err := c.Range(t.Context(), request)
	if err != nil || len(rows) != len(list) {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	if want := backend.ResultSize(rows); taken < want || taken > want+step || largest > 2*step {
		t.Errorf("%d bytes were asked for, at most %d at once, want %d, and %d", taken, largest, want, 2*step)
	}
}

// TestLeaseFences begins a change under a lease that is about to expire, before the holder has noticed.
func TestLeaseFences(t *testing.T) {
	c := offline(t, nil)
	l := &lease{}
	until := time.Now().Add(renewEvery / 2)
	l.until.Store(&until)
	err := c.define(context.WithValue(t.Context(), leaseOf{}, l), "DROP TABLE x")
	if !errors.Is(err, errLeaseLost) {
		t.Errorf("error %v, want %v", err, errLeaseLost)
	}
}

// TestKeysBehindLongRow reads the keys behind a row that is longer than one read.
func TestKeysBehindLongRow(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	var long [][][]byte
	for range skipPage {
		long = append(long, [][]byte{[]byte("k")})
	}
	n.set(`SELECT key FROM "ks"."Std" WHERE token(key) >= ? LIMIT ?`, message{opResult, rowsOf(long)})
	n.set(`SELECT key FROM "ks"."Std" WHERE token(key) > ? LIMIT ?`, message{opResult, rowsOf([][][]byte{{[]byte("l")}})})
	r := c.newRead(family(t, standard), &backend.Parent{}, backend.One, nil)
	rows, err := r.keysBySkipping(t.Context(), span{firstKey: []byte("k"), behind: true}, 10)
	if err != nil || len(rows) != 1 || string(rows[0].Key) != "l" {
		t.Errorf("rows %v, error %v, want row l", rows, err)
	}
}

// TestCommentIsNoDefinition gives a table of another client a comment that has the form of a
// definition.
func TestCommentIsNoDefinition(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	ran := statements(n, nil)
	commented := standard
	commented.Comment = "x" + marker + "{}"
	err := c.alterForeign(t.Context(), family(t, commented), family(t, standard), nil)
	if !errors.Is(err, backend.ErrInvalidRequest) || len(ran()) > 0 {
		t.Errorf("error %v, statements %q", err, ran())
	}
}
