package thriftconv

import (
	"cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// ConsistencyFromThrift returns the level. Both sides use the same numbers.
func ConsistencyFromThrift(level thriftwire.ConsistencyLevel) backend.Consistency {
	return backend.Consistency(level)
}

// ConsistencyToThrift returns the level. The zero value is ONE.
func ConsistencyToThrift(level backend.Consistency) thriftwire.ConsistencyLevel {
	return thriftwire.ConsistencyLevel(cmp.Or(level, backend.One))
}
