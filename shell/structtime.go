package shell

import (
	"strings"
	"time"

	"go.starlark.net/starlark"
)

// structTime is the class of the values that time.gmtime() and datetime.timetuple() return.
func (s *Session) structTime(t time.Time, dst int) Value {
	if s.py.structTime == nil {
		s.py.structTime = s.namedTuple("time.struct_time", strings.Fields("tm_year tm_mon tm_mday tm_hour tm_min tm_sec tm_wday tm_yday tm_isdst"))
	}
	o := &object{class: s.py.structTime}
	for i, n := range []int{
		t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), (int(t.Weekday()) + 6) % 7, t.YearDay(), dst,
	} {
		names, _ := s.py.structTime.attrs.get("_fields")
		name, _ := textOf(names.(starlark.Tuple)[i])
		o.attrs.set(name, intValue(n))
	}
	return o
}

// parseTime parses a time by a format of strptime.
func (s *Session) parseTime(text, format Value) (time.Time, error) {
	t, ok := textOf(text)
	f, ok2 := textOf(format)
	if !ok || !ok2 {
		return time.Time{}, s.raise(s.exc.TypeError, "must be string, not %s", s.typeName(text))
	}
	layout := goLayout(f)
	v, err := time.Parse(layout, t)
	if err == nil {
		if v.Year() == 0 {
			v = v.AddDate(1900, 0, 0)
		}
		return v, nil
	}
	for end := len(t) - 1; end > 0; end-- {
		if _, err := time.Parse(layout, t[:end]); err == nil {
			return time.Time{}, s.raise(s.exc.ValueError, "unconverted data remains: %s", t[end:])
		}
	}
	return time.Time{}, s.raise(s.exc.ValueError, "time data %s does not match format %s", reprStr(t), reprStr(f))
}

// initMoreDates defines the rarely used parts of module datetime.
func (s *Session) initMoreDates() {
	t := &s.py.times
	first, last := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	t.datetime.attrs.set("min", s.newMoment(first))
	t.datetime.attrs.set("max", s.newMoment(last))
	t.date.attrs.set("min", s.newDate(first))
	t.date.attrs.set("max", s.newDate(last))
	t.date.attrs.set("fromordinal", &staticMethod{fn: s.native("fromordinal(ordinal)", func(c *call) (Value, error) {
		n, ok := smallInt(c.args[0])
		if !ok || n < 1 || n > 3652059 {
			return nil, s.raise(s.exc.ValueError, "ordinal must be >= 1")
		}
		return s.newDate(first.AddDate(0, 0, int(n)-1)), nil
	})})
	t.date.def("isocalendar(self)", func(c *call) (Value, error) {
		m, _ := momentOf(c.args[0])
		year, week := m.t.ISOWeek()
		return starlark.Tuple{intValue(year), intValue(week), intValue((int(m.t.Weekday())+6)%7 + 1)}, nil
	})
	t.date.def("ctime(self)", func(c *call) (Value, error) {
		m, _ := momentOf(c.args[0])
		return str(m.t.Format(time.ANSIC)), nil
	})
	t.date.def("__format__(self, format)", func(c *call) (Value, error) {
		m, _ := momentOf(c.args[0])
		f, _ := textOf(c.args[1])
		if f == "" {
			text, err := s.str(c.args[0])
			return str(text), err
		}
		return str(strftime(m.t, f)), nil
	})
	// datetime.time is written in the dialect, in library/datetime.py.
	clock := func(c *call) (Value, error) {
		m, err := s.module("datetime")
		if err != nil {
			return nil, err
		}
		class, _ := m.attrs.get("time")
		v, _ := momentOf(c.args[0])
		return s.call(class, intValue(v.t.Hour()), intValue(v.t.Minute()), intValue(v.t.Second()), intValue(v.t.Nanosecond()/1000))
	}
	t.datetime.def("time(self)", clock)
	t.datetime.attrs.set("combine", &staticMethod{fn: s.native("combine(date, time)", func(c *call) (Value, error) {
		m, ok := momentOf(c.args[0])
		if !ok {
			return nil, s.raise(s.exc.TypeError, "combine() argument 1 must be datetime.date, not %s", s.typeName(c.args[0]))
		}
		args := []Value{intValue(m.t.Year()), intValue(int(m.t.Month())), intValue(m.t.Day())}
		for _, name := range []string{"hour", "minute", "second", "microsecond"} {
			v, err := s.getattr(c.args[1], name)
			if err != nil {
				return nil, err
			}
			args = append(args, v)
		}
		return s.call(t.datetime, args...)
	})})
}
