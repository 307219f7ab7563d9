package interop

import (
	"regexp"
	"slices"
	"strings"
)

// A rule replaces output that differs from run to run or from node to node, or for a reason in
// docs/clients.md.
type rule struct {
	name  string
	apply func(string) string
}

// rules lists all output that is not compared.
var rules = []rule{
	{"timestamps, of microseconds", pattern(`timestamp=\d{16}\b`, "timestamp=T")},
	{"how long a client waited", pattern(`(?m)^Elapsed time: [0-9.]+ msec`, "Elapsed time: T msec")},
	{"the schema's version after a change", pattern(`(?m)^`+uuid+`$`, "SCHEMA-VERSION")},
	{"the schema's version of nodes", pattern(`(?m)^\t`+uuid+`: `, "\tSCHEMA-VERSION: ")},
	{"the node's address", pattern(`127(\.\d+){3}(/\d+)?`, "ADDRESS")},
	{"a hash decides the order of columns' definitions", sortColumnMetadata},
	{"a hash decides the order of aliases", sortAliases},
	{"system keyspaces are a node's own", dropSystemKeyspaces},
}

const uuid = `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`

// normalize applies the rules to what a client printed.
func normalize(s string) string {
	for _, r := range rules {
		s = r.apply(s)
	}
	return s
}

func pattern(pattern, replacement string) func(string) string {
	re := regexp.MustCompile(pattern)
	return func(s string) string { return re.ReplaceAllString(s, replacement) }
}

var (
	// describedColumns and shownColumns are lists of columns in what cassandra-cli prints for
	// describe and for show schema.
	describedColumns = regexp.MustCompile(`(?m)(^        Column Name: .*\n(^          .*\n)*)+`)
	shownColumns     = regexp.MustCompile(`(?m)^  and column_metadata = \[\n(^    .*\n)+`)
)

func sortColumnMetadata(s string) string {
	s = describedColumns.ReplaceAllStringFunc(s, func(list string) string {
		return sorted(list, "        Column Name: ")
	})
	return shownColumns.ReplaceAllStringFunc(s, func(list string) string {
		list = strings.NewReplacer("},\n", "}\n", "}]\n", "}\n").Replace(list)
		return sorted(list, "    {column_name : ")
	})
}

// sorted sorts sections of an output. Each section begins with prefix and ends before the next prefix.
func sorted(list, prefix string) string {
	parts := strings.Split(list, prefix)
	slices.Sort(parts[1:])
	return strings.Join(parts, prefix)
}

// aliases matches the aliases of a dynamic composite.
var aliases = regexp.MustCompile(`DynamicCompositeType\((\w=>[\w.]+(\([\w.]+\))?,?)+\)`)

func sortAliases(s string) string {
	return aliases.ReplaceAllStringFunc(s, func(class string) string {
		name, list, _ := strings.Cut(strings.TrimSuffix(class, ")"), "(")
		parts := strings.Split(list, ",")
		slices.Sort(parts)
		return name + "(" + strings.Join(parts, ",") + ")"
	})
}

// systemKeyspace matches a system keyspace in the output of cassandra-cli's show keyspaces, with the preceding line about JMX.
var systemKeyspace = regexp.MustCompile(`(?m)(^WARNING: Could not connect to the JMX.*\n\n)?^Keyspace: system(_\w+)?:\n(^  .*\n)*`)

func dropSystemKeyspaces(s string) string { return systemKeyspace.ReplaceAllString(s, "") }

// differing matches a statement of a script for cassandra-cli, and its answer, if the statement is marked
// with the reason why the answers differ.
var differing = regexp.MustCompile(`(?m)^-- Differs: .*\n(^--.*\n)*^\[default@.*\n(^[^\[\n-].*\n)*`)

// comparable returns the part of a transcript that must equal Cassandra's.
func comparable(s string) string { return differing.ReplaceAllString(s, "") }
