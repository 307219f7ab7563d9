package embedded

import (
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
)

// The facts that Describe reports: the store is a cluster of one node.
const (
	clusterName      = "widerow"
	interfaceVersion = "19.36.2" // of the Thrift interface of Cassandra 1.2.19
	snitchClass      = "org.apache.cassandra.locator.SimpleSnitch"
	nodeHost         = "127.0.0.1"
	nodeDatacenter   = "datacenter1"
	nodeRack         = "rack1"
)

// Describe implements [backend.Backend]. The ring has one node, which owns all tokens.
func (s *Store) Describe(ctx context.Context, r *backend.DescribeRequest) (_ *backend.Cluster, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave(&err)
	cat := s.tables.Load().cat
	token := s.part.MinToken()
	c := &backend.Cluster{}
	if r.Facts&backend.FactName != 0 {
		c.Name = clusterName
	}
	if r.Facts&backend.FactVersion != 0 {
		c.Version = interfaceVersion
	}
	if r.Facts&backend.FactPartitioner != 0 {
		c.Partitioner = s.part.Class()
	}
	if r.Facts&backend.FactSnitch != 0 {
		c.Snitch = snitchClass
	}
	if r.Facts&backend.FactSchemaVersions != 0 {
		c.SchemaVersions = map[string][]string{cat.Version(): {nodeHost}}
	}
	if r.Facts&backend.FactRing != 0 {
		if err := cat.CheckKeyspace(r.Keyspace); err != nil {
			return nil, err
		}
		c.Ring = []backend.TokenRange{{
			Start: token, End: token,
			Endpoints: []string{nodeHost}, RPCEndpoints: []string{nodeHost},
			Details: []backend.Endpoint{{Host: nodeHost, Datacenter: nodeDatacenter, Rack: nodeRack}},
		}}
	}
	if r.Facts&backend.FactTokens != 0 {
		c.Tokens = map[string]string{token: nodeHost}
	}
	return c, nil
}

// SchemaVersion implements [backend.SchemaVersioner].
func (s *Store) SchemaVersion() string { return s.tables.Load().cat.Version() }

// Splits implements [backend.Splitter]. It counts the rows by one seek for each row and
// does not read their columns.
func (s *Store) Splits(ctx context.Context, r *backend.SplitsRequest) (_ []backend.Split, err error) {
	if err := s.enter(ctx); err != nil {
		return nil, err
	}
	defer s.leave(&err)
	var list []backend.Split
	err = s.withSchema(ctx, func(t *tables) (err error) {
		list, err = s.split(ctx, t, r)
		return err
	})
	return list, err
}

func (s *Store) split(ctx context.Context, t *tables, r *backend.SplitsRequest) ([]backend.Split, error) {
	cf, err := t.cat.Family(r.Keyspace, r.Family)
	if err != nil {
		return nil, err
	}
	if r.KeysPerSplit <= 0 {
		return nil, backend.InvalidRequest("the number of keys per split must be positive")
	}
	start, end := r.StartToken, r.EndToken
	if start == "" {
		start = s.part.MinToken()
	}
	if end == "" {
		end = s.part.MinToken()
	}
	ranges, err := s.rowRanges(&backend.KeyRange{StartToken: start, EndToken: end})
	if start == s.part.MinToken() && end == start {
		ranges, err = []interval{{}}, nil
	}
	if err != nil {
		return nil, err
	}
	return s.splits(ctx, t, cf, ranges, backend.Split{Start: start, End: end}, int64(r.KeysPerSplit))
}

// splits divides the token range whole.
func (s *Store) splits(ctx context.Context, t *tables, cf *catalog.Family, ranges []interval, whole backend.Split, perSplit int64) ([]backend.Split, error) {
	f := t.family(cf)
	rd, err := s.familyReader(ctx, t, f)
	if err != nil {
		return nil, err
	}
	defer rd.release()
	var list []backend.Split
	current := backend.Split{Start: whole.Start}
	var key []byte
	last := ""
	for _, span := range ranges {
		err := rd.rows(span, func() (bool, error) {
			var err error
			if key, _, err = s.part.DecodeKey(key[:0], rd.prefix[familyPrefixLen:]); err != nil {
				return false, err
			}
			// Rows of the same token stay together.
			token := s.part.Token(key)
			if current.Rows >= perSplit && token != last {
				current.End = last
				list = append(list, current)
				current = backend.Split{Start: last}
			}
			current.Rows++
			last = token
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	current.End = whole.End
	return append(list, current), nil
}
