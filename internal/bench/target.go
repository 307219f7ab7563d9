package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// The families.
const (
	rowsFamily     = "Rows"
	wideFamily     = "Wide"
	countersFamily = "Counters"
)

// mark is the comment of families that a run has created. It identifies them.
const mark = "made by widerow bench"

// target is the keyspace of a run, and the part of it that the run has created.
type target struct {
	b    backend.Backend
	made []schema.Change // changes that undo the creation
}

// prepare creates the keyspace and the families that the workloads need. It first drops the keyspace
// or families that an earlier run left. If no run created the keyspace, prepare returns ErrForeign,
// unless Config.Force is set: then prepare creates the families in it.
func prepare(ctx context.Context, b backend.Backend, c *Config) (*target, error) {
	t := &target{b: b}
	families := familiesFor(c)
	existing, err := b.Keyspaces(ctx, c.Keyspace)
	switch {
	case errors.Is(err, backend.ErrNotFound):
	case err != nil:
		return t, err
	case own(&existing[0]):
		if _, err := b.Alter(ctx, schema.DropKeyspace{Name: c.Keyspace}); err != nil {
			return t, fmt.Errorf("drop keyspace %q of an earlier run: %w", c.Keyspace, err)
		}
	case !c.Force:
		return t, fmt.Errorf("keyspace %q exists and was %w: choose another with --keyspace, or give --force to make the families %s in it",
			c.Keyspace, ErrForeign, names(families))
	default:
		return t, t.addFamilies(ctx, &existing[0], families)
	}
	_, err = b.Alter(ctx, schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: c.Keyspace, Strategy: schema.SimpleStrategy,
		StrategyOptions: map[string]string{"replication_factor": strconv.Itoa(c.Params.Replication)},
		Families:        families,
	}})
	if err != nil {
		return t, fmt.Errorf("create keyspace %q: %w", c.Keyspace, err)
	}
	t.made = []schema.Change{schema.DropKeyspace{Name: c.Keyspace}}
	return t, nil
}

// addFamilies creates the families in a keyspace that exists.
func (t *target) addFamilies(ctx context.Context, ks *schema.Keyspace, families []schema.Family) error {
	for _, f := range families {
		drop := schema.DropFamily{Keyspace: ks.Name, Name: f.Name}
		if old := ks.Family(f.Name); old != nil {
			if old.Comment != mark {
				return fmt.Errorf("column family %q of keyspace %q exists and was %w", f.Name, ks.Name, ErrForeign)
			}
			if _, err := t.b.Alter(ctx, drop); err != nil {
				return fmt.Errorf("drop column family %q of an earlier run: %w", f.Name, err)
			}
		}
		if _, err := t.b.Alter(ctx, schema.CreateFamily{Family: f}); err != nil {
			return fmt.Errorf("create column family %q: %w", f.Name, err)
		}
		t.made = append(t.made, drop)
	}
	return nil
}

// drop drops the keyspace or the families that the run has created.
func (t *target) drop(ctx context.Context) error {
	for _, change := range t.made {
		if _, err := t.b.Alter(ctx, change); err != nil {
			return err
		}
	}
	t.made = nil
	return nil
}

// own reports whether runs have created all families of the keyspace.
func own(ks *schema.Keyspace) bool {
	for i := range ks.Families {
		if ks.Families[i].Comment != mark {
			return false
		}
	}
	return len(ks.Families) > 0
}

func familiesFor(c *Config) []schema.Family {
	var list []schema.Family
	add := func(name, validator string) {
		for i := range list {
			if list[i].Name == name {
				return
			}
		}
		list = append(list, schema.Family{
			Keyspace: c.Keyspace, Name: name, Comment: mark,
			Comparator: "BytesType", DefaultValidator: validator, KeyValidator: "BytesType",
		})
	}
	for _, w := range c.Params.Workloads {
		switch w {
		case Write, Read, Mixed:
			add(rowsFamily, "BytesType")
		case Slice:
			add(wideFamily, "BytesType")
		case Counter:
			add(countersFamily, "CounterColumnType")
		}
	}
	return list
}

func names(families []schema.Family) string {
	var list []string
	for _, f := range families {
		list = append(list, f.Name)
	}
	return strings.Join(list, ", ")
}
