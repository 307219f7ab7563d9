package catalog

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
)

// CheckCompare validates the parts of a request that only CompareAndSet has. The caller validates
// its read with CheckSlice and its write with CheckMutate. The reasons are those of 2.0.
func (c *Catalog) CheckCompare(r *backend.CompareRequest) error {
	f, err := c.Family(r.Keyspace, r.Family)
	switch {
	case err != nil:
		return err
	case f.Counter:
		return refusal.Counters(f.Def.Name)
	case f.Super:
		return backend.InvalidRequest("CAS does not support supercolumns")
	}
	if err := checkLevel(r.Serial); err != nil {
		return err
	}
	switch r.Serial {
	case backend.Serial, backend.LocalSerial:
	default:
		return backend.InvalidRequest("Invalid consistency for conditional update. Must be one of SERIAL or LOCAL_SERIAL")
	}
	switch r.Commit {
	case backend.Serial, backend.LocalSerial:
		return backend.InvalidRequest("%s is not supported as conditional update commit consistency. "+
			"Use ANY if you mean \"make sure it is accepted but I don't care how many replicas commit it for non-SERIAL reads\"", r.Commit)
	}
	return checkLevel(r.Commit)
}
