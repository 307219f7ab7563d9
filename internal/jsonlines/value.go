package jsonlines

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/widerow/widerow/coltype"
)

// kind is the form in which values of a type are written.
type kind uint8

const (
	asHex kind = iota // unknown classes
	asBytes
	asText
	asLong
	asInt32
	asVarint
	asDouble
	asFloat
	asDecimal
	asBoolean
	asDate
	asUUID
	asInet
	asComposite
	asDynamic
)

// Format writes and reads the values of one type.
type Format struct {
	kind  kind
	name  string   // name of the type, for errors
	parts []Format // components of a composite
	dyn   *coltype.DynamicCompositeType
}

// FormatOf returns the format of a type. A reversed type has the format of its base type.
func FormatOf(t coltype.Type) Format {
	switch t := t.(type) {
	case *coltype.ReversedType:
		return FormatOf(t.Base())
	case *coltype.CompositeType:
		f := Format{kind: asComposite, name: "CompositeType"}
		for _, c := range t.Components() {
			f.parts = append(f.parts, FormatOf(c))
		}
		return f
	case *coltype.DynamicCompositeType:
		return Format{kind: asDynamic, name: "DynamicCompositeType", dyn: t}
	}
	for _, k := range simpleKinds {
		if coltype.Equal(t, k.t) {
			return Format{kind: k.kind, name: k.name}
		}
	}
	return Format{kind: asHex, name: t.String()}
}

var simpleKinds = []struct {
	t    coltype.Type
	kind kind
	name string
}{
	{coltype.Bytes, asBytes, "BytesType"},
	{coltype.ASCII, asText, "AsciiType"},
	{coltype.UTF8, asText, "UTF8Type"},
	{coltype.Long, asLong, "LongType"},
	{coltype.CounterColumn, asLong, "CounterColumnType"},
	{coltype.Int32, asInt32, "Int32Type"},
	{coltype.Integer, asVarint, "IntegerType"},
	{coltype.Double, asDouble, "DoubleType"},
	{coltype.Float, asFloat, "FloatType"},
	{coltype.Decimal, asDecimal, "DecimalType"},
	{coltype.Boolean, asBoolean, "BooleanType"},
	{coltype.Date, asDate, "DateType"},
	{coltype.Timestamp, asDate, "TimestampType"},
	{coltype.UUID, asUUID, "UUIDType"},
	{coltype.TimeUUID, asUUID, "TimeUUIDType"},
	{coltype.LexicalUUID, asUUID, "LexicalUUIDType"},
	{coltype.InetAddress, asInet, "InetAddressType"},
}

// Append appends b as JSON. It uses the type's form if reading that form returns b,
// otherwise hexadecimal.
func (f *Format) Append(dst, b []byte) []byte {
	if len(b) == 0 && f.kind != asText && f.kind != asBytes {
		// An empty value fits nearly every type of Cassandra.
		return append(dst, "null"...)
	}
	switch f.kind {
	case asText:
		if utf8.Valid(b) {
			return appendString(dst, b)
		}
	case asBytes:
		if printable(b) {
			return appendString(dst, b)
		}
	case asLong:
		if len(b) == 8 {
			return strconv.AppendInt(dst, int64(binary.BigEndian.Uint64(b)), 10)
		}
	case asInt32:
		if len(b) == 4 {
			return strconv.AppendInt(dst, int64(int32(binary.BigEndian.Uint32(b))), 10)
		}
	case asVarint:
		if n, ok := varint(b); ok {
			return n.Append(dst, 10)
		}
	case asDouble:
		if len(b) == 8 {
			v := math.Float64frombits(binary.BigEndian.Uint64(b))
			if word := wordOf(v, binary.BigEndian.Uint64(b) == javaNaN); word != "" {
				return append(append(append(dst, '"'), word...), '"')
			}
			if finite(v) {
				return strconv.AppendFloat(dst, v, 'g', -1, 64)
			}
		}
	case asFloat:
		if len(b) == 4 {
			v := float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
			if word := wordOf(v, binary.BigEndian.Uint32(b) == javaNaN32); word != "" {
				return append(append(append(dst, '"'), word...), '"')
			}
			if finite(v) {
				return strconv.AppendFloat(dst, v, 'g', -1, 32)
			}
		}
	case asDecimal:
		if out, ok := appendDecimal(dst, b); ok {
			return out
		}
	case asBoolean:
		if len(b) == 1 && b[0] <= 1 {
			return strconv.AppendBool(dst, b[0] == 1)
		}
	case asDate:
		if len(b) == 8 {
			return appendDate(dst, int64(binary.BigEndian.Uint64(b)))
		}
	case asUUID:
		if len(b) == 16 {
			return appendUUID(dst, b)
		}
	case asInet:
		if a, ok := netip.AddrFromSlice(b); ok {
			return append(a.AppendTo(append(dst, '"')), '"')
		}
	case asComposite:
		if out, ok := f.appendComposite(dst, b); ok {
			return out
		}
	case asDynamic:
		if out, ok := f.appendDynamic(dst, b); ok {
			return out
		}
	}
	dst = append(dst, `{"hex":"`...)
	return append(hex.AppendEncode(dst, b), `"}`...)
}

// read reads a value and appends its bytes to dst.
func (f *Format) read(dst []byte, s *scanner) ([]byte, error) {
	switch s.peek() {
	case '{':
		return readHex(dst, s)
	case 'n':
		return dst, s.literal("null")
	}
	switch f.kind {
	case asText, asBytes:
		b, err := s.str()
		return append(dst, b...), err
	case asLong, asInt32, asVarint:
		return f.readInt(dst, s)
	case asDouble, asFloat:
		return f.readFloat(dst, s)
	case asDecimal:
		return readDecimal(dst, s)
	case asBoolean:
		return readBoolean(dst, s)
	case asDate:
		return readDate(dst, s)
	case asUUID:
		return readUUID(dst, s)
	case asInet:
		return readInet(dst, s)
	case asComposite:
		return f.readComposite(dst, s)
	case asDynamic:
		return f.readDynamic(dst, s)
	}
	return nil, s.errorf(`a value of class %s is written {"hex":"…"}, have %s`, f.name, s.have())
}

// readHex reads {"hex":"…"}.
func readHex(dst []byte, s *scanner) ([]byte, error) {
	if err := s.expect('{'); err != nil {
		return nil, err
	}
	name, ok, err := s.field(true)
	switch {
	case err != nil:
		return nil, err
	case !ok || string(name) != "hex":
		return nil, s.errorf(`an object as a value must be {"hex":"…"}`)
	}
	digits, err := s.str()
	if err != nil {
		return nil, err
	}
	if dst, err = hex.AppendDecode(dst, digits); err != nil {
		return nil, s.errorf("%v", err)
	}
	return dst, s.expect('}')
}

func (f *Format) readInt(dst []byte, s *scanner) ([]byte, error) {
	text, err := s.number()
	if err != nil {
		return nil, err
	}
	if f.kind == asVarint {
		if len(text) > maxDigits {
			return nil, s.errorf("a number of %d digits, at most %d are read", len(text), maxDigits)
		}
		n, ok := new(big.Int).SetString(string(text), 10)
		if !ok {
			return nil, s.errorf("%s is not an integer", text)
		}
		return appendVarint(dst, n), nil
	}
	bits := 64
	if f.kind == asInt32 {
		bits = 32
	}
	n, err := strconv.ParseInt(string(text), 10, bits)
	if err != nil {
		return nil, s.errorf("%s is not an integer of %d bits", text, bits)
	}
	if bits == 32 {
		return binary.BigEndian.AppendUint32(dst, uint32(n)), nil
	}
	return binary.BigEndian.AppendUint64(dst, uint64(n)), nil
}

func readBoolean(dst []byte, s *scanner) ([]byte, error) {
	switch {
	case s.peek() == 't' && s.literal("true") == nil:
		return append(dst, 1), nil
	case s.peek() == 'f' && s.literal("false") == nil:
		return append(dst, 0), nil
	}
	return nil, s.errorf("want true or false, have %s", s.have())
}

// Numbers that are not finite are written as Java's words. NaN has many encodings; the word NaN means Java's encoding.
const (
	nanWord      = "NaN"
	infinityWord = "Infinity"

	javaNaN   = 0x7ff8000000000000
	javaNaN32 = 0x7fc00000
)

// wordOf returns the word for a number that is not finite. If the number has no word, it returns "".
func wordOf(v float64, isJavaNaN bool) string {
	switch {
	case isJavaNaN:
		return nanWord
	case math.IsInf(v, 1):
		return infinityWord
	case math.IsInf(v, -1):
		return "-" + infinityWord
	}
	return ""
}

// readWord reads the word for a number that is not finite.
func (f *Format) readWord(dst []byte, s *scanner) ([]byte, error) {
	text, err := s.str()
	if err != nil {
		return nil, err
	}
	bits, bits32 := uint64(javaNaN), uint32(javaNaN32)
	switch string(text) {
	case nanWord:
	case infinityWord:
		bits, bits32 = math.Float64bits(math.Inf(1)), math.Float32bits(float32(math.Inf(1)))
	case "-" + infinityWord:
		bits, bits32 = math.Float64bits(math.Inf(-1)), math.Float32bits(float32(math.Inf(-1)))
	default:
		return nil, s.errorf("want a number, \"NaN\", \"Infinity\" or \"-Infinity\", have %q", text)
	}
	if f.kind == asFloat {
		return binary.BigEndian.AppendUint32(dst, bits32), nil
	}
	return binary.BigEndian.AppendUint64(dst, bits), nil
}

func (f *Format) readFloat(dst []byte, s *scanner) ([]byte, error) {
	if s.peek() == '"' {
		return f.readWord(dst, s)
	}
	text, err := s.number()
	if err != nil {
		return nil, err
	}
	bits := 64
	if f.kind == asFloat {
		bits = 32
	}
	v, err := strconv.ParseFloat(string(text), bits)
	if err != nil {
		return nil, s.errorf("%s is out of the range of a %s", text, f.name)
	}
	if bits == 32 {
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(float32(v))), nil
	}
	return binary.BigEndian.AppendUint64(dst, math.Float64bits(v)), nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// printable reports whether b is valid UTF-8 that contains only printable characters, tabs and line ends.
func printable(b []byte) bool {
	for i := 0; i < len(b); {
		if c := b[i]; c < utf8.RuneSelf {
			if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
				return false
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 || !strconv.IsPrint(r) {
			return false
		}
		i += n
	}
	return true
}

// appendString appends valid UTF-8 as a JSON string. It escapes only the characters that JSON does not allow.
func appendString(dst, b []byte) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i, c := range b {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, b[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, digits[c>>4], digits[c&15])
		}
	}
	return append(append(dst, b[from:]...), '"')
}

// Dates are milliseconds since 1970. Since a year of RFC 3339 has four digits, a
// date outside the years 0 to 9999 is written as a number.
const dateForm = "2006-01-02T15:04:05.000Z"

func appendDate(dst []byte, ms int64) []byte {
	t := time.UnixMilli(ms).UTC()
	if y := t.Year(); y < 0 || y > 9999 {
		return strconv.AppendInt(dst, ms, 10)
	}
	return append(t.AppendFormat(append(dst, '"'), dateForm), '"')
}

func readDate(dst []byte, s *scanner) ([]byte, error) {
	if s.peek() != '"' {
		f := Format{kind: asLong}
		return f.readInt(dst, s)
	}
	text, err := s.str()
	if err != nil {
		return nil, err
	}
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return nil, s.errorf("%q is not a date such as %q", text, dateForm)
	}
	if t.Nanosecond()%int(time.Millisecond) != 0 {
		return nil, s.errorf("%q is finer than the milliseconds that a date has", text)
	}
	return binary.BigEndian.AppendUint64(dst, uint64(t.UnixMilli())), nil
}

// uuidGroups lists the offsets in the bytes of a UUID at which the groups of its text begin and end.
var uuidGroups = [...][2]int{{0, 4}, {4, 6}, {6, 8}, {8, 10}, {10, 16}}

func appendUUID(dst, b []byte) []byte {
	dst = append(dst, '"')
	for i, g := range uuidGroups {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, b[g[0]:g[1]])
	}
	return append(dst, '"')
}

func readUUID(dst []byte, s *scanner) ([]byte, error) {
	text, err := s.str()
	if err != nil {
		return nil, err
	}
	whole := text
	bad := func() error { return s.errorf("%q is not a UUID", whole) }
	if len(text) != 36 {
		return nil, bad()
	}
	for i, g := range uuidGroups {
		if i > 0 {
			if text[0] != '-' {
				return nil, bad()
			}
			text = text[1:]
		}
		n := 2 * (g[1] - g[0])
		if dst, err = hex.AppendDecode(dst, text[:n]); err != nil {
			return nil, bad()
		}
		text = text[n:]
	}
	return dst, nil
}

func readInet(dst []byte, s *scanner) ([]byte, error) {
	text, err := s.str()
	if err != nil {
		return nil, err
	}
	a, err := netip.ParseAddr(string(text))
	if err != nil || a.Zone() != "" {
		return nil, s.errorf("%q is not an address", text)
	}
	return append(dst, a.AsSlice()...), nil
}
