package backendtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// attributes takes the attributes of a definition: "with name=value and
// name=value". A value ends before the next "and". A column begins with the
// word "column": "column 'age' LongType".
func (l *lexer) attributes(attribute func(name, value string), column func(l *lexer)) {
	if !l.sign("with") {
		l.end()
		return
	}
	for {
		if l.sign("column ") {
			column(l)
		} else {
			name := l.word("")
			l.expect("=")
			value, rest, more := strings.Cut(l.rest, " and ")
			attribute(name, strings.TrimSpace(value))
			if !more {
				l.rest = ""
				return
			}
			l.rest = "and " + rest
		}
		if !l.sign("and") {
			l.end()
			return
		}
	}
}

func (s *session) keyspaceDefinition(l *lexer) schema.Keyspace {
	k := schema.Keyspace{Name: l.word("-.")}
	l.attributes(func(name, value string) {
		switch name {
		case "strategy":
			k.Strategy = value
		case "replication_factor":
			k.StrategyOptions = map[string]string{name: value}
		case "durable_writes":
			k.DurableWrites = new(value == "true")
		default:
			l.fail("unknown attribute %s", name)
		}
	}, func(l *lexer) { l.fail("a keyspace has no columns") })
	return k
}

func (s *session) createKeyspace(ctx context.Context, l *lexer) ([]string, error) {
	k := s.keyspaceDefinition(l)
	if k.Strategy == "" {
		k.Strategy = schema.SimpleStrategy
		if k.StrategyOptions == nil {
			k.StrategyOptions = map[string]string{"replication_factor": "1"}
		}
	}
	err := s.alter(ctx, schema.CreateKeyspace{Keyspace: k})
	if err == nil {
		s.keyspaces = append(s.keyspaces, k.Name)
	}
	return nil, err
}

func (s *session) alterKeyspace(ctx context.Context, l *lexer) ([]string, error) {
	return nil, s.alter(ctx, schema.AlterKeyspace{Keyspace: s.keyspaceDefinition(l)})
}

func (s *session) dropKeyspace(ctx context.Context, l *lexer) ([]string, error) {
	name := l.word("-.")
	l.end()
	err := s.alter(ctx, schema.DropKeyspace{Name: name})
	if err == nil {
		s.keyspaces = slices.DeleteFunc(s.keyspaces, func(k string) bool { return k == name })
	}
	return nil, err
}

func (s *session) alter(ctx context.Context, change schema.Change) error {
	_, err := s.target.Backend.Alter(ctx, change)
	return err
}

func (s *session) familyDefinition(l *lexer) schema.Family {
	var f schema.Family
	f.Keyspace, f.Name = s.name(l)
	integer := func(value string) *int32 {
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			l.fail("%v", err)
		}
		return new(int32(n))
	}
	float := func(value string) *float64 {
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			l.fail("%v", err)
		}
		return &n
	}
	var columns []func(names coltype.Type) schema.Column
	l.attributes(func(name, value string) {
		switch name {
		case "column_type":
			f.Type = schema.FamilyType(value)
		case "comparator":
			f.Comparator = value
		case "subcomparator":
			f.Subcomparator = value
		case "default_validation_class":
			f.DefaultValidator = value
		case "key_validation_class":
			f.KeyValidator = value
		case "comment":
			f.Comment = value
		case "gc_grace":
			f.GCGraceSeconds = integer(value)
		case "default_time_to_live":
			f.DefaultTTL = integer(value)
		case "min_compaction_threshold":
			f.MinCompactionThreshold = integer(value)
		case "max_compaction_threshold":
			f.MaxCompactionThreshold = integer(value)
		case "read_repair_chance":
			f.ReadRepairChance = float(value)
		case "bloom_filter_fp_chance":
			f.BloomFilterFPChance = float(value)
		default:
			l.fail("unknown attribute %s", name)
		}
	}, func(l *lexer) {
		name := l.literal()
		class := l.classWord()
		index, indexName := schema.NoIndex, ""
		switch {
		case l.sign("indexed as"):
			index, indexName = schema.KeysIndex, l.word("")
		case l.sign("indexed"):
			index = schema.KeysIndex
		}
		columns = append(columns, func(names coltype.Type) schema.Column {
			return schema.Column{Name: name.pack(names), Validator: class, Index: index, IndexName: indexName}
		})
	})
	names := f.Comparator
	if f.Type == schema.Super {
		names = f.Subcomparator
	}
	t, err := coltype.Type(coltype.Bytes), error(nil)
	if names != "" {
		if t, err = coltype.Parse(names); err != nil {
			t = coltype.Bytes
		}
	} else if known := s.families[f.Keyspace+"."+f.Name]; known != nil { // an alteration that leaves the comparator as it is
		t = known.comparator
		if known.super {
			t = known.subcomparator
		}
	}
	for _, c := range columns {
		f.Columns = append(f.Columns, c(t))
	}
	return f
}

// classWord takes a class name, with its parameters.
func (l *lexer) classWord() string {
	l.space()
	depth := 0
	for i := 0; i < len(l.rest); i++ {
		switch l.rest[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ' ':
			if depth == 0 {
				class := l.rest[:i]
				l.rest = l.rest[i:]
				return class
			}
		}
	}
	class := l.rest
	l.rest = ""
	return class
}

func (s *session) createFamily(ctx context.Context, l *lexer) ([]string, error) {
	def := s.familyDefinition(l)
	if err := s.alter(ctx, schema.CreateFamily{Family: def}); err != nil {
		return nil, err
	}
	return nil, s.learn(ctx, &def)
}

func (s *session) alterFamily(ctx context.Context, l *lexer) ([]string, error) {
	def := s.familyDefinition(l)
	if err := s.alter(ctx, schema.AlterFamily{Family: def}); err != nil {
		return nil, err
	}
	return nil, s.learn(ctx, &def)
}

func (s *session) dropFamily(ctx context.Context, l *lexer) ([]string, error) {
	keyspace, name := s.name(l)
	l.end()
	return nil, s.alter(ctx, schema.DropFamily{Keyspace: keyspace, Name: name})
}

// definition asks the store for a family's definition.
func (s *session) definition(ctx context.Context, keyspace, name string) (*schema.Family, error) {
	list, err := s.target.Backend.Keyspaces(ctx, keyspace)
	if err != nil {
		return nil, err
	}
	if len(list) == 1 {
		if def := list[0].Family(name); def != nil {
			return def, nil
		}
	}
	return nil, fmt.Errorf("no family %s in the keyspaces %v", name, list)
}

// learn stores the types of a family that was created or altered, as the store reports
// them. Cassandra 0.7 does not store the type of keys, so the type that the script
// declared is used.
func (s *session) learn(ctx context.Context, declared *schema.Family) error {
	def, err := s.definition(ctx, declared.Keyspace, declared.Name)
	if err != nil {
		return err
	}
	typed := def.KeyValidator != ""
	if !typed {
		def.KeyValidator = declared.KeyValidator
	}
	f, err := newFamily(def)
	if err != nil {
		return err
	}
	name := def.Keyspace + "." + def.Name
	if known := s.families[name]; known != nil && !typed && declared.KeyValidator == "" {
		f.key = known.key
	}
	s.families[name] = f
	return nil
}

func (s *session) describeKeyspace(ctx context.Context, l *lexer) ([]string, error) {
	name := l.word("-.")
	l.end()
	list, err := s.target.Backend.Keyspaces(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return []string{fmt.Sprintf("%d keyspaces", len(list))}, nil
	}
	k := &list[0]
	lines := []string{"strategy = " + k.Strategy}
	for _, option := range slices.Sorted(maps.Keys(k.StrategyOptions)) {
		lines = append(lines, option+" = "+k.StrategyOptions[option])
	}
	lines = append(lines, fmt.Sprintf("durable_writes = %t", k.DurableWrites == nil || *k.DurableWrites))
	for _, f := range k.Families {
		lines = append(lines, "column family "+f.Name)
	}
	return lines, nil
}

func (s *session) describeFamily(ctx context.Context, l *lexer) ([]string, error) {
	keyspace, name := s.name(l)
	l.end()
	f, err := s.definition(ctx, keyspace, name)
	if err != nil {
		return nil, err
	}
	lines := []string{"column_type = " + string(f.Type), "comparator = " + f.Comparator}
	if f.Subcomparator != "" {
		lines = append(lines, "subcomparator = "+f.Subcomparator)
	}
	lines = append(lines, "default_validation_class = "+f.DefaultValidator)
	if f.KeyValidator != "" {
		lines = append(lines, "key_validation_class = "+f.KeyValidator)
	}
	if f.GCGraceSeconds != nil {
		lines = append(lines, fmt.Sprintf("gc_grace = %d", *f.GCGraceSeconds))
	}
	if f.DefaultTTL != nil && *f.DefaultTTL != 0 {
		lines = append(lines, fmt.Sprintf("default_time_to_live = %d", *f.DefaultTTL))
	}
	if f.Comment != "" {
		lines = append(lines, "comment = "+f.Comment)
	}
	names, err := coltype.Parse(f.Comparator)
	if f.IsSuper() {
		names, err = coltype.Parse(f.Subcomparator)
	}
	if err != nil {
		return nil, err
	}
	var columns []string
	for _, c := range f.Columns {
		line := "column " + format(names, c.Name) + " " + c.Validator
		if c.Index != schema.NoIndex {
			line += strings.TrimRight(" "+c.Index.String()+" "+c.IndexName, " ")
		}
		columns = append(columns, line)
	}
	slices.Sort(columns)
	return append(lines, columns...), nil
}
