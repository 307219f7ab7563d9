package widerow

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/schema"
)

// Family is a column family: rows of sorted columns by key. [Keyspace.Family] returns a
// Family. It is safe for concurrent use.
type Family struct {
	db             *DB
	keyspace, name string
	set            familySettings
	types          atomic.Pointer[types]
}

// familySettings are the settings that the options of a family set.
type familySettings struct {
	key, name, super, value      coltype.Type
	columns                      []columnOverride
	rawKeys, rawNames, rawValues bool
	read, write                  Consistency
	rowBuffer, columnBuffer      int
	timestamps                   func() int64
}

type columnOverride struct {
	name any
	typ  coltype.Type
}

// FamilyOption is an option of [Keyspace.Family] and [Family.Using].
type FamilyOption func(*familySettings)

// ReadLevel sets the consistency level of reads without the option [Level]. The default is [Options.Read].
func ReadLevel(level Consistency) FamilyOption {
	return func(s *familySettings) { s.read = level }
}

// WriteLevel sets the consistency level of writes without the option [Level]. The default is [Options.Write].
func WriteLevel(level Consistency) FamilyOption {
	return func(s *familySettings) { s.write = level }
}

// KeyType sets the type of row keys, in place of the schema's.
func KeyType(t coltype.Type) FamilyOption {
	return func(s *familySettings) { s.key, s.rawKeys = t, false }
}

// NameType sets the type of column names (of the names within super columns in a super family), in place of the
// schema's. The store still orders the columns by the schema's type.
func NameType(t coltype.Type) FamilyOption {
	return func(s *familySettings) { s.name, s.rawNames = t, false }
}

// SuperNameType sets the type of the names of super columns, in place of the schema's.
func SuperNameType(t coltype.Type) FamilyOption {
	return func(s *familySettings) { s.super, s.rawNames = t, false }
}

// ValueType sets the type of the values of columns that have no type of their own, in place of the schema's.
func ValueType(t coltype.Type) FamilyOption {
	return func(s *familySettings) { s.value, s.rawValues = t, false }
}

// ColumnType sets the type of the values of one column, in place of the schema's. In
// a super family it applies to the columns of that name in all super columns.
func ColumnType(name any, t coltype.Type) FamilyOption {
	return func(s *familySettings) {
		s.columns, s.rawValues = append(slices.Clip(s.columns), columnOverride{name, t}), false
	}
}

// Raw turns packing off: keys, names and values are []byte in results, and []byte or string in
// arguments.
func Raw() FamilyOption {
	return func(s *familySettings) { s.rawKeys, s.rawNames, s.rawValues = true, true, true }
}

// RawKeys is [Raw] for row keys only.
func RawKeys() FamilyOption { return func(s *familySettings) { s.rawKeys = true } }

// RawNames is [Raw] for the names of columns and super columns only.
func RawNames() FamilyOption { return func(s *familySettings) { s.rawNames = true } }

// RawValues is [Raw] for values only.
func RawValues() FamilyOption { return func(s *familySettings) { s.rawValues = true } }

// RowBuffer sets how many rows MultiGet, MultiCount, Range and Where fetch in one request. The default
// is [DefaultBuffer]. [Buffer] sets it for one call.
func RowBuffer(n int) FamilyOption { return func(s *familySettings) { s.rowBuffer = n } }

// ColumnBuffer sets how many columns [Family.Columns] fetches in one request. The default
// is [DefaultBuffer]. [Buffer] sets it for one call.
func ColumnBuffer(n int) FamilyOption { return func(s *familySettings) { s.columnBuffer = n } }

// TimestampSource sets the function that returns the timestamps of writes without [At]. It must be safe
// for concurrent use. The default is the DB's, see [Options.Timestamps].
func TimestampSource(next func() int64) FamilyOption {
	return func(s *familySettings) { s.timestamps = next }
}

func (s *familySettings) apply(opts []FamilyOption) error {
	for _, o := range opts {
		if o == nil {
			return refusal.NoOption()
		}
		o(s)
	}
	return nil
}

// Using returns another handle on the same family, with more options set. f keeps its options. Using makes no
// call: the new handle has the definition that f has.
func (f *Family) Using(opts ...FamilyOption) (*Family, error) {
	if !f.isOpen() {
		return nil, f.fail("set options", nil, errNoFamily())
	}
	g := &Family{db: f.db, keyspace: f.keyspace, name: f.name, set: f.set}
	if err := g.set.apply(opts); err != nil {
		return nil, f.fail("set options of", nil, err)
	}
	if err := g.compile(f.types.Load().def); err != nil {
		return nil, err
	}
	return g, nil
}

// isOpen reports whether a [Keyspace] made f.
func (f *Family) isOpen() bool { return f != nil && f.types.Load() != nil }

// Name returns the family's name.
func (f *Family) Name() string {
	if !f.isOpen() {
		return ""
	}
	return f.name
}

// Keyspace returns the keyspace that the family is in.
func (f *Family) Keyspace() *Keyspace {
	if !f.isOpen() {
		return nil
	}
	return f.db.Keyspace(f.keyspace)
}

// Schema returns a copy of the definition that was read last.
func (f *Family) Schema() schema.Family {
	if !f.isOpen() {
		return schema.Family{}
	}
	return *f.types.Load().def.Clone()
}

// IsSuper reports whether the family's columns are super columns.
func (f *Family) IsSuper() bool { return f.isOpen() && f.types.Load().super }

// IsCounter reports whether the family's columns are counters.
func (f *Family) IsCounter() bool { return f.isOpen() && f.types.Load().counter }

// Types are the data types by which a [Family] packs Go values and unpacks stored bytes.
type Types struct {
	Key coltype.Type
	// Super is the type of the names of super columns, nil in a standard family.
	Super coltype.Type
	// Name is the type of the names of columns.
	Name coltype.Type
	// Value is the type of the values of columns without a type of their own.
	Value coltype.Type
}

// Types returns the types in force: the schema's types, or the types that options set instead.
func (f *Family) Types() Types {
	if !f.isOpen() {
		return Types{}
	}
	t := f.types.Load()
	types := Types{Key: t.key, Name: t.leaf, Value: t.value}
	if t.super {
		types.Super = t.name
	}
	return types
}

// ColumnType returns the type of the named column's values. It fails if name is
// not a column name of the family.
func (f *Family) ColumnType(name any) (coltype.Type, error) {
	if !f.isOpen() {
		return nil, f.fail("column type", nil, errNoFamily())
	}
	t := f.types.Load()
	packed, err := packName(t.leaf, name)
	if err != nil {
		return nil, opError("column type in", f.name, err)
	}
	return t.validator(packed), nil
}

// Reload reads the family's definition again. Calls that run keep the definition that they began with.
// Reload keeps the types and settings that a [FamilyOption] has set. If Reload fails, the handle keeps its
// definition.
func (f *Family) Reload(ctx context.Context) error {
	if !f.isOpen() {
		return f.fail("read schema", nil, errNoFamily())
	}
	return f.load(ctx)
}

// load reads the definition for the first time, or again.
func (f *Family) load(ctx context.Context) error {
	def, err := f.db.family(ctx, f.keyspace, f.name)
	if err != nil {
		return opError("read schema of", f.keyspace+"."+f.name, err)
	}
	return f.compile(def)
}

func (f *Family) compile(def *schema.Family) error {
	t, err := compileTypes(def, &f.set)
	if err != nil {
		return opError("read schema of", f.keyspace+"."+f.name, err)
	}
	f.types.Store(t)
	return nil
}

// begin applies the options of a call. Only the allowed options may be given.
func begin[O interface{ apply(*call) }](ctx context.Context, f *Family, opts []O, allowed optionSet) (*call, error) {
	switch {
	case !f.isOpen():
		return nil, errNoFamily()
	case ctx == nil:
		return nil, refusal.NoContext()
	}
	return options(opts, allowed)
}

func errNoFamily() error { return invalid("the family is nil or zero: Keyspace.Family returns one") }

func errNoView() error { return invalid("the view is nil or zero: Typed returns one") }

func errNoDB() error { return invalid("the DB is nil or zero: New and connect.Open return one") }

// fail wraps the error of a call. If key is not nil, the call is about one row.
func (f *Family) fail(op string, key any, err error) error {
	if f == nil {
		return opError(op, "", err)
	}
	if key == nil {
		return opError(op, f.name, err)
	}
	return opError(op, target(f.name, key), err)
}

func (f *Family) readLevel(c *call) Consistency {
	return cmp.Or(c.level, f.set.read, f.db.opts.Read, One)
}

func (f *Family) writeLevel(c *call) Consistency {
	return cmp.Or(c.level, f.set.write, f.db.opts.Write, One)
}

func (f *Family) rowBuffer(c *call) int {
	return max(1, cmp.Or(c.buffer, f.set.rowBuffer, DefaultBuffer))
}

func (f *Family) columnBuffer(c *call) int {
	return max(1, cmp.Or(c.buffer, f.set.columnBuffer, DefaultBuffer))
}

func (f *Family) timestamp(c *call) int64 {
	switch {
	case c.has(optAt):
		return c.timestamp
	case f.set.timestamps != nil:
		return f.set.timestamps()
	}
	return f.db.timestamps()
}

// parent names the family, or a super column of it.
func (f *Family) parent(t *types, c *call) (backend.Parent, error) {
	super, err := t.packSuper(c)
	return backend.Parent{Keyspace: f.keyspace, Family: f.name, Super: super}, err
}

func (db *DB) keyspace(ctx context.Context, name string) (*schema.Keyspace, error) {
	b, err := db.store(ctx)
	if err != nil {
		return nil, err
	}
	keyspaces, err := b.Keyspaces(ctx, name)
	if err != nil {
		return nil, err
	}
	for i := range keyspaces {
		if keyspaces[i].Name == name {
			return &keyspaces[i], nil
		}
	}
	return nil, &backend.Error{Kind: backend.KindNotFound, Why: "keyspace " + name}
}

func (db *DB) family(ctx context.Context, keyspace, name string) (*schema.Family, error) {
	ks, err := db.keyspace(ctx, keyspace)
	if err != nil {
		return nil, err
	}
	if def := ks.Family(name); def != nil {
		return def, nil
	}
	if why := backend.WhyNotServed(ctx, db.backend, keyspace, name); why != nil {
		return nil, why
	}
	return nil, &backend.Error{Kind: backend.KindNotFound, Why: "column family " + name}
}

func sortFamilies(families []*Family) {
	slices.SortFunc(families, func(a, b *Family) int { return cmp.Compare(a.name, b.name) })
}
