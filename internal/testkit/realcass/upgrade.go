package realcass

import (
	"testing"
)

// Upgrade stops the running nodes and starts all nodes with another version and their data. The other
// settings do not change, so the cluster keeps its partitioner. No other method may be called before
// Upgrade returns.
func (c *Cluster) Upgrade(t testing.TB, version string) {
	t.Helper()
	c.ownedOrSkip(t)
	config := c.plan.Config
	config.Version = version
	p, err := newPlan(config)
	if err != nil {
		t.Fatal(err)
	}
	cache, err := openCache()
	if err != nil {
		t.Fatal(err)
	}
	jars, java, err := cache.fetch(t.Context(), p.release)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range c.Nodes() {
		n.Stop(t)
	}
	c.plan, c.jars, c.java = p, jars, java
	for i, n := range c.Nodes() {
		n.addr = c.newNode(i, n.place, false).addr
		n.joins = false
		n.Start(t)
	}
}
