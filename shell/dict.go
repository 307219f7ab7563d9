package shell

import (
	"go.starlark.net/starlark"
)

// entry is a slot of a table. A deleted entry has a nil key and stays used.
type entry struct {
	hash       int64
	key, value Value
	used       bool
	// seq orders the entries of an ordered dictionary by insertion.
	seq int64
}

// table is the hash table of CPython 2.7. A dictionary prints and iterates in the order of its slots, which depends
// on the hashes and on the history of the table. Transcripts show that order.
type table struct {
	slots []entry
	live  int // entries with a key
	fill  int // live and deleted entries
	seq   int64
	// version counts the changes of the set of keys.
	version int
}

const minSlots = 8

func (t *table) init(slots int) {
	t.slots = make([]entry, slots)
	t.live, t.fill = 0, 0
}

// find returns the slot of a key. If the key is missing, find returns the slot in which to put it.
func (t *table) find(s *Session, key Value, hash int64) (*entry, error) {
	if t.slots == nil {
		t.init(minSlots)
	}
	mask := uint64(len(t.slots) - 1)
	i := uint64(hash)
	var free *entry
	for perturb := uint64(hash); ; perturb >>= 5 {
		e := &t.slots[i&mask]
		switch {
		case !e.used:
			if free != nil {
				return free, nil
			}
			return e, nil
		case e.key == nil:
			if free == nil {
				free = e
			}
		case e.hash == hash:
			eq, err := s.equal(e.key, key)
			if err != nil || eq {
				return e, err
			}
		}
		i = i<<2 + i + perturb + 1
	}
}

func (t *table) lookup(s *Session, key Value) (*entry, error) {
	hash, err := s.hash(key)
	if err != nil {
		return nil, err
	}
	e, err := t.find(s, key, hash)
	if err != nil || e.key == nil {
		return nil, err
	}
	return e, nil
}

func (t *table) insert(s *Session, key, value Value) error {
	hash, err := s.hash(key)
	if err != nil {
		return err
	}
	e, err := t.find(s, key, hash)
	if err != nil {
		return err
	}
	if e.key != nil {
		e.value = value
		return nil
	}
	if !e.used {
		t.fill++
	}
	t.seq++
	*e = entry{hash: hash, key: key, value: value, used: true, seq: t.seq}
	t.live++
	t.version++
	if t.fill*3 >= len(t.slots)*2 {
		if t.live > maxElements {
			return s.raiseValue(s.exc.MemoryError)
		}
		if t.live > 50000 {
			t.resize(t.live * 2)
		} else {
			t.resize(t.live * 4)
		}
	}
	return nil
}

// resize makes room for more than n slots.
func (t *table) resize(n int) {
	size := minSlots
	for size <= n {
		size <<= 1
	}
	old := t.slots
	t.init(size)
	mask := uint64(size - 1)
	for _, e := range old {
		if e.key == nil {
			continue
		}
		i := uint64(e.hash)
		for perturb := uint64(e.hash); t.slots[i&mask].used; perturb >>= 5 {
			i = i<<2 + i + perturb + 1
		}
		t.slots[i&mask] = e
		t.live++
		t.fill++
	}
}

// presize sets the initial size of a dictionary display of n entries, or of a copy of n entries.
func (t *table) presize(n int) {
	if n > 5 {
		t.resize(n)
	}
}

func (t *table) remove(s *Session, key Value) (Value, error) {
	e, err := t.lookup(s, key)
	if e == nil || err != nil {
		return nil, err
	}
	v := e.value
	*e = entry{used: true}
	t.live--
	t.version++
	return v, nil
}

// dict is a dictionary. An ordered dictionary iterates in the order in which the keys were inserted.
type dict struct {
	plain
	table
	class   *class
	ordered bool
	// factory makes the values of a defaultdict.
	factory Value
	// attrs stores the attributes of an instance of a user's class.
	attrs attrs
	// sorted caches the order of an ordered dictionary's slots.
	sorted        []int
	sortedVersion int
}

func (d *dict) Truth() starlark.Bool { return d.live > 0 }

func (s *Session) newDict() *dict { return &dict{class: s.types.dict} }

func (s *Session) newOrdered() *dict { return &dict{class: s.types.ordered, ordered: true} }

func (d *dict) put(s *Session, key, value Value) error { return d.insert(s, key, value) }

func (d *dict) get(s *Session, key Value) (Value, error) {
	e, err := d.lookup(s, key)
	if e == nil || err != nil {
		return nil, err
	}
	return e.value, nil
}

// order returns the slots that have a key, in the order of iteration.
func (d *dict) order() []int {
	if d.ordered && d.sorted != nil && d.sortedVersion == d.version {
		return d.sorted
	}
	out := make([]int, 0, d.live)
	for i := range d.slots {
		if d.slots[i].key != nil {
			out = append(out, i)
		}
	}
	if d.ordered {
		sortBy(out, func(i int) int64 { return d.slots[i].seq })
		d.sorted, d.sortedVersion = out, d.version
	}
	return out
}

// items returns copies of the entries in order.
func (d *dict) items() []entry {
	out := make([]entry, 0, d.live)
	for _, i := range d.order() {
		out = append(out, d.slots[i])
	}
	return out
}

func (d *dict) keys() []Value {
	out := make([]Value, 0, d.live)
	for _, i := range d.order() {
		out = append(out, d.slots[i].key)
	}
	return out
}

func (d *dict) clear() {
	d.slots, d.live, d.fill = nil, 0, 0
	d.version++
}

// iterate iterates over the entries. If the set of keys changes during the iteration, it returns an error.
func (d *dict) iterate(s *Session, pick func(*entry) Value) iterator {
	order, version, i := d.order(), d.version, 0
	return iterFunc(func() (Value, error) {
		if d.version != version {
			if d.ordered && i >= len(order) {
				return nil, nil
			}
			return nil, s.raise(s.exc.RuntimeError, "dictionary changed size during iteration")
		}
		if i >= len(order) {
			return nil, nil
		}
		i++
		return pick(&d.slots[order[i-1]]), nil
	})
}

// update puts all entries of another mapping, or pairs, into d.
func (s *Session) update(d *dict, v Value) error {
	switch o := v.(type) {
	case *dict:
		if !d.ordered && !o.ordered && (d.fill+o.live)*3 >= max(len(d.slots), minSlots)*2 {
			d.resize((d.live + o.live) * 2)
		}
		for _, e := range o.items() {
			if err := d.put(s, e.key, e.value); err != nil {
				return err
			}
		}
		return nil
	case *object:
		if keys, err := s.findattr(o, "keys"); keys != nil && err == nil {
			names, err := s.call(keys)
			if err != nil {
				return err
			}
			return s.each(names, func(k Value) error {
				x, err := s.getitem(o, k)
				if err != nil {
					return err
				}
				return d.put(s, k, x)
			})
		}
	}
	i := 0
	return s.each(v, func(pair Value) error {
		kv, err := s.collect(pair)
		if err != nil {
			return s.raise(s.exc.TypeError, "cannot convert dictionary update sequence element #%d to a sequence", i)
		}
		if len(kv) != 2 {
			return s.raise(s.exc.ValueError, "dictionary update sequence element #%d has length %d; 2 is required", i, len(kv))
		}
		i++
		return d.put(s, kv[0], kv[1])
	})
}

// set is a set or a frozenset.
type set struct {
	plain
	table
	class *class
}

func (v *set) Truth() starlark.Bool { return v.live > 0 }

func (s *Session) newSet(elems ...Value) (*set, error) {
	v := &set{class: s.types.set}
	for _, x := range elems {
		if err := v.insert(s, x, none); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (v *set) elems() []Value {
	out := make([]Value, 0, v.live)
	for i := range v.slots {
		if v.slots[i].key != nil {
			out = append(out, v.slots[i].key)
		}
	}
	return out
}

func (v *set) iterate(s *Session, pick func(*entry) Value) iterator {
	version, i := v.version, 0
	return iterFunc(func() (Value, error) {
		if v.version != version {
			return nil, s.raise(s.exc.RuntimeError, "Set changed size during iteration")
		}
		for i < len(v.slots) {
			i++
			if v.slots[i-1].key != nil {
				return pick(&v.slots[i-1]), nil
			}
		}
		return nil, nil
	})
}
