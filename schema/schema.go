// Package schema holds the definitions of keyspaces, column families and
// columns as plain data. It does no I/O and knows no backend: a definition that was
// read from one store can be created in another.
//
// The fields are all attributes that Cassandra's Thrift interface ever had (KsDef, CfDef and
// ColumnDef from 0.7 to 3.11), and the attributes that later versions have in CQL. An optional
// attribute that is not set is a nil pointer, a nil map or an empty string. If an attribute is
// not set, a creation uses the store's default, and an alteration leaves the attribute
// unchanged. An attribute is not sent to a version of Cassandra that does not know it.
//
// Types are class names as Cassandra writes them, short or full; package
// coltype parses them.
package schema

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
)

// Replication strategies that Cassandra ships.
const (
	SimpleStrategy             = "org.apache.cassandra.locator.SimpleStrategy"
	NetworkTopologyStrategy    = "org.apache.cassandra.locator.NetworkTopologyStrategy"
	OldNetworkTopologyStrategy = "org.apache.cassandra.locator.OldNetworkTopologyStrategy"
	LocalStrategy              = "org.apache.cassandra.locator.LocalStrategy"
)

// NewKeyspace returns the definition of a keyspace with this many replicas of each row,
// anywhere in the cluster (SimpleStrategy).
func NewKeyspace(name string, replicas int) Keyspace {
	return Keyspace{
		Name: name, Strategy: SimpleStrategy,
		StrategyOptions: map[string]string{"replication_factor": strconv.Itoa(replicas)},
	}
}

// Keyspace defines a keyspace and the column families in it.
type Keyspace struct {
	Name string
	// Strategy is the replication strategy's class name. Empty means SimpleStrategy.
	Strategy string
	// StrategyOptions are the strategy's options, such as replication_factor
	// for SimpleStrategy or a count per data centre for NetworkTopologyStrategy.
	StrategyOptions map[string]string
	// ReplicationFactor is the number of replicas for Cassandra 0.7. Later versions read
	// StrategyOptions["replication_factor"].
	ReplicationFactor *int32
	// DurableWrites reports whether writes go through the commit log. Nil means true.
	DurableWrites *bool
	Families      []Family
}

// Family returns the definition of the named column family, or nil.
// The result points into k.
func (k *Keyspace) Family(name string) *Family {
	for i := range k.Families {
		if k.Families[i].Name == name {
			return &k.Families[i]
		}
	}
	return nil
}

// Clone returns a copy that shares nothing with k.
func (k *Keyspace) Clone() *Keyspace {
	c := *k
	c.StrategyOptions = maps.Clone(k.StrategyOptions)
	c.ReplicationFactor = clonePtr(k.ReplicationFactor)
	c.DurableWrites = clonePtr(k.DurableWrites)
	c.Families = slices.Clone(k.Families)
	for i := range c.Families {
		c.Families[i] = *k.Families[i].Clone()
	}
	return &c
}

// FamilyType is the type of a family: with or without super columns.
type FamilyType string

// The two types of column family. An empty FamilyType means Standard.
const (
	Standard FamilyType = "Standard"
	Super    FamilyType = "Super"
)

// Family defines a column family: CfDef of the Thrift interface.
type Family struct {
	Keyspace string
	Name     string
	// Type is Standard or Super. It cannot be altered.
	Type FamilyType
	// Comparator is the type of the column names, or of the super column
	// names. Empty means BytesType.
	Comparator string
	// Subcomparator is the type of the names within a super column. Empty
	// means BytesType in a super family; it must be empty in a standard one.
	Subcomparator string
	// DefaultValidator is the type of the values of columns that Columns does
	// not name. Empty means BytesType. CounterColumnType makes a counter family.
	DefaultValidator string
	// KeyValidator is the type of the row keys (0.8 and later). Empty means BytesType.
	KeyValidator string
	// KeyAlias is the name of the row key in CQL (0.8 and later).
	KeyAlias []byte
	// Columns describes single columns (column_metadata); in a super family,
	// the subcolumns of every super column.
	Columns []Column
	Comment string
	// GCGraceSeconds (gc_grace) is how long a tombstone, the mark of a removal, is kept: a replica that missed the removal must
	// learn of it in this time. Nil means 864000, ten days.
	GCGraceSeconds *int32
	// DefaultTTL, in seconds, applies to inserts without a TTL (2.0 and later).
	DefaultTTL *int32
	// ID is the family's number in Cassandra 0.7 to 1.1, set by the server.
	ID *int32

	MinCompactionThreshold    *int32
	MaxCompactionThreshold    *int32
	CompactionStrategy        string
	CompactionStrategyOptions map[string]string
	CompressionOptions        map[string]string

	// RowCacheSize and KeyCacheSize, up to 1.0, are a number of entries or, below 1, a
	// share of the rows.
	RowCacheSize            *float64
	KeyCacheSize            *float64
	RowCacheSavePeriod      *int32 // seconds, up to 1.0
	KeyCacheSavePeriod      *int32 // seconds, up to 1.0
	RowCacheProvider        string // up to 1.0
	RowCacheKeysToSave      *int32 // up to 1.0
	Caching                 string // 1.1 and later: ALL, KEYS_ONLY, ROWS_ONLY, NONE
	CellsPerRowToCache      string // 2.1 and later
	PopulateIOCacheOnFlush  *bool  // 1.2 and 2.0
	BloomFilterFPChance     *float64
	ReadRepairChance        *float64
	DCLocalReadRepairChance *float64
	SpeculativeRetry        string
	ReplicateOnWrite        *bool
	MergeShardsChance       *float64

	MemtableFlushAfterMins     *int32   // up to 0.8
	MemtableThroughputMB       *int32   // up to 0.8
	MemtableOperationsMillions *float64 // up to 0.8
	MemtableFlushPeriodMillis  *int32   // 2.0 and later
	IndexInterval              *int32   // 2.0
	MinIndexInterval           *int32
	MaxIndexInterval           *int32
	Triggers                   []Trigger

	// Attributes that only CQL has. An alteration through Thrift leaves them unchanged.

	AdditionalWritePolicy string // 4.0 and later
	ReadRepair            string // 4.0 and later: BLOCKING, NONE
	CDC                   *bool  // 4.0 and later
	Memtable              string // 4.1 and later: a configuration of cassandra.yaml
	AllowAutoSnapshot     *bool  // 5.0 and later
	IncrementalBackups    *bool  // 5.0 and later
}

// IsSuper reports whether the family's columns are super columns.
func (f *Family) IsSuper() bool { return f.Type == Super }

// IsCounter reports whether the family's columns are counters.
func (f *Family) IsCounter() bool { return ShortClass(f.DefaultValidator) == CounterColumnType }

// Column returns the description of the named column, or nil.
// The result points into f.
func (f *Family) Column(name []byte) *Column {
	for i := range f.Columns {
		if bytes.Equal(f.Columns[i].Name, name) {
			return &f.Columns[i]
		}
	}
	return nil
}

// Clone returns a copy that shares nothing with f.
func (f *Family) Clone() *Family {
	c := *f
	c.KeyAlias = bytes.Clone(f.KeyAlias)
	c.Columns = slices.Clone(f.Columns)
	for i := range c.Columns {
		c.Columns[i].Name = bytes.Clone(f.Columns[i].Name)
		c.Columns[i].IndexOptions = maps.Clone(f.Columns[i].IndexOptions)
	}
	c.Triggers = slices.Clone(f.Triggers)
	for i := range c.Triggers {
		c.Triggers[i].Options = maps.Clone(f.Triggers[i].Options)
	}
	c.CompactionStrategyOptions = maps.Clone(f.CompactionStrategyOptions)
	c.CompressionOptions = maps.Clone(f.CompressionOptions)
	for _, p := range []**int32{
		&c.GCGraceSeconds, &c.DefaultTTL, &c.ID, &c.MinCompactionThreshold, &c.MaxCompactionThreshold,
		&c.RowCacheSavePeriod, &c.KeyCacheSavePeriod, &c.RowCacheKeysToSave, &c.MemtableFlushAfterMins,
		&c.MemtableThroughputMB, &c.MemtableFlushPeriodMillis, &c.IndexInterval, &c.MinIndexInterval, &c.MaxIndexInterval,
	} {
		*p = clonePtr(*p)
	}
	for _, p := range []**float64{
		&c.RowCacheSize, &c.KeyCacheSize, &c.BloomFilterFPChance, &c.ReadRepairChance,
		&c.DCLocalReadRepairChance, &c.MergeShardsChance, &c.MemtableOperationsMillions,
	} {
		*p = clonePtr(*p)
	}
	for _, p := range []**bool{&c.PopulateIOCacheOnFlush, &c.ReplicateOnWrite, &c.CDC, &c.AllowAutoSnapshot, &c.IncrementalBackups} {
		*p = clonePtr(*p)
	}
	return &c
}

// IndexType is the kind of a secondary index.
type IndexType int32

// Index types. The zero value means no index, so each number is one more than
// Thrift's number.
const (
	NoIndex         IndexType = iota
	KeysIndex                 // the index of column families: from a value to the keys of its rows
	CustomIndex               // by a class of the cluster's own, which IndexOptions name
	CompositesIndex           // the index of CQL's tables
)

// String returns Cassandra's name of the index type.
func (t IndexType) String() string {
	switch t {
	case NoIndex:
		return "NONE"
	case KeysIndex:
		return "KEYS"
	case CustomIndex:
		return "CUSTOM"
	case CompositesIndex:
		return "COMPOSITES"
	}
	return "UNKNOWN"
}

// Column describes one column of a family: ColumnDef of the Thrift interface.
type Column struct {
	// Name is the column's name, packed by the family's comparator (by the
	// subcomparator in a super family).
	Name []byte
	// Validator is the type of the column's values.
	Validator string
	// Index is the kind of index on the column, by default none. If IndexName is empty, the store makes a name. IndexOptions
	// are the options of a CustomIndex.
	Index        IndexType
	IndexName    string
	IndexOptions map[string]string
}

// Trigger is a trigger of a family (2.0 and later).
type Trigger struct {
	Name    string
	Options map[string]string
}

func clonePtr[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}
