package cqlclient

import (
	"context"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// schemaHead is what one node reports about itself. Further reads that must match it are sent to the same node.
type schemaHead struct {
	host    gocql.UUID
	version gocql.UUID
	release string
}

// head asks a node for its schema version. If host is "", head asks any node.
func (c *Client) head(ctx context.Context, host string) (h schemaHead, err error) {
	q := c.session.Query("SELECT host_id, schema_version, release_version FROM system.local").Idempotent(true)
	if host != "" {
		q.SetHostID(host)
	}
	err = q.ScanContext(ctx, &h.host, &h.version, &h.release)
	return h, c.fail(ctx, err)
}

// newest returns the head of the node from which the schema should be read after the node of h reported a new version. If the snapshot
// with the current version should be kept, newest returns false: a node that has just come back may have an older schema than the others.
func (c *Client) newest(ctx context.Context, h schemaHead, current string) (schemaHead, bool, error) {
	short, cancel := context.WithTimeout(ctx, pollEvery) // a node that does not answer must not hold the others up
	defer cancel()
	host, version := prevailing(c.versions(short))
	switch {
	case version == h.version.String(), version == "" && current == "":
		return h, true, nil
	case version == "", version == current:
		return h, false, nil
	}
	h, err := c.head(ctx, host)
	return h, true, err
}

// prevailing returns the version of the schema that more than half of the nodes have, and one of these nodes. The argument has each
// node's version, or "" for a node that does not answer. If no version has a majority, prevailing returns "".
func prevailing(versions map[string]string) (host, version string) {
	votes := map[string]int{}
	all := 0
	for _, v := range versions {
		if v != "" {
			votes[v]++
			all++
		}
	}
	for h, v := range versions {
		if v != "" && 2*votes[v] > all {
			return h, v
		}
	}
	return "", ""
}

// load reads the schema from the node of h. The version in h was read before the tables. If the tables change between the two reads,
// the version changes too, and the next refresh finds the new version.
func (c *Client) load(ctx context.Context, h schemaHead, old *snapshot) (*snapshot, error) {
	rows := &schemaRows{version: h.version.String(), release: h.release}
	for _, q := range []struct {
		to    *[]string
		table string
	}{
		{&rows.keyspaces, "keyspaces"},
		{&rows.tables, "tables"},
		{&rows.columns, "columns"},
		{&rows.indexes, "indexes"},
		{&rows.dropped, "dropped_columns"},
		{&rows.views, "views"},
	} {
		if err := c.readJSON(ctx, h.host, "SELECT JSON * FROM system_schema."+q.table, q.to); err != nil {
			return nil, err
		}
	}
	return old.next(rows)
}

// readJSON reads the rows of a SELECT JSON from one node.
func (c *Client) readJSON(ctx context.Context, host gocql.UUID, statement string, to *[]string) error {
	iter := c.session.Query(statement).Idempotent(true).SetHostID(host.String()).IterContext(ctx)
	var text string
	for iter.Scan(&text) {
		*to = append(*to, text)
	}
	return c.fail(ctx, iter.Close())
}

// Keyspaces implements [backend.Backend]. It first asks the cluster whether the schema has changed.
func (c *Client) Keyspaces(ctx context.Context, names ...string) (_ []schema.Keyspace, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodKeyspaces, start, err) }(time.Now())
	s, err := c.refresh(ctx)
	if err != nil {
		return nil, err
	}
	return s.cat.Keyspaces(names...)
}

// SchemaVersion implements [backend.SchemaVersioner]. It returns the cluster's schema_version that the client read last.
func (c *Client) SchemaVersion() string { return c.snapshot().version }

var _ backend.SchemaVersioner = (*Client)(nil)
