package widerow

import "github.com/widerow/widerow/backend"

// Consistency is how many replicas must answer before a call succeeds. The
// embedded engine has one replica, so all levels mean the same there.
type Consistency = backend.Consistency

// The consistency levels. Local levels count only replicas in the data centre of the node that
// the client calls.
const (
	One         = backend.One
	Two         = backend.Two
	Three       = backend.Three
	Quorum      = backend.Quorum      // more than half of the replicas
	All         = backend.All         // all replicas
	LocalOne    = backend.LocalOne    // one replica of the local data centre
	LocalQuorum = backend.LocalQuorum // more than half of the replicas of the local data centre
	EachQuorum  = backend.EachQuorum  // more than half of the replicas of each data centre
	Any         = backend.Any         // writes only: if all replicas are down, it is enough that a node stores the write for later

	// Serial and LocalSerial are for reads that must see the outcome of every earlier [Family.CompareAndSet], even if
	// it returned ErrTimedOut. Writes cannot have these levels.
	Serial      = backend.Serial      // a majority of all replicas agrees
	LocalSerial = backend.LocalSerial // a majority of the local data centre's replicas agrees
)

// ParseConsistency parses Cassandra's name of a level, such as "LOCAL_QUORUM", in upper or lower case.
func ParseConsistency(s string) (Consistency, error) { return backend.ParseConsistency(s) }
