package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/ordered"
)

// Slice implements [backend.Backend]. All rows are read from one state of the store.
func (s *Store) Slice(ctx context.Context, r *backend.SliceRequest) (_ []backend.Row, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave(&err)
	if err := r.Reserve.Take(ctx, len(r.Keys)*backend.RowSize); err != nil {
		return nil, err
	}
	rows := make([]backend.Row, len(r.Keys))
	err = s.eachRow(ctx, r, func(i int, rd *reader, p *plan) error {
		rd.reply.begin(r.Keys[i])
		return rd.read(p, &rows[i])
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// Count implements [backend.Backend]. It takes as long as Slice, but does not hold the columns in memory.
func (s *Store) Count(ctx context.Context, r *backend.SliceRequest) (_ []int, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave(&err)
	counts := make([]int, len(r.Keys))
	err = s.eachRow(ctx, r, func(i int, rd *reader, p *plan) (err error) {
		counts[i], err = rd.count(p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return counts, nil
}

// eachRow calls visit with a reader at each of the request's rows.
func (s *Store) eachRow(ctx context.Context, r *backend.SliceRequest, visit func(i int, rd *reader, p *plan) error) error {
	return s.withSchema(ctx, func(t *tables) error { return s.eachRowOf(ctx, t, r, visit) })
}

func (s *Store) eachRowOf(ctx context.Context, t *tables, r *backend.SliceRequest, visit func(i int, rd *reader, p *plan) error) error {
	cf, err := t.cat.CheckSlice(r)
	if err != nil {
		return err
	}
	f := t.family(cf)
	p, err := f.plan(r.Super, &r.Predicate)
	if err != nil {
		return err
	}
	p.reserve = r.Reserve
	rd := newReader()
	defer rd.release()
	rd.s, rd.oneRow = s, true
	for i, key := range r.Keys {
		rd.prefix = f.appendRow(rd.prefix[:0], s.part, key)
		rd.end = prefixEnd(rd.end[:0], rd.prefix)
		rd.look(i == 0)
		if i == 0 {
			err = rd.openWith(ctx, s, t, f, rd.prefix, rd.end)
		} else {
			rd.it.SetBounds(rd.prefix, rd.end)
			err = s.interrupted(ctx)
		}
		if err == nil {
			err = rd.openRow()
		}
		if err == nil {
			err = visit(i, rd, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// asInvalid converts the error of a check to an invalid request, unless it is one already.
func asInvalid(err error) error {
	if e := (*backend.Error)(nil); errors.As(err, &e) {
		return err
	}
	return backend.InvalidRequest("%v", err)
}

// plan is a predicate with its names encoded.
type plan struct {
	super    []byte // the super column that columns are read of, or nil
	named    bool
	names    [][]byte // sorted, without doubles
	span     interval
	reversed bool
	count    int
	reserve  backend.Reserve // asked for the memory of what is read
}

// plan encodes a predicate of columns, or of super columns of a super family if super is nil.
func (f *family) plan(super []byte, p *backend.Predicate) (*plan, error) {
	pl := &plan{named: p.Names != nil, reversed: p.Reversed, count: p.Count}
	codec := f.names
	var err error
	if f.subs != nil && super != nil {
		codec = f.subs
		if pl.super, _, err = appendName(nil, f.names, super); err != nil {
			return nil, err
		}
	}
	if !pl.named {
		start, finish := p.Start, p.Finish
		if p.Reversed {
			start, finish = finish, start
		}
		pl.span, err = intervalOf(codec, start, finish)
		return pl, err
	}
	pl.count = len(p.Names)
	pl.reversed = false
	pl.names = make([][]byte, len(p.Names))
	for i, name := range p.Names {
		if pl.names[i], _, err = appendName(nil, codec, name); err != nil {
			return nil, err
		}
	}
	if !slices.IsSortedFunc(pl.names, bytes.Compare) {
		slices.SortFunc(pl.names, bytes.Compare)
	}
	pl.names = slices.CompactFunc(pl.names, bytes.Equal)
	return pl, nil
}

// reader reads rows of one family from one state of the store. It is not safe for concurrent use.
type reader struct {
	ctx context.Context
	s   *Store
	f   *family
	now int64

	it *pebble.Iterator
	// marksIt reads the marks of super columns while it is in their columns.
	marksIt *pebble.Iterator
	traits  trait // that the family has and that matter to readers

	prefix, end []byte // of the row, and behind it
	oneRow      bool   // the iterator ends with the row
	row         marks

	super      []byte // the super column that superMarks are of
	superMarks marks

	cell    cell
	steps   int // records looked at
	bytes   int // of values, since the context was looked at
	reply   reply
	reserve backend.Reserve // asked for the memory of the reply

	watched *watchedRow // the row, if it is watched
	scans   bool        // it has read a slice
	claim   bool        // whether it reports voids
	opened  uint64      // the clock of voids, from before the iterator was made
	dead    deadRun

	iterOptions       pebble.IterOptions
	lower, upper, key []byte // for reuse
}

var readerPool = sync.Pool{New: func() any { return new(reader) }}

func newReader() *reader { return readerPool.Get().(*reader) }

// release closes the reader and gives it back.
func (r *reader) release() {
	r.leave()
	if r.it != nil {
		r.account()
		_ = r.it.Close() // its error was read
	}
	if r.marksIt != nil {
		_ = r.marksIt.Close()
	}
	*r = reader{
		prefix: r.prefix[:0], end: r.end[:0], super: r.super[:0],
		lower: r.lower[:0], upper: r.upper[:0], key: r.key[:0],
		row: r.row.emptied(), superMarks: r.superMarks.emptied(),
		dead:  deadRun{edge: r.dead.edge[:0], tail: r.dead.tail[:0]},
		reply: r.reply.emptied(),
	}
	readerPool.Put(r)
}

// cell is a column that a reader sees.
type cell struct {
	super, name []byte // as encoded; super is nil in a standard family
	record
}

// open opens an iterator on the current state of the store, for the keys between lower and
// upper.
func (r *reader) open(ctx context.Context, s *Store, f *family, lower, upper []byte) (err error) {
	r.ctx, r.s, r.f, r.now = ctx, s, f, s.now()
	r.opened = s.voids.clock.Load()
	r.iterOptions.LowerBound, r.iterOptions.UpperBound = lower, upper
	if r.it, err = s.db.NewIter(&r.iterOptions); err != nil {
		return err
	}
	// The traits are read after the iterator was made: every write that it sees has set its traits before.
	if !f.def.Counter {
		r.traits = trait(f.traits.inData.Load())
	}
	return nil
}

// openWith is open for a reader that uses the schema t. It returns errMoved if the schema has
// changed since, for example because a family was dropped.
func (r *reader) openWith(ctx context.Context, s *Store, t *tables, f *family, lower, upper []byte) error {
	if err := r.open(ctx, s, f, lower, upper); err != nil {
		return err
	}
	if s.altering.Load() || s.tables.Load() != t {
		return errMoved
	}
	return nil
}

// rowReader returns a reader at the row with a prefix.
func (s *Store) rowReader(ctx context.Context, f *family, prefix []byte) (*reader, error) {
	r := newReader()
	r.prefix = append(r.prefix[:0], prefix...)
	r.end = prefixEnd(r.end[:0], prefix)
	err := r.open(ctx, s, f, r.prefix, r.end)
	if err == nil {
		err = r.openRow()
	}
	if err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

// familyReader returns a reader of all rows of a family. It uses the schema t, which may be nil.
func (s *Store) familyReader(ctx context.Context, t *tables, f *family) (*reader, error) {
	r := newReader()
	r.prefix = appendFamily(r.prefix[:0], tagData, f.id)
	lower := bytes.Clone(r.prefix)
	upper := prefixEnd(nil, lower)
	var err error
	if t == nil {
		err = r.open(ctx, s, f, lower, upper)
	} else {
		err = r.openWith(ctx, s, t, f, lower, upper)
	}
	if err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}

// now is the time in seconds, as TTLs and gc_grace see it.
func (s *Store) now() int64 { return s.opts.Now().Unix() }

// openRow reads the marks of the row whose prefix is set.
func (r *reader) openRow() error {
	if r.traits&traitSuperMarks != 0 {
		r.super, r.superMarks = r.super[:0], r.superMarks.emptied()
	}
	if r.traits&(traitRowMarks|traitSliceMarks) == 0 {
		return nil
	}
	r.key = append(append(r.key[:0], r.prefix...), secMarks)
	return r.row.load(r, r.it, r.key, r.f.names)
}

// openSuper reads the marks of a super column.
func (r *reader) openSuper(super []byte) error {
	if r.traits&traitSuperMarks == 0 || bytes.Equal(super, r.super) {
		return nil
	}
	r.super = append(r.super[:0], super...)
	r.bytes += bytesPerSeek
	r.key = append(append(r.key[:0], r.prefix...), secMarks, markSuper)
	r.key = append(r.key, super...)
	it, err := r.marksIterator()
	if err != nil {
		return err
	}
	return r.superMarks.load(r, it, r.key, r.f.subs)
}

// marksIterator returns the iterator for marks that are read while r.it is in the cells.
func (r *reader) marksIterator() (*pebble.Iterator, error) {
	if r.marksIt == nil {
		it, err := r.it.Clone(pebble.CloneOptions{IterOptions: &pebble.IterOptions{}})
		if err != nil {
			return nil, err
		}
		r.marksIt = it
	}
	return r.marksIt, nil
}

// covers reports whether a mark deletes what was written at the cell's names.
func (r *reader) covers(c *cell) (bool, error) {
	if r.traits&traitAnyMarks == 0 {
		return false, nil
	}
	if c.super == nil {
		return r.row.covers(r, c.name, c.timestamp)
	}
	covered, err := r.row.covers(r, c.super, c.timestamp)
	if covered || err != nil {
		return covered, err
	}
	return r.superMarks.covers(r, c.name, c.timestamp)
}

// split decodes the names that follow secCells in a key.
func (f *family) split(pos []byte) (super, name []byte, err error) {
	if f.subs == nil {
		return nil, pos, nil
	}
	name, err = f.names.Skip(pos)
	if err != nil {
		return nil, nil, err
	}
	return pos[:len(pos)-len(name)], name, nil
}

// run calls yield with the columns that a plan selects. If the plan selects super columns, it
// yields all columns of each.
func (r *reader) run(p *plan, yield func(*cell) (more bool, err error)) error {
	if p.count == 0 {
		return nil
	}
	r.lower = append(append(append(r.lower[:0], r.prefix...), secCells), p.super...)
	base := len(r.lower)
	if !p.named {
		var upper []byte
		switch {
		case p.span.hi != nil:
			r.upper = append(append(r.upper[:0], r.lower...), p.span.hi...)
			upper = r.upper
		case !r.oneRow || p.super != nil:
			r.upper = prefixEnd(r.upper[:0], r.lower)
			upper = r.upper
		}
		r.lower = append(r.lower, p.span.lo...)
		return r.each(r.lower, upper, p.reversed, yield)
	}
	for _, name := range p.names {
		r.lower = append(r.lower[:base], name...)
		if r.f.subs != nil && p.super == nil {
			r.upper = prefixEnd(r.upper[:0], r.lower)
			if err := r.each(r.lower, r.upper, false, yield); err != nil {
				return err
			}
			continue
		}
		found, err := r.seek(r.lower)
		if err != nil {
			return err
		}
		if found {
			if _, err := yield(&r.cell); err != nil {
				return err
			}
		}
	}
	return nil
}

// seek looks for one column by its key.
func (r *reader) seek(key []byte) (found bool, err error) {
	if !r.it.SeekGE(key) {
		return false, r.it.Error()
	}
	if !bytes.Equal(r.it.Key(), key) {
		return false, nil
	}
	return r.here()
}

// column searches for a column of a standard family by its encoded name and leaves it in r.cell.
func (r *reader) column(name []byte) (found bool, err error) {
	r.lower = append(append(append(r.lower[:0], r.prefix...), secCells), name...)
	return r.seek(r.lower)
}

// read reads what the plan selects of the row, whose key the reply began with, into dst.
func (r *reader) read(p *plan, dst *backend.Row) error {
	r.reserve = p.reserve
	if r.f.subs != nil && p.super == nil {
		return r.readSupers(p, dst)
	}
	n := 0
	err := r.run(p, func(c *cell) (bool, error) {
		n++
		return n < p.count, r.addColumn(c, &dst.Key, &dst.Columns)
	})
	if err != nil {
		return err
	}
	return r.finish(&dst.Key, &dst.Columns)
}

// finish reserves memory for the columns that the reply has collected and returns them.
func (r *reader) finish(head *[]byte, columns *[]backend.Column) error {
	if err := r.reserve.Take(r.ctx, r.reply.size()); err != nil {
		return err
	}
	r.reply.finish(head, columns)
	return nil
}

// readSupers reads whole super columns.
func (r *reader) readSupers(p *plan, dst *backend.Row) error {
	if err := r.finish(&dst.Key, &dst.Columns); err != nil {
		return err
	}
	var current backend.SuperColumn
	var last []byte
	began := 0
	end := func() error {
		if began == 0 {
			return nil
		}
		if err := r.finish(&current.Name, &current.Columns); err != nil {
			return err
		}
		if p.reversed {
			slices.Reverse(current.Columns)
		}
		dst.Supers = append(dst.Supers, current)
		current = backend.SuperColumn{}
		return nil
	}
	err := r.run(p, func(c *cell) (bool, error) {
		if began == 0 || !bytes.Equal(c.super, last) {
			if began == p.count {
				return false, nil
			}
			if err := end(); err != nil {
				return false, err
			}
			began++
			last = append(last[:0], c.super...)
			if err := r.beginSuper(c); err != nil {
				return false, err
			}
		}
		return true, r.addColumn(c, &current.Name, &current.Columns)
	})
	if err != nil {
		return err
	}
	return end()
}

// beginSuper begins a part of the reply with the name of the cell's super column.
func (r *reader) beginSuper(c *cell) (err error) {
	if c.kind&kindSuperNamed != 0 {
		r.reply.begin(c.record.super)
		return nil
	}
	r.key, err = decodeAll(r.f.names, r.key[:0], c.super)
	r.reply.begin(r.key)
	return err
}

// addColumn adds the cell to the reply.
func (r *reader) addColumn(c *cell, head *[]byte, columns *[]backend.Column) (err error) {
	w := &r.reply
	if c.kind&kindNamed != 0 {
		w.buf = append(w.buf, c.record.name...)
	} else if w.buf, err = decodeAll(r.f.columnNames(), w.buf, c.name); err != nil {
		return err
	}
	if c.kind&kindCounter != 0 {
		var value [8]byte
		binary.BigEndian.PutUint64(value[:], uint64(c.timestamp))
		w.add(value[:], 0, 0)
	} else {
		if len(c.value) >= ownValue {
			if err := r.reserve.Take(r.ctx, len(c.value)); err != nil {
				return err
			}
		}
		w.add(c.value, c.timestamp, c.ttl)
	}
	if w.full() {
		return r.finish(head, columns)
	}
	return nil
}

// decodeAll appends the name whose encoding is the whole of enc.
func decodeAll(codec *ordered.Codec, dst, enc []byte) ([]byte, error) {
	name, rest, err := codec.Decode(dst, enc)
	if err == nil && len(rest) != 0 {
		err = errKey
	}
	return name, err
}

// count counts what read would return.
func (r *reader) count(p *plan) (n int, err error) {
	if r.f.subs == nil || p.super != nil {
		err = r.run(p, func(*cell) (bool, error) {
			n++
			return n < p.count, nil
		})
		return n, err
	}
	var last []byte
	err = r.run(p, func(c *cell) (bool, error) {
		if n == 0 || !bytes.Equal(c.super, last) {
			if n == p.count {
				return false, nil
			}
			last = append(last[:0], c.super...)
			n++
		}
		return true, nil
	})
	return n, err
}
