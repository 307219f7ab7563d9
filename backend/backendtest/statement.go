package backendtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

// session runs the statements of a script against a store. It keeps the definitions
// that the script made, to pack and print values by their types.
type session struct {
	target      *Target
	partitioner partitioner.Partitioner
	keyspace    string // the script's own
	keyspaces   []string
	families    map[string]*family // by keyspace and name with a point between
}

func newSession(target *Target, p partitioner.Partitioner, name string) *session {
	return &session{
		target: target, partitioner: p, families: map[string]*family{},
		keyspace: "bt_" + strings.ReplaceAll(name, "-", "_"),
	}
}

// family is what a session knows of a column family.
type family struct {
	keyspace, name            string
	super, counter            bool
	comparator, subcomparator coltype.Type
	validator, key            coltype.Type
	columns                   map[string]coltype.Type // validators by column name
}

// run runs one statement and returns its output. If the statement failed, the output is
// the store's error. An error that run itself returns means that the form of the
// statement is wrong.
func (s *session) run(ctx context.Context, statement []string) (printed []string, failed bool, err error) {
	defer func() {
		if e := recover(); e != nil {
			syntax, ok := e.(syntaxError)
			if !ok {
				panic(e)
			}
			err = errors.New(string(syntax))
		}
	}()
	l := &lexer{rest: statement[0]}
	printed, why := s.dispatch(ctx, l, statement)
	if why != nil {
		return []string{failure(why)}, true, nil
	}
	return printed, false, nil
}

func (s *session) dispatch(ctx context.Context, l *lexer, statement []string) ([]string, error) {
	if l.sign(beginBatch) {
		return s.batch(ctx, l, statement[1:len(statement)-1])
	}
	for _, v := range verbs {
		if l.sign(v.name) {
			return v.run(s, ctx, l)
		}
	}
	l.fail("unknown statement")
	return nil, nil
}

// failure writes an error as scripts expect it.
func failure(err error) string {
	var e *backend.Error
	if errors.As(err, &e) {
		return e.Error()
	}
	return "not an error of a backend: " + err.Error()
}

type verb struct {
	name string
	run  func(*session, context.Context, *lexer) ([]string, error)
}

// verbs are the statements by their first words.
var verbs = []verb{
	{"insert", (*session).insert},
	{"incr", (*session).incr},
	{"del", (*session).del},
	{"get", (*session).get},
	{"count", (*session).count},
	{"range", (*session).scan},
	{"list", (*session).list},
	{"truncate", (*session).truncate},
	{"advance", (*session).advance},
	{"purge", (*session).purge},
	{"reopen", (*session).reopen},
	{"create keyspace", (*session).createKeyspace},
	{"alter keyspace", (*session).alterKeyspace},
	{"drop keyspace", (*session).dropKeyspace},
	{"create column family", (*session).createFamily},
	{"alter column family", (*session).alterFamily},
	{"drop column family", (*session).dropFamily},
	{"describe keyspace", (*session).describeKeyspace},
	{"describe column family", (*session).describeFamily},
	{"describe partitioner", (*session).describePartitioner},
}

// name takes the name of a family, with or without its keyspace.
func (s *session) name(l *lexer) (keyspace, name string) {
	w := l.word("-.")
	if keyspace, name, ok := strings.Cut(w, "."); ok {
		return keyspace, name
	}
	return s.keyspace, w
}

// family takes the name of a family. If the session does not know the family, all its
// types are bytes, and the store refuses the statement.
func (s *session) family(l *lexer) *family {
	keyspace, name := s.name(l)
	if f := s.families[keyspace+"."+name]; f != nil {
		return f
	}
	return &family{
		keyspace: keyspace, name: name, comparator: coltype.Bytes, subcomparator: coltype.Bytes,
		validator: coltype.Bytes, key: coltype.Bytes,
	}
}

// names is the type of the names that a predicate selects.
func (f *family) names(super []byte) coltype.Type {
	if f.super && super != nil {
		return f.subcomparator
	}
	return f.comparator
}

// valueType is the type of a column's values.
func (f *family) valueType(column []byte) coltype.Type {
	if t := f.columns[string(column)]; t != nil {
		return t
	}
	return f.validator
}

// bracket takes the literals of a path's next step, such as ['a', 'b'].
func (l *lexer) bracket() ([]literal, bool) {
	if !l.sign("[") {
		return nil, false
	}
	list := l.literals()
	l.expect("]")
	return list, true
}

// path takes the keys and the super column of a path.
func (s *session) path(l *lexer) (f *family, r backend.SliceRequest) {
	f = s.family(l)
	r.Keyspace, r.Family = f.keyspace, f.name
	keys, ok := l.bracket()
	if !ok {
		l.fail("expected a key")
	}
	r.Keys = packAll(keys, f.key)
	if super, ok := l.bracket(); ok {
		r.Super = super[0].pack(f.comparator)
	}
	return f, r
}

// predicate takes clauses that select columns, if they are next.
func (l *lexer) predicate(t coltype.Type, p *backend.Predicate) bool {
	switch {
	case l.sign("no columns"):
		p.Names = [][]byte{}
	case l.sign("columns"):
		p.Names = packAll(l.literals(), t)
	case l.sign("from"):
		p.Start = l.literal().pack(t)
	case l.sign("to"):
		p.Finish = l.literal().pack(t)
	case l.sign("reversed"):
		p.Reversed = true
	case l.sign("limit"):
		p.Count = l.int()
	default:
		return false
	}
	return true
}

func (l *lexer) int() int {
	n, err := strconv.Atoi(l.word("-"))
	if err != nil {
		l.fail("expected a number")
	}
	return n
}

// consistency takes the clause of that name.
func (l *lexer) consistency(c *backend.Consistency) bool {
	if !l.sign("consistency") {
		return false
	}
	level, err := backend.ParseConsistency(l.word(""))
	if err != nil {
		l.fail("%v", err)
	}
	*c = level
	return true
}

// defaultLimit is the count of a predicate or range that is written without a limit, as
// in Thrift.
const defaultLimit = 100

func (s *session) slice(l *lexer) (*family, *backend.SliceRequest) {
	f, r := s.path(l)
	r.Predicate.Count = defaultLimit
	r.Consistency = backend.One
	for !l.done() {
		if !l.predicate(f.names(r.Super), &r.Predicate) && !l.consistency(&r.Consistency) {
			l.end()
		}
	}
	return f, &r
}

func (s *session) get(ctx context.Context, l *lexer) ([]string, error) {
	f, r := s.slice(l)
	rows, err := s.target.Backend.Slice(ctx, r)
	if err != nil {
		return nil, err
	}
	if len(rows) != len(r.Keys) {
		return []string{fmt.Sprintf("%d rows for %d keys", len(rows), len(r.Keys))}, nil
	}
	for i := range rows {
		if !bytes.Equal(rows[i].Key, r.Keys[i]) {
			return []string{fmt.Sprintf("row %d has key %x, want %x", i, rows[i].Key, r.Keys[i])}, nil
		}
	}
	if len(rows) == 1 {
		return f.columnLines(&rows[0], r.Super, ""), nil
	}
	return f.rowLines(rows, r.Super), nil
}

func (s *session) count(ctx context.Context, l *lexer) ([]string, error) {
	f, r := s.slice(l)
	counts, err := s.target.Backend.Count(ctx, r)
	if err != nil {
		return nil, err
	}
	if len(counts) == 1 && len(r.Keys) == 1 {
		return []string{strconv.Itoa(counts[0])}, nil
	}
	lines := []string{}
	for i, n := range counts {
		lines = append(lines, fmt.Sprintf("%s %d", format(f.key, r.Keys[i]), n))
	}
	return lines, nil
}

// scan runs a range, or a request of an index if there is a where clause
// without a range.
func (s *session) scan(ctx context.Context, l *lexer) ([]string, error) {
	f, rows, super, err := s.rows(ctx, l)
	if err != nil {
		return nil, err
	}
	return f.rowLines(rows, super), nil
}

// list is scan with the rows sorted by their keys, for scripts that run on all
// partitioners.
func (s *session) list(ctx context.Context, l *lexer) ([]string, error) {
	f, rows, super, err := s.rows(ctx, l)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(rows, func(a, b backend.Row) int { return bytes.Compare(a.Key, b.Key) })
	return f.rowLines(rows, super), nil
}

func (s *session) rows(ctx context.Context, l *lexer) (f *family, rows []backend.Row, super []byte, err error) {
	f = s.family(l)
	parent := backend.Parent{Keyspace: f.keyspace, Family: f.name}
	predicate := backend.Predicate{Count: defaultLimit}
	level := backend.One
	keys := backend.KeyRange{Count: defaultLimit}
	var where []backend.Expression
	index := l.sign("where")
	if index {
		where = s.expressions(l, f)
	}
	for !l.done() {
		switch {
		case l.sign("keys from"):
			keys.StartKey = l.literal().pack(f.key)
		case l.sign("keys to"):
			keys.EndKey = l.literal().pack(f.key)
		case l.sign("tokens from"):
			keys.StartToken = s.token(l, f)
		case l.sign("tokens to"):
			keys.EndToken = s.token(l, f)
		case l.sign("rows"):
			keys.Count = l.int()
		case l.sign("in"):
			parent.Super = l.literal().pack(f.comparator)
		case l.sign("filter"):
			where = s.expressions(l, f)
		case l.predicate(f.names(parent.Super), &predicate), l.consistency(&level):
		default:
			l.end()
		}
	}
	if index {
		rows, err = s.target.Backend.Index(ctx, &backend.IndexRequest{
			Parent: parent, Expressions: where, StartKey: keys.StartKey, Count: keys.Count,
			Predicate: predicate, Consistency: level,
		})
	} else {
		rows, err = s.target.Backend.Range(ctx, &backend.RangeRequest{
			Parent: parent, Range: keys, Predicate: predicate, Filter: where, Consistency: level,
		})
	}
	return f, rows, parent.Super, err
}

// token takes a token, as text or as the token of a key.
func (s *session) token(l *lexer, f *family) string {
	if !l.sign("of") {
		return l.text()
	}
	return s.partitioner.Token(l.literal().pack(f.key))
}

// expressions takes the expressions of an index clause.
func (s *session) expressions(l *lexer, f *family) []backend.Expression {
	operators := []struct {
		sign string
		op   backend.Operator
	}{{">=", backend.GTE}, {"<=", backend.LTE}, {"=", backend.EQ}, {">", backend.GT}, {"<", backend.LT}}
	list := []backend.Expression{}
	if l.sign("nothing") {
		return list
	}
	for {
		e := backend.Expression{Name: l.literal().pack(f.comparator), Op: -1}
		for _, o := range operators {
			if l.sign(o.sign) {
				e.Op = o.op
				break
			}
		}
		if e.Op < 0 {
			l.fail("expected an operator")
		}
		e.Value = l.literal().pack(f.valueType(e.Name))
		list = append(list, e)
		if !l.sign("and") {
			return list
		}
	}
}

func (s *session) truncate(ctx context.Context, l *lexer) ([]string, error) {
	f := s.family(l)
	l.end()
	return nil, s.target.Backend.Truncate(ctx, f.keyspace, f.name)
}

func (s *session) advance(_ context.Context, l *lexer) ([]string, error) {
	d, err := time.ParseDuration(l.word("."))
	if err != nil {
		l.fail("expected a duration")
	}
	l.end()
	s.target.Advance(d)
	return nil, nil
}

func (s *session) purge(ctx context.Context, l *lexer) ([]string, error) {
	l.end()
	return nil, s.target.Purge(ctx)
}

func (s *session) reopen(_ context.Context, l *lexer) (_ []string, err error) {
	l.end()
	s.target.Backend, err = s.target.Reopen()
	return nil, err
}

func (s *session) describePartitioner(ctx context.Context, l *lexer) ([]string, error) {
	l.end()
	c, err := s.target.Backend.Describe(ctx, &backend.DescribeRequest{Facts: backend.FactPartitioner})
	if err != nil {
		return nil, err
	}
	return []string{c.Partitioner}, nil
}

// newFamily parses the types of a definition that a store returned.
func newFamily(def *schema.Family) (*family, error) {
	f := &family{
		keyspace: def.Keyspace, name: def.Name, super: def.IsSuper(), columns: map[string]coltype.Type{},
		comparator: coltype.Bytes, subcomparator: coltype.Bytes, validator: coltype.Bytes, key: coltype.Bytes,
	}
	for _, of := range []struct {
		class string
		t     *coltype.Type
	}{
		{def.Comparator, &f.comparator},
		{def.Subcomparator, &f.subcomparator},
		{def.DefaultValidator, &f.validator},
		{def.KeyValidator, &f.key},
	} {
		if of.class == "" {
			continue
		}
		t, err := coltype.Parse(of.class)
		if err != nil {
			return nil, err
		}
		*of.t = t
	}
	for _, c := range def.Columns {
		t, err := coltype.Parse(c.Validator)
		if err != nil {
			return nil, err
		}
		f.columns[string(c.Name)] = t
	}
	f.counter = f.validator == coltype.CounterColumn
	return f, nil
}
