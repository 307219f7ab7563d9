package thriftclient

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/schema"
)

// ownKeyspaces are the keyspaces of Cassandra itself.
var ownKeyspaces = []string{
	"system", "system_auth", "system_distributed", "system_schema", "system_traces",
}

// Keyspaces implements [backend.Backend].
func (q *requests) Keyspaces(ctx context.Context, names ...string) ([]schema.Keyspace, error) {
	if len(names) > 0 {
		result := make([]schema.Keyspace, 0, len(names))
		for _, name := range names {
			def, err := q.keyspace(ctx, name)
			if err != nil {
				return nil, err
			}
			result = append(result, withoutPhantoms(*def))
		}
		return result, nil
	}
	all, err := q.via.call(ctx, route{}, &thriftwire.DescribeKeyspacesArgs{})
	if err != nil {
		return nil, err
	}
	var result []schema.Keyspace
	defs := all.(*thriftwire.DescribeKeyspacesResult).Success
	for i := range defs {
		if !slices.Contains(ownKeyspaces, defs[i].Name) {
			result = append(result, withoutPhantoms(keyspaceFromThrift(&defs[i])))
		}
	}
	slices.SortFunc(result, func(a, b schema.Keyspace) int { return strings.Compare(a.Name, b.Name) })
	return result, nil
}

func (q *requests) keyspace(ctx context.Context, name string) (*schema.Keyspace, error) {
	result, err := q.via.call(ctx, route{}, &thriftwire.DescribeKeyspaceArgs{Keyspace: name})
	if err != nil {
		return nil, err
	}
	def := keyspaceFromThrift(&result.(*thriftwire.DescribeKeyspaceResult).Success)
	return &def, nil
}

// keyspaceFromThrift converts a definition and sorts its families and columns, which
// servers list in any order.
func keyspaceFromThrift(d *thriftwire.KsDef) schema.Keyspace {
	def := thriftconv.KeyspaceFromThrift(d)
	if n := def.ReplicationFactor; n != nil && isSimple(def.Strategy) && def.StrategyOptions[replicationFactor] == "" {
		// Another client of 0.7 made the keyspace. With the option, the definition can be sent to any version.
		if def.StrategyOptions == nil {
			def.StrategyOptions = map[string]string{}
		}
		def.StrategyOptions[replicationFactor] = strconv.Itoa(int(*n))
	}
	slices.SortFunc(def.Families, func(a, b schema.Family) int { return strings.Compare(a.Name, b.Name) })
	for i := range def.Families {
		slices.SortFunc(def.Families[i].Columns, func(a, b schema.Column) int { return bytes.Compare(a.Name, b.Name) })
	}
	return def
}

func withoutPhantoms(def schema.Keyspace) schema.Keyspace {
	for i := range def.Families {
		takePhantoms(&def.Families[i])
	}
	return def
}

// takePhantoms removes the columns in which Cassandra 3 stores a super family, and
// which it lists as if they were described: a map without a name and, if there is no
// other column, "value". It returns the columns that an alteration must include.
func takePhantoms(f *schema.Family) []schema.Column {
	i := slices.IndexFunc(f.Columns, func(c schema.Column) bool { return len(c.Name) == 0 })
	if i < 0 || !f.IsSuper() {
		return nil
	}
	needed := []schema.Column{f.Columns[i]}
	f.Columns = slices.Delete(f.Columns, i, i+1)
	if len(f.Columns) == 1 && string(f.Columns[0].Name) == "value" && f.Columns[0].Validator == f.DefaultValidator {
		f.Columns = nil
	}
	return needed
}

// Alter implements [backend.Backend]. It waits until all nodes that are alive have the same
// schema, for at most [Options.SchemaTimeout].
func (q *requests) Alter(ctx context.Context, change schema.Change) (version string, err error) {
	keyspace, args, err := q.change(ctx, change)
	if err != nil {
		return "", err
	}
	// A change that was interrupted may have been made. Then a retry would fail.
	result, err := q.via.call(ctx, route{keyspace: keyspace, once: true}, args)
	if err != nil {
		return "", err
	}
	return schemaVersion(result), q.agree(ctx)
}

// change returns the call for a change, and the keyspace in which it is made.
func (q *requests) change(ctx context.Context, change schema.Change) (keyspace string, _ thriftwire.Args, _ error) {
	switch change := change.(type) {
	case schema.CreateKeyspace:
		def, err := q.keyspaceToThrift(ctx, &change.Keyspace)
		return "", &thriftwire.SystemAddKeyspaceArgs{KsDef: def}, err
	case schema.AlterKeyspace:
		old, err := q.keyspace(ctx, change.Keyspace.Name)
		if err != nil {
			return "", nil, notThere(err, change.Keyspace.Name)
		}
		merged := old.Merge(&change.Keyspace)
		merged.Families = nil // the call alters no families
		def, err := q.keyspaceToThrift(ctx, merged)
		return "", &thriftwire.SystemUpdateKeyspaceArgs{KsDef: def}, err
	case schema.DropKeyspace:
		return "", &thriftwire.SystemDropKeyspaceArgs{Keyspace: change.Name}, nil
	case schema.CreateFamily:
		return change.Family.Keyspace, &thriftwire.SystemAddColumnFamilyArgs{CfDef: thriftconv.FamilyToThrift(&change.Family)}, nil
	case schema.AlterFamily:
		ks, err := q.keyspace(ctx, change.Family.Keyspace)
		if err != nil {
			return "", nil, notThere(err, change.Family.Keyspace)
		}
		old := ks.Family(change.Family.Name)
		if old == nil {
			return "", nil, refusal.NothingToModify()
		}
		phantoms := takePhantoms(old)
		change = change.Rebase(old)
		def := change.Family
		switch {
		case !change.Whole:
			def = *old.Merge(&def)
		case def.GCGraceSeconds == nil:
			def.GCGraceSeconds = new(int32(defaultGCGrace)) // up to 0.8 the default is 0, and deleted data would reappear
		}
		def.Columns = slices.Concat(def.Columns, phantoms)
		def.ID = old.ID // up to 1.0 the ID identifies the family
		return change.Family.Keyspace, &thriftwire.SystemUpdateColumnFamilyArgs{CfDef: thriftconv.FamilyToThrift(&def)}, nil
	case schema.DropFamily:
		return change.Keyspace, &thriftwire.SystemDropColumnFamilyArgs{ColumnFamily: change.Name}, nil
	}
	return "", nil, refusal.UnknownChange(change)
}

// defaultGCGrace is the default of every version, in seconds.
const defaultGCGrace = 10 * 24 * 60 * 60

// notThere converts the error of a change for a keyspace that was not found to an invalid
// request, as in every other call.
func notThere(err error, keyspace string) error {
	if e, ok := err.(*backend.Error); ok && e.Kind == backend.KindNotFound {
		return refusal.MissingKeyspace(keyspace)
	}
	return err
}

// replicationFactor is the option for the number of replicas. In 0.7 the number was a
// field, which 0.8 to 1.0 still fill in.
const replicationFactor = "replication_factor"

func isSimple(strategy string) bool { return strings.HasSuffix(strategy, "SimpleStrategy") }

// keyspaceToThrift converts a definition so that every version understands it: 0.7
// requires the field replication_factor with every strategy.
func (q *requests) keyspaceToThrift(ctx context.Context, def *schema.Keyspace) (thriftwire.KsDef, error) {
	d := def.Clone()
	if d.Strategy == "" {
		d.Strategy = schema.SimpleStrategy
	}
	given, ok := d.StrategyOptions[replicationFactor]
	switch {
	case ok && d.ReplicationFactor == nil:
		if n, err := strconv.ParseInt(given, 10, 32); err == nil {
			d.ReplicationFactor = new(int32(n))
		}
	case !ok && d.ReplicationFactor != nil && isSimple(d.Strategy):
		if d.StrategyOptions == nil {
			d.StrategyOptions = map[string]string{}
		}
		d.StrategyOptions[replicationFactor] = strconv.Itoa(int(*d.ReplicationFactor))
	case !ok && !isSimple(d.Strategy):
		version, err := q.via.version(ctx)
		if err != nil {
			return thriftwire.KsDef{}, err
		}
		if !version.before(v08) {
			d.ReplicationFactor = nil
		} else if d.ReplicationFactor == nil {
			d.ReplicationFactor = new(replicas(d.StrategyOptions))
		}
	}
	return thriftconv.KeyspaceToThrift(d), nil
}

// replicas is the number of replicas in all data centres.
func replicas(options map[string]string) int32 {
	var sum int32
	for _, n := range options {
		if n, err := strconv.ParseInt(n, 10, 32); err == nil {
			sum += int32(n)
		}
	}
	return sum
}

// schemaVersion returns the schema version from the result of a call that changes the schema.
func schemaVersion(result thriftwire.Result) string {
	switch r := result.(type) {
	case *thriftwire.SystemAddKeyspaceResult:
		return r.Success
	case *thriftwire.SystemUpdateKeyspaceResult:
		return r.Success
	case *thriftwire.SystemDropKeyspaceResult:
		return r.Success
	case *thriftwire.SystemAddColumnFamilyResult:
		return r.Success
	case *thriftwire.SystemUpdateColumnFamilyResult:
		return r.Success
	case *thriftwire.SystemDropColumnFamilyResult:
		return r.Success
	}
	return ""
}

// unreachable is the schema version under which describe_schema_versions lists
// nodes that do not answer.
const unreachable = "UNREACHABLE"

// schemaPoll is how often the nodes are asked whether they agree.
const schemaPoll = 50 * time.Millisecond

// agree waits until the nodes that answer have one schema version.
func (q *requests) agree(ctx context.Context) error {
	var versions map[string][]string
	for start := time.Now(); ; {
		var err error
		if versions, err = q.schemaVersions(ctx); err != nil {
			return err
		}
		delete(versions, unreachable)
		if len(versions) <= 1 {
			return nil
		}
		if limit := q.opts.SchemaTimeout; limit != pool.Forever && time.Since(start) > limit {
			return &backend.Error{
				Kind: backend.KindSchemaDisagreement,
				Why:  fmt.Sprintf("the change was made, but after %v the nodes have %d versions of the schema: %v", limit, len(versions), versions),
			}
		}
		timer := time.NewTimer(schemaPoll)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("waiting for the nodes to agree on the schema: %w", ctx.Err())
		}
	}
}

func (q *requests) schemaVersions(ctx context.Context) (map[string][]string, error) {
	result, err := q.via.call(ctx, route{}, &thriftwire.DescribeSchemaVersionsArgs{})
	if err != nil {
		return nil, err
	}
	versions := map[string][]string{}
	for _, e := range result.(*thriftwire.DescribeSchemaVersionsResult).Success {
		versions[e.Key] = e.Value
	}
	return versions, nil
}
