package catalog

import (
	"iter"
	"slices"
	"strings"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow/internal/persist"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/schema"
)

// Catalog is a snapshot of the schema. It is immutable and safe for concurrent use. The
// catalog after a change shares all unchanged parts with the catalog before, so that the cost
// of a change does not depend on the number of families.
type Catalog struct {
	keyspaces persist.Map[*keyspace]
	folded    persist.Map[string] // names of keyspaces, by their names in lower case
	indexes   persist.Map[indexUse]
	content   digest // sum of the digests of all keyspaces and families
	version   string
}

// keyspace is immutable.
type keyspace struct {
	def      *schema.Keyspace // without its Families
	families persist.Map[*Family]
	content  digest // digest of def
}

// New compiles definitions. They may be new or returned by [Catalog.Keyspaces]. New
// validates and completes them as Apply does with a CreateKeyspace for each. It does not
// keep references to keyspaces. The error is a *backend.Error.
func New(keyspaces []schema.Keyspace) (*Catalog, error) {
	next := new(Catalog)
	for i := range keyspaces {
		if err := next.createKeyspace(&keyspaces[i]); err != nil {
			return nil, err
		}
	}
	return next.seal(), nil
}

// Apply validates a change as Cassandra 1.2 does and returns the catalog after
// the change. In a new definition, attributes that are not set get Cassandra's defaults. In an
// altered definition, they keep their values. Families that do not change keep their *Family.
// The error is a *backend.Error.
func (c *Catalog) Apply(change schema.Change) (*Catalog, error) {
	next := new(*c)
	var err error
	switch change := change.(type) {
	case schema.CreateKeyspace:
		err = next.createKeyspace(&change.Keyspace)
	case schema.AlterKeyspace:
		err = next.alterKeyspace(&change.Keyspace)
	case schema.DropKeyspace:
		err = next.dropKeyspace(change.Name)
	case schema.CreateFamily:
		err = next.createFamily(&change.Family)
	case schema.AlterFamily:
		err = next.alterFamily(change)
	case schema.DropFamily:
		err = next.dropFamily(change.Keyspace, change.Name)
	default:
		err = refusal.UnknownChange(change)
	}
	if err != nil {
		return nil, err
	}
	return next.seal(), nil
}

// setKeyspace adds a keyspace. If a keyspace with its name exists, the new keyspace replaces it and
// gets its families.
func (c *Catalog) setKeyspace(def *schema.Keyspace) error {
	next := &keyspace{def: def}
	var err error
	if next.content, err = digestOf(def); err != nil {
		return err
	}
	if old, ok := c.keyspaces.Get(def.Name); ok {
		next.families = old.families
		c.content.remove(old.content)
	}
	c.content.add(next.content)
	c.keyspaces = c.keyspaces.Set(def.Name, next)
	c.folded = c.folded.Set(strings.ToLower(def.Name), def.Name)
	return nil
}

// removeKeyspace removes a keyspace and its families.
func (c *Catalog) removeKeyspace(k *keyspace) {
	for _, f := range k.families.All() {
		c.forget(f)
	}
	c.content.remove(k.content)
	c.keyspaces = c.keyspaces.Delete(k.def.Name)
	c.folded = c.folded.Delete(strings.ToLower(k.def.Name))
}

// setFamily adds a family to an existing keyspace. It replaces a family with the same name.
func (c *Catalog) setFamily(f *Family) error {
	var err error
	if f.content, err = digestOf(f.Def); err != nil {
		return err
	}
	k, _ := c.keyspaces.Get(f.Def.Keyspace)
	if old, ok := k.families.Get(f.Def.Name); ok {
		c.forget(old)
	}
	c.content.add(f.content)
	c.useIndexes(f)
	c.keyspaces = c.keyspaces.Set(f.Def.Keyspace, &keyspace{k.def, k.families.Set(f.Def.Name, f), k.content})
	return nil
}

func (c *Catalog) removeFamily(f *Family) {
	c.forget(f)
	k, _ := c.keyspaces.Get(f.Def.Keyspace)
	c.keyspaces = c.keyspaces.Set(f.Def.Keyspace, &keyspace{k.def, k.families.Delete(f.Def.Name), k.content})
}

// forget removes the digest and the index names of a family from the catalog. The caller removes the family itself.
func (c *Catalog) forget(f *Family) {
	c.content.remove(f.content)
	c.freeIndexes(f)
}

// versions is the name space of schema versions, a random UUID.
var versions = uuid.Must(uuid.FromString("6d1fa2b6-93a6-4b0e-9a5b-0d2f9d3c7c51"))

func (c *Catalog) seal() *Catalog {
	c.version = uuid.NewV5(versions, c.content.String()).String()
	return c
}

// Version returns a UUID made from the content, so that equal schemas have equal versions.
func (c *Catalog) Version() string { return c.version }

// Keyspaces returns the definitions of the named keyspaces in the order of the
// names. Without names, it returns all definitions, sorted by name. Families are sorted by
// name, and columns by the bytes of their names. If a keyspace does not exist, Keyspaces
// returns a not-found error. The caller may change the result.
func (c *Catalog) Keyspaces(names ...string) ([]schema.Keyspace, error) {
	if len(names) == 0 {
		for name := range c.keyspaces.All() {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	result := make([]schema.Keyspace, 0, len(names))
	for _, name := range names {
		ks, ok := c.keyspaces.Get(name)
		if !ok {
			return nil, c.CheckKeyspace(name)
		}
		k := ks.def.Clone()
		for _, f := range ks.sorted() {
			k.Families = append(k.Families, *f.Def.Clone())
		}
		result = append(result, *k)
	}
	return result, nil
}

// sorted returns the families of a keyspace, sorted by name.
func (k *keyspace) sorted() []*Family {
	result := make([]*Family, 0, k.families.Len())
	for _, f := range k.families.All() {
		result = append(result, f)
	}
	slices.SortFunc(result, func(a, b *Family) int { return strings.Compare(a.Def.Name, b.Def.Name) })
	return result
}

// CheckKeyspace returns a not-found error if the keyspace does not exist.
func (c *Catalog) CheckKeyspace(name string) error {
	if c.HasKeyspace(name) {
		return nil
	}
	return refusal.KeyspaceNotFound(name)
}

// HasKeyspace reports whether the keyspace exists.
func (c *Catalog) HasKeyspace(name string) bool { return c.Keyspace(name) != nil }

// Keyspace returns the definition of a keyspace without its Families, or nil if the keyspace does not exist. The
// caller must not change the definition.
func (c *Catalog) Keyspace(name string) *schema.Keyspace {
	if k, ok := c.keyspaces.Get(name); ok {
		return k.def
	}
	return nil
}

// AllKeyspaces yields the definitions of all keyspaces, as [Catalog.Keyspace] returns them, in no particular order.
func (c *Catalog) AllKeyspaces() iter.Seq[*schema.Keyspace] {
	return func(yield func(*schema.Keyspace) bool) {
		for _, k := range c.keyspaces.All() {
			if !yield(k.def) {
				return
			}
		}
	}
}

// Families yields the families of a keyspace in no particular order.
func (c *Catalog) Families(keyspace string) iter.Seq[*Family] {
	return func(yield func(*Family) bool) {
		k, ok := c.keyspaces.Get(keyspace)
		if !ok {
			return
		}
		for _, f := range k.families.All() {
			if !yield(f) {
				return
			}
		}
	}
}

// find returns a family, or nil.
func (c *Catalog) find(keyspace, name string) *Family {
	k, ok := c.keyspaces.Get(keyspace)
	if !ok {
		return nil
	}
	f, _ := k.families.Get(name)
	return f
}

// Family returns a compiled family. If the family does not exist, it returns the
// invalid-request error with which Cassandra answers such a request.
func (c *Catalog) Family(keyspace, name string) (*Family, error) {
	if f := c.find(keyspace, name); f != nil {
		return f, nil
	}
	switch {
	case keyspace == "":
		return nil, refusal.NoKeyspace()
	case !c.HasKeyspace(keyspace):
		return nil, refusal.MissingKeyspace(keyspace)
	}
	return nil, refusal.MissingFamily(name)
}
