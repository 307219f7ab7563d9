package cqlclient

import "strings"

// selection is the shape of a SELECT. The text of the SELECT depends only on the selection and the table.
type selection struct {
	what content
	// keyed selects one row, by its key. If keyed is false, the statement selects the rows of a token range.
	keyed bool
	// super selects the subcolumns of one super column.
	super bool
	// named selects names. Otherwise lower and upper bound a slice.
	named        naming
	lower, upper bool
	reversed     bool
	// limited limits the CQL rows of each row. The last value is the limit.
	limited bool
	// from and upTo bound the token range.
	from bound
	upTo bool
	// shadow is the quoted static column that must have the value. It is "" if the statement has no such condition.
	shadow string
	// given also selects the TTL with which a column was written.
	given bool
}

// content is what a SELECT returns for each CQL row.
type content uint8

const (
	cells  content = iota // the name, value, timestamp and TTL
	names                 // the name and the timestamp; the timestamp is null if the CQL row has no value
	counts                // the number of values, as one CQL row
	groups                // the super column's name and its number of values, as one CQL row for each super column
	keys                  // the row's key, as one CQL row for each row
	firsts                // the row's key, as the first CQL rows of the span
)

type naming uint8

const (
	bySlice naming = iota
	byName
	byNames
)

type bound uint8

const (
	open bound = iota
	including
	excluding
)

// level returns the clustering column that names and slices refer to. If the table has no clustering columns, level returns an empty
// clustering.
func (s selection) level(t *table) clustering {
	switch {
	case s.super:
		return t.names[1]
	case len(t.names) == 0:
		return clustering{} // statements on such a table select only keys
	}
	return t.names[0]
}

// write implements shape.
func (s selection) write(t *table) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	s.writeColumns(&b, t)
	b.WriteString(" FROM ")
	b.WriteString(t.name)
	filtering := s.writeConditions(&b, t)
	if s.what == groups {
		b.WriteString(" GROUP BY " + keyList(t) + ", " + t.names[0].name)
	}
	if s.reversed {
		for i, name := range t.names {
			b.WriteString([]string{" ORDER BY ", ", "}[min(i, 1)])
			b.WriteString(name.name)
			b.WriteString(map[bool]string{false: " DESC", true: " ASC"}[name.desc])
		}
	}
	switch {
	case s.limited:
		b.WriteString(" PER PARTITION LIMIT ?")
	case s.what == firsts:
		b.WriteString(" LIMIT ?")
	}
	if filtering {
		b.WriteString(" ALLOW FILTERING")
	}
	return b.String()
}

func (s selection) writeColumns(b *strings.Builder, t *table) {
	var list []string
	if !s.keyed && s.what != keys { // firsts selects nothing else
		list = append(list, keyList(t))
	}
	plain := t.names
	if s.super {
		plain = plain[1:]
	}
	switch s.what {
	case keys:
		distinct := "DISTINCT "
		if t.form == formStatic {
			distinct = "" // each row is one CQL row, and its columns are not static
		}
		list = append(list, distinct+keyList(t))
	case counts:
		list = append(list, "COUNT("+t.value+")")
	case groups:
		list = append(list, t.names[0].name, "COUNT("+t.value+")")
	case names:
		for _, name := range plain {
			list = append(list, name.name)
		}
		list = append(list, "WRITETIME("+t.value+")")
	case cells:
		for _, name := range plain {
			list = append(list, name.name)
		}
		list = append(list, t.value)
		if !t.family.Counter {
			list = append(list, "WRITETIME("+t.value+")", "TTL("+t.value+")")
		}
		if s.given {
			list = append(list, t.ttl)
		}
	}
	b.WriteString(strings.Join(list, ", "))
}

// writeConditions writes the WHERE clause. It reports whether the statement needs ALLOW FILTERING, since it selects columns without a row
// key.
func (s selection) writeConditions(b *strings.Builder, t *table) (filtering bool) {
	var list []string
	if s.keyed {
		for _, k := range t.key {
			list = append(list, k.name+" = ?")
		}
	}
	if s.shadow != "" {
		list = append(list, s.shadow+" = ?")
	}
	switch s.from {
	case including:
		list = append(list, "token("+keyList(t)+") >= ?")
	case excluding:
		list = append(list, "token("+keyList(t)+") > ?")
	}
	if s.upTo {
		list = append(list, "token("+keyList(t)+") <= ?")
	}
	rows := len(list)
	if s.super {
		list = append(list, t.names[0].name+" = ?")
	}
	level := s.level(t)
	atLeast, atMost := " >= ?", " <= ?"
	if level.desc {
		atLeast, atMost = atMost, atLeast
	}
	switch s.named {
	case byName:
		list = append(list, level.name+" = ?")
	case byNames:
		list = append(list, level.name+" IN ?")
	}
	if s.lower {
		list = append(list, level.name+atLeast)
	}
	if s.upper {
		list = append(list, level.name+atMost)
	}
	for i, condition := range list {
		b.WriteString([]string{" WHERE ", " AND "}[min(i, 1)])
		b.WriteString(condition)
	}
	return !s.keyed && len(list) > rows
}

// keyList lists the columns of the partition key.
func keyList(t *table) string {
	list := make([]string, len(t.key))
	for i, k := range t.key {
		list[i] = k.name
	}
	return strings.Join(list, ", ")
}
