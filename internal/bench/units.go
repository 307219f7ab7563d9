package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// unit is a unit of measurement with its size in a smaller one.
type unit struct {
	size float64
	name string
}

var (
	timeUnits  = []unit{{1, "ns"}, {1e3, "µs"}, {1e6, "ms"}, {1e9, "s"}}
	sizeUnits  = []unit{{1, "B"}, {1 << 10, "KiB"}, {1 << 20, "MiB"}, {1 << 30, "GiB"}}
	countUnits = []unit{{1, ""}, {1e3, "k"}, {1e6, "M"}, {1e9, "G"}}
)

// format returns v with three significant digits, in the largest unit that is not
// larger than v.
func format(v float64, units []unit) string {
	u := units[0]
	for _, each := range units[1:] {
		// A value that is rounded up to the next unit is written in that unit.
		if v >= each.size*0.9995 {
			u = each
		}
	}
	return digits(v/u.size) + space(u) + u.name
}

func space(u unit) string {
	if u.name == "" || len(u.name) == 1 && u.name != "s" && u.name != "B" {
		return "" // 12.3k
	}
	return " "
}

// digits returns v with three significant digits, or with all digits before the point.
func digits(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v >= 99.95:
		return strconv.FormatFloat(math.Round(v), 'f', 0, 64)
	case v >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func formatTime(ns int64) string { return format(float64(ns), timeUnits) }

func formatSize(n int64) string { return format(float64(n), sizeUnits) }

// group returns a number with commas between thousands.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

func plural(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%s %ss", group(n), what)
}
