package thriftconv

import (
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// KeyRangeFromThrift returns the range without its filter. On the seam the filter belongs
// to the request. The conversion does not check that each end has either a key or a token.
// (An empty token counts as not set. If it is a valid token, it is one of the lowest.)
func KeyRangeFromThrift(r *thriftwire.KeyRange) backend.KeyRange {
	return backend.KeyRange{
		StartKey: r.StartKey, EndKey: r.EndKey,
		StartToken: r.StartToken.V, EndToken: r.EndToken.V,
		Count: int(r.Count),
	}
}

// KeyRangeToThrift returns the range with a filter. Thrift requires a key or a token for
// each end. An open end becomes an empty key, or an empty token if the other end requires
// a token.
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
