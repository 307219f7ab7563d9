package cqlclient

import (
	"bytes"
	"context"
	"errors"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
)

var _ backend.Comparer = (*Client)(nil)

// CompareAndSet implements backend.Comparer by a conditional batch, which is one lightweight transaction. If a request expects a row
// without columns, CompareAndSet returns backend.ErrUnsupported, since CQL has no such condition.
//
// The server chooses the timestamp of the updates. If an earlier write has a timestamp ahead of the server's clock, CompareAndSet
// reports that the updates were applied, but readers still see the earlier write.
func (c *Client) CompareAndSet(ctx context.Context, r *backend.CompareRequest) (result *backend.CompareResult, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodCompareAndSet, start, err) }(time.Now())
	if _, err := c.current(ctx); err != nil {
		return nil, err
	}
	return again(ctx, c, r.Keyspace, func() []string { return []string{r.Family} }, func(s *snapshot) (*backend.CompareResult, error) {
		f, err := checkCompare(s.cat, r)
		if err != nil {
			return nil, err
		}
		result, err := c.compare(ctx, f, r)
		if err == nil && result.Applied && len(r.Updates) > 0 {
			err = inDoubt(c.fail(ctx, c.writeGained(ctx, s, r)))
		}
		return result, c.fail(ctx, err)
	})
}

// writeGained writes the shadows of updates that were applied, for indexes that were added to the family after s was read. The server
// chose the timestamps of the updates, so writeGained reads these timestamps first.
func (c *Client) writeGained(ctx context.Context, s *snapshot, r *backend.CompareRequest) error {
	for {
		next, err := c.gained(ctx, s, r.Keyspace, []string{r.Family})
		if next == nil {
			return err
		}
		was, t := s.table(r.Keyspace, r.Family), next.table(r.Keyspace, r.Family)
		s = next
		for i := range r.Updates {
			x, shadow := t.shadowOf(r.Updates[i].Name)
			if x == nil || shadow == was.shadows[string(x.Column)] {
				continue
			}
			key, column := raw(r.Key), raw(x.Column)
			var value, timestamp, ttl raw
			err := c.getValue(ctx, t, key, column, consistencies[r.Serial], &value, &timestamp, &ttl)
			if errors.Is(err, gocql.ErrNotFound) || err == nil && !indexable(x, value) {
				continue
			}
			if err == nil {
				err = c.writeShadow(ctx, t, column, key, value, timestamp.int64(), ttl, consistencies[r.Commit])
			}
			if err != nil {
				return err
			}
		}
	}
}

// checkCompare validates a request, its expected columns and its updates.
func checkCompare(cat *catalog.Catalog, r *backend.CompareRequest) (*catalog.Family, error) {
	if err := cat.CheckCompare(r); err != nil {
		return nil, err
	}
	list := make([]backend.Mutation, len(r.Updates))
	for i, u := range r.Updates {
		list[i] = backend.Mutation{Op: backend.Insert, Column: u}
	}
	families, err := cat.CheckMutate(nil, &backend.MutateRequest{
		Keyspace: r.Keyspace, Rows: []backend.RowMutation{{Family: r.Family, Key: r.Key, Mutations: list}}, Consistency: r.Commit,
	})
	if err != nil {
		return nil, err
	}
	_, err = cat.CheckSlice(&backend.SliceRequest{
		Parent: backend.Parent{Keyspace: r.Keyspace, Family: r.Family}, Keys: [][]byte{r.Key}, Predicate: *expectedNames(r),
	})
	return families[0], err
}

func expectedNames(r *backend.CompareRequest) *backend.Predicate {
	p := &backend.Predicate{Names: make([][]byte, len(r.Expected))}
	for i := range r.Expected {
		p.Names[i] = r.Expected[i].Name
	}
	return p
}

func (c *Client) compare(ctx context.Context, f *catalog.Family, r *backend.CompareRequest) (*backend.CompareResult, error) {
	switch {
	case len(r.Expected) == 0:
		return nil, &backend.Error{Kind: backend.KindUnsupported, Why: "CQL has no condition for a row without columns: " +
			"expect the absence of columns by their names"}
	case len(r.Updates) > 0:
		applied, err := c.swap(ctx, f, r)
		if err != nil || applied {
			return &backend.CompareResult{Applied: applied}, err
		}
	}
	read := c.newRead(f, &backend.Parent{}, r.Serial, r.Reserve)
	row, err := read.row(ctx, r.Key, expectedNames(r))
	if err != nil {
		return nil, err
	}
	if len(r.Updates) == 0 && matches(f.Comparator, r.Expected, row.Columns) {
		return &backend.CompareResult{Applied: true}, nil
	}
	return &backend.CompareResult{Current: row.Columns}, read.reserve.settle(ctx, nil)
}

// swap writes the updates if the row has the expected columns.
func (c *Client) swap(ctx context.Context, f *catalog.Family, r *backend.CompareRequest) (applied bool, err error) {
	t := tableOf(f)
	if err := t.writable(); err != nil {
		return false, err
	}
	if !t.direct() {
		return false, &backend.Error{Kind: backend.KindUnsupported, Why: "compare and set needs a table with one clustering column: use a conditional UPDATE of CQL"}
	}
	entries, err := conditions(t, r)
	if err != nil {
		return false, err
	}
	batch := c.session.Batch(gocql.LoggedBatch).Consistency(consistencies[r.Commit]).SerialConsistency(consistencies[r.Serial])
	batch.Entries = entries
	iter := batch.IterContext(ctx)
	defer iter.Close()
	dest := make([]raw, len(iter.Columns()))
	pointers := make([]any, len(dest))
	for i := range dest {
		pointers[i] = &dest[i]
	}
	if !iter.Scan(pointers...) {
		return false, iter.Close()
	}
	return bytes.Equal(dest[0], raw{1}), nil // the first column is "[applied]"
}

// conditions makes the statements of a conditional batch. Each update has a condition on the column that it replaces, if that column
// is expected. Each other expected column has a statement of its own, which changes nothing that a reader sees.
func conditions(t *table, r *backend.CompareRequest) ([]gocql.BatchEntry, error) {
	order := t.family.Comparator
	a := newArguments(5 * (len(r.Updates) + len(r.Expected)))
	expected := make([]bool, len(r.Expected)) // true if an update's statement has the condition
	var entries []gocql.BatchEntry
	for i := range r.Updates {
		u := &r.Updates[i]
		s := modification{what: write, named: byName}
		_, s.shadow = t.shadowOf(u.Name)
		addWritten(t, a, &s, u)
		a.add(r.Key)
		a.add(u.Name)
		var first raw
		for j := range r.Expected {
			if order.Compare(r.Expected[j].Name, u.Name) == 0 {
				expected[j] = true
				// Two conditions suffice: if a name is expected with two values, the row cannot have both.
				value := raw(r.Expected[j].Value)
				if s.conditions == 0 || s.conditions == 1 && !value.equals(first) {
					s.conditions++
					first = value
					a.addNullable(value)
				}
			}
		}
		entries = append(entries, gocql.BatchEntry{Stmt: text(t, s), Args: a.take()})
	}
	for j := range r.Expected {
		if expected[j] {
			continue
		}
		if t.ttl == "" {
			return nil, &backend.Error{Kind: backend.KindUnsupported, Why: "a column of this table can be expected only if it is updated too: CQL has no condition without a write"}
		}
		a.add(r.Key)
		a.add(r.Expected[j].Name)
		a.addNullable(r.Expected[j].Value)
		entries = append(entries, gocql.BatchEntry{Stmt: text(t, modification{what: touch, named: byName, conditions: 1}), Args: a.take()})
	}
	return entries, nil
}

// matches reports whether columns equal the expected columns. The columns are in comparator order.
func matches(order coltype.Type, expected, columns []backend.Column) bool {
	for i := range expected {
		found := false
		for j := range columns {
			if order.Compare(columns[j].Name, expected[i].Name) == 0 {
				found = expected[i].Value != nil && bytes.Equal(columns[j].Value, expected[i].Value)
				if !found {
					return false
				}
			}
		}
		if !found && expected[i].Value != nil {
			return false
		}
	}
	return true
}
