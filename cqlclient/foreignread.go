package cqlclient

import (
	"bytes"
	"context"
	"slices"
	"strings"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// foreignSelection is the shape of a SELECT in one row of a table that is not direct.
type foreignSelection struct {
	// declared selects the columns that the family declares, in one CQL row. If declared is false, each name has a CQL row.
	declared bool
	// equal is how many clustering columns are given.
	equal        int
	lower, upper edge
	reversed     bool
}

// write implements shape.
func (s foreignSelection) write(t *table) string {
	var list []string
	if !s.declared {
		for _, c := range t.names {
			list = append(list, c.name)
		}
	}
	for _, v := range t.values(s.declared) {
		list = append(list, v.column)
		if !t.family.Counter {
			list = append(list, "WRITETIME("+v.column+")", "TTL("+v.column+")")
		}
	}
	distinct := ""
	if s.declared && len(t.names) > 0 {
		distinct = "DISTINCT "
		for i := len(t.key) - 1; i >= 0; i-- {
			list = slices.Insert(list, 0, t.key[i].name)
		}
	}
	var where []string
	for _, k := range t.key {
		where = append(where, k.name+" = ?")
	}
	for _, c := range t.names[:s.equal] {
		where = append(where, c.name+" = ?")
	}
	where = s.upper.write(s.lower.write(where, t), t)
	text := "SELECT " + distinct + strings.Join(list, ", ") + " FROM " + t.name + " WHERE " + strings.Join(where, " AND ")
	if s.reversed {
		for i, c := range t.names {
			text += []string{" ORDER BY ", ", "}[min(i, 1)] + c.name + map[bool]string{false: " DESC", true: " ASC"}[c.desc]
		}
	}
	return text
}

// values lists the CQL columns that hold values: either the declared columns or the value columns of the CQL rows.
func (t *table) values(declared bool) []declaredColumn {
	if declared || t.form == formRows {
		return t.declared()
	}
	return []declaredColumn{{nil, t.value}}
}

// foreignRow reads the columns of a row that a predicate selects.
func (r *read) foreignRow(ctx context.Context, row *backend.Row, p *backend.Predicate) error {
	if p.Names == nil && p.Count == 0 {
		return nil
	}
	if r.t.form == formStatic || r.t.form == formMixed {
		if err := r.foreignDeclared(ctx, row, p); err != nil || r.t.form == formStatic {
			return err
		}
	}
	if p.Names == nil {
		err := r.foreignSlice(ctx, row, p)
		r.order(row, p)
		return err
	}
	for _, name := range p.Names {
		one := *p
		one.Start, one.Finish, one.Count, one.Reversed = name, name, 1, false
		if err := r.foreignSlice(ctx, row, &one); err != nil {
			return err
		}
	}
	r.order(row, p)
	return nil
}

// order sorts columns that were read in parts, and drops the columns beyond the count of the predicate.
func (r *read) order(row *backend.Row, p *backend.Predicate) {
	order := r.t.family.Comparator
	slices.SortFunc(row.Columns, func(a, b backend.Column) int {
		if p.Names == nil && p.Reversed {
			a, b = b, a
		}
		return order.Compare(a.Name, b.Name)
	})
	row.Columns = slices.CompactFunc(row.Columns, func(a, b backend.Column) bool { return order.Compare(a.Name, b.Name) == 0 })
	if p.Names == nil && len(row.Columns) > p.Count {
		row.Columns = row.Columns[:p.Count]
	}
}

// foreignDeclared reads the declared columns.
func (r *read) foreignDeclared(ctx context.Context, row *backend.Row, p *backend.Predicate) error {
	a := newArguments(len(r.t.key))
	if err := r.t.addKey(a, row.Key); err != nil {
		return err
	}
	iter := r.foreignQuery(foreignSelection{declared: true}, a, 0).IterContext(ctx)
	defer iter.Close()
	f := r.newForeignRow(true)
	if !iter.Scan(f.dest...) {
		return iter.Close()
	}
	for i, v := range f.values {
		if r.wants(p, v.name) {
			f.appendColumn(row, i, v.name)
		}
	}
	r.order(row, p)
	return r.addAll(ctx, row.Columns)
}

// wants reports whether a predicate selects a name.
func (r *read) wants(p *backend.Predicate, name []byte) bool {
	if p.Names == nil {
		return between(r.t.family.Comparator, p, name) == 0
	}
	return slices.ContainsFunc(p.Names, func(n []byte) bool { return r.t.family.Comparator.Compare(n, name) == 0 })
}

// foreignSlice reads a slice of the names that have CQL rows.
func (r *read) foreignSlice(ctx context.Context, row *backend.Row, p *backend.Predicate) error {
	s := foreignSelection{reversed: p.Reversed}
	a := newArguments(len(r.t.key) + 2*len(r.t.names))
	if err := r.t.addKey(a, row.Key); err != nil {
		return err
	}
	start, finish := p.Start, p.Finish
	if p.Reversed {
		start, finish = finish, start
	}
	var err error
	if s.lower, _, err = r.t.edgeOf(a, start, true); err != nil {
		return err
	}
	if s.upper, _, err = r.t.edgeOf(a, finish, false); err != nil {
		return err
	}
	if !p.Reversed && s.upper.n < len(r.t.names) {
		// A table that was compact may have names with fewer components: CQL rows whose other clustering columns are null. Such rows
		// may be on the edge and outside the slice. The first row behind the slice ends the read.
		s.upper.op = inclusive(s.upper.op)
	}
	iter := r.foreignQuery(s, a, pageOf(p.Count, 1)).IterContext(ctx)
	defer iter.Close()
	f := r.newForeignRow(false)
	list := backend.Row{}
	for len(list.Columns) < p.Count && iter.Scan(f.dest...) {
		place := 0
		for i := range f.values {
			if p.Reversed {
				i = len(f.values) - 1 - i
			}
			name := r.t.joinName(f.names, f.values[i].name)
			if place = between(r.t.family.Comparator, p, name); place == 0 && len(list.Columns) < p.Count {
				f.appendColumn(&list, i, name)
			}
		}
		if place > 0 {
			break // all further names are behind the slice, too
		}
	}
	row.Columns = append(row.Columns, list.Columns...)
	if err := iter.Close(); err != nil {
		return err
	}
	return r.addAll(ctx, list.Columns)
}

func (r *read) addAll(ctx context.Context, columns []backend.Column) error {
	for i := range columns {
		if err := r.reserve.add(ctx, &columns[i]); err != nil {
			return err
		}
	}
	return nil
}

func inclusive(op string) string {
	if op == "<" || op == ">" {
		return op + "="
	}
	return op
}

func (r *read) foreignQuery(s foreignSelection, a *arguments, page int) *gocql.Query {
	return r.c.session.Query(text(r.t, s), a.take()...).Consistency(r.level).Idempotent(true).PageSize(min(page, r.c.opts.PageSize))
}

// foreignRow is a CQL row of a foreignSelection.
type foreignRow struct {
	t      *table
	names  []raw
	values []declaredColumn
	cells  []raw // for each value: bytes, timestamp and TTL; for each counter: bytes
	dest   []any
}

func (r *read) newForeignRow(declared bool) *foreignRow {
	f := &foreignRow{t: r.t, values: r.t.values(declared)}
	per := 3
	if r.t.family.Counter {
		per = 1
	}
	f.cells = make([]raw, per*len(f.values))
	switch {
	case !declared:
		f.names = make([]raw, len(r.t.names))
	case len(r.t.names) > 0:
		f.dest = make([]any, len(r.t.key)) // nil destinations: the key is not read
	}
	for i := range f.names {
		f.dest = append(f.dest, &f.names[i])
	}
	for i := range f.cells {
		f.dest = append(f.dest, &f.cells[i])
	}
	return f
}

// appendColumn appends the column of a value, unless the value is null.
func (f *foreignRow) appendColumn(row *backend.Row, i int, name []byte) {
	if f.t.family.Counter {
		if f.cells[i] != nil {
			row.Columns = append(row.Columns, backend.Column{Name: name, Value: f.cells[i]})
		}
		return
	}
	value, time, ttl := f.cells[3*i], f.cells[3*i+1], f.cells[3*i+2]
	if value != nil && (f.names == nil || f.names[0] != nil) {
		row.Columns = append(row.Columns, backend.Column{Name: bytes.Clone(name), Value: value, Timestamp: time.int64(), TTL: ttl.int32()})
	}
}
