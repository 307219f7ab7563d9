package thriftserver

import (
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// errCQL is the answer to all calls for CQL but one.
var errCQL = backend.InvalidRequest("CQL is not supported over Thrift by this server: " +
	"use the calls for column families, such as get_slice and batch_mutate, or the native protocol of a Cassandra node")

// tablesQuery is how the query begins that cassandra-cli makes when it begins to use a keyspace, in 1.2 to
// 2.1. It looks for the tables that were made by CQL, which describe_keyspaces leaves out
// (CASSANDRA-4377), and is of no use if the query fails.
const tablesQuery = "SELECT columnfamily_name, comparator, default_validator, key_validator " +
	"FROM system.schema_columnfamilies WHERE keyspace_name="

// answerCQL refuses a call for CQL, except that it tells cassandra-cli that CQL made no tables.
func answerCQL(args thriftwire.Args) (thriftwire.Body, error) {
	if a, ok := args.(*thriftwire.ExecuteCQL3QueryArgs); ok && strings.HasPrefix(string(a.Query), tablesQuery) {
		return &thriftwire.ExecuteCQL3QueryResult{
			Success: thriftwire.CqlResult{Type: thriftwire.CqlResultTypeRows, Rows: []thriftwire.CqlRow{}},
		}, nil
	}
	return nil, errCQL
}
