// Package persist contains an immutable map whose copies cost nothing. Setting or
// deleting a key returns another map, which shares nearly all of its memory with the
// old map. The time of a change hardly depends on the number of keys.
package persist

import (
	"hash/maphash"
	"iter"
)

// Map is a map whose keys are strings. The zero value is an empty Map. A Map is immutable:
// Set and Delete return the map after the change. A Map is safe for concurrent use.
type Map[V any] struct {
	root *node[V]
	n    int
}

// node has entries. If a node would have too many entries, it has subs instead, one for
// each value of the next bits of the hashes.
type node[V any] struct {
	entries []entry[V]
	subs    *[width]*node[V]
}

type entry[V any] struct {
	key   string
	value V
}

const (
	bits  = 5
	width = 1 << bits
	// crowd is the limit of the entries of a node.
	crowd = 8
	// deepest is the depth at which no bits of the hash are left. A node at this depth may have any number of entries.
	deepest = 60
)

var seed = maphash.MakeSeed()

// Len returns the number of keys.
func (m Map[V]) Len() int { return m.n }

// Get returns the value of key, and whether the map contains key.
func (m Map[V]) Get(key string) (value V, ok bool) {
	n := m.root
	if n != nil && n.subs != nil {
		hash := maphash.String(seed, key)
		for ; n != nil && n.subs != nil; hash >>= bits {
			n = n.subs[hash%width]
		}
	}
	if n == nil {
		return value, false
	}
	for i := range n.entries {
		if n.entries[i].key == key {
			return n.entries[i].value, true
		}
	}
	return value, false
}

// All yields the keys and values in no particular order.
func (m Map[V]) All() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) { m.root.each(yield) }
}

func (n *node[V]) each(yield func(string, V) bool) bool {
	if n == nil {
		return true
	}
	for i := range n.entries {
		if !yield(n.entries[i].key, n.entries[i].value) {
			return false
		}
	}
	if n.subs == nil {
		return true
	}
	for _, sub := range n.subs {
		if !sub.each(yield) {
			return false
		}
	}
	return true
}

// Set returns the map in which key has the value.
func (m Map[V]) Set(key string, value V) Map[V] {
	root, added := m.root.set(entry[V]{key, value}, maphash.String(seed, key), 0)
	if added {
		m.n++
	}
	m.root = root
	return m
}

func (n *node[V]) set(e entry[V], hash uint64, depth int) (_ *node[V], added bool) {
	switch {
	case n == nil:
		return &node[V]{entries: []entry[V]{e}}, true
	case n.subs != nil:
		next := &node[V]{subs: new(*n.subs)}
		at := &next.subs[hash>>depth%width]
		*at, added = (*at).set(e, hash, depth+bits)
		return next, added
	}
	next := &node[V]{entries: make([]entry[V], len(n.entries), len(n.entries)+1)}
	copy(next.entries, n.entries)
	for i := range next.entries {
		if next.entries[i].key == e.key {
			next.entries[i] = e
			return next, false
		}
	}
	next.entries = append(next.entries, e)
	if len(next.entries) <= crowd || depth >= deepest {
		return next, true
	}
	split := &node[V]{subs: new([width]*node[V])}
	for _, e := range next.entries {
		hash := maphash.String(seed, e.key)
		at := &split.subs[hash>>depth%width]
		*at, _ = (*at).set(e, hash, depth+bits)
	}
	return split, true
}

// Delete returns the map without key.
func (m Map[V]) Delete(key string) Map[V] {
	if _, ok := m.Get(key); !ok {
		return m
	}
	if m.n--; m.n == 0 {
		return Map[V]{}
	}
	m.root = m.root.delete(key, maphash.String(seed, key), 0)
	return m
}

// delete removes a key that n contains. It returns nil if no key is left.
func (n *node[V]) delete(key string, hash uint64, depth int) *node[V] {
	if n.subs == nil {
		if len(n.entries) == 1 {
			return nil
		}
		next := &node[V]{entries: make([]entry[V], 0, len(n.entries)-1)}
		for _, e := range n.entries {
			if e.key != key {
				next.entries = append(next.entries, e)
			}
		}
		return next
	}
	next := &node[V]{subs: new(*n.subs)}
	at := &next.subs[hash>>depth%width]
	*at = (*at).delete(key, hash, depth+bits)
	for _, sub := range next.subs {
		if sub != nil {
			return next
		}
	}
	return nil
}
