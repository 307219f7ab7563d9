package schema

import (
	"reflect"
	"strings"
)

// Merge returns a copy of k with the attributes that are set in change: the keyspace
// after [AlterKeyspace]. It has the families of k. If change sets another strategy, the
// options of the old strategy are dropped. The result shares memory with change.
func (k *Keyspace) Merge(change *Keyspace) *Keyspace {
	merged := k.Clone()
	if change.Strategy != "" && !sameClass(change.Strategy, k.Strategy) {
		merged.Strategy, merged.StrategyOptions, merged.ReplicationFactor = change.Strategy, nil, nil
	}
	if change.StrategyOptions != nil {
		merged.StrategyOptions = change.StrategyOptions
		merged.ReplicationFactor = nil // the older form of an option
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

// Merge returns a copy of f with the attributes that are set in change and with the
// whole list of columns of change: the family after [AlterFamily]. If change sets another
// compaction strategy, the options of the old strategy are dropped. The result shares
// memory with change.
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

// Rebase returns an alteration without Base that makes the changes of a, the differences between a.Base and a.Family, to now,
// the definition in force. Attributes and columns that are the same in Family and Base keep their values in now. If a has no
// Base, Rebase returns a. The result shares memory with a and now.
func (a AlterFamily) Rebase(now *Family) AlterFamily {
	if a.Base == nil {
		return a
	}
	to, base, from := reflect.ValueOf(&a.Family).Elem(), reflect.ValueOf(a.Base).Elem(), reflect.ValueOf(now).Elem()
	for i := range to.NumField() {
		if reflect.DeepEqual(to.Field(i).Interface(), base.Field(i).Interface()) {
			to.Field(i).Set(from.Field(i))
		}
	}
	if asked := a.Family.Columns; !reflect.DeepEqual(asked, now.Columns) {
		a.Family.Columns = nil
		for i := range now.Columns {
			was, is := a.Base.Column(now.Columns[i].Name), (&Family{Columns: asked}).Column(now.Columns[i].Name)
			switch {
			case reflect.DeepEqual(was, is):
				a.Family.Columns = append(a.Family.Columns, now.Columns[i])
			case is != nil:
				a.Family.Columns = append(a.Family.Columns, *is)
			}
		}
		for i := range asked {
			was := a.Base.Column(asked[i].Name)
			if now.Column(asked[i].Name) == nil && !reflect.DeepEqual(was, &asked[i]) {
				a.Family.Columns = append(a.Family.Columns, asked[i])
			}
		}
	}
	a.Base = nil
	return a
}

// sameClass reports whether two class names, full or short, name the same class.
func sameClass(a, b string) bool {
	if strings.Contains(a, ".") && strings.Contains(b, ".") {
		return a == b
	}
	return ShortClass(a) == ShortClass(b)
}
