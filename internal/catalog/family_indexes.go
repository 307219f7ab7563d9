package catalog

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

var nonWord = regexp.MustCompile(`\W`)

// indexUse records the families that have an index of the same name. They all have the same family name, each in
// another keyspace.
type indexUse struct {
	family string
	count  int
}

func (c *Catalog) useIndexes(f *Family) {
	for _, index := range f.Indexes {
		use, _ := c.indexes.Get(index.Name)
		c.indexes = c.indexes.Set(index.Name, indexUse{f.Def.Name, use.count + 1})
	}
}

func (c *Catalog) freeIndexes(f *Family) {
	for _, index := range f.Indexes {
		use, _ := c.indexes.Get(index.Name)
		if use.count--; use.count > 0 {
			c.indexes = c.indexes.Set(index.Name, use)
		} else {
			c.indexes = c.indexes.Delete(index.Name)
		}
	}
}

// nameIndexes names each index of f that has no name. The name is the index's name
// in old, or FAMILY_COLUMN_idx.
func (c *Catalog) nameIndexes(f, old *Family) error {
	for i := range f.Def.Columns {
		column := &f.Def.Columns[i]
		if column.Index == schema.NoIndex {
			continue
		}
		if old != nil {
			if was := old.Indexed(column.Name); was != nil {
				if column.IndexName != "" && column.IndexName != was.Name {
					return backend.InvalidRequest("Can't modify index name: was '%s' changed to '%s'.", was.Name, column.IndexName)
				}
				column.IndexName = was.Name
			}
		}
		if column.IndexName != "" {
			continue
		}
		base := nonWord.ReplaceAllString(fmt.Sprintf("%s_%s_idx", f.Def.Name, text(f.ColumnNames(), column.Name)), "")
		column.IndexName = base
		for n := 1; c.isIndex(column.IndexName); n++ {
			column.IndexName = base + "_" + strconv.Itoa(n)
		}
	}
	return nil
}

func (c *Catalog) isIndex(name string) bool {
	_, ok := c.indexes.Get(name)
	return ok
}

// checkIndexes validates the indexes of f. All of them must have names.
func (c *Catalog) checkIndexes(f *Family) error {
	// // Two indexes may have the same name only if their families have the same name in
	// different keyspaces (CFMetaData.existingIndexNames).
	own := map[string]bool{}
	taken := func(name string) bool {
		use, ok := c.indexes.Get(name)
		return ok && use.family != f.Def.Name || own[name]
	}
	for i := range f.Def.Columns {
		column := &f.Def.Columns[i]
		switch {
		case column.Index == schema.NoIndex:
			if column.IndexName != "" {
				return backend.InvalidRequest("Index name cannot be set without index type")
			}
			continue
		case f.Super:
			return backend.InvalidRequest("Secondary indexes are not supported on super column families")
		case f.Counter:
			// 1.2 accepts the index and refuses each query of it.
			return backend.InvalidRequest("Secondary indexes are not supported on counter column families")
		case !word.MatchString(column.IndexName):
			return backend.InvalidRequest("Illegal index name %s", column.IndexName)
		case taken(column.IndexName):
			return backend.InvalidRequest("Duplicate index name %s", column.IndexName)
		}
		own[column.IndexName] = true
		switch column.Index {
		case schema.KeysIndex:
		case schema.CustomIndex:
			if _, ok := column.IndexOptions["class_name"]; !ok {
				return backend.InvalidRequest("Required index option missing: class_name")
			}
			return backend.InvalidRequest("index %s: CUSTOM indexes are not supported; use KEYS", column.IndexName)
		case schema.CompositesIndex:
			return backend.InvalidRequest("index %s: COMPOSITES indexes are for CQL3 tables; use KEYS", column.IndexName)
		default:
			return backend.InvalidRequest("Unknown index type: %d", int32(column.Index)-1)
		}
	}
	return nil
}
