package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// Catalog is a snapshot of the schema. It is immutable and safe for concurrent use.
type Catalog struct {
	keyspaces map[string]*schema.Keyspace // without their Families
	families  map[familyName]*Family
	version   string
}

type familyName struct{ keyspace, family string }

// New compiles definitions, be they new or such as [Catalog.Keyspaces] returned:
// they are validated and completed as by Apply with a CreateKeyspace for each.
// It keeps nothing of keyspaces. The error is a *backend.Error.
func New(keyspaces []schema.Keyspace) (*Catalog, error) {
	next := new(Catalog).copy()
	for i := range keyspaces {
		if err := next.createKeyspace(&keyspaces[i]); err != nil {
			return nil, err
		}
	}
	return next.seal()
}

// Apply validates a change as Cassandra 1.2 does and returns the catalog after
// it. Attributes that are not set become Cassandra's defaults in what is created
// and stay as they are in what is altered. Families that the change leaves as
// they are keep their *Family. The error is a *backend.Error.
func (c *Catalog) Apply(change schema.Change) (*Catalog, error) {
	next := c.copy()
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
		err = next.alterFamily(&change.Family, change.Whole)
	case schema.DropFamily:
		err = next.dropFamily(change.Keyspace, change.Name)
	default:
		err = backend.InvalidRequest("unknown schema change %T", change)
	}
	if err != nil {
		return nil, err
	}
	return next.seal()
}

// copy returns a catalog that may be changed, until it is sealed, without c
// changing.
func (c *Catalog) copy() *Catalog {
	next := &Catalog{keyspaces: map[string]*schema.Keyspace{}, families: map[familyName]*Family{}}
	maps.Copy(next.keyspaces, c.keyspaces)
	maps.Copy(next.families, c.families)
	return next
}

// versions is the name space of schema versions, a random UUID.
var versions = uuid.Must(uuid.FromString("6d1fa2b6-93a6-4b0e-9a5b-0d2f9d3c7c51"))

func (c *Catalog) seal() (*Catalog, error) {
	all, err := c.Keyspaces()
	if err != nil {
		return nil, err
	}
	content, err := json.Marshal(all)
	if err != nil {
		return nil, fmt.Errorf("schema version: %w", err)
	}
	c.version = uuid.NewV5(versions, string(content)).String()
	return c, nil
}

// Version is a UUID made from the content: equal schemas have equal versions.
func (c *Catalog) Version() string { return c.version }

// Keyspaces returns the definitions of the named keyspaces in the order of the
// names, or of all, sorted by name, if none is given. Families are sorted by
// name, and columns by their names' bytes. A keyspace that does not exist is a
// not-found error. The caller may change the result.
func (c *Catalog) Keyspaces(names ...string) ([]schema.Keyspace, error) {
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(c.keyspaces))
	}
	result := make([]schema.Keyspace, 0, len(names))
	for _, name := range names {
		def, ok := c.keyspaces[name]
		if !ok {
			return nil, &backend.Error{Kind: backend.KindNotFound, Why: noKeyspace(name)}
		}
		k := def.Clone()
		for _, f := range c.familiesOf(name) {
			k.Families = append(k.Families, *f.Def.Clone())
		}
		result = append(result, *k)
	}
	return result, nil
}

// familiesOf returns the families of a keyspace, sorted by name.
func (c *Catalog) familiesOf(keyspace string) []*Family {
	var result []*Family
	for name, f := range c.families {
		if name.keyspace == keyspace {
			result = append(result, f)
		}
	}
	slices.SortFunc(result, func(a, b *Family) int { return strings.Compare(a.Def.Name, b.Def.Name) })
	return result
}

// HasKeyspace reports whether the keyspace exists.
func (c *Catalog) HasKeyspace(name string) bool { return c.keyspaces[name] != nil }

// Family returns a compiled family, or the invalid-request error that Cassandra
// gives to a request for one that does not exist.
func (c *Catalog) Family(keyspace, name string) (*Family, error) {
	if f := c.families[familyName{keyspace, name}]; f != nil {
		return f, nil
	}
	switch {
	case keyspace == "":
		return nil, backend.InvalidRequest("no keyspace has been specified")
	case !c.HasKeyspace(keyspace):
		return nil, backend.InvalidRequest("%s", noKeyspace(keyspace))
	case name == "":
		return nil, backend.InvalidRequest("non-empty columnfamily is required")
	}
	return nil, backend.InvalidRequest("unconfigured columnfamily %s", name)
}

// noKeyspace is the reason that set_keyspace gives, which with Thrift comes
// before every request.
func noKeyspace(name string) string { return fmt.Sprintf("Keyspace '%s' does not exist", name) }
