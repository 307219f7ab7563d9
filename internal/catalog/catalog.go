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

// Catalog is a snapshot of the schema. It is immutable and safe for concurrent use. A
// change shares with the snapshot before all that it does not concern, so that its cost does
// not depend on how many families there are.
type Catalog struct {
	keyspaces persist.Map[*keyspace]
	folded    persist.Map[string] // names of keyspaces by those names in lower case
	indexes   persist.Map[indexUse]
	content   digest // the sum of those of all keyspaces and families
	version   string
}

// keyspace is immutable.
type keyspace struct {
	def      *schema.Keyspace // without its Families
	families persist.Map[*Family]
	content  digest // of def
}

// New compiles definitions, be they new or such as [Catalog.Keyspaces] returned:
// they are validated and completed as by Apply with a CreateKeyspace for each.
// It keeps nothing of keyspaces. The error is a *backend.Error.
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
// it. Attributes that are not set become Cassandra's defaults in what is created
// and stay as they are in what is altered. Families that the change leaves as
// they are keep their *Family. The error is a *backend.Error.
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

// setKeyspace puts a keyspace in place of the one with its name, if there is one, whose
// families it gets.
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

// setFamily puts a family, whose keyspace exists, in place of the one with its name, if there is one.
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

// forget takes what is known of a family, beside where it is found, out of the catalog.
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

// Version is a UUID made from the content: equal schemas have equal versions.
func (c *Catalog) Version() string { return c.version }

// Keyspaces returns the definitions of the named keyspaces in the order of the
// names, or of all, sorted by name, if none is given. Families are sorted by
// name, and columns by their names' bytes. A keyspace that does not exist is a
// not-found error. The caller may change the result.
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

// CheckKeyspace returns a not-found error if there is no such keyspace.
func (c *Catalog) CheckKeyspace(name string) error {
	if c.HasKeyspace(name) {
		return nil
	}
	return refusal.KeyspaceNotFound(name)
}

// HasKeyspace reports whether the keyspace exists.
func (c *Catalog) HasKeyspace(name string) bool { return c.Keyspace(name) != nil }

// Keyspace returns the definition of a keyspace, without its Families, or nil if there is none. It must not
// be changed.
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

// Family returns a compiled family, or the invalid-request error that Cassandra
// gives to a request for one that does not exist.
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
