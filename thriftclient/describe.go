package thriftclient

import (
	"context"
	"errors"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// Describe implements [backend.Backend].
func (q *requests) Describe(ctx context.Context, r *backend.DescribeRequest) (*backend.Cluster, error) {
	c := &backend.Cluster{}
	for _, fact := range []struct {
		bit  backend.Facts
		args thriftwire.Args
		take func(thriftwire.Result)
	}{
		{backend.FactName, &thriftwire.DescribeClusterNameArgs{}, func(r thriftwire.Result) {
			c.Name = r.(*thriftwire.DescribeClusterNameResult).Success
		}},
		{backend.FactVersion, &thriftwire.DescribeVersionArgs{}, func(r thriftwire.Result) {
			c.Version = r.(*thriftwire.DescribeVersionResult).Success
		}},
		{backend.FactPartitioner, &thriftwire.DescribePartitionerArgs{}, func(r thriftwire.Result) {
			c.Partitioner = r.(*thriftwire.DescribePartitionerResult).Success
		}},
		{backend.FactSnitch, &thriftwire.DescribeSnitchArgs{}, func(r thriftwire.Result) {
			c.Snitch = r.(*thriftwire.DescribeSnitchResult).Success
		}},
		{backend.FactRing, &thriftwire.DescribeRingArgs{Keyspace: r.Keyspace}, func(r thriftwire.Result) {
			c.Ring = ringFromThrift(r.(*thriftwire.DescribeRingResult).Success)
		}},
		{backend.FactTokens, &thriftwire.DescribeTokenMapArgs{}, func(r thriftwire.Result) {
			c.Tokens = map[string]string{}
			for _, e := range r.(*thriftwire.DescribeTokenMapResult).Success {
				c.Tokens[e.Key] = e.Value
			}
		}},
	} {
		if r.Facts&fact.bit == 0 {
			continue
		}
		result, err := q.via.call(ctx, route{}, fact.args)
		if err != nil {
			return nil, err
		}
		fact.take(result)
	}
	if r.Facts&backend.FactSchemaVersions != 0 {
		versions, err := q.schemaVersions(ctx)
		if err != nil {
			return nil, err
		}
		c.SchemaVersions = versions
	}
	return c, ctx.Err()
}

func ringFromThrift(ranges []thriftwire.TokenRange) []backend.TokenRange {
	ring := make([]backend.TokenRange, len(ranges))
	for i := range ranges {
		t := &ranges[i]
		ring[i] = backend.TokenRange{Start: t.StartToken, End: t.EndToken, Endpoints: t.Endpoints, RPCEndpoints: t.RPCEndpoints}
		for _, d := range t.EndpointDetails {
			ring[i].Details = append(ring[i].Details, backend.Endpoint{Host: d.Host, Datacenter: d.Datacenter, Rack: d.Rack.V})
		}
	}
	return ring
}

// Splits implements [backend.Splitter]. Cassandra before 1.2 does not report the sizes of
// splits: Splits returns KeysPerSplit as the size of each.
func (q *requests) Splits(ctx context.Context, r *backend.SplitsRequest) ([]backend.Split, error) {
	start, end := r.StartToken, r.EndToken
	if start == "" || end == "" {
		c, err := q.Describe(ctx, &backend.DescribeRequest{Facts: backend.FactPartitioner})
		if err != nil {
			return nil, err
		}
		part, err := partitioner.ByClass(c.Partitioner)
		if err != nil {
			return nil, &backend.Error{Kind: backend.KindUnsupported, Why: "the ends of the ring are not known: give tokens", Err: err}
		}
		least := part.MinToken()
		if start == "" {
			start = least
		}
		if end == "" {
			end = least
		}
	}
	to := route{keyspace: r.Keyspace}
	result, err := q.via.call(ctx, to, &thriftwire.DescribeSplitsExArgs{
		CfName: r.Family, StartToken: start, EndToken: end, KeysPerSplit: thriftconv.CountToThrift(r.KeysPerSplit),
	})
	if err == nil {
		parts := result.(*thriftwire.DescribeSplitsExResult).Success
		splits := make([]backend.Split, len(parts))
		for i, p := range parts {
			splits[i] = backend.Split{Start: p.StartToken, End: p.EndToken, Rows: p.RowCount}
		}
		return splits, nil
	}
	if !errors.Is(err, backend.ErrUnsupported) {
		return nil, err
	}
	result, err = q.via.call(ctx, to, &thriftwire.DescribeSplitsArgs{
		CfName: r.Family, StartToken: start, EndToken: end, KeysPerSplit: thriftconv.CountToThrift(r.KeysPerSplit),
	})
	if err != nil {
		return nil, err
	}
	tokens := result.(*thriftwire.DescribeSplitsResult).Success
	var splits []backend.Split
	for i := 1; i < len(tokens); i++ {
		splits = append(splits, backend.Split{Start: tokens[i-1], End: tokens[i], Rows: int64(r.KeysPerSplit)})
	}
	return splits, nil
}
