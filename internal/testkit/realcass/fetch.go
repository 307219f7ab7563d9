package realcass

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Fetch downloads the files that the versions need into the cache, so that tests need not wait for them. It
// reports each version to w. Without versions, it uses [Releases].
func Fetch(ctx context.Context, w io.Writer, versions ...string) error {
	if err := supported(); err != nil {
		return err
	}
	cache, err := openCache()
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		versions = Releases
	}
	for _, version := range versions {
		r, err := parseRelease(version)
		if err != nil {
			return err
		}
		jars, java, err := cache.fetch(ctx, r)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%v: %s, %s\n", r, jars, java)
	}
	return nil
}

// Run starts a cluster, writes its addresses to w, and ends it when ctx ends.
func Run(ctx context.Context, w io.Writer, config Config) (err error) {
	p, err := newPlan(config)
	if err != nil {
		return err
	}
	c, err := launch(ctx, p)
	if c != nil {
		defer func() { err = errors.Join(err, c.kill(), c.network.release()) }()
	}
	if err != nil {
		if c != nil {
			fmt.Fprint(w, c.report())
		}
		return err
	}
	for _, n := range c.Nodes() {
		fmt.Fprintf(w, "Cassandra %v on %s, process %d, files in %s\n", p.release, n.addr, n.PID(), n.dir)
	}
	<-ctx.Done()
	return nil
}
