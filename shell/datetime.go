package shell

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"go.starlark.net/starlark"
)

// moment is the data of a datetime or, with onlyDate, of a date. It has no time zone: t is in UTC.
type moment struct {
	t        time.Time
	onlyDate bool
}

// span is the data of a timedelta, in microseconds.
type span struct{ us int64 }

const dayMicros = 86400 * 1000000

// datetimes are the classes of module datetime.
type datetimes struct{ date, datetime, timedelta *class }

func (s *Session) newMoment(t time.Time) Value {
	return &object{class: s.py.times.datetime, data: &moment{t: t.UTC().Truncate(time.Microsecond)}}
}

func (s *Session) newDate(t time.Time) Value {
	return &object{class: s.py.times.date, data: &moment{t: t.Truncate(24 * time.Hour), onlyDate: true}}
}

func (s *Session) newSpan(us int64) Value {
	return &object{class: s.py.times.timedelta, data: &span{us}}
}

func momentOf(v Value) (*moment, bool) {
	o, ok := v.(*object)
	if !ok {
		return nil, false
	}
	m, ok := o.data.(*moment)
	return m, ok
}

func spanOf(v Value) (*span, bool) {
	o, ok := v.(*object)
	if !ok {
		return nil, false
	}
	m, ok := o.data.(*span)
	return m, ok
}

func (m *moment) hash() int64 {
	y := m.t.Year()
	b := []byte{byte(y >> 8), byte(y), byte(m.t.Month()), byte(m.t.Day())}
	if !m.onlyDate {
		us := m.t.Nanosecond() / 1000
		b = append(b, byte(m.t.Hour()), byte(m.t.Minute()), byte(m.t.Second()), byte(us>>16), byte(us>>8), byte(us))
	}
	return hashBytes(string(b))
}

func (m *moment) repr(s *Session, self *object) (string, error) {
	t := m.t
	if m.onlyDate {
		return fmt.Sprintf("datetime.date(%d, %d, %d)", t.Year(), t.Month(), t.Day()), nil
	}
	text := fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d", t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute())
	us := t.Nanosecond() / 1000
	if t.Second() != 0 || us != 0 {
		text += fmt.Sprintf(", %d", t.Second())
	}
	if us != 0 {
		text += fmt.Sprintf(", %d", us)
	}
	return text + ")", nil
}

func (m *moment) str(*object) string {
	if m.onlyDate {
		return m.t.Format("2006-01-02")
	}
	return m.iso(" ")
}

func (m *moment) iso(sep string) string {
	text := m.t.Format("2006-01-02" + sep + "15:04:05")
	if us := m.t.Nanosecond() / 1000; us != 0 {
		text += fmt.Sprintf(".%06d", us)
	}
	return text
}

func (m *moment) compare(s *Session, self *object, other Value, onlyEqual bool) (int, error) {
	o, ok := momentOf(other)
	if !ok || o.onlyDate != m.onlyDate {
		if onlyEqual {
			return 1, nil
		}
		return 0, s.raise(s.exc.TypeError, "can't compare %s to %s", self.class.module+"."+self.class.name, s.typeName(other))
	}
	return m.t.Compare(o.t), nil
}

func (m *moment) arith(s *Session, op string, x, y Value) (Value, error) {
	a, ok1 := momentOf(x)
	b, ok2 := momentOf(y)
	if op == "-" && ok1 && ok2 && a.onlyDate == b.onlyDate {
		return s.newSpan(a.t.UnixMicro() - b.t.UnixMicro()), nil
	}
	if ok2 && !ok1 && op == "+" {
		a, y = b, x
	}
	d, ok := spanOf(y)
	if !ok || op != "+" && op != "-" || a == nil {
		return nil, nil
	}
	us := d.us
	if op == "-" {
		us = -us
	}
	t := time.UnixMicro(a.t.UnixMicro() + us).UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return nil, s.raise(s.exc.OverflowError, "date value out of range")
	}
	if a.onlyDate {
		return s.newDate(t), nil
	}
	return s.newMoment(t), nil
}

func (d *span) hash() int64 { return hashBytes(fmt.Sprint(d.us)) }

func (d *span) truth() bool { return d.us != 0 }

// parts returns days, seconds and microseconds. Only days may be negative.
func (d *span) parts() (days, seconds, us int64) {
	days = d.us / dayMicros
	rest := d.us % dayMicros
	if rest < 0 {
		days, rest = days-1, rest+dayMicros
	}
	return days, rest / 1000000, rest % 1000000
}

func (d *span) repr(*Session, *object) (string, error) {
	days, seconds, us := d.parts()
	switch {
	case us != 0:
		return fmt.Sprintf("datetime.timedelta(%d, %d, %d)", days, seconds, us), nil
	case seconds != 0:
		return fmt.Sprintf("datetime.timedelta(%d, %d)", days, seconds), nil
	}
	return fmt.Sprintf("datetime.timedelta(%d)", days), nil
}

func (d *span) str(*object) string {
	days, seconds, us := d.parts()
	text := fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	if us != 0 {
		text += fmt.Sprintf(".%06d", us)
	}
	if days != 0 {
		unit := "days"
		if days == 1 || days == -1 {
			unit = "day"
		}
		text = fmt.Sprintf("%d %s, %s", days, unit, text)
	}
	return text
}

func (d *span) compare(s *Session, self *object, other Value, onlyEqual bool) (int, error) {
	o, ok := spanOf(other)
	if !ok {
		if onlyEqual {
			return 1, nil
		}
		return 0, s.raise(s.exc.TypeError, "can't compare datetime.timedelta to %s", s.typeName(other))
	}
	return cmp.Compare(d.us, o.us), nil
}

func (d *span) arith(s *Session, op string, x, y Value) (Value, error) {
	a, ok1 := spanOf(x)
	b, ok2 := spanOf(y)
	switch {
	case op == "neg":
		return s.newSpan(-d.us), nil
	case ok1 && ok2 && op == "+":
		return s.newSpan(a.us + b.us), nil
	case ok1 && ok2 && op == "-":
		return s.newSpan(a.us - b.us), nil
	case op == "*" && ok1, op == "*" && ok2:
		n, ok := smallInt(y)
		if ok2 {
			n, ok = smallInt(x)
		}
		if ok && (n == 0 || d.us == 0 || math.Abs(float64(d.us)*float64(n)) < math.MaxInt64) {
			return s.newSpan(d.us * n), nil
		}
	case (op == "/" || op == "//") && ok1:
		if n, ok := smallInt(y); ok && n != 0 {
			q := d.us / n
			if d.us%n != 0 && (d.us < 0) != (n < 0) {
				q--
			}
			return s.newSpan(q), nil
		}
	}
	return nil, nil
}

func (s *Session) initDatetime() {
	t := &s.py.times
	builtin := func(name string, bases ...*class) *class {
		c := s.newClass(name, "datetime", bases...)
		c.builtin = true
		return c
	}
	t.date = builtin("date")
	t.datetime = builtin("datetime", t.date)
	t.timedelta = builtin("timedelta")
	s.constructor(t.date, "(year, month, day)", func(_ *class, c *call) (Value, error) {
		v, err := s.dateParts(c.args, 3)
		return s.newDate(v), err
	})
	s.constructor(t.datetime, "(year, month, day, hour=0, minute=0, second=0, microsecond=0, tzinfo=None)", func(_ *class, c *call) (Value, error) {
		if c.args[7] != none {
			return nil, s.raise(s.exc.NotImplementedError, "the shell's datetimes have no time zones: pycassa reads all of them as UTC")
		}
		v, err := s.dateParts(c.args, 7)
		return s.newMoment(v), err
	})
	s.constructor(t.timedelta, "(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)", func(_ *class, c *call) (Value, error) {
		total := 0.0
		exact := int64(0)
		for i, unit := range []int64{dayMicros, 1e6, 1, 1e3, 60e6, 3600e6, 7 * dayMicros} {
			if n, ok := smallInt(c.args[i]); ok && math.Abs(float64(n)*float64(unit)) < 8.64e19 && (n > -1e12 && n < 1e12 || unit == 1) {
				exact += n * unit
				continue
			}
			f, err := s.float(c.args[i])
			if err != nil {
				return nil, s.raise(s.exc.TypeError, "unsupported type for timedelta %s component: %s", c.sig.params[i], s.typeName(c.args[i]))
			}
			total += f * float64(unit)
		}
		if math.Abs(total) > 9e18 {
			return nil, s.raise(s.exc.OverflowError, "days out of range; must have magnitude <= 999999999")
		}
		return s.newSpan(exact + int64(math.Round(total))), nil
	})
	for name, get := range map[string]func(time.Time) int{
		"year": time.Time.Year, "month": func(t time.Time) int { return int(t.Month()) }, "day": time.Time.Day,
	} {
		t.date.prop(name, func(v Value) (Value, error) { m, _ := momentOf(v); return intValue(get(m.t)), nil }, nil)
	}
	for name, get := range map[string]func(time.Time) int{
		"hour": time.Time.Hour, "minute": time.Time.Minute, "second": time.Time.Second,
		"microsecond": func(t time.Time) int { return t.Nanosecond() / 1000 },
	} {
		t.datetime.prop(name, func(v Value) (Value, error) { m, _ := momentOf(v); return intValue(get(m.t)), nil }, nil)
	}
	t.datetime.attrs.set("tzinfo", none)
	for i, name := range []string{"days", "seconds", "microseconds"} {
		t.timedelta.prop(name, func(v Value) (Value, error) {
			d, _ := spanOf(v)
			a, b, c := d.parts()
			return intValue([]int64{a, b, c}[i]), nil
		}, nil)
	}
	t.timedelta.def("total_seconds(self)", func(c *call) (Value, error) {
		d, _ := spanOf(c.args[0])
		return starlark.Float(float64(d.us) / 1e6), nil
	})
	s.initDateMethods()
	s.initMoreDates()
}

// dateParts reads the parts of a date from arguments and checks their ranges.
func (s *Session) dateParts(args []Value, n int) (time.Time, error) {
	p := make([]int, 7)
	limits := [][2]int64{{1, 9999}, {1, 12}, {1, 31}, {0, 23}, {0, 59}, {0, 59}, {0, 999999}}
	names := []string{"year", "month", "day", "hour", "minute", "second", "microsecond"}
	for i := range n {
		if _, isFloat := args[i].(starlark.Float); isFloat {
			return time.Time{}, s.raise(s.exc.TypeError, "integer argument expected, got float")
		}
		v, ok := smallInt(args[i])
		if !ok {
			return time.Time{}, s.raise(s.exc.TypeError, "an integer is required")
		}
		if v < limits[i][0] || v > limits[i][1] {
			switch i {
			case 0:
				return time.Time{}, s.raise(s.exc.ValueError, "year is out of range")
			case 2:
				return time.Time{}, s.raise(s.exc.ValueError, "day is out of range for month")
			}
			return time.Time{}, s.raise(s.exc.ValueError, "%s must be in %d..%d", names[i], limits[i][0], limits[i][1])
		}
		p[i] = int(v)
	}
	t := time.Date(p[0], time.Month(p[1]), p[2], p[3], p[4], p[5], p[6]*1000, time.UTC)
	if t.Day() != p[2] {
		return time.Time{}, s.raise(s.exc.ValueError, "day is out of range for month")
	}
	return t, nil
}

func (s *Session) initDateMethods() {
	t := &s.py.times
	static := func(k *class, header string, fn func(*call) (Value, error)) {
		n := s.native(header, fn)
		k.attrs.set(n.name, &staticMethod{fn: n})
	}
	stamp := func(v Value) (time.Time, error) {
		f, err := s.float(v)
		if err != nil {
			return time.Time{}, s.raise(s.exc.TypeError, "a float is required")
		}
		if math.Abs(f) > 2.5e11 {
			return time.Time{}, s.raise(s.exc.ValueError, "year is out of range")
		}
		return time.UnixMicro(roundEven(f * 1e6)).UTC(), nil
	}
	static(t.datetime, "utcfromtimestamp(timestamp)", func(c *call) (Value, error) {
		v, err := stamp(c.args[0])
		return s.newMoment(v), err
	})
	// The local zone is UTC unless the options name another one, so that a script prints the same on every machine.
	static(t.datetime, "fromtimestamp(timestamp)", func(c *call) (Value, error) {
		v, err := stamp(c.args[0])
		return s.newMoment(s.wall(v)), err
	})
	static(t.datetime, "now()", func(*call) (Value, error) { return s.newMoment(s.wall(s.now())), nil })
	static(t.datetime, "utcnow()", func(*call) (Value, error) { return s.newMoment(s.now()), nil })
	static(t.datetime, "today()", func(*call) (Value, error) { return s.newMoment(s.wall(s.now())), nil })
	static(t.date, "today()", func(*call) (Value, error) { return s.newDate(s.wall(s.now())), nil })
	static(t.date, "fromtimestamp(timestamp)", func(c *call) (Value, error) {
		v, err := stamp(c.args[0])
		return s.newDate(s.wall(v)), err
	})
	static(t.datetime, "strptime(text, format)", func(c *call) (Value, error) {
		v, err := s.parseTime(c.args[0], c.args[1])
		if err != nil {
			return nil, err
		}
		return s.newMoment(v), nil
	})
	def := func(k *class, header string, fn func(m *moment, c *call) (Value, error)) {
		k.def(header, func(c *call) (Value, error) { m, _ := momentOf(c.args[0]); return fn(m, c) })
	}
	def(t.date, "isoformat(self, sep='T')", func(m *moment, c *call) (Value, error) {
		if m.onlyDate {
			return str(m.str(nil)), nil
		}
		sep, _ := textOf(c.args[1])
		return str(m.iso(strings.ReplaceAll(sep, "2", ""))), nil
	})
	def(t.date, "strftime(self, format)", func(m *moment, c *call) (Value, error) {
		f, _ := textOf(c.args[1])
		return str(strftime(m.t, f)), nil
	})
	def(t.date, "weekday(self)", func(m *moment, c *call) (Value, error) { return intValue((int(m.t.Weekday()) + 6) % 7), nil })
	def(t.date, "isoweekday(self)", func(m *moment, c *call) (Value, error) { return intValue((int(m.t.Weekday())+6)%7 + 1), nil })
	def(t.date, "toordinal(self)", func(m *moment, c *call) (Value, error) { return intValue(m.t.Unix()/86400 + 719163), nil })
	tuple := func(m *moment, _ *call) (Value, error) {
		return s.structTime(m.t, -1), nil
	}
	def(t.date, "timetuple(self)", tuple)
	def(t.datetime, "utctimetuple(self)", tuple)
	def(t.datetime, "date(self)", func(m *moment, _ *call) (Value, error) { return s.newDate(m.t), nil })
	def(t.date, "replace(self, **parts)", func(m *moment, c *call) (Value, error) {
		v := m.t
		args := []Value{
			intValue(v.Year()), intValue(int(v.Month())), intValue(v.Day()), intValue(v.Hour()), intValue(v.Minute()), intValue(v.Second()), intValue(v.Nanosecond() / 1000),
		}
		for _, k := range c.kw {
			found := false
			for i, n := range []string{"year", "month", "day", "hour", "minute", "second", "microsecond"} {
				if n == k.name {
					args[i], found = k.value, true
				}
			}
			if !found {
				return nil, s.raise(s.exc.TypeError, "'%s' is an invalid keyword argument for this function", k.name)
			}
		}
		r, err := s.dateParts(args, 7)
		if err != nil {
			return nil, err
		}
		if m.onlyDate {
			return s.newDate(r), nil
		}
		return s.newMoment(r), nil
	})
}

func roundEven(f float64) int64 { return int64(math.RoundToEven(f)) }

func (s *Session) datetimeModule() *module {
	m := &module{}
	m.attrs.set("datetime", s.py.times.datetime)
	m.attrs.set("date", s.py.times.date)
	m.attrs.set("timedelta", s.py.times.timedelta)
	return m
}

var timeFormats = map[byte]string{
	'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'M': "04", 'S': "05", 'y': "06", 'b': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
	'I': "03", 'p': "PM", 'j': "002", 'Z': "MST", 'z': "-0700", 'D': "01/02/06", 'F': "2006-01-02", 'T': "15:04:05", 'c': "Mon Jan _2 15:04:05 2006",
	'x': "01/02/06", 'X': "15:04:05",
}

func strftime(t time.Time, format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch layout, ok := timeFormats[format[i]]; {
		case ok:
			b.WriteString(t.Format(layout))
		case format[i] == '%':
			b.WriteByte('%')
		case format[i] == 'f':
			fmt.Fprintf(&b, "%06d", t.Nanosecond()/1000)
		case format[i] == 's':
			fmt.Fprint(&b, t.Unix())
		case format[i] == 'w':
			fmt.Fprint(&b, int(t.Weekday()))
		default:
			b.WriteString(format[i-1 : i+1])
		}
	}
	return b.String()
}

// goLayout is a format of strptime as a layout of package time.
func goLayout(format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch format[i] {
		case 'f':
			b.WriteString("999999")
		case 'd':
			b.WriteString("2")
		case 'm':
			b.WriteString("1")
		case '%':
			b.WriteByte('%')
		default:
			b.WriteString(timeFormats[format[i]])
		}
	}
	return b.String()
}
