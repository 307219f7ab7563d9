package thriftclient_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/widerow/widerow/backend/backendtest"
)

// A lack is a feature that the scripts test and some versions of Cassandra do not have.
type lack struct {
	feature     backendtest.Feature
	since, last string // the lines of Cassandra, both inclusive; "" means no bound
	why         string
}

// lackList lists first the features that no version has, and then the features that some versions
// lack.
var lackList = []lack{
	{backendtest.SliceDeletion, "", "1.2", "Deletion does not yet support SliceRange predicates (CASSANDRA-494)"},
	{backendtest.OpenSliceDeletion, "", "2.2", "a slice without an end deletes the column at its start alone"},
	{backendtest.OverlappingSliceDeletion, "", "2.2", "an older slice covers the column at which a newer one begins"},
	{backendtest.SubcolumnSliceDeletion, "3.0", "", "Cannot delete a range of subcolumns in a super column"},
	{backendtest.ExactCounters, "", "", "a counter that was deleted must not be used again"},
	{backendtest.LateColumns, "3.0", "", "columns that are described are kept apart from the others"},
	{backendtest.ReversedDescribed, "3.0", "", "columns that are described are merged in forward order (ThriftResultsMerger)"},
	{backendtest.ReversedSupers, "3.0", "", "the columns of each super column are turned around too (CassandraServer.thriftifySuperColumns)"},
	{backendtest.ReversedSubcolumns, "3.0", "", "the columns of super columns are in forward order"},
	{backendtest.NewestNames, "3.0", "", "the name of the first write stays"},
	{backendtest.CounterTruncation, "3.0", "", "invalid operation for commutative table"},
	{backendtest.AlteredTypes, "3.0", "", "the comparator and default validator stay as they are"},
	{backendtest.CheckedAlterations, "3.0", "", "alterations of types are ignored, or fail inside the server"},
	{backendtest.DescribedComposites, "3.0", "", "such a family is a table of CQL, which Thrift does not show"},
	{backendtest.DefaultTTL, "", "1.2", "there is no default_time_to_live"},
	{backendtest.DefaultTTLInBatches, "3.0", "", "batch_mutate does not apply the default"},
	{backendtest.NoTTL, "2.0", "2.2", "a TTL of 0 is refused"},
	{backendtest.ExactTies, "", "2.0", "an expired column is a tombstone"},
	{backendtest.ExactTies, "3.0", "", "an expired column is a tombstone"},
	{backendtest.ExactResiduals, "", "", "the expressions of a clause see columns that have expired or were deleted"},
	{backendtest.RebuiltIndexes, "", "2.0", "an index of a name that was used before may find nothing"},
	{backendtest.Strict, "", "", "some requests that make no sense fail inside the server"},
	{backendtest.ValidatedCounts, "2.0", "", "get_count pages through the row and does not look at its request (CASSANDRA-4415)"},
	{backendtest.CheckedLimits, "1.1", "", "the count of a negative limit is -1"},
	{backendtest.CheckedCounts, "1.0", "1.1", "get_count fails inside the server if there is no such family"},
	{backendtest.CheckedAlterations, "1.1", "1.1", "an alteration that is refused breaks the schema of its keyspace"},
}

// lacks returns the features of the scripts that a version of Cassandra lacks.
func lacks(version string) map[backendtest.Feature]string {
	m := map[backendtest.Feature]string{}
	for _, l := range lackList {
		if (span{l.since, l.last}).has(version) {
			m[l.feature] = l.why
		}
	}
	return m
}

// A span is a range of lines of Cassandra, both ends inclusive; "" means no bound.
type span struct{ since, last string }

func (s span) has(version string) bool {
	return (s.since == "" || compareLines(version, s.since) >= 0) && (s.last == "" || compareLines(version, s.last) <= 0)
}

// compareLines orders a version, such as 1.2.19, and a line, such as 1.2.
func compareLines(version, line string) int {
	want := numbers(line)
	got := numbers(version)
	return slices.Compare(got[:min(len(got), len(want))], want)
}

func numbers(version string) []int {
	var list []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part)
		list = append(list, n)
	}
	return list
}
