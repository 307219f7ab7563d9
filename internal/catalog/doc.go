// Package catalog compiles the current schema. It validates changes of the schema, and
// requests against it. Its errors have the reasons of Cassandra 1.2.
//
// A [Catalog] is an immutable snapshot: [New] compiles definitions, and
// [Catalog.Apply] returns the next snapshot. A [Family] is one column family
// with its types parsed. Its address does not change as long as its definition
// does not change, so a store may attach its own state to it.
//
// The Check methods validate a whole request before a store reads or writes data.
// They allocate memory only if they refuse the request.
package catalog
