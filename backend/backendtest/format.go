package backendtest

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofrs/uuid/v5"
	"gopkg.in/inf.v0"

	"github.com/widerow/widerow/coltype"
)

// format writes packed bytes as the literal that packs to them. Bytes that are not a
// value of the type are written in hexadecimal.
func format(t coltype.Type, b []byte) string {
	if s, ok := formatTyped(unreversed(t), b); ok {
		return s
	}
	return "x'" + hex.EncodeToString(b) + "'"
}

func formatTyped(t coltype.Type, b []byte) (string, bool) {
	switch t := t.(type) {
	case *coltype.CompositeType:
		return formatTuple(b, t.Next, func([]byte) (string, bool) { return "", true })
	case *coltype.DynamicCompositeType:
		return formatTuple(b, t.Next, classPrefix)
	}
	if len(b) == 0 {
		return "''", true
	}
	switch t {
	case coltype.UTF8, coltype.ASCII:
		return formatText(b)
	case coltype.Long, coltype.CounterColumn, coltype.Date, coltype.Timestamp:
		if len(b) == 8 {
			return strconv.FormatInt(int64(binary.BigEndian.Uint64(b)), 10), true
		}
	case coltype.Int32:
		if len(b) == 4 {
			return strconv.FormatInt(int64(int32(binary.BigEndian.Uint32(b))), 10), true
		}
	case coltype.Integer:
		return unpackVarint(b).String(), true
	case coltype.Decimal:
		if len(b) > 4 {
			// A scale of nine digits would print as many zeros.
			if scale := int32(binary.BigEndian.Uint32(b)); -100 < scale && scale < 100 {
				return inf.NewDecBig(unpackVarint(b[4:]), inf.Scale(scale)).String(), true
			}
		}
	case coltype.Double:
		if len(b) == 8 {
			return strconv.FormatFloat(math.Float64frombits(binary.BigEndian.Uint64(b)), 'g', -1, 64), true
		}
	case coltype.Float:
		if len(b) == 4 {
			return strconv.FormatFloat(float64(math.Float32frombits(binary.BigEndian.Uint32(b))), 'g', -1, 32), true
		}
	case coltype.Boolean:
		if len(b) == 1 && b[0] <= 1 {
			return strconv.FormatBool(b[0] == 1), true
		}
	case coltype.UUID, coltype.TimeUUID, coltype.LexicalUUID:
		if id, err := uuid.FromBytes(b); err == nil {
			return id.String(), true
		}
	case coltype.InetAddress:
		if a, ok := netip.AddrFromSlice(b); ok {
			return "'" + a.String() + "'", true
		}
	}
	return "", false
}

// formatText quotes text of visible characters. It writes a long text of one character
// as a repetition.
func formatText(b []byte) (string, bool) {
	if !utf8.Valid(b) || strings.ContainsFunc(string(b), func(r rune) bool { return !unicode.IsPrint(r) }) {
		return "", false
	}
	if len(b) > 100 && strings.Count(string(b), string(b[:1])) == len(b) {
		return "'" + string(b[:1]) + "' * " + strconv.Itoa(len(b)), true
	}
	return "'" + strings.ReplaceAll(string(b), "'", "''") + "'", true
}

// formatTuple writes a composite. next takes a component from b; prefix returns the text
// to write before the component that b begins with.
func formatTuple(b []byte, next func(i int, b []byte) (coltype.Component, []byte, error),
	prefix func(b []byte) (string, bool),
) (string, bool) {
	var parts []string
	end := int8(0)
	for i := 0; len(b) > 0; i++ {
		c, rest, err := next(i, b)
		if err != nil || end != 0 {
			return "", false
		}
		before, ok := prefix(b)
		if !ok {
			return "", false
		}
		parts = append(parts, before+format(c.Type, c.Value))
		end, b = c.End, rest
	}
	sign, known := map[int8]string{0: "", 1: "+", -1: "-"}[end]
	return "(" + strings.Join(parts, ", ") + ")" + sign, known
}

// classPrefix returns the alias or the class name that begins a component of a
// dynamic composite, if a script can have it.
func classPrefix(b []byte) (string, bool) {
	class, shortest := string(b[1:2]), 1
	if b[0]&0x80 == 0 {
		n := binary.BigEndian.Uint16(b)
		class, shortest = string(b[2:2+n]), 2 // one letter is an alias
	}
	plain := !strings.ContainsFunc(class, func(r rune) bool { return r != '.' && (r >= 0x80 || !isWord(byte(r))) })
	return class + ":", plain && len(class) >= shortest
}

func unpackVarint(b []byte) *big.Int {
	i := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		i.Sub(i, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return i
}
