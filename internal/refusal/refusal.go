// Package refusal has the reasons, mostly in Cassandra's words, for which more than one package refuses a
// request: the catalog on behalf of a store, the server before it asks the store, the client before it
// asks a server, the front. Each function returns an error of kind backend.KindInvalidRequest. A reason that is given in
// one place is written there; package archtest finds one that is written twice.
package refusal

import "github.com/widerow/widerow/backend"

// NoContext is for a call with a nil context.
func NoContext() error { return backend.InvalidRequest("the context is nil") }

// NoOption is for a call with a nil option.
func NoOption() error { return backend.InvalidRequest("an option is nil") }

// NoKeyspace is for a call that names no keyspace where the session has none either.
func NoKeyspace() error { return backend.InvalidRequest("no keyspace has been specified") }

// MissingKeyspace is the error for a keyspace that set_keyspace does not find. A Thrift client
// calls set_keyspace before every request.
func MissingKeyspace(name string) error {
	return &backend.Error{Kind: backend.KindInvalidRequest, Why: missingKeyspace(name)}
}

// KeyspaceNotFound is MissingKeyspace for a call that asks for the keyspace itself. Its kind is
// backend.KindNotFound.
func KeyspaceNotFound(name string) error {
	return &backend.Error{Kind: backend.KindNotFound, Why: missingKeyspace(name)}
}

func missingKeyspace(name string) string { return "Keyspace '" + name + "' does not exist" }

// GoneKeyspace is for a keyspace that another call than set_keyspace does not find.
func GoneKeyspace(name string) error {
	return backend.InvalidRequest("Keyspace %s does not exist", name)
}

// MissingFamily is for a column family that its keyspace does not have. The name may be empty.
func MissingFamily(name string) error {
	if name == "" {
		return backend.InvalidRequest("non-empty columnfamily is required")
	}
	return backend.InvalidRequest("unconfigured columnfamily %s", name)
}

// NothingToModify is for a change of a column family that does not exist.
func NothingToModify() error {
	return backend.InvalidRequest("Could not find column family definition to modify.")
}

// UnknownChange is for a change of the schema whose type is unknown.
func UnknownChange(change any) error {
	return backend.InvalidRequest("unknown schema change %T", change)
}

// Counters is for a call that a family of counters does not allow.
func Counters(family string) error {
	return backend.InvalidRequest("invalid operation for commutative columnfamily %s", family)
}

// NoCounters is for a call that needs a family of counters.
func NoCounters(family string) error {
	return backend.InvalidRequest("invalid operation for non commutative columnfamily %s", family)
}

// Parent is for a read below a super column of a standard family.
func Parent(family string) error {
	return backend.InvalidRequest("columnfamily alone is required for standard CF %s", family)
}

// NoSuper is for a path with a super column in a standard family.
func NoSuper(family string) error {
	return backend.InvalidRequest("supercolumn parameter is invalid for standard CF %s", family)
}

// SuperNeeded is for a path without a super column in a super family.
func SuperNeeded(family string) error {
	return backend.InvalidRequest("supercolumn parameter is not optional for super CF %s", family)
}

// EmptyName is for a column or super column whose name is empty.
func EmptyName() error { return backend.InvalidRequest("column name must not be empty") }

// TTL is for a time to live that is not positive.
func TTL() error { return backend.InvalidRequest("ttl must be positive") }

// Mutation is for a mutation that neither writes nor deletes, or does both.
func Mutation() error {
	return backend.InvalidRequest("mutation must have one and only one of column_or_supercolumn or deletion")
}

// RangeEnds is for a range that does not have exactly one key or token at each end.
func RangeEnds() error {
	return backend.InvalidRequest("exactly one each of {start key, start token} and {end key, end token} must be specified")
}

// TokenToKey is for a range from a token to a key.
func TokenToKey() error {
	return backend.InvalidRequest("start token + end key is not a supported key range")
}

// MaxRows is for a range without rows.
func MaxRows() error { return backend.InvalidRequest("maxRows must be positive") }

// Level is for a number that stands for no consistency level.
func Level(code int32) error {
	return backend.InvalidRequest("Unknown code %d for a consistency level", code)
}
