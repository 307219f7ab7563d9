package cqlclient

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
)

// Mutate implements backend.Backend. It sends the mutations of a row key, in all families, as one batch, which the server applies at once.
// If the mutations exceed Options.BatchBytes or Options.BatchStatements, Mutate sends several batches. An atomic call is one logged batch.
// Mutate sends increments of counters when the rest of the request has succeeded.
func (c *Client) Mutate(ctx context.Context, r *backend.MutateRequest) (err error) {
	if err := c.enter(ctx); err != nil {
		return err
	}
	defer func(start time.Time) { c.done(MethodMutate, start, err) }(time.Now())
	if _, err := c.current(ctx); err != nil {
		return err
	}
	counted := false
	var failed error // the error of the increments; increments are never sent again
	_, err = again(ctx, c, r.Keyspace, func() []string { return familiesOf(r) }, func(s *snapshot) (struct{}, error) {
		if counted {
			return struct{}{}, failed
		}
		for {
			groups, err := groupsBy(s, r)
			if err != nil {
				return struct{}{}, err
			}
			plain, counters := divided(groups)
			if err := c.sendAll(ctx, plain, r); err != nil {
				return struct{}{}, err
			}
			if len(plain) > 0 {
				next, err := c.gained(ctx, s, r.Keyspace, familiesOf(r))
				if next != nil {
					s = next
					continue
				}
				if err != nil {
					return struct{}{}, inDoubt(err)
				}
			}
			if len(counters) > 0 {
				counted = true
				failed = c.sendAll(ctx, counters, r)
			}
			return struct{}{}, failed
		}
	})
	return err
}

// divided divides groups into those without counters and those with counters. The increments of a request are sent last: if the rest of
// the request is refused, or must be sent again, nothing was counted.
func divided(groups []*group) (plain, counters []*group) {
	counter := func(g *group) bool { return g.kind == gocql.CounterBatch }
	if !slices.ContainsFunc(groups, counter) {
		return groups, nil
	}
	for _, g := range groups {
		if counter(g) {
			counters = append(counters, g)
		} else {
			plain = append(plain, g)
		}
	}
	return plain, counters
}

// inDoubt returns the error of a write that was applied, if the client could not find out whether a new index requires that the write is
// sent again.
func inDoubt(err error) error {
	if e, ok := errors.AsType[*backend.Error](err); ok && e.Kind != backend.KindClosed {
		return &backend.Error{Kind: backend.KindTimedOut, Why: "the write was applied, but perhaps not to an index that is being added", Err: err}
	}
	return err
}

// familiesOf lists the families of a request.
func familiesOf(r *backend.MutateRequest) []string {
	var list []string
	for i := range r.Rows {
		if !slices.Contains(list, r.Rows[i].Family) {
			list = append(list, r.Rows[i].Family)
		}
	}
	return list
}

// groupsBy checks a request by the schema of a snapshot, and divides it into groups.
func groupsBy(s *snapshot, r *backend.MutateRequest) ([]*group, error) {
	families, err := s.cat.CheckMutate(nil, r)
	if err != nil {
		return nil, err
	}
	for i, f := range families {
		t := tableOf(f)
		if err := t.writable(); err != nil {
			return nil, err
		}
		if !t.direct() {
			if err := t.checkForeign(&r.Rows[i]); err != nil {
				return nil, err
			}
		}
	}
	return groupsOf(families, r), nil
}

// sendAll sends groups, several at once.
func (c *Client) sendAll(ctx context.Context, groups []*group, r *backend.MutateRequest) error {
	return c.each(ctx, len(groups), func(ctx context.Context, i int) error {
		return c.fail(ctx, c.send(ctx, groups[i], r))
	})
}

// group holds the mutations of one row key, or all mutations of an atomic request.
type group struct {
	kind   gocql.BatchType
	rows   []*backend.RowMutation
	tables []*table
}

// groupsOf divides a request into groups. The groups are in the order of their first rows.
func groupsOf(families []*catalog.Family, r *backend.MutateRequest) []*group {
	type place struct {
		key     string
		counter bool
	}
	var groups []*group
	places := make(map[place]*group, len(r.Rows))
	for i := range r.Rows {
		row := &r.Rows[i]
		if len(row.Mutations) == 0 {
			continue
		}
		p := place{string(row.Key), families[i].Counter}
		if r.Atomic {
			p.key = ""
		}
		g := places[p]
		if g == nil {
			g = &group{kind: gocql.UnloggedBatch}
			switch {
			case p.counter:
				g.kind = gocql.CounterBatch
			case r.Atomic:
				g.kind = gocql.LoggedBatch
			}
			places[p] = g
			groups = append(groups, g)
		}
		g.rows = append(g.rows, row)
		g.tables = append(g.tables, tableOf(families[i]))
	}
	return groups
}

// send sends a group as one batch. If the group is large, send divides it into several batches and sends one after the other.
func (c *Client) send(ctx context.Context, g *group, r *backend.MutateRequest) error {
	for entries := range g.batches(c.opts) {
		if err := c.sendBatch(ctx, g.kind, consistencies[r.Consistency], entries); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) sendBatch(ctx context.Context, kind gocql.BatchType, level gocql.Consistency, entries []gocql.BatchEntry) error {
	tries := &writeRetries{retries: retries{c.opts.Retries, c.watcher}}
	if len(entries) == 1 {
		e := &entries[0]
		return tries.result(c.session.Query(e.Stmt, e.Args...).Consistency(level).Idempotent(e.Idempotent).RetryPolicy(tries).ExecContext(ctx))
	}
	b := c.session.Batch(kind).Consistency(level).RetryPolicy(tries)
	b.Entries = entries
	return tries.result(b.ExecContext(ctx))
}

// batches yields the statements of a group, in as few batches as the options allow. A mutation and the statement of its shadow are in the
// same batch. Increments and deletions of counters are in separate batches, since within one batch a deletion would cover the
// increments after it.
func (g *group) batches(opts *Options) iter.Seq[[]gocql.BatchEntry] {
	return func(yield func([]gocql.BatchEntry) bool) {
		n := 0
		for _, row := range g.rows {
			n += len(row.Mutations)
		}
		n = min(n, opts.BatchStatements)
		b := batch{kind: g.kind, a: newArguments(valuesPerStatement * n), entries: make([]gocql.BatchEntry, 0, n)}
		size, last := 0, backend.Op(0)
		for i, row := range g.rows {
			for j := range row.Mutations {
				m := &row.Mutations[j]
				more := mutationSize(m)
				full := (len(b.entries) >= opts.BatchStatements || size+more > opts.BatchBytes) && g.kind != gocql.LoggedBatch
				turned := g.kind == gocql.CounterBatch && m.Op != last
				if len(b.entries) > 0 && (full || turned) {
					if !yield(b.entries) {
						return
					}
					b.entries, size = make([]gocql.BatchEntry, 0, n), 0
				}
				size, last = size+more, m.Op
				b.mutation(g.tables[i], row.Key, m)
			}
		}
		if len(b.entries) > 0 {
			yield(b.entries)
		}
	}
}

// batch collects the statements of a batch.
type batch struct {
	kind    gocql.BatchType
	a       *arguments
	entries []gocql.BatchEntry
}

// valuesPerStatement is the number of values of most statements: timestamp, value, key and name.
const valuesPerStatement = 4

// mutationSize estimates how many bytes of a message a mutation takes.
func mutationSize(m *backend.Mutation) int {
	size := 64 + len(m.Super) + len(m.Column.Name) + len(m.Column.Value)
	if m.Columns != nil {
		for _, name := range m.Columns.Names {
			size += 4 + len(name)
		}
	}
	return size
}

// statement adds a statement. Its values are in b.a.
func (b *batch) statement(t *table, m modification) { b.entry(text(t, m)) }

func (b *batch) entry(statement string) {
	b.entries = append(b.entries, gocql.BatchEntry{Stmt: statement, Args: b.a.take(), Idempotent: b.kind != gocql.CounterBatch})
}

// mutation adds the statements of a mutation.
func (b *batch) mutation(t *table, key []byte, m *backend.Mutation) {
	if !t.direct() {
		b.foreign(t, key, m)
		return
	}
	switch m.Op {
	case backend.Insert:
		b.insert(t, key, m)
	case backend.Add:
		b.a.addInt64(m.Delta)
		b.a.add(key)
		b.addSuper(m)
		b.a.add(m.Column.Name)
		b.statement(t, modification{what: increment, super: m.Super != nil, named: byName})
	case backend.Delete:
		b.delete(t, key, m)
	}
}

func (b *batch) addSuper(m *backend.Mutation) {
	if m.Super != nil {
		b.a.add(m.Super)
	}
}

func (b *batch) insert(t *table, key []byte, m *backend.Mutation) {
	s := modification{what: write, stamped: true, super: m.Super != nil, named: byName}
	if m.Super == nil {
		_, s.shadow = t.shadowOf(m.Column.Name)
	}
	b.a.addInt64(m.Column.Timestamp)
	addWritten(t, b.a, &s, &m.Column)
	b.a.add(key)
	b.addSuper(m)
	b.a.add(m.Column.Name)
	b.statement(t, s)
}

// addWritten adds the values of a written column that precede the key, and sets the fields of the modification accordingly.
func addWritten(t *table, a *arguments, s *modification, c *backend.Column) {
	ttl := t.family.TTL(c.TTL)
	if ttl > 0 || t.family.Def.DefaultTTL != nil && *t.family.Def.DefaultTTL > 0 {
		s.ttl = true
		a.addInt32(ttl)
	}
	a.add(c.Value)
	if ttl > 0 && t.ttl != "" {
		s.given = true
		a.addInt32(ttl)
		if !t.expires.Load() {
			t.expires.Store(true)
		}
	}
	if s.shadow != "" {
		a.add(c.Value)
	}
}

func (b *batch) delete(t *table, key []byte, m *backend.Mutation) {
	s := modification{what: remove, stamped: !t.family.Counter, super: m.Super != nil}
	p := m.Columns
	if p != nil && p.Names != nil {
		b.deleteNames(t, key, m, s)
		return
	}
	b.deleteFrom(key, m, s.stamped)
	if p != nil {
		if s.lower = len(p.Start) > 0; s.lower {
			b.a.add(p.Start)
		}
		if s.upper = len(p.Finish) > 0; s.upper {
			b.a.add(p.Finish)
		}
	}
	b.statement(t, s)
	if !s.lower && !s.upper || s.super {
		return // the deletion of a row also deletes its static columns
	}
	order := t.family.Comparator
	for name, shadow := range t.shadows {
		if (!s.lower || order.Compare(p.Start, []byte(name)) <= 0) && (!s.upper || order.Compare([]byte(name), p.Finish) <= 0) {
			b.deleteShadow(t, key, shadow, m.Timestamp)
		}
	}
}

// deleteNames adds the statements that delete names and the shadows of these names.
func (b *batch) deleteNames(t *table, key []byte, m *backend.Mutation, s modification) {
	for names := range slices.Chunk(m.Columns.Names, maxNames) {
		b.deleteFrom(key, m, s.stamped)
		if s.named = byNames; len(names) == 1 {
			s.named = byName
			b.a.add(names[0])
		} else {
			b.a.addList(names)
		}
		b.statement(t, s)
	}
	if s.super {
		return
	}
	for _, name := range m.Columns.Names {
		if _, shadow := t.shadowOf(name); shadow != "" {
			b.deleteShadow(t, key, shadow, m.Timestamp)
		}
	}
}

// deleteFrom adds the first values of a deletion.
func (b *batch) deleteFrom(key []byte, m *backend.Mutation, stamped bool) {
	if stamped {
		b.a.addInt64(m.Timestamp)
	}
	b.a.add(key)
	b.addSuper(m)
}

func (b *batch) deleteShadow(t *table, key []byte, shadow string, timestamp int64) {
	b.a.addInt64(timestamp)
	b.a.add(key)
	b.statement(t, modification{what: removeShadow, stamped: true, shadow: shadow})
}
