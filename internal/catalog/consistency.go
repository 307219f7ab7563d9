package catalog

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
)

func checkReadConsistency(level backend.Consistency) error {
	switch level {
	case backend.Any, backend.EachQuorum:
		return backend.InvalidRequest("%s ConsistencyLevel is only supported for writes", level)
	}
	return checkLevel(level)
}

func checkWriteConsistency(level backend.Consistency) error {
	switch level {
	case backend.Serial, backend.LocalSerial: // the reason is that of 2.0
		return backend.InvalidRequest("You must use conditional updates for serializable writes")
	}
	return checkLevel(level)
}

func checkLevel(level backend.Consistency) error {
	if level < 0 || level > backend.LocalOne {
		return refusal.Level(int32(level))
	}
	return nil
}

// checkCounterConsistency checks the additional rules of writes to counters.
func (f *Family) checkCounterConsistency(level backend.Consistency) error {
	switch level {
	case backend.Any:
		return backend.InvalidRequest("Consistency level ANY is not yet supported for counter columnfamily %s", f.Def.Name)
	case 0, backend.One, backend.LocalOne:
		return nil
	}
	if !*f.Def.ReplicateOnWrite {
		return backend.InvalidRequest("cannot achieve CL > CL.ONE without replicate_on_write on columnfamily %s", f.Def.Name)
	}
	return nil
}
