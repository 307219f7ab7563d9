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

// head asks any node for its schema version.
func (c *Client) head(ctx context.Context) (h schemaHead, err error) {
	err = c.session.Query("SELECT host_id, schema_version, release_version FROM system.local").Idempotent(true).
		ScanContext(ctx, &h.host, &h.version, &h.release)
	return h, c.fail(ctx, err)
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
