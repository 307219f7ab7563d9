package cqlclient

import (
	"bytes"
	"context"
	"errors"

	"github.com/widerow/widerow/backend"
)

// stoppedInTombstone reports whether the server may have failed because a range read stopped in a row before the row's end. Cassandra
// 5.0.5 fails in this way, with an IllegalStateException in its log, if it reads from a table on disk a deleted slice into which something
// was written later: it leaves the row open and cannot go on to the next row. Earlier lines of Cassandra do not fail.
func stoppedInTombstone(err error) bool { return errors.Is(err, backend.ErrReplicaFailure) }

// skipPage is how many CQL rows one statement reads to find the next keys.
const skipPage = 100

// keysBySkipping returns the same keys as keys, but by statements that do not stop in each row. It reads a few CQL rows at a time and
// continues behind the last of their rows.
func (r *read) keysBySkipping(ctx context.Context, sp span, limit int) ([]backend.Row, error) {
	var rows []backend.Row
	for {
		s := selection{what: firsts}
		a := newArguments(3)
		sp.add(r.c.ring, &s, a)
		a.addInt32(skipPage)
		iter := r.query(s, a.take(), 0).IterContext(ctx)
		parts, dest := r.keyDest()
		var last []byte
		n := 0
		for ; iter.Scan(dest...); n++ {
			key := r.t.joinKey(parts)
			if bytes.Equal(key, last) {
				continue
			}
			if last = key; !sp.has(r.c.ring, key) {
				continue
			}
			if rows = append(rows, backend.Row{Key: key}); len(rows) == limit {
				break
			}
		}
		if err := iter.Close(); err != nil {
			return nil, r.c.fail(ctx, err)
		}
		if len(rows) == limit || n < skipPage || last == nil {
			return rows, nil
		}
		sp.firstKey, sp.behind, sp.after = nil, false, r.c.ring.Token(last)
	}
}

// keyDest returns the partition columns of a CQL row, and the destinations for Scan.
func (r *read) keyDest() (parts []raw, dest []any) {
	parts = make([]raw, len(r.t.key))
	dest = make([]any, len(parts))
	for i := range parts {
		dest[i] = &parts[i]
	}
	return parts, dest
}
