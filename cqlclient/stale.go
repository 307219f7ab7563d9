package cqlclient

import (
	"context"
	"errors"
	"strings"

	"github.com/widerow/widerow/backend"
)

// again makes a call on families by the current snapshot of the schema. If the call fails and a family may have changed, again reads the
// schema and makes the call once more.
func again[T any](ctx context.Context, c *Client, keyspace string, families func() []string, call func(*snapshot) (T, error)) (T, error) {
	s := c.snapshot()
	result, err := call(s)
	if err == nil {
		return result, nil
	}
	list := families()
	if !s.mayBeStale(keyspace, list, err) {
		return result, err
	}
	next, failed := c.refresh(ctx)
	if failed != nil {
		return result, failed
	}
	changed := false
	for _, family := range list {
		if refused := next.refused[familyName{keyspace, family}]; refused != nil {
			return result, refused
		}
		changed = changed || next.table(keyspace, family) != s.table(keyspace, family)
	}
	if !changed {
		return result, err
	}
	return call(next)
}

// table returns how a family is kept, or nil if the family is missing.
func (s *snapshot) table(keyspace, family string) *table {
	f, err := s.cat.Family(keyspace, family)
	if err != nil {
		return nil
	}
	return tableOf(f)
}

// mayBeStale reports whether a call may have failed because a family has changed since s was read.
func (s *snapshot) mayBeStale(keyspace string, families []string, err error) bool {
	for _, family := range families {
		if s.table(keyspace, family) == nil {
			return true
		}
	}
	e, ok := errors.AsType[*backend.Error](err)
	if !ok || e.Kind != backend.KindInvalidRequest {
		return false
	}
	for _, text := range unknownNames {
		if strings.Contains(e.Why, text) {
			return true
		}
	}
	return false
}

// unknownTable is part of the server's message if a table is dropped while the server executes a prepared statement.
const unknownTable = "Unknown CF"

// unknownNames matches the servers' messages about a table or a column that was dropped or replaced.
var unknownNames = []string{"unconfigured table", "Undefined column name", "Unknown identifier", "does not exist", unknownTable}
