package embedded

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// Index implements [backend.Backend]. A query of an index that is being built waits
// until it is complete or its context ends. Rows and index are read from one state of the
// store, and each entry of the index is checked against the row.
func (s *Store) Index(ctx context.Context, r *backend.IndexRequest) (_ []backend.Row, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave(&err)
	var rows []backend.Row
	err = s.withSchema(ctx, func(t *tables) (err error) {
		rows, err = s.query(ctx, t, r)
		return err
	})
	return rows, err
}

func (s *Store) query(ctx context.Context, t *tables, r *backend.IndexRequest) ([]backend.Row, error) {
	cf, err := t.cat.CheckIndex(r)
	if err != nil {
		return nil, err
	}
	f := t.family(cf)
	p, err := f.plan(r.Super, &r.Predicate)
	if err != nil {
		return nil, err
	}
	p.reserve = r.Reserve
	x, value, filters, err := f.filters(r.Expressions) // x is not nil: CheckIndex found an index
	if err != nil {
		return nil, err
	}
	return s.search(ctx, t, f, x, value, filters, []interval{s.keyInterval(r.StartKey, nil)}, p, r.Count)
}

// filter is an expression with what it takes to evaluate it.
type filter struct {
	name  []byte // as encoded
	value []byte
	op    backend.Operator
	t     coltype.Type
}

// holds reports whether a column's value fulfils the expression.
func (x *filter) holds(value []byte) bool {
	return x.op.Holds(x.t.Compare(value, x.value))
}

// search returns up to count of the rows in the intervals for which all filters
// hold, among which is that the column of the index x has the value.
func (s *Store) search(ctx context.Context, t *tables, f *family, x *index, value []byte, filters []filter, spans []interval, p *plan, count int) ([]backend.Row, error) {
	if err := s.waitForIndex(ctx, x); err != nil {
		return nil, err
	}
	entries, err := x.appendEntries(nil, f.id, value)
	if err != nil {
		return nil, err
	}
	rd, err := s.familyReader(ctx, t, f)
	if err != nil {
		return nil, err
	}
	defer rd.release()
	q := query{rd: rd, entries: entries, filters: filters, plan: p, count: count, index: x, value: entries[familyPrefixLen+4:]}
	q.it, err = rd.it.Clone(pebble.CloneOptions{IterOptions: &pebble.IterOptions{
		LowerBound: entries, UpperBound: prefixEnd(nil, entries),
	}})
	if err != nil {
		return nil, err
	}
	defer q.it.Close()
	for _, span := range spans {
		if err := q.run(span); err != nil {
			return nil, err
		}
	}
	return q.rows, nil
}

// filters encodes the expressions and chooses an index: the one of the first EQ that
// has one. x is nil if none has.
func (f *family) filters(expressions []backend.Expression) (x *index, value []byte, filters []filter, err error) {
	for _, e := range expressions {
		enc, _, err := appendName(nil, f.names, e.Name)
		if err != nil {
			return nil, nil, nil, err
		}
		if x == nil && e.Op == backend.EQ {
			if x = f.index(enc); x != nil {
				value = e.Value
			}
		}
		filters = append(filters, filter{name: enc, value: e.Value, op: e.Op, t: f.def.Validator(e.Name)})
	}
	return x, value, filters, nil
}

// query is one search.
type query struct {
	rd      *reader
	it      *pebble.Iterator // over the entries of the value
	entries []byte           // the prefix of those
	index   *index
	value   []byte // as encoded
	filters []filter
	plan    *plan
	count   int
	rows    []backend.Row
}

// run searches one interval of row prefixes.
func (q *query) run(span interval) error {
	lower, upper := span.bounds(q.entries)
	r := q.rd
	for ok := q.it.SeekGE(lower); ok && len(q.rows) < q.count; ok = q.it.Next() {
		if bytes.Compare(q.it.Key(), upper) >= 0 {
			break
		}
		if err := r.s.interrupted(r.ctx); err != nil {
			return err
		}
		r.prefix = append(r.prefix[:familyPrefixLen], q.it.Key()[len(q.entries):]...)
		r.end = prefixEnd(r.end[:0], r.prefix)
		r.look(false)
		if err := r.openRow(); err != nil {
			return err
		}
		current, err := r.hasValue(q.index, q.value)
		if err != nil {
			return err
		}
		if !current {
			kept, err := r.keepsValue(q.index, q.value)
			if err != nil {
				return err
			}
			if !kept {
				r.s.askToRemove(r.f, q.index, q.it.Key())
			}
			continue
		}
		matches, err := r.matches(q.filters)
		if err != nil {
			return err
		}
		if !matches {
			continue
		}
		row, err := r.wholeRow(q.plan)
		if err != nil {
			return err
		}
		q.rows = append(q.rows, row)
	}
	return q.it.Error()
}

// hasValue reports whether the row's indexed column is seen and has the value, given as
// the index encodes it.
func (r *reader) hasValue(x *index, value []byte) (bool, error) {
	found, err := r.column(x.column)
	if err != nil || !found {
		return false, err
	}
	var enc []byte
	if enc, _, err = x.codec.Append(r.key[:0], r.cell.value); err != nil {
		return false, nil // written before the column had this validator: no entry is its
	}
	r.key = enc
	return bytes.Equal(enc, value), nil
}

// beforeAll is a time at which no column has expired yet.
const beforeAll = math.MinInt64

// keepsValue is hasValue at a time at which no column has expired. An entry of an expired column is
// not stale while the column is stored: the column is seen again if the clock is set back.
func (r *reader) keepsValue(x *index, value []byte) (bool, error) {
	now := r.now
	defer func() { r.now = now }()
	r.now = beforeAll
	return r.hasValue(x, value)
}

func (r *reader) matches(filters []filter) (bool, error) {
	for i := range filters {
		found, err := r.column(filters[i].name)
		if err != nil || !found || !filters[i].holds(r.cell.value) {
			return false, err
		}
	}
	return true, nil
}

// waitForIndex waits until the index is complete.
func (s *Store) waitForIndex(ctx context.Context, x *index) error {
	select {
	case <-x.build.done:
		return nil
	default:
	}
	select {
	case <-x.build.done:
		return nil
	case <-x.build.dropped:
		return errMoved
	case <-x.build.failed:
		return fmt.Errorf("building index %q: %w", x.def.Name, x.build.err)
	case <-s.closing:
		return backend.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// staleEntry is an index entry that a query found to be of an older value.
type staleEntry struct {
	f   *family // perhaps as it was before a change of the schema
	x   *index
	key []byte
}

// askToRemove hands a stale entry to the background, if that keeps up.
func (s *Store) askToRemove(f *family, x *index, key []byte) {
	select {
	case s.stale <- staleEntry{f, x, bytes.Clone(key)}:
	default: // the purge finds it
	}
}

// removeStale removes entries whose rows still do not have their value. No one
// writes in between, so that the entry of a value that is written again is not removed.
func (s *Store) removeStale(ctx context.Context, entries []staleEntry) error {
	if err := s.writers.Lock(ctx); err != nil {
		return err
	}
	defer s.writers.Unlock()
	if err := s.health.check(); err != nil {
		return err
	}
	t := s.tables.Load()
	b := s.db.NewBatch()
	defer b.Close()
	for _, e := range entries {
		f, x := t.current(e.f, e.x)
		if x == nil {
			continue // it was dropped, and its entries with it
		}
		stale, err := s.isStale(ctx, f, x, e.key)
		if err != nil {
			return err
		}
		if stale {
			if err := b.Delete(e.key, nil); err != nil {
				return err
			}
		}
	}
	if b.Empty() {
		return nil
	}
	removed := b.Count()
	// Not synced: if it is lost, the entries are stale again.
	if err := s.commit(b, pebble.NoSync); err != nil {
		return err
	}
	s.counts.purged.Add(int64(removed))
	return nil
}

// current returns what a family and an index of it have become, or nil if they were dropped.
func (t *tables) current(f *family, x *index) (*family, *index) {
	cf, err := t.cat.Family(f.def.Def.Keyspace, f.def.Def.Name)
	if err != nil {
		return nil, nil
	}
	now := t.family(cf)
	if now.id != f.id {
		return nil, nil
	}
	return now, now.indexByID(x.id)
}

// isStale reports whether the row of an index entry does not have the entry's value and cannot get
// it back: the column was replaced, deleted or purged. A column that has expired is not enough.
func (s *Store) isStale(ctx context.Context, f *family, x *index, key []byte) (bool, error) {
	rest, err := x.codec.Skip(key[familyPrefixLen+4:])
	if err != nil {
		return false, err
	}
	value := key[familyPrefixLen+4 : len(key)-len(rest)]
	r, err := s.rowReader(ctx, f, append(appendFamily(nil, tagData, f.id), rest...))
	if err != nil {
		return false, err
	}
	defer r.release()
	kept, err := r.keepsValue(x, value)
	return !kept, err
}

// startBuilds starts to build the indexes that next has, old, which may be nil, has not and that are not built.
func (s *Store) startBuilds(old, next *family) {
	for _, x := range next.indexes {
		if !x.isBuilt() && (old == nil || old.indexByID(x.id) == nil) {
			ctx, cancel := context.WithCancel(context.Background())
			x.build.cancel = cancel
			s.background.Go(func() {
				defer cancel()
				s.build(ctx, next, x)
			})
		}
	}
}

// failBuilds makes queries of the indexes that are not built fail.
func (t *tables) failBuilds(err error) {
	for _, f := range t.sorted() {
		for _, x := range f.indexes {
			if !x.isBuilt() {
				x.build.err = err
				close(x.build.failed)
			}
		}
	}
}

// build makes an index complete and notes that it is. It waits while the store takes no writes. If it cannot, queries of the index
// fail until the next opening of the store, which tries again.
func (s *Store) build(ctx context.Context, f *family, x *index) {
	log := s.opts.Logger.With("family", f.def.Def.Name, "index", x.def.Name)
	try := func() (err error) {
		defer recovered(&err)
		if err := s.addEntries(ctx, f, x); err != nil {
			return err
		}
		return s.setBuilt(ctx, f, x)
	}
	err := try()
	for err != nil && s.health.check() != nil && s.untilWrites(ctx) == nil {
		err = try()
	}
	switch {
	case err == nil:
		log.Info("index is built")
	case s.interrupted(ctx) != nil: // closed or dropped
	default:
		log.Error("index is not built", "error", err.Error())
		x.build.err = err
		close(x.build.failed)
	}
}

// addEntries adds the entries of the rows that exist. Later writes add their own entries, so
// addEntries needs no lock: at worst it adds a stale entry.
func (s *Store) addEntries(ctx context.Context, f *family, x *index) error {
	r, err := s.familyReader(ctx, nil, f)
	if err != nil {
		return err
	}
	defer r.release()
	r.now = beforeAll // a column that has expired is seen again if the clock is set back
	b := s.db.NewBatch()
	defer func() { b.Close() }()
	// A dropped index must not get entries back, so the batches are applied
	// under writers.
	flush := func() error {
		if err := s.writers.RLock(ctx); err != nil {
			return err
		}
		defer s.writers.RUnlock()
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.health.check(); err != nil {
			return err
		}
		if err := s.commit(b, pebble.NoSync); err != nil {
			return err
		}
		b.Close()
		b = s.db.NewBatch()
		return nil
	}
	var key []byte
	err = r.rows(interval{}, func() (bool, error) {
		if err := r.openRow(); err != nil {
			return false, err
		}
		found, err := r.column(x.column)
		if err != nil || !found {
			return err == nil, err
		}
		if key, err = x.appendEntries(key[:0], f.id, r.cell.value); err != nil {
			return true, nil // a value that the validator refuses: it is in no index
		}
		key = append(key, r.prefix[familyPrefixLen:]...)
		if err := b.Set(key, nil, nil); err != nil {
			return false, err
		}
		if b.Len() > 256<<10 {
			return true, flush()
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return flush()
}

// setBuilt notes that the index is complete.
func (s *Store) setBuilt(ctx context.Context, f *family, x *index) error {
	if err := s.writers.Lock(ctx); err != nil {
		return err
	}
	defer s.writers.Unlock()
	f, now := s.tables.Load().current(f, x)
	if now == nil {
		return ctx.Err() // it was dropped, which has ended ctx
	}
	b := s.db.NewBatch()
	defer b.Close()
	if err := setRecord(b, metaFamily(f.id), f.record(now)); err != nil {
		return err
	}
	applied, err := s.commitApplied(b, pebble.Sync)
	if !applied {
		return err
	}
	close(x.build.done)
	return nil // if this is lost, so are the entries, and they are built again
}
