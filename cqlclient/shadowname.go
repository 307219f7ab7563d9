package cqlclient

import (
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// plain matches the names of columns that a shadow's name contains unchanged.
var plain = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// These marks begin an encoded column name within the name of a shadow.
const (
	hexMark = "x0" // the name in hex digits follows
	cutMark = "x1" // the beginning of a long name in hex digits follows
)

// shadowName returns the name of a new shadow of a column: ix_NAME_N, or ix_x0DIGITS_N. Each shadow of a table has a different N: if a
// column is dropped and added again, Cassandra hides values whose timestamps are before the drop.
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

// indexedBy returns the name of a shadow's column, if the shadow's name contains the whole column name.
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

// generationOf returns the number at the end of a shadow's name. If the name is not a shadow's, generationOf returns 0.
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

// nextGeneration returns a number that no current or dropped shadow of the table uses.
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
