package thriftclient

import (
	"context"

	"github.com/widerow/widerow/internal/thriftwire"
)

// route says to which server and how a call is sent.
type route struct {
	keyspace string // "" for none
	key      []byte // of the row that the call is about; nil if it is not about one row
	once     bool   // the call must not be retried
}

// caller makes calls: over the pool, or over one connection.
type caller interface {
	call(ctx context.Context, r route, args thriftwire.Args) (thriftwire.Result, error)
	// split groups the indexes of keys by the nodes that own them. It returns nil if
	// one call serves all keys.
	split(keyspace string, keys [][]byte) [][]int
	version(ctx context.Context) (interfaceVersion, error)
}

// requests translates the requests of the seam into calls.
type requests struct {
	via  caller
	opts *Options
}
