package embedded

import (
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/schema"
)

// delta is the effect of a schema change on the stored records. Its size depends on the
// change, not on the size of the schema.
type delta struct {
	old, next *tables
	keyspace  string // the keyspace of the change
	families  []familyDelta
}

// familyDelta is a family before and after a change: old is nil if it is created, next if it is dropped.
type familyDelta struct{ old, next *family }

// apply validates a change and compiles the schema after it.
func (t *tables) apply(change schema.Change) (next *tables, d *delta, err error) {
	cat, err := t.cat.Apply(change)
	if err != nil {
		return nil, nil, err
	}
	next = &tables{cat, t.record}
	d = &delta{old: t, next: next}
	switch change := change.(type) {
	case schema.CreateKeyspace:
		d.keyspace = change.Keyspace.Name
		for cf := range cat.Families(d.keyspace) {
			err = d.add(nil, cf)
			if err != nil {
				return nil, nil, err
			}
		}
	case schema.AlterKeyspace:
		d.keyspace = change.Keyspace.Name
	case schema.DropKeyspace:
		d.keyspace = change.Name
		for cf := range t.cat.Families(d.keyspace) {
			err = d.add(cf, nil)
		}
	case schema.CreateFamily:
		d.keyspace = change.Family.Keyspace
		err = d.addNamed(change.Family.Name)
	case schema.AlterFamily:
		d.keyspace = change.Family.Keyspace
		err = d.addNamed(change.Family.Name)
	case schema.DropFamily:
		d.keyspace = change.Keyspace
		err = d.addNamed(change.Name)
	}
	return next, d, err
}

// addNamed adds the named family of the keyspace to the delta.
func (d *delta) addNamed(name string) error {
	old, _ := d.old.cat.Family(d.keyspace, name) // nil if there was none
	next, _ := d.next.cat.Family(d.keyspace, name)
	return d.add(old, next)
}

func (d *delta) add(old, next *catalog.Family) error {
	if old == next {
		return nil
	}
	var f familyDelta
	var record familyRecord
	if old != nil {
		f.old = d.old.family(old)
		record = f.old.record(nil)
	}
	if next != nil {
		var err error
		if f.next, err = compileFamily(f.old, next, record, &d.next.record.LastID); err != nil {
			return err
		}
	}
	d.families = append(d.families, f)
	return nil
}

// store adds the changed schema records to the batch, and removes the data of dropped
// families and indexes.
func (d *delta) store(b *pebble.Batch) error {
	if d.next.record.LastID != d.old.record.LastID {
		if err := setRecord(b, metaSchema, &d.next.record); err != nil {
			return err
		}
	}
	switch k := d.next.cat.Keyspace(d.keyspace); {
	case k == nil:
		if err := b.Delete(metaKeyspace(d.keyspace), nil); err != nil {
			return err
		}
	case k != d.old.cat.Keyspace(d.keyspace):
		if err := setRecord(b, metaKeyspace(d.keyspace), k); err != nil {
			return err
		}
	}
	for _, f := range d.families {
		if err := f.store(b); err != nil {
			return err
		}
	}
	for _, x := range d.dropped() {
		prefix := binary.BigEndian.AppendUint32(appendFamily(nil, tagIndex, x.family), x.id)
		if err := b.DeleteRange(prefix, prefixEnd(nil, prefix), nil); err != nil {
			return err
		}
	}
	return nil
}

func (f familyDelta) store(b *pebble.Batch) error {
	if f.next != nil {
		return setRecord(b, metaFamily(f.next.id), f.next.record(nil))
	}
	if err := b.Delete(metaFamily(f.old.id), nil); err != nil {
		return err
	}
	for x := trait(1); x < traitsEnd; x <<= 1 {
		if err := b.Delete(metaTrait(f.old.id, x), nil); err != nil {
			return err
		}
	}
	return dropFamilyData(b, f.old.id)
}

// dropped returns the indexes that are dropped, also those with their families.
func (d *delta) dropped() (list []*index) {
	for _, f := range d.families {
		if f.old == nil {
			continue
		}
		for _, x := range f.old.indexes {
			if f.next == nil || f.next.indexByID(x.id) == nil {
				list = append(list, x)
			}
		}
	}
	return list
}
