package widerow

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// SystemManager reads and changes the schema, and reports facts about the cluster. A change
// returns once all reachable nodes agree on it. A SystemManager is safe for concurrent use.
// Handles on families see a change after [Family.Reload].
type SystemManager struct{ db *DB }

// ColumnDef describes a column of a definition. Its name is a Go value, which the family's
// comparator packs. In a super family the subcomparator packs the name, and the description
// applies to the columns of that name in all super columns.
type ColumnDef struct {
	Name any
	// Validator is the class name of the type of the column's values, such as schema.LongType. Empty leaves the type unchanged.
	Validator string
	// Index is the kind of index, none by default.
	Index schema.IndexType
	// IndexName is optional.
	IndexName string
}

// CreateKeyspace creates a keyspace, with the families in it. The strategy is
// SimpleStrategy by default, with one replica if the definition sets no number. A short class
// name is accepted. CreateKeyspace fails with ErrExists if the keyspace exists.
func (s *SystemManager) CreateKeyspace(ctx context.Context, ks schema.Keyspace) error {
	err := s.alter(ctx, "create keyspace", ks.Name, schema.CreateKeyspace{Keyspace: *complete(&ks)})
	return s.explain(ctx, err, ks.Name, "", true)
}

// complete returns a copy of a definition that sets the number of replicas, and whose
// families name their keyspace. Cassandra refuses definitions without these.
func complete(ks *schema.Keyspace) *schema.Keyspace {
	k := ks.Clone()
	for i := range k.Families {
		k.Families[i].Keyspace = cmp.Or(k.Families[i].Keyspace, k.Name)
	}
	simple := k.Strategy == "" || schema.ShortClass(k.Strategy) == schema.ShortClass(schema.SimpleStrategy)
	if _, ok := k.StrategyOptions["replication_factor"]; ok || !simple || k.ReplicationFactor != nil {
		return k
	}
	if k.StrategyOptions == nil {
		k.StrategyOptions = make(map[string]string)
	}
	k.StrategyOptions["replication_factor"] = "1"
	return k
}

// AlterKeyspace changes only the attributes that are set in ks. It does not change the
// keyspace's families.
func (s *SystemManager) AlterKeyspace(ctx context.Context, ks schema.Keyspace) error {
	return s.alter(ctx, "alter keyspace", ks.Name, schema.AlterKeyspace{Keyspace: ks})
}

// DropKeyspace drops a keyspace with all its data. It fails with ErrNotFound if there is
// no such keyspace.
func (s *SystemManager) DropKeyspace(ctx context.Context, name string) error {
	err := s.alter(ctx, "drop keyspace", name, schema.DropKeyspace{Name: name})
	return s.explain(ctx, err, name, "", false)
}

// CreateFamily creates a column family. Attributes that are not set get the
// store's defaults. The columns are added to the columns of the definition. CreateFamily
// fails with ErrExists if the family exists.
func (s *SystemManager) CreateFamily(ctx context.Context, def schema.Family, columns ...ColumnDef) error {
	const op = "create column family"
	d := def.Clone()
	if err := mergeColumns(d, d, columns); err != nil {
		return opError(op, familyName(&def), err)
	}
	err := s.alter(ctx, op, familyName(&def), schema.CreateFamily{Family: *d})
	return s.explain(ctx, err, def.Keyspace, def.Name, true)
}

// AlterFamily changes a column family: only the attributes that are set in def, and the
// columns that def and columns describe. Other columns keep their description. If a
// described column has no validator or index set, its validator or index does not change.
func (s *SystemManager) AlterFamily(ctx context.Context, def schema.Family, columns ...ColumnDef) error {
	const op = "alter column family"
	have, err := s.database().family(ctx, def.Keyspace, def.Name)
	if err != nil {
		return opError(op, familyName(&def), err)
	}
	d := def.Clone()
	d.Columns = have.Clone().Columns
	for i := range def.Columns {
		mergeColumn(d, def.Columns[i])
	}
	if err := mergeColumns(d, have, columns); err != nil {
		return opError(op, familyName(&def), err)
	}
	return s.alter(ctx, op, familyName(&def), schema.AlterFamily{Family: *d, Base: have})
}

// DropFamily drops a column family with all its data. It fails with ErrNotFound if there
// is no such family.
func (s *SystemManager) DropFamily(ctx context.Context, keyspace, name string) error {
	err := s.alter(ctx, "drop column family", keyspace+"."+name, schema.DropFamily{Keyspace: keyspace, Name: name})
	return s.explain(ctx, err, keyspace, name, false)
}

// AlterColumn sets the type of the values of one column. The argument validator is the type's
// class name. In a super family, the type applies to the columns of that name in all super
// columns. An index on the column stays.
func (s *SystemManager) AlterColumn(ctx context.Context, keyspace, family string, column any, validator string) error {
	return s.alterColumn(ctx, "alter column of", keyspace, family, column, func(c *schema.Column) error {
		c.Validator = validator
		return nil
	})
}

// IndexOptions are the settings of an index.
type IndexOptions struct {
	// Type is KeysIndex by default.
	Type schema.IndexType
	// Name is the name of the index. If it is empty, the store makes a name.
	Name string
	// Options are the options of a CustomIndex.
	Options map[string]string
}

// CreateIndex creates an index on a column, for [Family.Where]. It sets the type of the column's values to the class
// validator. Existing rows are indexed too. Nil options mean the defaults.
func (s *SystemManager) CreateIndex(ctx context.Context, keyspace, family string, column any, validator string, opts *IndexOptions) error {
	if opts == nil {
		opts = new(IndexOptions)
	}
	return s.alterColumn(ctx, "create index on", keyspace, family, column, func(c *schema.Column) error {
		c.Validator, c.Index, c.IndexName, c.IndexOptions = validator, opts.Type, opts.Name, opts.Options
		if c.Index == schema.NoIndex {
			c.Index = schema.KeysIndex
		}
		return nil
	})
}

// DropIndex drops the index on a column. The column keeps the type of its values. If the
// column has no index, DropIndex fails with ErrNotFound.
func (s *SystemManager) DropIndex(ctx context.Context, keyspace, family string, column any) error {
	return s.alterColumn(ctx, "drop index on", keyspace, family, column, func(c *schema.Column) error {
		if c.Index == schema.NoIndex {
			return &backend.Error{Kind: backend.KindNotFound, Why: "no index on column " + keyText(column)}
		}
		c.Index, c.IndexName, c.IndexOptions = schema.NoIndex, "", nil
		return nil
	})
}

// alterColumn changes the description of one column, which is new if it has none.
func (s *SystemManager) alterColumn(ctx context.Context, op, keyspace, family string, column any, change func(*schema.Column) error) error {
	where := keyspace + "." + family
	def, err := s.database().family(ctx, keyspace, family)
	if err != nil {
		return opError(op, where, err)
	}
	name, err := packColumnName(def, column)
	if err != nil {
		return opError(op, where, err)
	}
	base := def.Clone()
	if def.Column(name) == nil {
		def.Columns = append(def.Columns, schema.Column{Name: name, Validator: schema.BytesType})
	}
	if err := change(def.Column(name)); err != nil {
		return opError(op, where, err)
	}
	return s.alter(ctx, op, where, schema.AlterFamily{Family: *def, Base: base})
}

func (s *SystemManager) alter(ctx context.Context, op, what string, change schema.Change) error {
	b, err := s.database().store(ctx)
	if err == nil {
		_, err = b.Alter(ctx, change)
	}
	return opError(op, what, err)
}

// database returns the DB, or nil if the manager is nil.
func (s *SystemManager) database() *DB {
	if s == nil {
		return nil
	}
	return s.db
}

// Keyspaces returns the names of all keyspaces, sorted.
func (s *SystemManager) Keyspaces(ctx context.Context) ([]string, error) {
	b, err := s.database().store(ctx)
	if err != nil {
		return nil, opError("list keyspaces", "", err)
	}
	keyspaces, err := b.Keyspaces(ctx)
	if err != nil {
		return nil, opError("list keyspaces", "", err)
	}
	names := make([]string, len(keyspaces))
	for i := range keyspaces {
		names[i] = keyspaces[i].Name
	}
	slices.Sort(names)
	return names, nil
}

// Keyspace returns the definition of a keyspace with its families. The caller
// may change it.
func (s *SystemManager) Keyspace(ctx context.Context, name string) (schema.Keyspace, error) {
	ks, err := s.database().keyspace(ctx, name)
	if err != nil {
		return schema.Keyspace{}, opError("describe keyspace", name, err)
	}
	return *ks, nil
}

// Families returns the definitions of a keyspace's families by name. The caller
// may change them.
func (s *SystemManager) Families(ctx context.Context, keyspace string) (map[string]schema.Family, error) {
	ks, err := s.Keyspace(ctx, keyspace)
	if err != nil {
		return nil, err
	}
	families := make(map[string]schema.Family, len(ks.Families))
	for _, f := range ks.Families {
		families[f.Name] = f
	}
	return families, nil
}

// mergeColumns packs the names of columns by the types of a definition and
// merges them into dst's.
func mergeColumns(dst, types *schema.Family, columns []ColumnDef) error {
	for _, c := range columns {
		name, err := packColumnName(types, c.Name)
		if err != nil {
			return err
		}
		mergeColumn(dst, schema.Column{Name: name, Validator: c.Validator, Index: c.Index, IndexName: c.IndexName})
	}
	return nil
}

// mergeColumn adds the column c. If a column of that name exists, mergeColumn changes the attributes that c sets.
func mergeColumn(dst *schema.Family, c schema.Column) {
	i := slices.IndexFunc(dst.Columns, func(have schema.Column) bool { return bytes.Equal(have.Name, c.Name) })
	if i < 0 {
		if c.Validator == "" {
			c.Validator = schema.BytesType
		}
		dst.Columns = append(dst.Columns, c)
		return
	}
	have := &dst.Columns[i]
	if c.Validator != "" {
		have.Validator = c.Validator
	}
	if c.Index != schema.NoIndex {
		have.Index, have.IndexName, have.IndexOptions = c.Index, c.IndexName, c.IndexOptions
	}
}

// packColumnName packs the name of a described column.
func packColumnName(def *schema.Family, name any) ([]byte, error) {
	class := def.Comparator
	if def.IsSuper() {
		class = def.Subcomparator
	}
	if class == "" {
		class = schema.BytesType
	}
	typ, err := coltype.Parse(class)
	if err != nil {
		return nil, unfit("comparator "+class, err)
	}
	return packName(typ, name)
}

func familyName(def *schema.Family) string { return def.Keyspace + "." + def.Name }
