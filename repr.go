package widerow

import (
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofrs/uuid/v5"
	"gopkg.in/inf.v0"

	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// Repr returns a key, name or value in Python's notation, as rows are printed and as pycassa's users know it: 'text', 42, 5.9, True, (1234, 'abc'), UUID('…'),
// datetime.datetime(2010, 12, 11, 8, 2, 15). Bytes are shown as text.
func Repr(v any) string { return string(appendRepr(nil, v)) }

func appendRepr(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, "None"...)
	case string:
		return appendText(b, v)
	case []byte:
		return appendText(b, string(v))
	case bool:
		if v {
			return append(b, "True"...)
		}
		return append(b, "False"...)
	case float64:
		return appendFloat(b, v, 64)
	case float32:
		return appendFloat(b, float64(v), 32)
	case time.Time:
		return appendTime(b, v.UTC())
	case uuid.UUID:
		return append(append(append(b, "UUID('"...), v.String()...), "')"...)
	case *inf.Dec:
		return append(appendDecimal(append(b, "Decimal('"...), v), "')"...)
	case *big.Int:
		return appendInteger(b, v)
	case []Column:
		return append(b, reprColumns(v)...)
	case Row:
		return append(b, reprColumns(v.Columns)...)
	case coltype.Part:
		return appendPart(b, v)
	case fmt.Stringer:
		return appendText(b, v.String())
	}
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Slice {
		return appendTuple(b, rv)
	}
	return fmt.Append(b, v)
}

// The maximum bits of an integer, and the maximum zeros of a decimal, that are written in full. The time to write decimal
// digits grows faster than their number, and a scale of 4 bytes stands for up to 2 GiB of zeros.
const (
	maxPlainBits  = 1 << 17
	maxPlainZeros = 1000
)

func appendInteger(b []byte, v *big.Int) []byte {
	if v.BitLen() > maxPlainBits {
		return fmt.Appendf(b, "%#x", v)
	}
	return v.Append(b, 10)
}

func appendDecimal(b []byte, v *inf.Dec) []byte {
	scale := int64(v.Scale())
	if v.UnscaledBig().BitLen() > maxPlainBits || scale > maxPlainZeros || scale < -maxPlainZeros {
		b = append(appendInteger(b, v.UnscaledBig()), 'E')
		return strconv.AppendInt(b, -scale, 10)
	}
	return append(b, v.String()...)
}

func appendTuple(b []byte, v reflect.Value) []byte {
	b = append(b, '(')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendRepr(b, v.Index(i).Interface())
	}
	if v.Len() == 1 {
		b = append(b, ',')
	}
	return append(b, ')')
}

// appendPart shows a component of a dynamic composite as pycassa's pair of type
// and value.
func appendPart(b []byte, p coltype.Part) []byte {
	b = append(b, '(')
	switch {
	case p.Type != nil:
		b = appendText(b, schema.ShortClass(p.Type.String()))
	default:
		b = appendText(b, string(rune(p.Alias)))
	}
	b = append(b, ", "...)
	return append(appendRepr(b, p.Value), ')')
}

// appendText quotes as Python does, but writes printable characters outside of
// ASCII unchanged.
func appendText(b []byte, s string) []byte {
	quote := byte('\'')
	if strings.IndexByte(s, '\'') >= 0 && strings.IndexByte(s, '"') < 0 {
		quote = '"'
	}
	b = append(b, quote)
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b = fmt.Appendf(b, `\x%02x`, s[0])
		case r == rune(quote), r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < 0x20, r == 0x7f:
			b = fmt.Appendf(b, `\x%02x`, r)
		case !unicode.IsPrint(r) && r <= 0xff:
			b = fmt.Appendf(b, `\x%02x`, r)
		case !unicode.IsPrint(r) && r <= 0xffff:
			b = fmt.Appendf(b, `\u%04x`, r)
		case !unicode.IsPrint(r):
			b = fmt.Appendf(b, `\U%08x`, r)
		default:
			b = append(b, s[:n]...)
		}
		s = s[n:]
	}
	return append(b, quote)
}

// appendFloat writes the shortest form, with a point or an exponent. It uses an exponent for
// the same numbers as Python.
func appendFloat(b []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(b, "nan"...)
	case math.IsInf(f, 1):
		return append(b, "inf"...)
	case math.IsInf(f, -1):
		return append(b, "-inf"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(b, f, 'e', -1, bits)
	}
	start := len(b)
	b = strconv.AppendFloat(b, f, 'f', -1, bits)
	for _, c := range b[start:] {
		if c == '.' {
			return b
		}
	}
	return append(b, ".0"...)
}

func appendTime(b []byte, t time.Time) []byte {
	b = fmt.Appendf(b, "datetime.datetime(%d, %d, %d, %d, %d", t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute())
	if t.Second() != 0 || t.Nanosecond() >= 1000 {
		b = fmt.Appendf(b, ", %d", t.Second())
	}
	if us := t.Nanosecond() / 1000; us != 0 {
		b = fmt.Appendf(b, ", %d", us)
	}
	return append(b, ')')
}

func reprColumns(cols []Column) string {
	b := []byte{'{'}
	for i, c := range cols {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendColumn(b, c)
	}
	return string(append(b, '}'))
}

func appendColumn(b []byte, c Column) []byte {
	b = append(appendRepr(b, c.Name), ": "...)
	if c.IsSuper() {
		return append(b, reprColumns(c.Columns)...)
	}
	return appendRepr(b, c.Value)
}
