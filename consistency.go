package widerow

import "github.com/widerow/widerow/backend"

// Consistency is how many replicas must answer before a call succeeds. The
// embedded engine has one replica, so that all levels mean the same there.
type Consistency = backend.Consistency

// The consistency levels. Those of one data centre mean the client's.
const (
	One         = backend.One
	Quorum      = backend.Quorum // more than half
	LocalQuorum = backend.LocalQuorum
	EachQuorum  = backend.EachQuorum
	All         = backend.All
	Any         = backend.Any // writes only: a hint to replay later is enough
	Two         = backend.Two
	Three       = backend.Three
	Serial      = backend.Serial
	LocalSerial = backend.LocalSerial
	LocalOne    = backend.LocalOne
)

// ParseConsistency reads a level by Cassandra's name, in any case.
func ParseConsistency(s string) (Consistency, error) { return backend.ParseConsistency(s) }
