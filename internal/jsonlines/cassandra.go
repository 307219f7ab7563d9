package jsonlines

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"
)

// End is the end-of-component byte of a composite that is the bound of a slice. Before sorts before all names that
// begin with the components, and After sorts after them.
type End int8

// The ends of a composite.
const (
	Before End = -1
	Exact  End = 0
	After  End = 1
)

// IsComposite reports whether values are composites of a fixed list of types.
func (f *Format) IsComposite() bool { return f.kind == asComposite }

// IsFloat reports whether values are floating-point numbers.
func (f *Format) IsFloat() bool { return f.kind == asDouble || f.kind == asFloat }

// ParseText parses a value as Cassandra's own tools print it. That is the result of AbstractType.getString, or the JSON
// of a value without the quotation marks of strings.
//
// Source: org.apache.cassandra.db.marshal, getString and fromString of each type.
func (f *Format) ParseText(text string) ([]byte, error) {
	switch f.kind {
	case asText:
		return []byte(text), nil
	case asBytes, asHex:
		b, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
		if err != nil {
			return nil, fmt.Errorf("%q is not hexadecimal", text)
		}
		return b, nil
	}
	if text == "" {
		return []byte{}, nil // an empty value fits nearly every type of Cassandra
	}
	switch f.kind {
	case asDate:
		return parseCassandraDate(text)
	case asComposite, asDynamic:
		return f.parseComposite(text)
	}
	return f.ParseArg(text)
}

// cassandraDates lists the forms in which versions of Cassandra print dates. Fractions of a second may follow the seconds.
var cassandraDates = []string{"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05-0700", time.RFC3339, "2006-01-02T15:04:05-0700"}

func parseCassandraDate(text string) ([]byte, error) {
	for _, form := range cassandraDates {
		if t, err := time.Parse(form, text); err == nil {
			return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMilli())), nil
		}
	}
	f := Format{kind: asLong}
	if b, err := f.ParseArg(text); err == nil {
		return b, nil
	}
	return nil, fmt.Errorf("%q is not a date as Cassandra prints it", text)
}

func (f *Format) parseComposite(text string) ([]byte, error) {
	parts := splitComponents(text)
	for i, part := range parts {
		parts[i] = unescapeComponent(part)
	}
	return f.ParseComponents(parts, Exact)
}

// ParseBound parses the bound of a range tombstone as sstable2json prints it. The last component of a composite may be
// !, for After, or _, for Before.
func (f *Format) ParseBound(text string) ([]byte, error) {
	if f.kind != asComposite && f.kind != asDynamic {
		return f.ParseText(text)
	}
	parts, end := splitComponents(text), Exact
	if n := len(parts); n > 1 {
		switch parts[n-1] {
		case "!":
			parts, end = parts[:n-1], After
		case "_":
			parts, end = parts[:n-1], Before
		}
	}
	for i, part := range parts {
		parts[i] = unescapeComponent(part)
	}
	return f.ParseComponents(parts, end)
}

// ParseComponents parses a composite from its components. Each component has the form that ParseText parses.
func (f *Format) ParseComponents(parts []string, end End) ([]byte, error) {
	var out []byte
	for i, text := range parts {
		var part *Format
		switch {
		case f.kind == asDynamic:
			name, rest, ok := strings.Cut(text, "@")
			if !ok {
				return nil, fmt.Errorf("component %q has no alias or class before an @", text)
			}
			p, err := f.dynamicPart([]byte(name))
			if err != nil {
				return nil, err
			}
			out = appendHeader(out, []byte(name))
			part, text = &p, rest
		case i >= len(f.parts):
			return nil, fmt.Errorf("more than the %d components of the type", len(f.parts))
		default:
			part = &f.parts[i]
		}
		b, err := part.ParseText(text)
		if err != nil {
			return nil, err
		}
		if len(b) > math.MaxUint16 {
			return nil, fmt.Errorf("a component of %d bytes, at most %d fit", len(b), math.MaxUint16)
		}
		out = append(append(binary.BigEndian.AppendUint16(out, uint16(len(b))), b...), 0)
	}
	if len(out) > 0 {
		out[len(out)-1] = byte(end)
	}
	return out, nil
}

// splitComponents splits the text of a composite at each colon that is not escaped.
func splitComponents(text string) []string {
	if text == "" {
		return nil
	}
	var parts []string
	from := 0
	for i := range len(text) {
		if text[i] == ':' && (i == 0 || text[i-1] != '\\') {
			parts = append(parts, text[from:i])
			from = i + 1
		}
	}
	return append(parts, text[from:])
}

// unescapeComponent reverses AbstractCompositeType.escape, which escapes colons and appends an exclamation mark to text
// that ends with a backslash or an exclamation mark.
func unescapeComponent(text string) string {
	text = strings.ReplaceAll(text, `\:`, ":")
	return strings.TrimSuffix(text, "!")
}

// ParseCellName parses a name as sstable2json prints it since 2.1. A name that is not a composite
// is escaped like a component.
func (f *Format) ParseCellName(text string) ([]byte, error) {
	if f.kind != asComposite {
		text = unescapeComponent(text)
	}
	return f.ParseText(text)
}

// SuperName splits the name of a cell of a super family as sstable2json prints it since 2.1: a composite of the name of a
// super column and the name of a column in it. If the bound of a slice has no column, column is nil.
func (f *Family) SuperName(text string, bound bool) (super, name []byte, err error) {
	parts := splitComponents(text)
	if n := len(parts); bound && n > 1 && (parts[n-1] == "!" || parts[n-1] == "_") {
		parts = parts[:n-1]
	}
	if len(parts) == 0 || len(parts) > 2 {
		return nil, nil, fmt.Errorf("%q is not the name of a super column, a colon, and the name of a column in it", text)
	}
	if super, err = f.comparator.ParseText(unescapeComponent(parts[0])); err != nil || len(parts) == 1 {
		return super, nil, err
	}
	name, err = f.names.ParseText(unescapeComponent(parts[1]))
	return super, name, err
}

// CounterTotal returns the sum of the shards of a counter in Cassandra's stored form. That form is a header and, for each
// replica that counted, the replica's id, a clock and a count.
//
// Source: org.apache.cassandra.db.context.CounterContext.
func CounterTotal(context []byte) (total int64, err error) {
	const shard = 16 + 8 + 8
	rest, ok := context, len(context) >= 2
	if ok {
		n := int(int16(binary.BigEndian.Uint16(context)))
		ok = n >= 0 && len(context) >= 2+2*n
		if ok {
			rest = context[2+2*n:]
		}
	}
	if !ok || len(rest)%shard != 0 {
		return 0, fmt.Errorf("a counter of %d bytes is not whole", len(context))
	}
	for ; len(rest) > 0; rest = rest[shard:] {
		total += int64(binary.BigEndian.Uint64(rest[shard-8:]))
	}
	return total, nil
}
