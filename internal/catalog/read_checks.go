package catalog

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
)

// Ring is the part of the partitioner with which CheckRange checks the order of a
// range. partitioner.Partitioner implements it.
type Ring interface {
	// Token returns the token of a key as text.
	Token(key []byte) string
	// MinToken returns the token before all rows.
	MinToken() string
	// CompareTokens compares two tokens by their texts.
	CompareTokens(a, b string) (int, error)
	// Preserves reports whether the ring has the order of the keys.
	Preserves() bool
}

// CheckSlice validates a request for Slice or Count.
func (c *Catalog) CheckSlice(r *backend.SliceRequest) (*Family, error) {
	f, err := c.checkRead(&r.Parent, &r.Predicate)
	if err != nil {
		return nil, err
	}
	if err := checkReadConsistency(r.Consistency); err != nil {
		return nil, err
	}
	for _, key := range r.Keys {
		if err := f.checkKey(key); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// CheckRange validates a request for Range. If ring is nil, CheckRange does not check the
// tokens and the order of the ends of the range.
//
// As in Cassandra, the filter needs no index.
func (c *Catalog) CheckRange(r *backend.RangeRequest, ring Ring) (*Family, error) {
	f, err := c.checkRead(&r.Parent, &r.Predicate)
	if err != nil {
		return nil, err
	}
	if err := f.checkEnds(&r.Range); err != nil {
		return nil, err
	}
	if ring != nil {
		if err := checkOrder(&r.Range, ring); err != nil {
			return nil, err
		}
	}
	if len(r.Filter) > 0 {
		if _, err := f.checkExpressions(r.Filter); err != nil {
			return nil, err
		}
		switch {
		case f.Super: // without a super column, 1.2 reports an internal error
			return nil, backend.InvalidRequest("super columns are not supported for indexing")
		case f.Counter: // 1.2 returns no rows
			return nil, refusal.Counters(f.Def.Name)
		}
	}
	if r.Range.Count <= 0 {
		return nil, refusal.MaxRows()
	}
	if err := checkReadConsistency(r.Consistency); err != nil {
		return nil, err
	}
	return f, nil
}

// checkRead validates the parent and the predicate of a read.
func (c *Catalog) checkRead(parent *backend.Parent, p *backend.Predicate) (*Family, error) {
	f, err := c.Family(parent.Keyspace, parent.Family)
	if err != nil {
		return nil, err
	}
	if err := f.checkParent(parent.Super); err != nil {
		return nil, err
	}
	if err := f.checkPredicate(parent.Super, p); err != nil {
		return nil, err
	}
	return f, nil
}

// checkEnds validates the combination of keys and tokens in a range.
func (f *Family) checkEnds(r *backend.KeyRange) error {
	if r.StartKey != nil && r.StartToken != "" || r.EndKey != nil && r.EndToken != "" {
		return refusal.RangeEnds()
	}
	if r.StartToken != "" && r.EndKey != nil {
		return refusal.TokenToKey()
	}
	if err := f.checkEndKey(r.StartKey); err != nil {
		return err
	}
	return f.checkEndKey(r.EndKey)
}

// checkEndKey validates the start key or the end key of a range, if it is set.
// (In 1.2 the replicas fail if the validator refuses the key.)
func (f *Family) checkEndKey(key []byte) error {
	if len(key) == 0 {
		return nil
	}
	return f.checkKey(key)
}

// checkOrder validates keys and tokens with the partitioner. A range of tokens may
// wrap around the ring. A range with a key must not.
func checkOrder(r *backend.KeyRange, ring Ring) error {
	for _, token := range [...]string{r.StartToken, r.EndToken} {
		if token != "" {
			if _, err := ring.CompareTokens(token, token); err != nil {
				return refuse(err)
			}
		}
	}
	if len(r.StartKey) == 0 {
		return nil
	}
	end := r.EndToken
	switch {
	case end != "":
		if order, err := ring.CompareTokens(end, ring.MinToken()); err != nil || order == 0 {
			return err // the end of the ring
		}
	case len(r.EndKey) > 0:
		end = ring.Token(r.EndKey)
	default:
		return nil
	}
	order, err := ring.CompareTokens(ring.Token(r.StartKey), end)
	switch {
	case err != nil:
		return refuse(err)
	case order <= 0:
		return nil
	case r.EndToken != "":
		return backend.InvalidRequest("Start key's token sorts after end token")
	case ring.Preserves():
		return backend.InvalidRequest("start key must sort before (or equal to) finish key in your partitioner!")
	}
	return backend.InvalidRequest("start key's token sorts after end key's token.  this is not allowed; " +
		"you probably should not specify end key at all except with an ordered partitioner")
}
