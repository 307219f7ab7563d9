package embedded

import (
	"bytes"
)

const (
	// stepsPerCheck and bytesPerCheck are the numbers of records, and of bytes of values, that are read between
	// two checks of the context.
	stepsPerCheck = 256
	bytesPerCheck = 1 << 20
	// bytesPerSeek is how many bytes of values a seek for the marks of a super column counts for.
	bytesPerSeek = 16 << 10
)

// here decodes the record at the iterator, which must be one of the row's cells, and
// reports whether it is a live column.
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

// each calls yield with the live columns from the key lower, inclusive, to upper,
// exclusive, until yield returns false. Both keys must be among the row's cells. A nil upper means
// the iterator's upper bound; it saves a comparison per column.
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

// deadRun describes the records that a reader has stepped over since the last live column.
type deadRun struct {
	open  bool
	edge  []byte // where the run began, inclusive, or exclusive when reading backwards
	tail  []byte // where the run ends so far, exclusive, or inclusive when reading backwards
	steps int    // records read
	jumps int    // voids passed
	first uint64 // the iterator's count of records when the run began
	from  int64  // see void.from
}

// begin begins a run at a key or, if a reversed reader sets behind, just after the key.
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
	// If a void ended at the limit, each appended column would cut it in two. So the void ends at
	// the last record, unless there are many steps without a record behind the last record.
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

// jump seeks past the void at the key, if one is known.
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

// look finds out whether the current row is watched and, if the iterator is not open yet, claims the right to note
// voids of the row.
func (r *reader) look(mayClaim bool) {
	r.leave()
	r.watched = r.s.voids.find(r.prefix)
	r.claim = mayClaim && r.watched != nil && r.watched.claim()
}

// leave releases the claim that look took.
func (r *reader) leave() {
	if r.claim {
		r.watched.release()
	}
	r.watched, r.claim = nil, false
}

// account counts the records that a reader of a slice stepped over in vain: older records of the same columns, and removed
// records that are still in memory.
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
