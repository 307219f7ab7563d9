package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// keyspaceOf returns the definition of a keyspace. If the keyspace does not exist, the error
// lists the keyspaces that exist.
func keyspaceOf(ctx context.Context, b backend.Backend, name string) (*schema.Keyspace, error) {
	found, err := b.Keyspaces(ctx, name)
	if err == nil {
		return &found[0], nil
	}
	if errors.Is(err, backend.ErrNotFound) {
		if all, listErr := b.Keyspaces(ctx); listErr == nil {
			names := make([]string, len(all))
			for i := range all {
				names[i] = all[i].Name
			}
			return nil, fmt.Errorf("keyspace %q not found: the store has %s", name, list(names))
		}
	}
	return nil, err
}

// noFamily returns the error for a family that the definition of its keyspace lacks. The error says why the store does
// not serve the family, or lists the families that exist.
func noFamily(ctx context.Context, b backend.Backend, k *schema.Keyspace, name string) error {
	if why := backend.WhyNotServed(ctx, b, k.Name, name); why != nil {
		return why
	}
	names := make([]string, len(k.Families))
	for i := range k.Families {
		names[i] = k.Families[i].Name
	}
	return fmt.Errorf("column family %q not found in keyspace %q: it has %s", name, k.Name, list(names))
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
