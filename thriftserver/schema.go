package thriftserver

import (
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
)

// addKeyspace handles system_add_keyspace.
func (s *session) addKeyspace(ctx context.Context, d *thriftwire.KsDef) (thriftwire.Body, error) {
	if err := s.may(Create, "", ""); err != nil {
		return nil, err
	}
	if d.StrategyClass == "" { // the seam uses the default
		return nil, backend.InvalidRequest("Unable to find replication strategy class 'org.apache.cassandra.locator.'")
	}
	k := thriftconv.KeyspaceFromThrift(d)
	for i := range k.Families {
		k.Families[i].ID = nil // the server's to set (Hector sets 0)
	}
	version, err := s.alter(ctx, schema.CreateKeyspace{Keyspace: k})
	return &thriftwire.SystemAddKeyspaceResult{Success: version}, err
}

// updateKeyspace handles system_update_keyspace. Attributes that are not set go back to their defaults.
func (s *session) updateKeyspace(ctx context.Context, d *thriftwire.KsDef) (thriftwire.Body, error) {
	if err := s.may(Alter, d.Name, ""); err != nil {
		return nil, err
	}
	if len(d.CfDefs) > 0 {
		return nil, backend.InvalidRequest("Keyspace update must not contain any column family definitions.")
	}
	k := thriftconv.KeyspaceFromThrift(d)
	if k.StrategyOptions == nil {
		k.StrategyOptions = map[string]string{}
	}
	if k.DurableWrites == nil {
		k.DurableWrites = new(true)
	}
	version, err := s.alter(ctx, schema.AlterKeyspace{Keyspace: k})
	return &thriftwire.SystemUpdateKeyspaceResult{Success: version}, err
}

// dropKeyspace handles system_drop_keyspace.
func (s *session) dropKeyspace(ctx context.Context, a *thriftwire.SystemDropKeyspaceArgs) (thriftwire.Body, error) {
	if err := s.may(Drop, a.Keyspace, ""); err != nil {
		return nil, err
	}
	version, err := s.alter(ctx, schema.DropKeyspace{Name: a.Keyspace})
	return &thriftwire.SystemDropKeyspaceResult{Success: version}, err
}

// addFamily handles system_add_column_family.
func (s *session) addFamily(ctx context.Context, d *thriftwire.CfDef) (thriftwire.Body, error) {
	if _, err := s.inKeyspace(); err != nil {
		return nil, err
	}
	if err := s.may(Create, d.Keyspace, ""); err != nil {
		return nil, err
	}
	f := thriftconv.FamilyFromThrift(d)
	f.ID = nil
	version, err := s.alter(ctx, schema.CreateFamily{Family: f})
	return &thriftwire.SystemAddColumnFamilyResult{Success: version}, err
}

// updateFamily handles system_update_column_family. Attributes that are not set go back to their defaults.
func (s *session) updateFamily(ctx context.Context, d *thriftwire.CfDef) (thriftwire.Body, error) {
	if d.Keyspace == "" || d.Name == "" {
		return nil, backend.InvalidRequest("Keyspace and CF name must be set.")
	}
	if err := s.may(Alter, d.Keyspace, d.Name); err != nil {
		return nil, err
	}
	f := thriftconv.FamilyFromThrift(d)
	f.ID = nil
	version, err := s.alter(ctx, schema.AlterFamily{Family: f, Whole: true})
	return &thriftwire.SystemUpdateColumnFamilyResult{Success: version}, err
}

// dropFamily handles system_drop_column_family.
func (s *session) dropFamily(ctx context.Context, a *thriftwire.SystemDropColumnFamilyArgs) (thriftwire.Body, error) {
	keyspace, err := s.inKeyspace()
	if err != nil {
		return nil, err
	}
	if err := s.may(Drop, keyspace, a.ColumnFamily); err != nil {
		return nil, err
	}
	version, err := s.alter(ctx, schema.DropFamily{Keyspace: keyspace, Name: a.ColumnFamily})
	return &thriftwire.SystemDropColumnFamilyResult{Success: version}, err
}

func (s *session) alter(ctx context.Context, change schema.Change) (version string, err error) {
	defer s.server.schema.forget() // the schema may have changed even after an error
	return s.store.Alter(ctx, change)
}
