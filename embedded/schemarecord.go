package embedded

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/schema"
)

// The schema is stored as JSON: one record for the whole schema, one for each keyspace and one for
// each family, so that a change writes only the records that it affects:
//
//	tagMeta 's'           schemaRecord
//	tagMeta 'k' name      schema.Keyspace, without its families
//	tagMeta 'f' family 4  familyRecord
//	tagMeta 't' family 4 trait 4   set if the family has the trait
//
// Format 1 stored everything in the schemaRecord.
type schemaRecord struct {
	Format      int    `json:"format"`
	Partitioner string `json:"partitioner"`
	LastID      uint32 `json:"last_id"` // of families and indexes

	// Of format 1.
	Families  []familyRecord    `json:"families,omitempty"`
	Keyspaces []schema.Keyspace `json:"keyspaces,omitempty"`
}

type familyRecord struct {
	Keyspace string        `json:"keyspace"`
	Name     string        `json:"name"`
	ID       uint32        `json:"id"`
	Indexes  []indexRecord `json:"indexes,omitempty"`
	// Definition is nil in format 1, which has it in the definition of the keyspace.
	Definition *schema.Family `json:"definition,omitempty"`
}

type indexRecord struct {
	ID     uint32 `json:"id"`
	Column []byte `json:"column"`
	Type   string `json:"type"`
	Built  bool   `json:"built"`
}

var metaSchema = []byte{tagMeta, 's'}

func metaKeyspace(name string) []byte { return append([]byte{tagMeta, 'k'}, name...) }

func metaFamily(id uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{tagMeta, 'f'}, id)
}

func metaTrait(id uint32, x trait) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte{tagMeta, 't'}, id), uint32(x))
}

// decodeSchema reads a schemaRecord.
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

// setRecord stores a record of the schema in the batch.
func setRecord(b *pebble.Batch, key []byte, record any) error {
	value, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encoding the schema: %w", err)
	}
	return b.Set(key, value, nil)
}

// record returns the family's record, in which built, if it is not nil, is built.
func (f *family) record(built *index) familyRecord {
	r := familyRecord{Keyspace: f.def.Def.Keyspace, Name: f.def.Def.Name, ID: f.id, Definition: f.def.Def}
	for _, x := range f.indexes {
		r.Indexes = append(r.Indexes, indexRecord{x.id, x.def.Column, x.def.Type.String(), x == built || x.isBuilt()})
	}
	return r
}

// loadTables reads the schema and compiles it. It returns nil if the store has no schema
// because its creation was interrupted.
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
	keyspaces, families := r.Keyspaces, r.Families
	if r.Format > 1 {
		if keyspaces, families, err = loadRecords(db); err != nil {
			return nil, err
		}
	}
	r.Keyspaces, r.Families = nil, nil
	t, err := compile(*r, keyspaces, families)
	if err != nil {
		return nil, corrupt("the schema record", err)
	}
	return t, t.loadTraits(db)
}

// loadRecords reads the records of keyspaces and families.
func loadRecords(db *pebble.DB) (keyspaces []schema.Keyspace, families []familyRecord, err error) {
	byName := map[string]int{}
	err = eachMeta(db, 'k', func(_, value []byte) error {
		var k schema.Keyspace
		if err := json.Unmarshal(value, &k); err != nil {
			return corrupt("the record of a keyspace", err)
		}
		byName[k.Name] = len(keyspaces)
		keyspaces = append(keyspaces, k)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	err = eachMeta(db, 'f', func(_, value []byte) error {
		var f familyRecord
		if err := json.Unmarshal(value, &f); err != nil {
			return corrupt("the record of a column family", err)
		}
		i, ok := byName[f.Keyspace]
		if !ok || f.Definition == nil {
			return corrupt(fmt.Sprintf("the record of column family %q in keyspace %q", f.Name, f.Keyspace), nil)
		}
		keyspaces[i].Families = append(keyspaces[i].Families, *f.Definition)
		families = append(families, f)
		return nil
	})
	return keyspaces, families, err
}

// eachMeta calls visit with each record of one kind and with the part of its key after the kind.
func eachMeta(db *pebble.DB, kind byte, visit func(key, value []byte) error) error {
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte{tagMeta, kind}, UpperBound: []byte{tagMeta, kind + 1}})
	if err != nil {
		return err
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return err
		}
		if err := visit(it.Key()[2:], value); err != nil {
			return err
		}
	}
	return it.Error()
}

// compile makes tables from the stored definitions and records.
func compile(r schemaRecord, keyspaces []schema.Keyspace, families []familyRecord) (*tables, error) {
	cat, err := catalog.New(keyspaces)
	if err != nil {
		return nil, err
	}
	type name struct{ keyspace, family string }
	records := make(map[name]familyRecord, len(families))
	for _, f := range families {
		records[name{f.Keyspace, f.Name}] = f
	}
	for k := range cat.AllKeyspaces() {
		for cf := range cat.Families(k.Name) {
			if _, err := compileFamily(nil, cf, records[name{k.Name, cf.Def.Name}], &r.LastID); err != nil {
				return nil, err
			}
		}
	}
	return &tables{cat, r}, nil
}

// loadTraits reads which traits the families have.
func (t *tables) loadTraits(db *pebble.DB) error {
	byID := map[uint32]*family{}
	for _, f := range t.sorted() {
		byID[f.id] = f
	}
	return eachMeta(db, 't', func(key, _ []byte) error {
		if len(key) != 8 {
			return errKey
		}
		if f := byID[binary.BigEndian.Uint32(key)]; f != nil {
			x := binary.BigEndian.Uint32(key[4:])
			f.traits.inData.Or(x)
			f.traits.onDisk.Or(x)
		}
		return nil
	})
}

// storeAll writes all records. A new store and a store of format 1 need that.
func (t *tables) storeAll(db *pebble.DB) error {
	t.record.Format = formatVersion
	b := db.NewBatch()
	defer b.Close()
	if err := setRecord(b, metaSchema, &t.record); err != nil {
		return err
	}
	for k := range t.cat.AllKeyspaces() {
		if err := setRecord(b, metaKeyspace(k.Name), k); err != nil {
			return err
		}
	}
	for _, f := range t.sorted() {
		if err := setRecord(b, metaFamily(f.id), f.record(nil)); err != nil {
			return err
		}
	}
	return b.Commit(pebble.Sync)
}
