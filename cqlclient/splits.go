package cqlclient

import (
	"context"
	"math/big"
	"slices"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/internal/partitioner"
)

// maxSplits is the largest number of parts of a range.
const maxSplits = 1 << 16

// Splits implements [backend.Splitter]. Cassandra estimates the rows of a table every few minutes, so a new table has one split. If the
// partitioner hashes keys, the parts are equally long. Otherwise the parts end at the tokens of nodes.
func (c *Client) Splits(ctx context.Context, r *backend.SplitsRequest) (_ []backend.Split, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodSplits, start, err) }(time.Now())
	_, err = again(ctx, c, r.Keyspace, func() []string { return []string{r.Family} }, func(s *snapshot) (*catalog.Family, error) {
		return s.cat.Family(r.Keyspace, r.Family)
	})
	if err != nil {
		return nil, err
	}
	if r.KeysPerSplit <= 0 {
		return nil, backend.InvalidRequest("%d keys per split: a split has at least one", r.KeysPerSplit)
	}
	whole := backend.Split{Start: r.StartToken, End: r.EndToken}
	for _, token := range []*string{&whole.Start, &whole.End} {
		if *token == "" {
			*token = c.ring.MinToken()
		}
		if _, err := c.ring.CompareTokens(*token, *token); err != nil {
			return nil, &backend.Error{Kind: backend.KindInvalidRequest, Why: err.Error()}
		}
	}
	estimates, err := c.estimates(ctx, r.Keyspace, r.Family)
	if err != nil {
		return nil, err
	}
	if numbers := ringOfNumbers(c.ring); numbers != nil {
		return numbers.split(whole, estimates, int64(r.KeysPerSplit)), nil
	}
	return splitAtTokens(c.ring, whole, estimates), nil
}

// estimates returns the ranges of all reachable nodes with their estimated rows. Each node reports the ranges whose first replica it is.
func (c *Client) estimates(ctx context.Context, keyspace, family string) ([]backend.Split, error) {
	var all []backend.Split
	for _, host := range c.session.GetHosts() {
		if !host.IsUp() {
			continue
		}
		iter := c.session.Query("SELECT range_start, range_end, partitions_count FROM system.size_estimates WHERE keyspace_name = ? AND table_name = ?", keyspace, family).
			Idempotent(true).SetHostID(host.HostID()).IterContext(ctx)
		var s backend.Split
		for iter.Scan(&s.Start, &s.End, &s.Rows) {
			all = append(all, s)
		}
		if err := iter.Close(); err != nil && (ctx.Err() != nil || host.IsUp()) {
			return nil, c.fail(ctx, err)
		}
	}
	return all, nil
}

// numberRing is a ring of numbers.
type numberRing struct{ min, size *big.Int }

// ringOfNumbers returns the ring of a partitioner that hashes keys, or nil.
func ringOfNumbers(part partitioner.Partitioner) *numberRing {
	switch part {
	case partitioner.Murmur3:
		return &numberRing{new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 63)), new(big.Int).Lsh(big.NewInt(1), 64)}
	case partitioner.Random:
		return &numberRing{new(big.Int), new(big.Int).Lsh(big.NewInt(1), 127)}
	}
	return nil
}

// split divides a range into equal parts of about perSplit rows. Hashed keys are spread evenly over the ring, so split computes the number
// of rows in the range from the length of the range.
func (s *numberRing) split(whole backend.Split, estimates []backend.Split, perSplit int64) []backend.Split {
	start, ok := new(big.Int).SetString(whole.Start, 10)
	end, ok2 := new(big.Int).SetString(whole.End, 10)
	if !ok || !ok2 {
		return []backend.Split{whole} // Splits has checked the tokens
	}
	width := new(big.Int).Sub(end, start)
	if width.Mod(width, s.size).Sign() == 0 {
		width.Set(s.size)
	}
	total := new(big.Int)
	for i := range estimates {
		total.Add(total, big.NewInt(max(0, estimates[i].Rows)))
	}
	rows := total.Mul(total, width).Div(total, s.size)
	parts := new(big.Int).Add(rows, big.NewInt(perSplit-1))
	n := parts.Div(parts, big.NewInt(perSplit))
	if limit := big.NewInt(maxSplits); n.Cmp(limit) > 0 {
		n = limit
	}
	if n.Cmp(width) > 0 {
		n.Set(width)
	}
	if n.Sign() == 0 {
		n = big.NewInt(1)
	}
	each := new(big.Int).Div(rows, n).Int64()
	var list []backend.Split
	from := whole.Start
	for i := int64(1); i < n.Int64(); i++ {
		at := new(big.Int).Mul(width, big.NewInt(i))
		at.Div(at, n).Add(at, start).Sub(at, s.min).Mod(at, s.size).Add(at, s.min)
		list = append(list, backend.Split{Start: from, End: at.String(), Rows: each})
		from = at.String()
	}
	return append(list, backend.Split{Start: from, End: whole.End, Rows: each})
}

// splitAtTokens divides a range at the ends of the estimated ranges. The estimates are in the order of the nodes, not of the ring.
func splitAtTokens(part partitioner.Partitioner, whole backend.Split, estimates []backend.Split) []backend.Split {
	ranges := slices.Clone(estimates)
	sortFrom(part, whole.Start, ranges)
	inside := 0 // number of ranges that end within whole; the next range contains the end of whole
	for inside < len(ranges) && within(part, ranges[inside].End, whole) {
		inside++
	}
	var last int64
	if inside < len(ranges) {
		last = ranges[inside].Rows
	}
	var list []backend.Split
	from := whole.Start
	for _, e := range ranges[:inside] {
		list = append(list, backend.Split{Start: from, End: e.End, Rows: e.Rows})
		from = e.End
	}
	return append(list, backend.Split{Start: from, End: whole.End, Rows: last})
}

// within reports whether a token is in a range and not at its end.
func within(part partitioner.Partitioner, token string, r backend.Split) bool {
	after, err := part.CompareTokens(token, r.Start)
	if err != nil {
		return false
	}
	before, _ := part.CompareTokens(token, r.End)
	if wraps, _ := part.CompareTokens(r.Start, r.End); wraps >= 0 {
		return after > 0 || before < 0
	}
	return after > 0 && before < 0
}

// sortFrom sorts ranges by their ends, in the order of a walk around the ring that begins at a token.
func sortFrom(part partitioner.Partitioner, start string, ranges []backend.Split) {
	slices.SortFunc(ranges, func(a, b backend.Split) int {
		afterA, _ := part.CompareTokens(a.End, start)
		afterB, _ := part.CompareTokens(b.End, start)
		if (afterA > 0) != (afterB > 0) {
			if afterA > 0 {
				return -1
			}
			return 1
		}
		n, _ := part.CompareTokens(a.End, b.End)
		return n
	})
}
