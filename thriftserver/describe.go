package thriftserver

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/netip"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/timeuuid"
)

// describe dispatches the calls that describe the cluster, and those of CQL.
func (s *session) describe(ctx context.Context, args thriftwire.Args) (thriftwire.Body, error) {
	switch args.(type) {
	case *thriftwire.DescribeVersionArgs:
		return &thriftwire.DescribeVersionResult{Success: s.server.version}, nil
	case *thriftwire.DescribeClusterNameArgs:
		name := s.server.opts.ClusterName
		if name != "" {
			return &thriftwire.DescribeClusterNameResult{Success: name}, nil
		}
		c, err := s.cluster(ctx, backend.FactName)
		return &thriftwire.DescribeClusterNameResult{Success: c.Name}, err
	case *thriftwire.DescribePartitionerArgs:
		c, err := s.cluster(ctx, backend.FactPartitioner)
		return &thriftwire.DescribePartitionerResult{Success: c.Partitioner}, err
	case *thriftwire.DescribeSnitchArgs:
		c, err := s.cluster(ctx, backend.FactSnitch)
		return &thriftwire.DescribeSnitchResult{Success: c.Snitch}, err
	}
	switch a := args.(type) {
	case *thriftwire.DescribeKeyspacesArgs:
		return s.describeKeyspaces(ctx)
	case *thriftwire.DescribeKeyspaceArgs:
		return s.describeKeyspace(ctx, a.Keyspace)
	case *thriftwire.DescribeSchemaVersionsArgs:
		return s.describeSchemaVersions(ctx)
	case *thriftwire.DescribeRingArgs:
		ring, err := s.ring(ctx, a.Keyspace)
		return &thriftwire.DescribeRingResult{Success: ring}, err
	case *thriftwire.DescribeLocalRingArgs:
		ring, err := s.ring(ctx, a.Keyspace)
		return &thriftwire.DescribeLocalRingResult{Success: ring}, err
	case *thriftwire.DescribeTokenMapArgs:
		return s.describeTokenMap(ctx)
	case *thriftwire.DescribeSplitsArgs:
		return s.describeSplits(ctx, a)
	case *thriftwire.DescribeSplitsExArgs:
		splits, err := s.splits(ctx, a)
		return &thriftwire.DescribeSplitsExResult{Success: splits}, err
	}
	return s.answerCQL(ctx, args)
}

// cluster returns facts about the cluster. The result is not nil even with an error.
func (s *session) cluster(ctx context.Context, facts backend.Facts) (*backend.Cluster, error) {
	c, err := s.store.Describe(ctx, &backend.DescribeRequest{Facts: facts})
	if c == nil {
		c = &backend.Cluster{}
	}
	return c, err
}

// systemKeyspace is Cassandra's own keyspace, without column families, since a store does not describe its
// own. Clients set it on a connection on which they then create their own, such as
// Titan, JanusGraph and the client for Ruby.
var systemKeyspace = schema.Keyspace{
	Name: "system", Strategy: "org.apache.cassandra.locator.LocalStrategy", DurableWrites: new(true),
}

func (s *session) describeKeyspaces(ctx context.Context) (thriftwire.Body, error) {
	list, err := s.store.Keyspaces(ctx)
	if err != nil {
		return nil, err
	}
	list = append(list, systemKeyspace)
	result := &thriftwire.DescribeKeyspacesResult{Success: make([]thriftwire.KsDef, len(list))}
	for i := range list {
		result.Success[i] = describeKeyspace(&list[i])
	}
	return result, nil
}

func (s *session) describeKeyspace(ctx context.Context, name string) (thriftwire.Body, error) {
	list, err := s.store.Keyspaces(ctx, name)
	if errors.Is(err, backend.ErrNotFound) && name == systemKeyspace.Name {
		list, err = []schema.Keyspace{systemKeyspace}, nil
	}
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, backend.ErrNotFound
	}
	return &thriftwire.DescribeKeyspaceResult{Success: describeKeyspace(&list[0])}, nil
}

// describeKeyspace returns a definition with the attributes that Cassandra always
// sets, on which clients rely.
func describeKeyspace(k *schema.Keyspace) thriftwire.KsDef {
	d := thriftconv.KeyspaceToThrift(k)
	if d.StrategyOptions == nil {
		d.StrategyOptions = []thriftwire.Entry[string, string]{}
	}
	for i := range d.CfDefs {
		f := &d.CfDefs[i]
		if !f.Comment.Set {
			f.Comment = thriftwire.Some("")
		}
		if f.ColumnMetadata == nil {
			f.ColumnMetadata = []thriftwire.ColumnDef{}
		}
	}
	return d
}

func (s *session) describeSchemaVersions(ctx context.Context) (thriftwire.Body, error) {
	c, err := s.cluster(ctx, backend.FactSchemaVersions)
	if err != nil {
		return nil, err
	}
	result := &thriftwire.DescribeSchemaVersionsResult{Success: []thriftwire.Entry[string, []string]{}}
	for _, version := range slices.Sorted(maps.Keys(c.SchemaVersions)) {
		result.Success = append(result.Success, thriftwire.Entry[string, []string]{
			Key: version, Value: s.hosts(c.SchemaVersions[version]),
		})
	}
	return result, nil
}

// ring handles describe_ring and describe_local_ring, which are the same here: a server has one data centre.
func (s *session) ring(ctx context.Context, keyspace string) ([]thriftwire.TokenRange, error) {
	c, err := s.store.Describe(ctx, &backend.DescribeRequest{Facts: backend.FactRing, Keyspace: keyspace})
	if errors.Is(err, backend.ErrNotFound) {
		return nil, backend.InvalidRequest("There is no ring for the keyspace: %s", keyspace)
	}
	if err != nil {
		return nil, err
	}
	ring := make([]thriftwire.TokenRange, len(c.Ring))
	for i := range c.Ring {
		r := &c.Ring[i]
		ring[i] = thriftwire.TokenRange{
			StartToken: r.Start, EndToken: r.End,
			Endpoints: s.hosts(r.Endpoints), RPCEndpoints: s.hosts(r.RPCEndpoints),
		}
		for _, d := range r.Details {
			ring[i].EndpointDetails = append(ring[i].EndpointDetails, thriftwire.EndpointDetails{
				Host: s.host(d.Host), Datacenter: d.Datacenter, Rack: thriftwire.Optional[string]{V: d.Rack, Set: d.Rack != ""},
			})
		}
	}
	return ring, nil
}

func (s *session) describeTokenMap(ctx context.Context) (thriftwire.Body, error) {
	c, err := s.cluster(ctx, backend.FactTokens)
	if err != nil {
		return nil, err
	}
	result := &thriftwire.DescribeTokenMapResult{Success: []thriftwire.Entry[string, string]{}}
	for _, token := range slices.Sorted(maps.Keys(c.Tokens)) {
		result.Success = append(result.Success, thriftwire.Entry[string, string]{Key: token, Value: s.host(c.Tokens[token])})
	}
	return result, nil
}

// host returns the address of a node to report to clients. If the store reports a loopback address,
// it is the address that the client has connected to.
func (s *session) host(host string) string {
	if a := s.server.opts.Advertise; a != "" {
		return a
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return host
	}
	if t, ok := s.local.(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap().WithZone("").String()
	}
	return host
}

// hosts returns the addresses of nodes, each once.
func (s *session) hosts(hosts []string) []string {
	if hosts == nil {
		return nil
	}
	list := []string{}
	for _, h := range hosts {
		if h = s.host(h); !slices.Contains(list, h) {
			list = append(list, h)
		}
	}
	return list
}

func (s *session) describeSplits(ctx context.Context, a *thriftwire.DescribeSplitsArgs) (thriftwire.Body, error) {
	splits, err := s.splits(ctx, (*thriftwire.DescribeSplitsExArgs)(a))
	if err != nil {
		return nil, err
	}
	result := &thriftwire.DescribeSplitsResult{Success: []string{splits[0].StartToken}}
	for i := range splits {
		result.Success = append(result.Success, splits[i].EndToken)
	}
	return result, nil
}

// splits divides a token range of a family if the store can; otherwise it returns the range as one split.
func (s *session) splits(ctx context.Context, a *thriftwire.DescribeSplitsExArgs) ([]thriftwire.CfSplit, error) {
	f, err := s.family(ctx, a.CfName, Select)
	if err != nil {
		return nil, err
	}
	whole := thriftwire.CfSplit{StartToken: a.StartToken, EndToken: a.EndToken, RowCount: int64(a.KeysPerSplit)}
	splitter, ok := s.server.b.(backend.Splitter)
	if !ok {
		return []thriftwire.CfSplit{whole}, nil
	}
	list, err := splitter.Splits(ctx, &backend.SplitsRequest{
		Keyspace: f.keyspace, Family: f.name,
		StartToken: a.StartToken, EndToken: a.EndToken, KeysPerSplit: int(a.KeysPerSplit),
	})
	if errors.Is(err, backend.ErrUnsupported) || err == nil && len(list) == 0 {
		return []thriftwire.CfSplit{whole}, nil
	}
	splits := make([]thriftwire.CfSplit, len(list))
	for i := range list {
		splits[i] = thriftwire.CfSplit{StartToken: list[i].Start, EndToken: list[i].End, RowCount: list[i].Rows}
	}
	return splits, err
}

// traceNextQuery handles the call of this name. The server keeps no traces, so the
// result is the ID of an empty trace.
func (s *session) traceNextQuery() (thriftwire.Body, error) {
	id, err := timeuuid.Random(s.server.opts.Now())
	return &thriftwire.TraceNextQueryResult{Success: id[:]}, err
}
