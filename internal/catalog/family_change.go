package catalog

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"reflect"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/schema"
)

func (c *Catalog) createFamily(def *schema.Family) error {
	if def.Keyspace == "" {
		return refusal.NoKeyspace()
	}
	if err := checkNotSystem(def.Keyspace); err != nil {
		return err
	}
	f, err := c.compile(def, nil)
	if err != nil {
		return err
	}
	if !c.HasKeyspace(f.Def.Keyspace) {
		return backend.InvalidRequest("Cannot add column family '%s' to non existing keyspace '%s'.", f.Def.Name, f.Def.Keyspace)
	}
	if c.find(f.Def.Keyspace, f.Def.Name) != nil {
		return backend.InvalidRequest("Cannot add already existing column family \"%s\" to keyspace \"%s\"", f.Def.Name, f.Def.Keyspace)
	}
	return c.setFamily(f)
}

// alterFamily changes the attributes that are set in change, or all attributes, as
// system_update_column_family of 1.2 does.
func (c *Catalog) alterFamily(alteration schema.AlterFamily) error {
	old := c.find(alteration.Family.Keyspace, alteration.Family.Name)
	if old == nil {
		return refusal.NothingToModify()
	}
	alteration = alteration.Rebase(old.Def)
	change := &alteration.Family
	if alteration.Whole {
		change = withoutThrift(change, old.Def)
	} else {
		change = old.Def.Merge(change)
	}
	f, err := c.compile(change, old)
	if err != nil {
		return err
	}
	if err := checkReplaces(f, old); err != nil {
		return err
	}
	if reflect.DeepEqual(f.Def, old.Def) {
		return nil
	}
	return c.setFamily(f)
}

// withoutThrift returns the definition with those attributes of old that the definition does not set and Thrift cannot
// set.
func withoutThrift(change, old *schema.Family) *schema.Family {
	next := *change
	next.AdditionalWritePolicy = cmp.Or(change.AdditionalWritePolicy, old.AdditionalWritePolicy)
	next.ReadRepair = cmp.Or(change.ReadRepair, old.ReadRepair)
	next.CDC = cmp.Or(change.CDC, old.CDC)
	next.Memtable = cmp.Or(change.Memtable, old.Memtable)
	next.AllowAutoSnapshot = cmp.Or(change.AllowAutoSnapshot, old.AllowAutoSnapshot)
	next.IncrementalBackups = cmp.Or(change.IncrementalBackups, old.IncrementalBackups)
	return &next
}

func (c *Catalog) dropFamily(keyspace, name string) error {
	if err := checkNotSystem(keyspace); err != nil {
		return err
	}
	f, err := c.Family(keyspace, name)
	if err != nil {
		return err
	}
	c.removeFamily(f)
	return nil
}

// compile copies, completes and validates a definition and returns its family. The
// family will replace old. If old is nil, the family is new.
func (c *Catalog) compile(def *schema.Family, old *Family) (*Family, error) {
	def, err := complete(def)
	if err != nil {
		return nil, err
	}
	f, err := parse(def)
	if err != nil {
		return nil, err
	}
	if err := checkStorage(def); err != nil {
		return nil, err
	}
	if err := c.nameIndexes(f, old); err != nil {
		return nil, err
	}
	if err := c.validate(f); err != nil {
		return nil, err
	}
	f.compileIndexes()
	return f, nil
}

// validate checks the rules of CFMetaData.validate.
func (c *Catalog) validate(f *Family) error {
	def := f.Def
	if err := checkNameOf("Keyspace", def.Keyspace); err != nil {
		return err
	}
	if err := checkNameOf("ColumnFamily", def.Name); err != nil {
		return err
	}
	switch {
	case !f.Super && f.Subcomparator != nil:
		return backend.InvalidRequest("Subcolumn comparator (%s) is invalid for standard column family %s", f.Subcomparator, def.Name)
	case countsWithin(f.Comparator):
		return backend.InvalidRequest("CounterColumnType is not a valid comparator")
	case f.Super && countsWithin(f.Subcomparator):
		return backend.InvalidRequest("CounterColumnType is not a valid sub-column comparator")
	case countsWithin(f.KeyValidator):
		return backend.InvalidRequest("CounterColumnType is not a valid key validator")
	case !f.Counter && countsWithin(f.DefaultValidator):
		return backend.InvalidRequest("CounterColumnType is not a valid parameter of a default validator")
	}
	if f.Counter && f.defaultTTL > 0 {
		return backend.InvalidRequest("Cannot set default_time_to_live on a table with counters")
	}
	for i := range def.Columns {
		if err := c.validateColumn(f, &def.Columns[i]); err != nil {
			return err
		}
	}
	if def.KeyAlias != nil {
		if err := coltype.UTF8.Validate(def.KeyAlias); err != nil {
			return backend.InvalidRequest("invalid UTF8 bytes %x", def.KeyAlias)
		}
	}
	return c.checkIndexes(f)
}

func (c *Catalog) validateColumn(f *Family, column *schema.Column) error {
	if err := f.ColumnNames().Validate(column.Name); err != nil {
		return backend.InvalidRequest("Column name %s is not valid for comparator %s", hex.EncodeToString(column.Name), f.ColumnNames())
	}
	switch t := f.columns[string(column.Name)].validator; {
	case f.Counter && t != coltype.CounterColumn:
		return backend.InvalidRequest("Cannot add a non counter column (%s) in a counter column family", text(f.ColumnNames(), column.Name))
	case !f.Counter && countsWithin(t):
		return backend.InvalidRequest("Cannot add a counter column (%s) in a non counter column family", text(f.ColumnNames(), column.Name))
	}
	if f.Def.KeyAlias != nil && bytes.Equal(f.Def.KeyAlias, column.Name) {
		return backend.InvalidRequest("Cannot have key alias equals to a column name: %s", f.Def.KeyAlias)
	}
	return nil
}

// checkReplaces returns an error if f cannot replace old and use its data.
func checkReplaces(f, old *Family) error {
	switch {
	case f.Super != old.Super:
		return backend.InvalidRequest("types do not match.")
	case !compatible(f.Comparator, old.Comparator):
		return backend.InvalidRequest("comparators do not match or are not compatible.")
	case f.Super && !compatible(f.Subcomparator, old.Subcomparator):
		return backend.InvalidRequest("subcolumncomparators do not match or are note compatible.")
	case f.Counter != old.Counter:
		// 1.2 accepts it, and can no longer read the old columns.
		return backend.InvalidRequest("a column family cannot change between counters and other columns")
	}
	for _, index := range f.Indexes {
		if was := old.Indexed(index.Column); was != nil && !compatible(index.Type, was.Type) {
			return backend.InvalidRequest("Cannot modify validator to a non-order-compatible one for column %s since an index is set",
				text(f.ColumnNames(), index.Column))
		}
	}
	return nil
}
