package cqlclient

import (
	"context"
	"errors"
	"strings"

	"github.com/widerow/widerow/backend"
)

// again makes a call about families by the schema in force and, if it fails because one of them may have changed, once more by the
// next schema.
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

// mayBeStale reports whether a call may have failed because one of the families has changed since s was read.
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

// unknownNames is what servers say of a table or a column that was dropped, or that another one has replaced.
var unknownNames = []string{"unconfigured table", "Undefined column name", "Unknown identifier", "does not exist"}
