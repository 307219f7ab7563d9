package schema

import (
	"reflect"
	"strings"
)

// Merge returns a copy of k with the attributes that are set in change, which is
// what [AlterKeyspace] makes of it. Its families are k's. Another strategy begins
// without the options of the old one. The result shares with change.
func (k *Keyspace) Merge(change *Keyspace) *Keyspace {
	merged := k.Clone()
	if change.Strategy != "" && !sameClass(change.Strategy, k.Strategy) {
		merged.Strategy, merged.StrategyOptions, merged.ReplicationFactor = change.Strategy, nil, nil
	}
	if change.StrategyOptions != nil {
		merged.StrategyOptions = change.StrategyOptions
		merged.ReplicationFactor = nil // the older form of one of the options
	}
	if change.ReplicationFactor != nil {
		merged.ReplicationFactor = change.ReplicationFactor
		if change.StrategyOptions == nil {
			delete(merged.StrategyOptions, "replication_factor")
		}
	}
	if change.DurableWrites != nil {
		merged.DurableWrites = change.DurableWrites
	}
	return merged
}

// Merge returns a copy of f with the attributes that are set in change, and the
// whole list of its columns, which is what [AlterFamily] makes of it. Another
// compaction strategy begins without the options of the old one. The
// result shares with change.
func (f *Family) Merge(change *Family) *Family {
	merged := f.Clone()
	if change.CompactionStrategy != "" && !sameClass(change.CompactionStrategy, f.CompactionStrategy) {
		merged.CompactionStrategyOptions = nil
	}
	to, from := reflect.ValueOf(merged).Elem(), reflect.ValueOf(change).Elem()
	for i := range from.NumField() {
		if !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
	merged.Columns = change.Columns
	return merged
}

// sameClass reports whether two class names, full or short, name the same class.
func sameClass(a, b string) bool {
	if strings.Contains(a, ".") && strings.Contains(b, ".") {
		return a == b
	}
	return ShortClass(a) == ShortClass(b)
}
