package thriftserver

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/refusal"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// session holds the server's state of a connection's client. Only the connection's goroutine uses
// it.
type session struct {
	server   *Server
	conn     *conn
	remote   net.Addr
	local    net.Addr
	client   netip.Prefix // contains remote
	keyspace string       // that was set, or empty
	user     string
	loggedIn bool
	loginBy  time.Time // set while the client must log in and has not
	attempts int       // to log in, since the last that succeeded

	// memory counts the memory that the call holds. reserve and the reads of store take from it.
	memory  callMemory
	reserve backend.Reserve
	store   backend.Backend
	// mutations and rows are for reuse.
	mutations []backend.Mutation
	rows      []backend.RowMutation
}

// setKeyspace handles the call of this name.
func (s *session) setKeyspace(ctx context.Context, a *thriftwire.SetKeyspaceArgs) error {
	exists, err := s.server.schema.hasKeyspace(ctx, a.Keyspace)
	if err != nil {
		return err
	}
	if !exists {
		return refusal.MissingKeyspace(a.Keyspace)
	}
	s.keyspace = a.Keyspace
	return nil
}

// inKeyspace returns the keyspace that was set.
func (s *session) inKeyspace() (string, error) {
	if s.keyspace == "" {
		return "", refusal.NoKeyspace()
	}
	return s.keyspace, nil
}

// family returns a family of the keyspace that was set, for a user who may do that with it.
func (s *session) family(ctx context.Context, name string, p Permission) (*family, error) {
	keyspace, err := s.inKeyspace()
	if err != nil {
		return nil, err
	}
	if err := s.may(p, keyspace, name); err != nil {
		return nil, err
	}
	return s.server.schema.family(ctx, keyspace, name)
}

// parent returns the columns of a family that a read is about.
func (f *family) parent(p *thriftwire.ColumnParent) (backend.Parent, error) {
	if p.SuperColumn != nil && !f.super {
		return backend.Parent{}, refusal.Parent(f.name)
	}
	if p.SuperColumn != nil && len(p.SuperColumn) == 0 {
		return backend.Parent{}, refusal.EmptyName()
	}
	return backend.Parent{Keyspace: f.keyspace, Family: f.name, Super: p.SuperColumn}, nil
}

// perName is about how much memory is taken, here and in a store, for each name or key of
// a request.
const perName = 128

// predicate converts a predicate. Cassandra requires exactly one of its two halves.
func (s *session) predicate(ctx context.Context, p *thriftwire.SlicePredicate) (backend.Predicate, error) {
	if err := s.reserve(ctx, len(p.ColumnNames)*perName); err != nil {
		return backend.Predicate{}, err
	}
	switch {
	case p.ColumnNames == nil && p.SliceRange == nil:
		return backend.Predicate{}, backend.InvalidRequest("predicate column_names and slice_range may not both be null")
	case p.ColumnNames != nil && p.SliceRange != nil:
		return backend.Predicate{}, backend.InvalidRequest("predicate column_names and slice_range may not both be present")
	}
	return thriftconv.PredicateFromThrift(p), nil
}

// consistency converts a level. Level 0 does not exist in Thrift and would mean ONE in package
// backend, so it is refused.
func consistency(level thriftwire.ConsistencyLevel) (backend.Consistency, error) {
	if level == 0 {
		return 0, refusal.Level(0)
	}
	return thriftconv.ConsistencyFromThrift(level), nil
}
