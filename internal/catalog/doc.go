// Package catalog holds the schema in force, compiled, and validates changes of
// it and requests against it with the reasons that Cassandra 1.2 gives.
//
// A [Catalog] is an immutable snapshot: [New] compiles definitions,
// [Catalog.Apply] returns the next snapshot. A [Family] is one column family
// with its types parsed; it keeps its address for as long as its definition
// stays the same, so a store may hang its own state on it.
//
// The Check methods validate a request, whole, before a store touches data.
// They do not allocate unless they refuse.
package catalog
