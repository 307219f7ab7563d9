package thriftconv

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// KeyRangeFromThrift returns the range without its filter, which on the seam is
// the request's. Whether it has one of each key and token is not checked. (An
// empty token is as good as none: it is one of the lowest where it is a token.)
func KeyRangeFromThrift(r *thriftwire.KeyRange) backend.KeyRange {
	return backend.KeyRange{
		StartKey: r.StartKey, EndKey: r.EndKey,
		StartToken: r.StartToken.V, EndToken: r.EndToken.V,
		Count: int(r.Count),
	}
}

// KeyRangeToThrift returns the range with a filter. Thrift wants a key or a token
// for each end: an open end is an empty key, or the empty token if the other end
// leaves no choice.
func KeyRangeToThrift(r *backend.KeyRange, filter []backend.Expression) thriftwire.KeyRange {
	d := thriftwire.KeyRange{
		StartKey: r.StartKey, EndKey: r.EndKey,
		Count: CountToThrift(r.Count),
	}
	if len(filter) > 0 {
		d.RowFilter = ExpressionsToThrift(filter)
	}
	tokens := r.StartToken != "" || r.EndToken != ""
	if r.StartToken != "" || tokens && r.StartKey == nil {
		d.StartToken = thriftwire.Some(r.StartToken)
	} else if r.StartKey == nil {
		d.StartKey = []byte{}
	}
	if r.EndToken != "" || tokens && r.EndKey == nil {
		d.EndToken = thriftwire.Some(r.EndToken)
	} else if r.EndKey == nil {
		d.EndKey = []byte{}
	}
	return d
}
