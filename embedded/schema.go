package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/internal/ordered"
	"github.com/widerow/widerow/schema"
)

// tables is the schema in force with what the store keeps beside it. It is
// immutable but for what is said of family and index; Alter puts another one in its place.
type tables struct {
	cat      *catalog.Catalog
	families map[*catalog.Family]*family
	record   schemaRecord
	volatile map[string]bool // the keyspaces without DurableWrites
}

// family is what the store knows of a column family.
type family struct {
	id      uint32
	def     *catalog.Family
	names   *ordered.Codec // of column names, or of super column names
	subs    *ordered.Codec // of the names in a super column; nil in a standard family
	indexes []*index       // as def.Indexes

	// traits are set before the first write that brings them is applied and
	// never reset, so who reads them after it made an iterator misses
	// nothing. Shared by all tables that have the family.
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
	def    *catalog.Index
	column []byte         // its name as encoded, so that all forms of a name are one
	codec  *ordered.Codec // of the values
	// build is shared by all tables that have the index.
	build *build
}

// build is the state of making an index complete.
type build struct {
	done    chan struct{} // closed once the index has all rows
	dropped chan struct{} // closed once the index is dropped
	failed  chan struct{} // closed once err says why the index will not be complete
	err     error
	cancel  context.CancelFunc
}

// trait is something that the data of a family may have. What a family
// never had, reads and the purge need not look for.
type trait uint32

const (
	traitRowMarks trait = 1 << iota
	traitSliceMarks
	traitSuperMarks
	traitGarbage // anything that is to be purged one day
	traitsEnd

	traitAnyMarks = traitRowMarks | traitSliceMarks | traitSuperMarks
)

type traits struct {
	inData atomic.Uint32 // maybe in the data
	onDisk atomic.Uint32 // known from the store's meta keys
}

func (t *traits) has(x trait) bool { return t.inData.Load()&uint32(x) != 0 }

// schemaRecord is the schema as it is stored, in JSON.
type schemaRecord struct {
	Format      int            `json:"format"`
	Partitioner string         `json:"partitioner"`
	LastID      uint32         `json:"last_id"` // of families and indexes
	Families    []familyRecord `json:"families"`

	Keyspaces []schema.Keyspace `json:"keyspaces"`
}

type familyRecord struct {
	Keyspace string        `json:"keyspace"`
	Name     string        `json:"name"`
	ID       uint32        `json:"id"`
	Indexes  []indexRecord `json:"indexes,omitempty"`
}

type indexRecord struct {
	ID     uint32 `json:"id"`
	Column []byte `json:"column"`
	Type   string `json:"type"`
	Built  bool   `json:"built"`
}

var metaSchema = []byte{tagMeta, 's'}

func metaTrait(id uint32, x trait) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte{tagMeta, 't'}, id), uint32(x))
}

// decodeSchema reads a schema record.
func decodeSchema(b []byte) (*schemaRecord, error) {
	var r schemaRecord
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, corrupt("the schema record", err)
	}
	if err := checkFormat(r.Format); err != nil {
		return nil, err
	}
	return &r, nil
}

// loadTables reads the schema and compiles it. It returns nil if there is none,
// as in a store that was not created to the end.
func loadTables(db *pebble.DB) (*tables, error) {
	value, closer, err := db.Get(metaSchema)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	r, err := decodeSchema(value)
	if err != nil {
		return nil, err
	}
	cat, err := catalog.New(r.Keyspaces)
	if err != nil {
		return nil, corrupt("the schema record", err)
	}
	t, err := compile(nil, cat, *r)
	if err != nil {
		return nil, corrupt("the schema record", err)
	}
	for _, f := range t.families {
		for x := trait(1); x < traitsEnd; x <<= 1 {
			_, closer, err := db.Get(metaTrait(f.id, x))
			switch {
			case err == nil:
				closer.Close()
				f.traits.inData.Or(uint32(x))
				f.traits.onDisk.Or(uint32(x))
			case !errors.Is(err, pebble.ErrNotFound):
				return nil, err
			}
		}
	}
	return t, nil
}

// compile makes the tables of a catalog and the record of the numbers in use,
// keeping of old, which may be nil, what stays.
func compile(old *tables, cat *catalog.Catalog, r schemaRecord) (*tables, error) {
	keyspaces, err := cat.Keyspaces()
	if err != nil {
		return nil, err
	}
	oldByID := map[uint32]*family{}
	if old != nil {
		for _, f := range old.families {
			oldByID[f.id] = f
		}
	}
	records := r.Families
	r.Keyspaces, r.Families = keyspaces, nil
	t := &tables{cat: cat, families: map[*catalog.Family]*family{}, volatile: map[string]bool{}}
	for _, k := range keyspaces {
		if k.DurableWrites != nil && !*k.DurableWrites {
			t.volatile[k.Name] = true
		}
		for _, def := range k.Families {
			fr := familyRecord{Keyspace: k.Name, Name: def.Name}
			if i := slices.IndexFunc(records, func(x familyRecord) bool { return x.Keyspace == k.Name && x.Name == def.Name }); i >= 0 {
				fr = records[i]
			} else {
				r.LastID++
				fr.ID = r.LastID
			}
			cf, err := cat.Family(k.Name, def.Name)
			if err != nil {
				return nil, err
			}
			f, err := compileFamily(oldByID[fr.ID], cf, &fr, &r.LastID)
			if err != nil {
				return nil, err
			}
			t.families[cf] = f
			r.Families = append(r.Families, fr)
		}
	}
	t.record = r
	return t, nil
}

// compileFamily makes the state of one family; fr is completed with its indexes.
func compileFamily(old *family, cf *catalog.Family, fr *familyRecord, lastID *uint32) (*family, error) {
	f := &family{id: fr.ID, def: cf, traits: &traits{}}
	if old != nil {
		f.traits = old.traits
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
	records := fr.Indexes
	fr.Indexes = nil
	for i := range cf.Indexes {
		def := &cf.Indexes[i]
		codec, err := ordered.New(def.Type)
		if err != nil {
			return nil, backend.InvalidRequest("index on column %x of %s: %v", def.Column, cf.Def.Name, err)
		}
		x := &index{def: def, codec: codec}
		if x.column, _, err = appendName(nil, f.names, def.Column); err != nil {
			return nil, err
		}
		ir := indexRecord{Column: def.Column, Type: def.Type.String()}
		// An index whose validator changed is another one, as its entries sort otherwise.
		j := slices.IndexFunc(records, func(r indexRecord) bool { return bytes.Equal(r.Column, ir.Column) && r.Type == ir.Type })
		if j >= 0 {
			ir = records[j]
		} else {
			*lastID++
			ir.ID = *lastID
		}
		x.id = ir.ID
		if old != nil {
			for _, o := range old.indexes {
				if o.id == x.id {
					x.build = o.build
				}
			}
		}
		if x.build == nil {
			x.build = &build{done: make(chan struct{}), dropped: make(chan struct{}), failed: make(chan struct{}), cancel: func() {}}
			if ir.Built {
				close(x.build.done)
			}
		}
		f.indexes = append(f.indexes, x)
		fr.Indexes = append(fr.Indexes, ir)
	}
	return f, nil
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

// setSchema stores the schema in the batch.
func (t *tables) setSchema(b *pebble.Batch) error {
	value, err := json.Marshal(t.record)
	if err != nil {
		return fmt.Errorf("encoding the schema: %w", err)
	}
	return b.Set(metaSchema, value, nil)
}

// errMoved says that the schema changed between a look at it and one at the data. It is seen by
// withSchema only.
var errMoved = errors.New("the schema changed")

// withSchema calls read with the schema, and again if that changed before read opened its reader:
// what it found would be neither of the old schema nor of the new one.
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

// altered waits until the schema is not being changed.
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
	if err := s.writers.Lock(ctx); err != nil {
		return "", err
	}
	defer s.writers.Unlock()
	if err := s.health.check(); err != nil {
		return "", err
	}
	old := s.tables.Load()
	cat, err := old.cat.Apply(change)
	if err != nil {
		return "", err
	}
	next, err := compile(old, cat, old.record)
	if err != nil {
		return "", err
	}
	b := s.db.NewBatch()
	defer b.Close()
	dropped, err := dropLost(b, old, next)
	if err == nil {
		err = next.setSchema(b)
	}
	s.altering.Store(true)
	defer s.altering.Store(false)
	if err == nil {
		err = s.commit(b, pebble.Sync)
	}
	if err != nil {
		return "", err
	}
	s.tables.Store(next)
	for _, x := range dropped {
		x.build.cancel()
		close(x.build.dropped)
	}
	s.startBuilds(old, next)
	return cat.Version(), nil
}

// dropLost removes in the batch the data of the families and indexes that old has and next has not.
func dropLost(b *pebble.Batch, old, next *tables) (dropped []*index, err error) {
	families, indexes := map[uint32]bool{}, map[uint32]bool{}
	for _, f := range next.families {
		families[f.id] = true
		for _, x := range f.indexes {
			indexes[x.id] = true
		}
	}
	for _, f := range old.families {
		if !families[f.id] {
			if err := dropFamilyData(b, f.id); err != nil {
				return nil, err
			}
			for x := trait(1); x < traitsEnd; x <<= 1 {
				if err := b.Delete(metaTrait(f.id, x), nil); err != nil {
					return nil, err
				}
			}
		}
		for _, x := range f.indexes {
			if indexes[x.id] {
				continue
			}
			dropped = append(dropped, x)
			prefix := binary.BigEndian.AppendUint32(appendFamily(nil, tagIndex, f.id), x.id)
			if err := b.DeleteRange(prefix, prefixEnd(nil, prefix), nil); err != nil {
				return nil, err
			}
		}
	}
	return dropped, nil
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
	if err := dropFamilyData(b, t.families[cf].id); err != nil {
		return err
	}
	return s.commit(b, s.syncOptions())
}

// sorted returns the tables' families in the order of their numbers.
func (t *tables) sorted() []*family {
	list := make([]*family, 0, len(t.families))
	for _, f := range t.families {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b *family) int { return int(a.id) - int(b.id) })
	return list
}
