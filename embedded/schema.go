package embedded

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/internal/ordered"
	"github.com/widerow/widerow/schema"
)

// tables is the schema in force. It is immutable, except family.traits and index.build. Alter replaces
// it by another one, which shares the unchanged families.
type tables struct {
	cat    *catalog.Catalog // catalog.Family.Held is a *family
	record schemaRecord
}

// family returns the *family of a family of the catalog.
func (t *tables) family(cf *catalog.Family) *family { return cf.Held.(*family) }

// family is a column family with the state that the store keeps for it.
type family struct {
	id      uint32
	def     *catalog.Family
	names   *ordered.Codec // of column names, or of super column names
	subs    *ordered.Codec // of the names in a super column; nil in a standard family
	indexes []*index       // as def.Indexes

	// traits are set before the first write that has them is applied, and are
	// never reset. So a reader that loads them after it opened its iterator misses
	// none. All tables that contain the family share them.
	traits *traits
}

// columnNames returns the codec of the names of columns.
func (f *family) columnNames() *ordered.Codec {
	if f.subs != nil {
		return f.subs
	}
	return f.names
}

// index is a secondary index.
type index struct {
	id     uint32
	family uint32
	def    *catalog.Index
	column []byte         // the encoded name, which is the same for all forms of a name
	codec  *ordered.Codec // of the values
	// build is shared by all tables that contain the index.
	build *build
}

// build is the state of the build of an index.
type build struct {
	done    chan struct{} // closed once the index is complete
	dropped chan struct{} // closed once the index is dropped
	failed  chan struct{} // closed if the build failed; err is set before
	err     error
	cancel  context.CancelFunc
}

// isBuilt reports whether the index is complete.
func (x *index) isBuilt() bool {
	select {
	case <-x.build.done:
		return true
	default:
		return false
	}
}

// hasFailed reports whether the index could not be built.
func (x *index) hasFailed() bool {
	select {
	case <-x.build.failed:
		return true
	default:
		return false
	}
}

// trait is a property that the data of a family may have. Reads and the purge skip the work for
// traits that the family never had.
type trait uint32

const (
	traitRowMarks trait = 1 << iota
	traitSliceMarks
	traitSuperMarks
	traitGarbage // tombstones, expiring columns and other records that a purge removes later
	traitsEnd

	traitAnyMarks = traitRowMarks | traitSliceMarks | traitSuperMarks
)

type traits struct {
	inData atomic.Uint32 // maybe in the data
	onDisk atomic.Uint32 // known from the store's meta keys
}

func (t *traits) has(x trait) bool { return t.inData.Load()&uint32(x) != 0 }

// compileFamily makes the state of one family. If old is not nil, the new state replaces it. A family or index that
// has no number in fr gets the next one after lastID.
func compileFamily(old *family, cf *catalog.Family, fr familyRecord, lastID *uint32) (*family, error) {
	f := &family{id: fr.ID, def: cf, traits: &traits{}}
	if old != nil {
		f.traits = old.traits
	}
	if f.id == 0 {
		*lastID++
		f.id = *lastID
	}
	var err error
	if f.names, err = ordered.New(cf.Comparator); err != nil {
		return nil, backend.InvalidRequest("comparator of %s: %v", cf.Def.Name, err)
	}
	if cf.Super {
		if f.subs, err = ordered.New(cf.Subcomparator); err != nil {
			return nil, backend.InvalidRequest("subcomparator of %s: %v", cf.Def.Name, err)
		}
	}
	for i := range cf.Indexes {
		def := &cf.Indexes[i]
		codec, err := ordered.New(def.Type)
		if err != nil {
			return nil, backend.InvalidRequest("index on column %x of %s: %v", def.Column, cf.Def.Name, err)
		}
		x := &index{family: f.id, def: def, codec: codec}
		if x.column, _, err = appendName(nil, f.names, def.Column); err != nil {
			return nil, err
		}
		ir := indexRecord{Column: def.Column, Type: def.Type.String()}
		// An index whose validator changed is a new index, since its entries sort differently.
		j := slices.IndexFunc(fr.Indexes, func(r indexRecord) bool { return bytes.Equal(r.Column, ir.Column) && r.Type == ir.Type })
		if j >= 0 {
			ir = fr.Indexes[j]
		} else {
			*lastID++
			ir.ID = *lastID
		}
		x.id = ir.ID
		if old != nil {
			if o := old.indexByID(x.id); o != nil {
				x.build = o.build
			}
		}
		if x.build == nil {
			x.build = &build{done: make(chan struct{}), dropped: make(chan struct{}), failed: make(chan struct{}), cancel: func() {}}
			if ir.Built {
				close(x.build.done)
			}
		}
		f.indexes = append(f.indexes, x)
	}
	cf.Held = f
	return f, nil
}

// indexByID returns the index with the number, or nil.
func (f *family) indexByID(id uint32) *index {
	for _, x := range f.indexes {
		if x.id == id {
			return x
		}
	}
	return nil
}

// index returns the index on the column, given by its encoded name, or nil.
func (f *family) index(column []byte) *index {
	for _, x := range f.indexes {
		if bytes.Equal(x.column, column) {
			return x
		}
	}
	return nil
}

// errMoved reports that the schema changed between loading the schema and opening the data. Only withSchema
// sees it.
var errMoved = errors.New("the schema changed")

// withSchema calls read with the schema. If the schema changed before read opened its reader, withSchema calls read
// again: the result would mix the old schema and the new one.
func (s *Store) withSchema(ctx context.Context, read func(t *tables) error) error {
	for {
		t := s.tables.Load()
		if s.altering.Load() {
			var err error
			if t, err = s.altered(ctx); err != nil {
				return err
			}
		}
		if err := read(t); !errors.Is(err, errMoved) {
			return err
		}
	}
}

// altered waits until no change of the schema is running.
func (s *Store) altered(ctx context.Context) (*tables, error) {
	if err := s.writers.RLock(ctx); err != nil {
		return nil, err
	}
	defer s.writers.RUnlock()
	return s.tables.Load(), nil
}

// Keyspaces implements [backend.Backend].
func (s *Store) Keyspaces(ctx context.Context, names ...string) (_ []schema.Keyspace, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave(&err)
	return s.tables.Load().cat.Keyspaces(names...)
}

// Alter implements [backend.Backend]. The change is on disk when Alter returns,
// whatever the store's durability.
func (s *Store) Alter(ctx context.Context, change schema.Change) (version string, err error) {
	if err := s.enterWrite(ctx); err != nil {
		return "", err
	}
	defer s.leave(&err)
	if err := s.admit(ctx); err != nil {
		return "", err
	}
	if err := s.writers.Lock(ctx); err != nil {
		return "", err
	}
	defer s.writers.Unlock()
	if err := s.health.check(); err != nil {
		return "", err
	}
	old := s.tables.Load()
	next, d, err := old.apply(change)
	if err != nil {
		return "", err
	}
	b := s.db.NewBatch()
	defer b.Close()
	if err := d.store(b); err != nil {
		return "", err
	}
	s.altering.Store(true)
	defer s.altering.Store(false)
	applied, err := s.commitApplied(b, pebble.Sync)
	if !applied {
		return "", err
	}
	// Replace the tables even if the batch may not be on disk: readers see the data after the batch.
	s.tables.Store(next)
	for _, x := range d.dropped() {
		x.build.cancel()
		close(x.build.dropped)
	}
	for _, f := range d.families {
		if f.next != nil {
			s.startBuilds(f.old, f.next)
		}
	}
	return next.cat.Version(), err
}

// dropFamilyData removes all rows and index entries of a family.
func dropFamilyData(b *pebble.Batch, id uint32) error {
	for _, tag := range []byte{tagData, tagIndex} {
		prefix := appendFamily(nil, tag, id)
		if err := b.DeleteRange(prefix, prefixEnd(nil, prefix), nil); err != nil {
			return err
		}
	}
	return nil
}

// Truncate implements [backend.Backend].
func (s *Store) Truncate(ctx context.Context, keyspace, name string) (err error) {
	if err := s.enterWrite(ctx); err != nil {
		return err
	}
	defer s.leave(&err)
	if err := s.admit(ctx); err != nil {
		return err
	}
	if err := s.writers.Lock(ctx); err != nil {
		return err
	}
	defer s.writers.Unlock()
	t := s.tables.Load()
	cf, err := t.cat.CheckTruncate(keyspace, name)
	if err != nil {
		return err
	}
	if err := s.health.check(); err != nil {
		return err
	}
	b := s.db.NewBatch()
	defer b.Close()
	if err := dropFamilyData(b, t.family(cf).id); err != nil {
		return err
	}
	s.health.room.add(b)
	if err := s.db.Apply(b, pebble.Sync); err != nil {
		return err
	}
	return s.health.logError()
}

// sorted returns the tables' families in the order of their numbers.
func (t *tables) sorted() []*family {
	var list []*family
	for k := range t.cat.AllKeyspaces() {
		for cf := range t.cat.Families(k.Name) {
			list = append(list, t.family(cf))
		}
	}
	slices.SortFunc(list, func(a, b *family) int { return int(a.id) - int(b.id) })
	return list
}
