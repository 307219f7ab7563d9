package thriftserver

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
)

// errCQL is the answer to all CQL calls except reads of the schema's tables.
var errCQL = backend.InvalidRequest("CQL is not supported over Thrift by this server: " +
	"use the calls for column families, such as get_slice and batch_mutate, or the native protocol of a Cassandra node")

// answerCQL refuses a call for CQL, except for reads of system.schema_columnfamilies and
// system.schema_columns. Clients of the Thrift interface make them: cassandra-cli before it uses a
// keyspace, to find tables that describe_keyspaces leaves out (CASSANDRA-4377), and the input format
// of Hadoop and the storage function of Pig before they read, to learn the types of a family.
func (s *session) answerCQL(ctx context.Context, args thriftwire.Args) (thriftwire.Body, error) {
	a, ok := args.(*thriftwire.ExecuteCQL3QueryArgs)
	if !ok || a.Compression != thriftwire.CompressionNone {
		return nil, errCQL
	}
	read, ok := parseSelect(a.Query)
	if !ok || read.keyspace != systemKeyspace.Name && (read.keyspace != "" || s.keyspace != systemKeyspace.Name) {
		return nil, errCQL
	}
	table := schemaTables[read.table]
	if table == nil {
		return nil, errCQL
	}
	result, err := s.readSchema(ctx, table, read)
	if err != nil {
		return nil, err
	}
	return &thriftwire.ExecuteCQL3QueryResult{Success: result}, nil
}

// readSchema answers a read of a table of the schema.
func (s *session) readSchema(ctx context.Context, table *schemaTable, read selection) (thriftwire.CqlResult, error) {
	columns, err := table.choose(read.columns)
	if err != nil {
		return thriftwire.CqlResult{}, err
	}
	keyspace, named := read.where["keyspace_name"]
	family, one := read.where["columnfamily_name"]
	delete(read.where, "keyspace_name")
	delete(read.where, "columnfamily_name")
	if !named || len(read.where) > 0 {
		return thriftwire.CqlResult{}, errCQL
	}
	result := thriftwire.CqlResult{Type: thriftwire.CqlResultTypeRows, Rows: []thriftwire.CqlRow{}, Schema: describeResult(columns)}
	list, err := s.store.Keyspaces(ctx, keyspace)
	if errors.Is(err, backend.ErrNotFound) || err == nil && len(list) == 0 {
		return result, nil
	}
	if err != nil {
		return thriftwire.CqlResult{}, err
	}
	for _, f := range inOrder(list[0].Families) {
		if one && f.Name != family {
			continue
		}
		for _, row := range table.rows(f) {
			result.Rows = append(result.Rows, thriftwire.CqlRow{Key: []byte{}, Columns: resultColumns(columns, f, row)})
		}
	}
	return result, nil
}

// inOrder returns families in the order of their names.
func inOrder(families []schema.Family) []*schema.Family {
	list := make([]*schema.Family, len(families))
	for i := range families {
		list[i] = &families[i]
	}
	slices.SortFunc(list, func(a, b *schema.Family) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// describeResult returns the types of a result's columns, as Cassandra 1.2 gives them: those of names
// and the defaults by their short names, those of values by their class.
func describeResult(columns []schemaColumn) *thriftwire.CqlMetadata {
	const short = "UTF8Type"
	d := &thriftwire.CqlMetadata{
		NameTypes: []thriftwire.Entry[[]byte, string]{}, ValueTypes: []thriftwire.Entry[[]byte, string]{},
		DefaultNameType: short, DefaultValueType: short,
	}
	for _, c := range columns {
		d.NameTypes = append(d.NameTypes, thriftwire.Entry[[]byte, string]{Key: []byte(c.name), Value: short})
		d.ValueTypes = append(d.ValueTypes, thriftwire.Entry[[]byte, string]{Key: []byte(c.name), Value: c.class})
	}
	return d
}

// resultColumns returns a row's columns. They have no timestamps, and no value where it is null.
func resultColumns(columns []schemaColumn, f *schema.Family, described *schema.Column) []thriftwire.Column {
	list := make([]thriftwire.Column, len(columns))
	for i, c := range columns {
		list[i] = thriftwire.Column{Name: []byte(c.name), Value: c.value(f, described)}
	}
	return list
}
