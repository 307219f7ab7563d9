package shell

import (
	"math"
	"time"

	"go.starlark.net/starlark"
)

// zone is the zone of local times.
func (s *Session) zone() *time.Location {
	if s.opts.Zone == nil {
		return time.UTC
	}
	return s.opts.Zone
}

// wall returns the local time in the zone at t, as a naive datetime of Python: its fields are local, its location is UTC.
func (s *Session) wall(t time.Time) time.Time {
	z := t.In(s.zone())
	return time.Date(z.Year(), z.Month(), z.Day(), z.Hour(), z.Minute(), z.Second(), z.Nanosecond(), time.UTC)
}

// initZone defines local, which shows stored times to a person.
func (s *Session) initZone() {
	s.builtin("local(value)", "Times as text in the zone of --zone: of a datetime in UTC, a version 1 UUID, seconds, or a timestamp in microseconds; of a row, all of its datetimes and version 1 UUIDs.", func(c *call) (Value, error) {
		if f, ok := floatOf(c.args[0]); ok && isNumber(c.args[0]) {
			if math.Abs(f) > 1e12 {
				f /= 1e6
			}
			if math.IsNaN(f) || math.Abs(f) > 1e12 {
				return nil, s.raise(s.exc.ValueError, "timestamp out of range for platform time_t")
			}
			return s.localText(time.UnixMicro(int64(math.Round(f * 1e6)))), nil
		}
		return s.localized(c.args[0])
	})
}

// localText formats a time with its zone. It writes the fraction of a second unless the fraction is 0.
func (s *Session) localText(t time.Time) Value {
	layout := "2006-01-02 15:04:05.000000 MST"
	if t.Nanosecond() == 0 {
		layout = "2006-01-02 15:04:05 MST"
	}
	return str(t.In(s.zone()).Format(layout))
}

// localized returns a value in which each time is replaced by its text.
func (s *Session) localized(v Value) (Value, error) {
	if m, ok := momentOf(v); ok && !m.onlyDate {
		return s.localText(m.t), nil
	}
	if u, ok := uuidOf(v); ok && u.version() == Value(intValue(1)) {
		return s.localText(time.UnixMicro((u.time() - uuidEpoch) / 10)), nil
	}
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer s.leave()
	all := func(list []Value) ([]Value, error) {
		out := make([]Value, len(list))
		for i, x := range list {
			var err error
			if out[i], err = s.localized(x); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	switch v := v.(type) {
	case *dict:
		out := s.newOrdered()
		for _, e := range v.items() {
			pair, err := all([]Value{e.key, e.value})
			if err != nil {
				return nil, err
			}
			if err := out.put(s, pair[0], pair[1]); err != nil {
				return nil, err
			}
		}
		return out, nil
	case *list:
		elems, err := all(v.elems)
		return &list{elems: elems}, err
	case starlark.Tuple:
		elems, err := all(v)
		return starlark.Tuple(elems), err
	}
	return v, nil
}
