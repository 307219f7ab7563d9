package model

import (
	"bytes"
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
)

// Mutate implements backend.Backend. All of a request becomes visible together.
func (s *Store) Mutate(ctx context.Context, r *backend.MutateRequest) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	families, err := s.cat.CheckMutate(nil, r)
	if err != nil {
		return err
	}
	for i, change := range r.Rows {
		if len(change.Mutations) == 0 {
			continue
		}
		rows := s.rows(r.Keyspace, families[i].Def.Name)
		if rows[string(change.Key)] == nil {
			rows[string(change.Key)] = &row{}
		}
		for _, m := range change.Mutations {
			s.apply(families[i], rows[string(change.Key)], m)
		}
	}
	return nil
}

// apply appends one mutation to the row.
func (s *Store) apply(fam *catalog.Family, r *row, m backend.Mutation) {
	s.writes++
	switch m.Op {
	case backend.Insert:
		w := write{
			super: bytes.Clone(m.Super), name: bytes.Clone(m.Column.Name), value: bytes.Clone(m.Column.Value),
			timestamp: m.Column.Timestamp, ttl: fam.TTL(m.Column.TTL), ties4: s.ties4,
		}
		if w.ttl > 0 {
			w.expires = s.seconds() + int64(w.ttl)
		}
		r.writes = append(r.writes, w)
	case backend.Add:
		r.writes = append(r.writes, write{
			super: bytes.Clone(m.Super), name: bytes.Clone(m.Column.Name), timestamp: s.writes, delta: m.Delta,
		})
	case backend.Delete:
		timestamp := m.Timestamp
		if fam.Counter {
			timestamp = s.writes
		}
		for _, t := range tombstones(fam, m) {
			t.timestamp, t.at = timestamp, s.seconds()
			r.tombstones = append(r.tombstones, t)
		}
	}
}

// tombstones returns the tombstones of a Delete.
func tombstones(fam *catalog.Family, m backend.Mutation) []tombstone {
	var super *span
	if m.Super != nil {
		super = name(m.Super)
	}
	var columns []*span // or super columns, which a super family's predicate selects if Super is nil
	switch p := m.Columns; {
	case p == nil:
		return []tombstone{{supers: super}}
	case p.Names != nil:
		for _, n := range p.Names {
			columns = append(columns, name(n))
		}
	default:
		columns = []*span{{start: bytes.Clone(p.Start), finish: bytes.Clone(p.Finish)}}
	}
	var list []tombstone
	for _, c := range columns {
		if fam.Super && super == nil {
			list = append(list, tombstone{supers: c})
		} else {
			list = append(list, tombstone{supers: super, columns: c})
		}
	}
	return list
}

func name(n []byte) *span { return &span{start: bytes.Clone(n), single: true} }
