package cqlclient

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

// direct reports whether the table has one CQL row for each column, with the key and each name in a CQL column of their own. All
// tables of ours are direct. The functions of the foreign*.go files read and write the other tables.
func (t *table) direct() bool {
	clusterings := 1
	if t.family.Super {
		clusterings = 2
	}
	return t.value != "" && t.form != formMixed && t.form != formRows && len(t.key) == 1 && len(t.names) == clusterings
}

// declaredColumn is a column of CQL that is a column of the family or, in formRows, the last component of names.
type declaredColumn struct {
	name   []byte
	column string // quoted
}

// declared lists t.statics in the order of the names.
func (t *table) declared() []declaredColumn {
	list := make([]declaredColumn, 0, len(t.statics))
	for name, column := range t.statics {
		list = append(list, declaredColumn{[]byte(name), column})
	}
	order := t.family.Comparator.Compare
	if t.form == formRows {
		order = bytes.Compare
	}
	slices.SortFunc(list, func(a, b declaredColumn) int { return order(a.name, b.name) })
	return list
}

// splitKey returns the values of the partition columns.
func (t *table) splitKey(key []byte) ([][]byte, error) {
	parts, _, err := splitComposite(key)
	if err == nil && len(parts) != len(t.key) {
		return nil, backend.InvalidRequest("a key of this table has %d components, not %d", len(t.key), len(parts))
	}
	return parts, err
}

// addKey adds the values of the partition columns.
func (t *table) addKey(a *arguments, key []byte) error {
	if len(t.key) == 1 {
		a.add(key)
		return nil
	}
	parts, err := t.splitKey(key)
	for _, p := range parts {
		a.add(p)
	}
	return err
}

// joinKey makes a key from the values of the partition columns.
func (t *table) joinKey(parts []raw) []byte {
	if len(t.key) == 1 {
		return parts[0]
	}
	return joinComposite(parts)
}

// splitComposite returns the components of a packed composite and its last end-of-component byte. The composite may have at most as
// many components as the type. The components alias b.
func splitComposite(b []byte) (parts [][]byte, end int8, err error) {
	for len(b) > 0 {
		if len(b) < 3 || len(b) < 3+int(binary.BigEndian.Uint16(b)) {
			return nil, 0, backend.InvalidRequest("%x ends within a component", b)
		}
		n := int(binary.BigEndian.Uint16(b))
		parts = append(parts, b[2:2+n:2+n])
		end = int8(b[2+n])
		b = b[3+n:]
	}
	return parts, end, nil
}

// joinComposite packs the components before the first null component.
func joinComposite(parts []raw) []byte {
	size := 0
	for _, p := range parts {
		size += 3 + len(p)
	}
	b := make([]byte, 0, size)
	for _, p := range parts {
		if p == nil {
			break
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
		b = append(append(b, p...), 0)
	}
	return b
}

// nameParts returns the values of the clustering columns in a name or in the end of a slice.
func (t *table) nameParts(name []byte) (parts [][]byte, end int8, err error) {
	switch {
	case len(name) == 0: // an open end
		return nil, 0, nil
	case len(t.names) == 1 && t.form != formRows:
		return [][]byte{name}, 0, nil
	}
	return splitComposite(name)
}

// joinName makes a name from the values of the clustering columns. In formRows, the name of the value's column is the last component.
func (t *table) joinName(parts []raw, last []byte) []byte {
	switch {
	case t.form == formRows:
		return joinComposite(append(slices.Clone(parts), last))
	case len(parts) == 1:
		return parts[0]
	}
	return joinComposite(parts)
}

// oneDirection reports whether all clustering columns are ascending, or all are descending. Otherwise the order of tuples in CQL
// differs from the order of the names.
func (t *table) oneDirection() bool {
	return !slices.ContainsFunc(t.names, func(c clustering) bool { return c.desc != t.names[0].desc })
}

// edge is an end of a slice in clustering columns: the first n clustering columns, compared as a tuple by op.
type edge struct {
	n  int
	op string // "" for none
}

// edgeOf turns an end of a slice of composites into an edge, and adds its values. The edge includes every name of the slice. If the edge
// also includes names outside the slice, exact is false.
func (t *table) edgeOf(a *arguments, bound []byte, lower bool) (e edge, exact bool, err error) {
	parts, end, err := t.nameParts(bound)
	if err != nil || len(parts) == 0 {
		return edge{}, true, err
	}
	whole := len(parts) >= len(t.names)
	parts = parts[:min(len(parts), len(t.names))]
	exact = t.form != formRows
	op := cmp.Or(map[bool]string{true: ">"}[lower], "<")
	switch {
	case lower && end <= 0, !lower && (end > 0 || end == 0 && (whole || t.short || !exact)):
		op += "="
	}
	if !lower && end == 0 && !whole && t.short {
		exact = false // names that begin with the end are behind it, but the name equal to the end is not
	}
	if !t.oneDirection() && len(parts) > 1 {
		parts, exact = parts[:1], false
		op = strings.TrimSuffix(op, "=") + "="
	}
	if t.form == formRows {
		op = strings.TrimSuffix(op, "=") + "="
	}
	if t.names[0].desc {
		op = map[byte]string{'>': "<", '<': ">"}[op[0]] + op[1:]
	}
	for _, p := range parts {
		a.add(p)
	}
	return edge{len(parts), op}, exact, nil
}

// write appends the condition of an edge.
func (e edge) write(list []string, t *table) []string {
	if e.op == "" {
		return list
	}
	if e.n == 1 {
		return append(list, t.names[0].name+" "+e.op+" ?")
	}
	columns := make([]string, e.n)
	for i := range columns {
		columns[i] = t.names[i].name
	}
	return append(list, "("+strings.Join(columns, ", ")+") "+e.op+" ("+strings.TrimSuffix(strings.Repeat("?, ", e.n), ", ")+")")
}

// between compares a name with the slice of a predicate. It returns 0 if the name is in the slice, a negative number if the name is
// before the slice in the direction of the predicate, and a positive number if the name is behind the slice.
func between(order coltype.Type, p *backend.Predicate, name []byte) int {
	start, finish, sign := p.Start, p.Finish, 1
	if p.Reversed {
		start, finish, sign = finish, start, -1
	}
	switch {
	case len(start) > 0 && order.Compare(name, start) < 0:
		return -sign
	case len(finish) > 0 && order.Compare(name, finish) > 0:
		return sign
	}
	return 0
}
