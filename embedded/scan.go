package embedded

import (
	"bytes"
)

const (
	// stepsPerCheck and bytesPerCheck are how many records, and bytes of values, are read between looks at the
	// context.
	stepsPerCheck = 256
	bytesPerCheck = 1 << 20
	// bytesPerSeek is how many bytes of values a seek for the marks of a super column counts for.
	bytesPerSeek = 16 << 10
)

// here decodes the record at the iterator, whose key is in the row's cells, and
// reports whether it is a column that is seen.
func (r *reader) here() (live bool, err error) {
	value, err := r.it.ValueAndErr()
	if err != nil {
		return false, err
	}
	r.bytes += len(value)
	if r.steps++; r.steps%stepsPerCheck == 0 || r.bytes >= bytesPerCheck {
		r.bytes = 0
		if err := r.s.interrupted(r.ctx); err != nil {
			return false, err
		}
	}
	c := &r.cell
	if err := c.decode(value); err != nil {
		return false, err
	}
	if c.kind&kindMark != 0 {
		return false, errRecord
	}
	if c.super, c.name, err = r.f.split(r.it.Key()[len(r.prefix)+1:]); err != nil {
		return false, err
	}
	if !c.live(r.now) {
		if c.kind&kindExpiring != 0 {
			r.dead.from = max(r.dead.from, c.expires)
		}
		return false, nil
	}
	if c.super != nil {
		if err := r.openSuper(c.super); err != nil {
			return false, err
		}
	}
	covered, err := r.covers(c)
	return !covered, err
}

// each calls yield with the columns that are seen from the key lower, inclusive, to upper,
// exclusive, both in the row's cells, until it returns false. A nil upper is the end of what the
// iterator reads, which saves a comparison per column.
func (r *reader) each(lower, upper []byte, reversed bool, yield func(*cell) (more bool, err error)) error {
	r.scans = true
	run := &r.dead
	start := lower
	if reversed {
		if start = upper; start == nil {
			start = r.end
		}
	}
	run.begin(r, start, false)
	ok, jumped := r.jump(start, lower, upper, reversed)
	if !jumped {
		switch {
		case reversed && upper == nil:
			ok = r.it.Last()
		case reversed:
			ok = r.it.SeekLT(upper)
		default:
			ok = r.it.SeekGE(lower)
		}
	}
	for ok {
		key := r.it.Key()
		if reversed && bytes.Compare(key, lower) < 0 || !reversed && upper != nil && bytes.Compare(key, upper) >= 0 {
			break
		}
		live, err := r.here()
		if err != nil {
			r.endRun(nil, nil, reversed)
			return err
		}
		if live {
			if run.open {
				r.endRun(key, nil, reversed)
			}
			if more, err := yield(&r.cell); err != nil || !more {
				return err
			}
		} else {
			if !run.open {
				from := run.from // here has seen the first one
				run.begin(r, key, reversed)
				run.from = from
			}
			run.add(key, reversed)
			if run.steps%8 == 0 && r.watched != nil {
				if reversed {
					key = run.tail
				}
				if ok, jumped = r.jump(key, lower, upper, reversed); jumped {
					continue
				}
			}
		}
		if reversed {
			ok = r.it.Prev()
		} else {
			ok = r.it.Next()
		}
	}
	if err := r.it.Error(); err != nil {
		return err
	}
	switch {
	case reversed:
		r.endRun(nil, lower, true)
	case upper == nil:
		r.endRun(nil, r.end, false)
	default:
		r.endRun(nil, upper, false)
	}
	return nil
}

// deadRun is what a reader has stepped over since the last column that is seen.
type deadRun struct {
	open  bool
	edge  []byte // where it began, inclusive, or exclusive when reading backwards
	tail  []byte // how far it goes, exclusive, or inclusive when reading backwards
	steps int    // records looked at
	jumps int    // voids that were passed
	first uint64 // what the iterator had met before it
	from  int64  // see void
}

// begin begins a run at a key; a reader that goes backwards begins it behind the key if behind is set.
func (d *deadRun) begin(r *reader, key []byte, behind bool) {
	d.open, d.steps, d.jumps, d.from = true, 0, 0, 0
	d.edge = append(d.edge[:0], key...)
	if behind {
		d.edge = append(d.edge, 0)
	}
	d.tail = append(d.tail[:0], d.edge...)
	if r.watched != nil {
		d.first = r.it.Stats().InternalStats.PointCount
	}
}

func (d *deadRun) add(key []byte, reversed bool) {
	d.steps++
	d.tail = append(d.tail[:0], key...)
	if !reversed {
		d.tail = append(d.tail, 0)
	}
}

// endRun ends the run at key, a column that is seen, or else at limit, where the reader has no more to read, or
// in between if both are nil. It notes or asks for what spares the next reader the steps.
func (r *reader) endRun(key, limit []byte, reversed bool) {
	d := &r.dead
	if !d.open {
		return
	}
	d.open = false
	from := d.from
	d.from = 0
	if r.watched == nil {
		if r.oneRow && d.steps >= watchAfter {
			r.s.askToWatch(r.prefix)
		}
		return
	}
	steps := max(d.steps, int(r.it.Stats().InternalStats.PointCount-d.first))
	if !r.claim || steps < noteAfter && d.jumps < 2 {
		return
	}
	v := void{lo: d.edge, hi: d.tail, from: from, steps: steps}
	if reversed {
		v.lo, v.hi = d.tail, d.edge
	}
	// A void up to the limit is cut in two by each column that is appended, so that the last
	// record is a better end, unless there is much behind that which is no record.
	toLimit := limit != nil && steps-d.steps >= watchAfter
	switch {
	case key != nil && reversed:
		v.lo = append(append(d.tail[:0], key...), 0)
	case key != nil:
		v.hi = key
	case toLimit && reversed:
		v.lo = limit
	case toLimit:
		v.hi = limit
	}
	r.watched.note(&r.s.voids.clock, v)
}

// jump seeks to behind the void at the key, if one is known there.
func (r *reader) jump(key, lower, upper []byte, reversed bool) (ok, jumped bool) {
	if r.watched == nil {
		return false, false
	}
	d := &r.dead
	if reversed {
		v, ok := r.watched.before(key, r.opened, r.now)
		if !ok {
			return false, false
		}
		d.pass(&v, v.lo)
		return bytes.Compare(v.lo, lower) > 0 && r.it.SeekLT(v.lo), true
	}
	v, ok := r.watched.after(key, r.opened, r.now)
	if !ok {
		return false, false
	}
	d.pass(&v, v.hi)
	return (upper == nil || bytes.Compare(v.hi, upper) < 0) && r.it.SeekGE(v.hi), true
}

func (d *deadRun) pass(v *void, tail []byte) {
	d.jumps++
	d.from = max(d.from, v.from)
	d.tail = append(d.tail[:0], tail...)
}

// look looks whether the row whose prefix is set is watched and, if the iterator is still to be opened, whether
// the reader may note voids of it.
func (r *reader) look(mayClaim bool) {
	r.leave()
	r.watched = r.s.voids.find(r.prefix)
	r.claim = mayClaim && r.watched != nil && r.watched.claim()
}

// leave leaves the row that look found.
func (r *reader) leave() {
	if r.claim {
		r.watched.release()
	}
	r.watched, r.claim = nil, false
}

// account notes what a reader of a row's slice stepped over in vain: other records of the same columns, and what was
// removed and is still in memory.
func (r *reader) account() {
	if !r.oneRow || !r.scans {
		return
	}
	if vain := int(r.it.Stats().InternalStats.PointCount) - r.steps; vain >= watchAfter {
		r.s.askToFlush(vain)
		if vain >= 16*watchAfter {
			r.s.askToWatch(r.prefix)
		}
	}
}
