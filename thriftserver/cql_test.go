package thriftserver_test

import (
	"testing"

	"github.com/widerow/widerow/internal/thriftwire"
)

// TestTablesQuery makes the query without an answer to which cassandra-cli does not use a keyspace. The
// rows must be there, and be none.
func TestTablesQuery(t *testing.T) {
	c := dial(t, start(t, openMemory(t, newClock(), ""), nil))
	const query = "SELECT columnfamily_name, comparator, default_validator, key_validator FROM system.schema_columnfamilies WHERE keyspace_name='ks'"
	r := must[*thriftwire.ExecuteCQL3QueryResult](c, &thriftwire.ExecuteCQL3QueryArgs{
		Query: b(query), Compression: thriftwire.CompressionNone, Consistency: one,
	}).Success
	if r.Type != thriftwire.CqlResultTypeRows || r.Rows == nil || len(r.Rows) != 0 {
		t.Errorf("the result is %+v, want rows, of which there are none", r)
	}
}
