package catalog

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/schema"
)

const (
	maxNameLength = 48 // limit of the names of keyspaces and families
	factor        = "replication_factor"
)

var word = regexp.MustCompile(`^\w+$`)

// checkNameOf validates the name of a keyspace or family. The parameter what is
// "Keyspace" or "ColumnFamily".
func checkNameOf(what, name string) error {
	if len(name) > maxNameLength || !word.MatchString(name) {
		return backend.InvalidRequest("%s name must not be empty, more than %d characters long, or contain "+
			"non-alphanumeric-underscore characters (got \"%s\")", what, maxNameLength, name)
	}
	return nil
}

// checkNotSystem refuses changes of Cassandra's own keyspaces. (1.2 protects only
// "system" itself, and allows even there to create families, which breaks the node.)
func checkNotSystem(keyspace string) error {
	switch strings.ToLower(keyspace) {
	case "system", "system_auth", "system_traces":
		return backend.InvalidRequest("system keyspace is not user-modifiable")
	}
	return nil
}

func (c *Catalog) createKeyspace(k *schema.Keyspace) error {
	if err := checkNotSystem(k.Name); err != nil {
		return err
	}
	if name, ok := c.folded.Get(strings.ToLower(k.Name)); ok {
		return backend.InvalidRequest("Keyspace names must be case-insensitively unique (\"%s\" conflicts with \"%s\")", k.Name, name)
	}
	for _, f := range k.Families {
		if f.Keyspace != "" && f.Keyspace != k.Name {
			return backend.InvalidRequest("CfDef (%s) had a keyspace definition that did not match KsDef", f.Name)
		}
	}
	if err := checkNameOf("Keyspace", k.Name); err != nil {
		return err
	}
	def, err := completeKeyspace(k)
	if err != nil {
		return err
	}
	if err := c.setKeyspace(def); err != nil {
		return err
	}
	// If two definitions have the same name, Cassandra uses the last.
	last := make(map[string]int, len(k.Families))
	for i := range k.Families {
		last[k.Families[i].Name] = i
	}
	for i, f := range k.Families {
		if last[f.Name] != i {
			continue
		}
		f.Keyspace = k.Name
		if err := c.createFamily(&f); err != nil {
			return err
		}
	}
	return nil
}

func (c *Catalog) alterKeyspace(k *schema.Keyspace) error {
	if err := checkNotSystem(k.Name); err != nil {
		return err
	}
	old := c.Keyspace(k.Name)
	if old == nil {
		return refusal.GoneKeyspace(k.Name)
	}
	def, err := completeKeyspace(old.Merge(k))
	if err != nil {
		return err
	}
	return c.setKeyspace(def)
}

func (c *Catalog) dropKeyspace(name string) error {
	if err := checkNotSystem(name); err != nil {
		return err
	}
	k, ok := c.keyspaces.Get(name)
	if !ok {
		return backend.InvalidRequest("Cannot drop non existing keyspace '%s'.", name)
	}
	c.removeKeyspace(k)
	return nil
}

// completeKeyspace returns a complete copy of the definition without families.
func completeKeyspace(k *schema.Keyspace) (*schema.Keyspace, error) {
	def := &schema.Keyspace{
		Name:            k.Name,
		Strategy:        strategyClass(k.Strategy),
		StrategyOptions: cleanOptions(k.StrategyOptions),
		DurableWrites:   orDefault(k.DurableWrites, true),
	}
	if _, ok := def.StrategyOptions[factor]; !ok {
		switch {
		case k.ReplicationFactor != nil:
			def.StrategyOptions[factor] = strconv.Itoa(int(*k.ReplicationFactor))
		case k.Strategy == "" && k.StrategyOptions == nil:
			def.StrategyOptions[factor] = "1"
		}
	}
	return def, checkStrategy(def)
}

// strategyClass returns the full name of a replication strategy.
func strategyClass(name string) string {
	switch {
	case name == "":
		return schema.SimpleStrategy
	case !strings.Contains(name, "."):
		return "org.apache.cassandra.locator." + name
	}
	return name
}

// checkStrategy validates the replication strategy and its options. Like Cassandra, it ignores
// unknown options.
func checkStrategy(def *schema.Keyspace) error {
	switch def.Strategy {
	case schema.SimpleStrategy, schema.OldNetworkTopologyStrategy:
		value, ok := def.StrategyOptions[factor]
		if !ok { // the reason names SimpleStrategy for both
			return backend.InvalidRequest("SimpleStrategy requires a replication_factor strategy option.")
		}
		return checkFactor(value)
	case schema.NetworkTopologyStrategy:
		for _, dc := range slices.Sorted(maps.Keys(def.StrategyOptions)) {
			value := def.StrategyOptions[dc]
			if _, err := parseInt(value); err != nil || strings.EqualFold(dc, factor) {
				return backend.InvalidRequest("Error constructing replication strategy class")
			}
			if err := checkFactor(value); err != nil {
				return err
			}
		}
		return nil
	case schema.LocalStrategy:
		return backend.InvalidRequest("Unable to use given strategy class: LocalStrategy is reserved for internal use.")
	}
	return backend.InvalidRequest("Unable to find replication strategy class '%s'", def.Strategy)
}

func checkFactor(value string) error {
	n, err := parseInt(value)
	if err != nil {
		return backend.InvalidRequest("Replication factor must be numeric; found %s", value)
	}
	if n < 0 {
		return backend.InvalidRequest("Replication factor must be non-negative; found %s", value)
	}
	return nil
}

// parseInt reads a number as Java's Integer.parseInt does.
func parseInt(s string) (int64, error) { return strconv.ParseInt(s, 10, 32) }
