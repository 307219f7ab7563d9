package catalog

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"gopkg.in/inf.v0"

	"github.com/widerow/widerow/coltype"
)

// text returns a valid name in the form that Cassandra's reasons show
// (AbstractType.getString).
func text(t coltype.Type, name []byte) string {
	switch t := t.(type) {
	case *coltype.ReversedType:
		return text(t.Base(), name)
	case *coltype.CompositeType:
		return compositeText(t, name)
	case *coltype.DynamicCompositeType:
		return compositeText(t, name)
	}
	if len(name) == 0 {
		return ""
	}
	v, err := t.Unpack(name)
	if err != nil {
		return hex.EncodeToString(name)
	}
	switch v := v.(type) {
	case []byte:
		return hex.EncodeToString(v)
	case *inf.Dec:
		if v.Scale() > maxZeros || v.Scale() < -maxZeros {
			return fmt.Sprintf("%vE%d", v.UnscaledBig(), -int64(v.Scale()))
		}
	case float32:
		return javaFloat(float64(v), 32)
	case float64:
		return javaFloat(v, 64)
	case time.Time:
		return v.UTC().Format("2006-01-02 15:04:05-0700")
	case netip.Addr:
		return javaAddr(v)
	}
	return fmt.Sprint(v)
}

// maxZeros is the maximal number of zeros that are written for a decimal. Its scale can mean up to 2 GiB of zeros.
const maxZeros = 1000

// compositeText joins components with ":". A negative end-of-component byte is
// written as ":_" after its component, and a positive one as ":!".
func compositeText(t interface {
	Next(i int, b []byte) (c coltype.Component, rest []byte, err error)
}, name []byte,
) string {
	var s strings.Builder
	for i, rest := 0, name; len(rest) > 0; i++ {
		c, after, err := t.Next(i, rest)
		if err != nil {
			return hex.EncodeToString(name)
		}
		if i > 0 {
			s.WriteByte(':')
		}
		s.WriteString(headerText(c.Header))
		s.WriteString(strings.ReplaceAll(text(c.Type, c.Value), ":", `\:`))
		if c.End < 0 {
			s.WriteString(":_")
		} else if c.End > 0 {
			s.WriteString(":!")
		}
		rest = after
	}
	return s.String()
}

// headerText returns the text before a component that names its type: the alias or
// the class name, and "@".
func headerText(header []byte) string {
	switch {
	case len(header) < 2:
		return ""
	case header[0]&0x80 != 0:
		return string(rune(header[1])) + "@"
	}
	return string(header[2:]) + "@"
}

// javaFloat formats v as Java's Double.toString and Float.toString do.
func javaFloat(v float64, bits int) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	case a != 0 && (a < 1e-3 || a >= 1e7):
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, bits), "e")
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		n, _ := strconv.Atoi(exponent)
		return mantissa + "E" + strconv.Itoa(n)
	}
	s := strconv.FormatFloat(v, 'f', -1, bits)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// javaAddr formats an address as Java does. Java writes all zeros of an IPv6 address.
func javaAddr(a netip.Addr) string {
	if a.Is4() {
		return a.String()
	}
	b := a.As16()
	groups := make([]string, 8)
	for i := range groups {
		groups[i] = strconv.FormatUint(uint64(binary.BigEndian.Uint16(b[2*i:])), 16)
	}
	return strings.Join(groups, ":")
}

// Text returns a valid name or value of the type with the given class, in the form that Cassandra shows.
func Text(class string, value []byte) string {
	t, err := coltype.Parse(class)
	if err != nil {
		return hex.EncodeToString(value)
	}
	return text(t, value)
}
