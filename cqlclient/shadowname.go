package cqlclient

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// plain are the names of columns that a shadow's name holds as they are.
var plain = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// Marks at the beginning of a column's name in the name of a shadow.
const (
	hexMark = "x0" // hex digits follow
	cutMark = "x1" // hex digits of the beginning of a long name follow
)

// shadowName returns the name of a new shadow of a column: ix_NAME_N, or ix_x0DIGITS_N. Each shadow of a table has another N, since
// Cassandra hides, in a column that is dropped and added again, what is written with a timestamp before the drop.
func shadowName(column []byte, generation int) string {
	name := string(column)
	switch {
	case len(column) > 64:
		name = cutMark + hex.EncodeToString(column[:32])
	case !plain.MatchString(name), strings.HasPrefix(name, hexMark), strings.HasPrefix(name, cutMark):
		name = hexMark + hex.EncodeToString(column)
	}
	return shadowPrefix + name + "_" + strconv.Itoa(generation)
}

// indexedBy returns the name of the column that a shadow is of, if the shadow's name has all of it.
func indexedBy(shadow string) ([]byte, bool) {
	name, ok := strings.CutPrefix(shadow, shadowPrefix)
	i := strings.LastIndexByte(name, '_')
	if !ok || i < 0 || generationOf(shadow) == 0 {
		return nil, false
	}
	name = name[:i]
	if digits, ok := strings.CutPrefix(name, hexMark); ok {
		b, err := hex.DecodeString(digits)
		return b, err == nil && len(b) > 0
	}
	return []byte(name), name != "" && !strings.HasPrefix(name, cutMark)
}

// generationOf returns the number at the end of a shadow's name, or 0 if it is no shadow.
func generationOf(shadow string) int {
	if !strings.HasPrefix(shadow, shadowPrefix) {
		return 0
	}
	n, err := strconv.Atoi(shadow[strings.LastIndexByte(shadow, '_')+1:])
	if err != nil || n < 1 {
		return 0
	}
	return n
}

// nextGeneration returns a number that no shadow of the table has or had.
func (m *tableMeta) nextGeneration() int {
	n := 0
	for _, c := range m.columns {
		n = max(n, generationOf(c.Name))
	}
	for _, name := range m.dropped {
		n = max(n, generationOf(name))
	}
	return n + 1
}
