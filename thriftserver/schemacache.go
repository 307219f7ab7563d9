package thriftserver

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/schema"
)

// family has the facts about a column family that replies and the columns of calls depend
// on.
type family struct {
	keyspace, name string
	super, counter bool
	defaultTTL     bool   // columns expire by default
	comparator     string // class name
}

const (
	// schemaAge is how long definitions are cached if the store is not a SchemaVersioner. Other clients
	// may change them, but rarely the facts that matter here.
	schemaAge = 10 * time.Second
	// schemaMiss is the shortest time after which a store is asked again for a family that it did not have. A
	// SchemaVersioner is asked again too, since it may lag behind changes of other clients.
	schemaMiss = 100 * time.Millisecond
)

// schemaCache caches facts about the families. It is safe for concurrent use.
type schemaCache struct {
	b       backend.Backend
	current atomic.Pointer[knownSchema]
	loading slots // one slot, for the goroutine that asks the store
}

// knownSchema is immutable.
type knownSchema struct {
	version  string // of a SchemaVersioner
	at       time.Time
	families map[string]map[string]*family // by keyspace and name
}

// fresh reports whether k may be used. If the store is a SchemaVersioner, its version must be unchanged; otherwise k
// must not be older than age. After a miss the age counts in both cases.
func (k *knownSchema) fresh(b backend.Backend, age time.Duration) bool {
	if k == nil {
		return false
	}
	young := time.Since(k.at) < age
	if v, ok := b.(backend.SchemaVersioner); ok {
		return v.SchemaVersion() == k.version && (young || age != schemaMiss)
	}
	return young
}

// get returns the cached schema. If it is older than age, get reads it again first.
func (c *schemaCache) get(ctx context.Context, age time.Duration) (*knownSchema, error) {
	k := c.current.Load()
	if k.fresh(c.b, age) {
		return k, nil
	}
	if !c.loading.try() {
		if age == schemaAge && k.fresh(c.b, 2*schemaAge) {
			return k, nil // good enough while another goroutine asks
		}
		if err := c.loading.acquire(ctx); err != nil {
			return nil, err
		}
	}
	defer c.loading.release()
	if k := c.current.Load(); k.fresh(c.b, age) {
		return k, nil
	}
	return c.load(ctx)
}

// load asks the store.
func (c *schemaCache) load(ctx context.Context) (*knownSchema, error) {
	k := &knownSchema{at: time.Now(), families: map[string]map[string]*family{systemKeyspace.Name: {}}}
	if v, ok := c.b.(backend.SchemaVersioner); ok {
		k.version = v.SchemaVersion() // read before the definitions, which may then be newer
	}
	keyspaces, err := c.b.Keyspaces(ctx)
	if err != nil {
		return nil, err
	}
	for i := range keyspaces {
		ks := &keyspaces[i]
		families := make(map[string]*family, len(ks.Families))
		for j := range ks.Families {
			families[ks.Families[j].Name] = newFamily(ks.Name, &ks.Families[j])
		}
		k.families[ks.Name] = families
	}
	c.current.Store(k)
	return k, nil
}

func newFamily(keyspace string, def *schema.Family) *family {
	return &family{
		keyspace: keyspace, name: def.Name,
		super:      def.IsSuper(),
		counter:    def.IsCounter(),
		defaultTTL: def.DefaultTTL != nil && *def.DefaultTTL > 0,
		comparator: def.Comparator,
	}
}

// forget makes the next call ask the store.
func (c *schemaCache) forget() { c.current.Store(nil) }

func (c *schemaCache) hasKeyspace(ctx context.Context, name string) (bool, error) {
	for _, age := range [...]time.Duration{schemaAge, schemaMiss} {
		k, err := c.get(ctx, age)
		if err != nil {
			return false, err
		}
		if k.families[name] != nil {
			return true, nil
		}
	}
	return false, nil
}

// family returns a family, or the error that Cassandra gives to a request for
// one that does not exist.
func (c *schemaCache) family(ctx context.Context, keyspace, name string) (*family, error) {
	var families map[string]*family
	for _, age := range [...]time.Duration{schemaAge, schemaMiss} {
		k, err := c.get(ctx, age)
		if err != nil {
			return nil, err
		}
		families = k.families[keyspace]
		if f := families[name]; f != nil {
			return f, nil
		}
	}
	if families == nil {
		return nil, refusal.GoneKeyspace(keyspace)
	}
	return nil, refusal.MissingFamily(name)
}
