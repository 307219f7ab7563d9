package thriftclient

import (
	"context"

	"github.com/widerow/widerow/internal/thriftwire"
)

// route says where and how a call is made.
type route struct {
	keyspace string // "" for none
	key      []byte // of the row that it is about; nil if there is no such
	once     bool   // it must not be repeated
}

// caller makes calls: over the pool, or over one connection.
type caller interface {
	call(ctx context.Context, r route, args thriftwire.Args) (thriftwire.Result, error)
	// split groups the indexes of keys by the nodes that own them. It returns nil if
	// one call for all will do.
	split(keyspace string, keys [][]byte) [][]int
	version(ctx context.Context) (interfaceVersion, error)
}

// requests translates the requests of the seam into calls.
type requests struct {
	via  caller
	opts *Options
}
