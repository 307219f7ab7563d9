package shell

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"

	"github.com/widerow/widerow/backend"
)

// start makes the names that pycassaShell defines before its first prompt: SYSTEM_MANAGER, the describe functions, and an
// object for each family of the keyspace.
func (s *Session) start() error {
	m, err := s.call(s.py.interactive)
	if err != nil {
		return err
	}
	s.globals.vars["SYSTEM_MANAGER"] = m
	describe := func(header, doc string, fn func(*call) (Value, error)) {
		s.builtin(header, doc, fn)
		name, _, _ := strings.Cut(header, "(")
		s.builtins[name].(*native).builtin = false
	}
	describe("describe_keyspace(keyspace)", "Prints the definition of a keyspace.", func(c *call) (Value, error) { return none, s.describeKeyspace(c.args[0]) })
	describe("describe_column_family(arg1, arg2=None)", "Prints the definition of a column family: an object, or keyspace and name.", func(c *call) (Value, error) {
		return none, s.describeFamily(c.args[0], c.args[1])
	})
	s.initHelp()
	if s.opts.Keyspace == "" {
		return nil
	}
	if s.py.shellPool, err = s.callKw(s.py.pool, []Value{str(s.opts.Keyspace)}, []kwarg{{"server_list", newList(str(s.host))}, {"timeout", intValue(5)}}); err != nil {
		return s.report(err, "", "")
	}
	names, err := s.familyNames()
	if err != nil {
		return s.report(err, "", "")
	}
	for _, n := range names {
		if _, err := s.loadFamily(n); err != nil {
			return s.report(err, "", "")
		}
	}
	return nil
}

// familyNames returns the names of the families of the session's keyspace, sorted.
func (s *Session) familyNames() ([]string, error) {
	ks, err := s.opts.Store.Keyspaces(s.ctx, s.opts.Keyspace)
	if err != nil {
		return nil, s.thriftError(err)
	}
	names := map[string]bool{}
	for _, f := range ks[0].Families {
		names[f.Name] = true
	}
	return sortedKeys(names), nil
}

// loadFamily makes the object of a family and assigns it to the family's name in upper case.
func (s *Session) loadFamily(name string) (existed bool, err error) {
	upper := strings.ToUpper(name)
	_, existed = s.globals.vars[upper]
	v, err := s.call(s.py.family, s.py.shellPool, str(name))
	if err == nil {
		s.globals.vars[upper] = v
	}
	return existed, err
}

// Banner returns the text that pycassaShell prints at its start.
func (s *Session) Banner() (string, error) {
	var b strings.Builder
	rule := strings.Repeat("-", 34)
	keyspace := "None"
	if s.opts.Keyspace != "" {
		keyspace = s.opts.Keyspace
	}
	fmt.Fprintf(&b, "%s\nCassandra Interactive Python Shell\n%s\nKeyspace: %s\nHost: %s\n\n", rule, rule, keyspace, s.host)
	if s.opts.Keyspace == "" {
		b.WriteString("ColumnFamily instances are only available if a keyspace is specified with -k/--keyspace\n")
	} else {
		b.WriteString("Available ColumnFamily instances:\n")
		names, err := s.familyNames()
		if err != nil {
			return "", s.report(err, "", "")
		}
		for _, n := range names {
			fmt.Fprintf(&b, " * %s %s ( %s )\n", strings.ToUpper(n), strings.Repeat(" ", max(25-len(n), 0)), n)
		}
	}
	b.WriteString("\nSchema definition tools and cluster information are available through SYSTEM_MANAGER.\n")
	return b.String(), nil
}

// updated updates the objects of the session after a family of its keyspace was made, altered or dropped.
func (s *Session) updated(keyspace, family string, dropped bool) error {
	if s.py.shellPool == nil || keyspace != s.opts.Keyspace {
		return nil
	}
	upper := strings.ToUpper(family)
	if dropped {
		delete(s.globals.vars, upper)
		return s.writeLine("\nDropped " + upper)
	}
	existed, err := s.loadFamily(family)
	if err != nil {
		return err
	}
	if existed {
		return s.writeLine("\nReloaded " + upper)
	}
	return s.writeLine("\nLoaded " + family + " as " + upper)
}

// initInteractive makes the class of SYSTEM_MANAGER. Its methods also accept a ColumnFamily in place of keyspace and
// name. They load the object of each family that they change.
func (s *Session) initInteractive() {
	c := s.newClass("InteractiveSystemManager", "__main__", s.py.manager)
	s.py.interactive = c
	for _, name := range []string{"create_column_family", "alter_column_family", "drop_column_family", "alter_column", "create_index"} {
		base, _ := s.py.manager.lookup(name)
		original := base.(*native)
		n := &native{name: name, sig: &signature{star: "args", double: "kwargs", params: []string{"self"}}}
		n.fn = func(a *call) (Value, error) {
			args := a.extra
			if len(args) > 0 {
				if o, ok := args[0].(*object); ok && o.class.derives(s.py.family) {
					p, err := s.getattr(o, "pool")
					if err != nil {
						return nil, err
					}
					ks, err := s.getattr(p, "keyspace")
					if err != nil {
						return nil, err
					}
					family, err := s.getattr(o, "column_family")
					if err != nil {
						return nil, err
					}
					args = append([]Value{ks, family}, args[1:]...)
				}
			}
			full, err := s.bindCall(name, original.sig, append([]Value{a.args[0]}, args...), a.kw)
			if err != nil {
				return nil, err
			}
			if _, err := original.fn(full); err != nil {
				return nil, err
			}
			ks, _ := textOf(full.args[1])
			family, _ := textOf(full.args[2])
			return none, s.updated(ks, family, name == "drop_column_family")
		}
		c.attrs.set(name, n)
	}
}

// line prints a label and a value in pycassaShell's columns.
func (s *Session) line(label string, v any) error {
	text := fmt.Sprint(v)
	if x, ok := v.(Value); ok {
		var err error
		if text, err = s.str(x); err != nil {
			return err
		}
	}
	return s.writeLine(label + ":" + strings.Repeat(" ", max(34-len(label), 0)) + text)
}

func (s *Session) manager() (backend.Backend, error) {
	v, err := s.globals.Attr("SYSTEM_MANAGER")
	if err != nil {
		return nil, err
	}
	return s.managerOf(v)
}

func (s *Session) describeKeyspace(v Value) error {
	b, err := s.manager()
	if err != nil {
		return err
	}
	name, err := s.str(v)
	if err != nil {
		return err
	}
	ks, err := s.keyspace(b, v)
	if err != nil {
		err = s.thriftError(err)
		if e := s.exceptionOf(err); e != nil && e.obj.class.derives(s.exc.NotFoundException) {
			return s.writeLine("\nKeyspace " + name + " does not exist.")
		}
		return err
	}
	rows := []func() error{
		func() error { return s.writeLine("") },
		func() error { return s.line("Name", name) },
		func() error { return s.writeLine("") },
		func() error { return s.line("Replication Strategy", short(ks.Strategy)) },
		func() error { return s.writeLine("") },
	}
	if len(ks.StrategyOptions) > 0 {
		rows = append(rows, func() error { return s.line("Strategy Options", s.textDict(ks.StrategyOptions)) })
	}
	rows = append(rows, func() error { return s.writeLine("Column Families:") })
	names := map[string]bool{}
	for _, f := range ks.Families {
		names[f.Name] = true
	}
	for _, n := range sortedKeys(names) {
		rows = append(rows, func() error { return s.writeLine("  " + n) })
	}
	for _, row := range rows {
		if err := row(); err != nil {
			return err
		}
	}
	return nil
}

func short(t string) string { return t[strings.LastIndexByte(t, '.')+1:] }

func (s *Session) describeFamily(x, y Value) error {
	keyspace, family := x, y
	if y == none {
		var err error
		if family, err = s.getattr(x, "column_family"); err != nil {
			return err
		}
		p, err := s.getattr(x, "pool")
		if err != nil {
			return err
		}
		if keyspace, err = s.getattr(p, "keyspace"); err != nil {
			return err
		}
	}
	b, err := s.manager()
	if err != nil {
		return err
	}
	ks, err := s.keyspace(b, keyspace)
	if err != nil {
		return s.thriftError(err)
	}
	name, _ := textOf(family)
	f := ks.Family(name)
	if f == nil {
		return s.writeLine("Column family " + name + " does not exist in keyspace " + ks.Name)
	}
	o := s.familyDef(f, false).(*object)
	get := func(n string) Value { v, _ := o.attrs.get(n); return v }
	text := func(v Value) string { t, _ := s.str(v); return t }
	blank := func() { s.writeLine("") }
	blank()
	s.line("Name", f.Name)
	s.line("Description", f.Comment)
	s.line("Column Type", get("column_type"))
	blank()
	s.line("Comparator Type", short(f.Comparator))
	if f.IsSuper() {
		s.line("Subcomparator Type", short(f.Subcomparator))
	}
	s.line("Default Validation Class", short(f.DefaultValidator))
	blank()
	s.writeLine("Cache Sizes")
	cache := func(label, field, unit string) {
		v := get(field)
		n, ok := floatOf(v)
		switch {
		case ok && n == 0:
			s.line(label, "Disabled")
		case ok && n >= 1:
			s.line(label, fmt.Sprintf("%d %s", int64(n), unit))
		default:
			s.line(label, text(v)+"%")
		}
	}
	cache("  Row Cache", "row_cache_size", "rows")
	cache("  Key Cache", "key_cache_size", "keys")
	blank()
	chance, _ := floatOf(get("read_repair_chance"))
	if chance == 0 {
		s.line("Read Repair Chance", "Disabled")
	} else {
		s.line("Read Repair Chance", strFloat(chance*100)+"%")
	}
	blank()
	s.line("GC Grace Seconds", get("gc_grace_seconds"))
	blank()
	s.writeLine("Compaction Thresholds")
	low, high := get("min_compaction_threshold"), get("max_compaction_threshold")
	if low == intValue(0) || high == intValue(0) {
		low, high = str("Minor Compactions Disabled"), str("Minor Compactions Disabled")
	}
	s.line("  Min", low)
	s.line("  Max", high)
	blank()
	s.memtable(get)
	return s.columnMetadata(get("column_metadata").(*list))
}

// memtable prints the memtable thresholds, which Cassandra had up to version 0.8. pycassaShell fails if they are missing.
func (s *Session) memtable(get func(string) Value) {
	size := get("memtable_throughput_in_mb")
	s.writeLine("Memtable Flush After Thresholds")
	text, _ := s.str(size)
	s.line("  Throughput", text+" MiB")
	if ops, ok := floatOf(get("memtable_operations_in_millions")); ok {
		s.line("  Operations", fmt.Sprintf("%d operations", int64(ops*1e6)))
	}
	if mins := get("memtable_flush_after_mins"); mins != none {
		text, _ := s.str(mins)
		s.line("  Time", text+" minutes")
	}
}

func (s *Session) columnMetadata(list *list) error {
	if len(list.elems) == 0 {
		return nil
	}
	if err := s.writeLine("\nColumn Metadata"); err != nil {
		return err
	}
	for _, v := range list.elems {
		get := func(n string) Value { x, _ := v.(*object).attrs.get(n); return x }
		class, _ := textOf(get("validation_class"))
		s.writeLine("")
		s.line("  - Name", get("name"))
		s.line("    Value Type", short(class))
		if kind, ok := get("index_type").(starlark.Int); ok {
			n, _ := kind.Int64()
			s.line("    Index Type", []string{"KEYS", "CUSTOM", "COMPOSITES"}[n%3])
			s.line("    Index Name", get("index_name"))
		}
	}
	return nil
}
