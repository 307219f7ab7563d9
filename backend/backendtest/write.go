package backendtest

import (
	"bytes"
	"context"
	"strconv"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
)

func (s *session) insert(ctx context.Context, l *lexer) ([]string, error) {
	return s.mutate(ctx, l, s.inserts)
}

func (s *session) incr(ctx context.Context, l *lexer) ([]string, error) {
	return s.mutate(ctx, l, s.additions)
}

func (s *session) del(ctx context.Context, l *lexer) ([]string, error) {
	return s.mutate(ctx, l, s.deletion)
}

// mutate runs a statement that changes one row, as a request of its own.
func (s *session) mutate(ctx context.Context, l *lexer, read func(*lexer) (*family, backend.RowMutation)) ([]string, error) {
	f, row := read(l)
	r := &backend.MutateRequest{Keyspace: f.keyspace, Rows: []backend.RowMutation{row}, Consistency: backend.One}
	l.consistency(&r.Consistency)
	l.end()
	return nil, s.target.Backend.Mutate(ctx, r)
}

// batch runs the statements of a batch as one request. Neighbours that are
// about the same row become one RowMutation.
func (s *session) batch(ctx context.Context, l *lexer, statements []string) ([]string, error) {
	r := &backend.MutateRequest{Keyspace: s.keyspace, Consistency: backend.One}
	for !l.done() {
		switch {
		case l.sign("atomic"):
			r.Atomic = true
		case l.sign("in"):
			r.Keyspace = l.word("")
		case l.consistency(&r.Consistency):
		default:
			l.end()
		}
	}
	for _, statement := range statements {
		l := &lexer{rest: statement}
		var row backend.RowMutation
		switch {
		case l.sign("insert"):
			_, row = s.inserts(l)
		case l.sign("incr"):
			_, row = s.additions(l)
		case l.sign("del"):
			_, row = s.deletion(l)
		default:
			l.fail("expected insert, incr or del")
		}
		l.end()
		last := len(r.Rows) - 1
		if last >= 0 && r.Rows[last].Family == row.Family && bytes.Equal(r.Rows[last].Key, row.Key) {
			r.Rows[last].Mutations = append(r.Rows[last].Mutations, row.Mutations...)
		} else {
			r.Rows = append(r.Rows, row)
		}
	}
	return nil, s.target.Backend.Mutate(ctx, r)
}

// row takes a path: the family, the key and the names that follow.
func (s *session) row(l *lexer) (f *family, row backend.RowMutation, names []literal) {
	f = s.family(l)
	row.Family = f.name
	key, ok := l.bracket()
	if !ok {
		l.fail("expected a key")
	}
	row.Key = key[0].pack(f.key)
	for {
		if l.sign("[*]") {
			return f, row, append(names, nil)
		}
		name, ok := l.bracket()
		if !ok {
			return f, row, names
		}
		names = append(names, name[0])
	}
}

// columns takes the columns that an insert or incr writes: either the path's last name, or
// a list of names after a colon. sep is between a name and its value.
func (s *session) columns(l *lexer, sep string, write func(f *family, super []byte, m backend.Mutation) backend.Mutation) (*family, backend.RowMutation) {
	f, row, names := s.row(l)
	list := l.sign(":")
	if !list && len(names) == 0 {
		l.fail("expected a column")
	}
	parents := names
	if !list {
		parents = names[:len(names)-1]
	}
	var super []byte
	if len(parents) > 0 {
		super = parents[0].pack(f.comparator)
	}
	for {
		name := l.columnName(list, names)
		m := backend.Mutation{Super: super}
		m.Column.Name = name.pack(f.names(super))
		l.expect(sep)
		row.Mutations = append(row.Mutations, write(f, super, m))
		if !list || !l.sign(",") {
			return f, row
		}
	}
}

func (l *lexer) columnName(list bool, names []literal) literal {
	if list {
		return l.literal()
	}
	return names[len(names)-1]
}

// inserts takes an insert statement after its first word.
func (s *session) inserts(l *lexer) (*family, backend.RowMutation) {
	f, row := s.columns(l, "=", func(f *family, super []byte, m backend.Mutation) backend.Mutation {
		m.Op = backend.Insert
		m.Column.Value = l.literal().pack(f.valueType(m.Column.Name))
		return m
	})
	l.expect("@")
	timestamp := l.int()
	ttl := 0
	if l.sign("ttl none") {
		ttl = backend.NoTTL
	} else if l.sign("ttl") {
		ttl = l.int()
	}
	for i := range row.Mutations {
		row.Mutations[i].Column.Timestamp = int64(timestamp)
		row.Mutations[i].Column.TTL = int32(ttl)
	}
	return f, row
}

// additions takes an incr statement after its first word.
func (s *session) additions(l *lexer) (*family, backend.RowMutation) {
	return s.columns(l, "by", func(_ *family, _ []byte, m backend.Mutation) backend.Mutation {
		m.Op = backend.Add
		m.Delta = int64(l.int())
		return m
	})
}

// deletion takes a del statement after its first word. In a path, the name after a super
// column is a column. The name after the key is a super column in a super family, and a
// column in other families. [*] is all columns of the row or super column before it.
func (s *session) deletion(l *lexer) (*family, backend.RowMutation) {
	f, row, names := s.row(l)
	m := backend.Mutation{Op: backend.Delete}
	if len(names) > 1 || len(names) == 1 && f.super && names[0] != nil {
		m.Super = names[0].pack(f.comparator)
		names = names[1:]
	}
	if len(names) > 0 && names[0] != nil {
		m.Columns = &backend.Predicate{Names: [][]byte{names[0].pack(f.names(m.Super))}}
	}
	var p backend.Predicate
	for l.predicate(f.names(m.Super), &p) {
		m.Columns = &p
	}
	if l.sign("@") {
		m.Timestamp = int64(l.int())
	}
	row.Mutations = []backend.Mutation{m}
	return f, row
}

// columnLines writes the columns of one row.
func (f *family) columnLines(r *backend.Row, super []byte, margin string) []string {
	var lines []string
	for _, sc := range r.Supers {
		lines = append(lines, margin+format(f.comparator, sc.Name))
		for _, c := range sc.Columns {
			lines = append(lines, margin+indent+f.columnLine(&c, f.subcomparator))
		}
	}
	for _, c := range r.Columns {
		lines = append(lines, margin+f.columnLine(&c, f.names(super)))
	}
	if lines == nil {
		lines = []string{margin + "(none)"}
	}
	return lines
}

func (f *family) columnLine(c *backend.Column, names coltype.Type) string {
	line := format(names, c.Name) + " = " + format(f.valueType(c.Name), c.Value)
	if !f.counter || c.Timestamp != 0 {
		line += " @" + strconv.FormatInt(c.Timestamp, 10)
	}
	if c.TTL != 0 {
		line += " ttl " + strconv.Itoa(int(c.TTL))
	}
	return line
}

// rowLines writes rows with their keys.
func (f *family) rowLines(rows []backend.Row, super []byte) []string {
	if len(rows) == 0 {
		return []string{"(no rows)"}
	}
	var lines []string
	for i := range rows {
		lines = append(lines, format(f.key, rows[i].Key))
		lines = append(lines, f.columnLines(&rows[i], super, indent)...)
	}
	return lines
}
