package shell

import "strings"

const helpText = `The shell speaks Python 2 and pycassa. Each column family of the keyspace is
an object under its name in upper case; SYSTEM_MANAGER changes keyspaces and
families.

  USERS.get('key')                          read a row; columns=, column_start=, column_count=, …
  USERS.insert('key', {'name': 'value'})    write columns; ttl=, timestamp=
  USERS.remove('key', columns=['name'])     remove columns, or the row
  for key, columns in USERS.get_range(): …  all rows
  USERS.batch()                             many writes at once
  SYSTEM_MANAGER.create_column_family('Keyspace1', 'Users')
  describe_keyspace('Keyspace1')            print definitions
  describe_column_family(USERS)

help(x) explains an object with an example, such as help(USERS.get). Tab
completes, the arrow keys recall earlier lines, Ctrl-C ends what runs, and
exit() or Ctrl-D ends the shell.`

// examples maps functions and methods to lines that show how to call them.
var examples = map[string]string{
	"get":                     "USERS.get('ann', columns=['name', 'city'])\nUSERS.get('ann', column_start='b', column_count=10, column_reversed=False)",
	"multiget":                "USERS.multiget(['ann', 'bob'], columns=['name'])",
	"xget":                    "for name, value in TIMELINE.xget('everyone', column_reversed=True): print name, value",
	"get_count":               "USERS.get_count('ann')",
	"multiget_count":          "USERS.multiget_count(['ann', 'bob'])",
	"get_range":               "for key, columns in USERS.get_range(start='a', finish='c'): print key, columns",
	"get_indexed_slices":      "list(USERS.get_indexed_slices(create_index_clause([create_index_expression('city', 'Rome')])))",
	"insert":                  "USERS.insert('ann', {'name': 'Ann', 'city': 'Rome'}, ttl=3600)",
	"batch_insert":            "USERS.batch_insert({'ann': {'city': 'Rome'}, 'bob': {'city': 'Oslo'}})",
	"add":                     "VISITS.add('2024-03-01', 'home', 2)",
	"remove":                  "USERS.remove('ann', columns=['city'])",
	"remove_counter":          "VISITS.remove_counter('2024-03-01', 'home')",
	"batch":                   "with USERS.batch(queue_size=50) as b:\n    b.insert('ann', {'city': 'Rome'})\n    b.remove('bob')",
	"truncate":                "USERS.truncate()",
	"create_keyspace":         "SYSTEM_MANAGER.create_keyspace('Keyspace1', SIMPLE_STRATEGY, {'replication_factor': '1'})",
	"create_column_family":    "SYSTEM_MANAGER.create_column_family('Keyspace1', 'Users', comparator_type=UTF8_TYPE, default_validation_class=UTF8_TYPE)",
	"alter_column_family":     "SYSTEM_MANAGER.alter_column_family(USERS, gc_grace_seconds=3600)",
	"alter_column":            "SYSTEM_MANAGER.alter_column(USERS, 'born', LONG_TYPE)",
	"create_index":            "SYSTEM_MANAGER.create_index(USERS, 'city', UTF8_TYPE)",
	"drop_index":              "SYSTEM_MANAGER.drop_index(USERS, 'city')",
	"drop_column_family":      "SYSTEM_MANAGER.drop_column_family(USERS)",
	"drop_keyspace":           "SYSTEM_MANAGER.drop_keyspace('Keyspace1')",
	"ConnectionPool":          "pool = ConnectionPool('Keyspace1', ['10.0.0.5:9160'])",
	"ColumnFamily":            "users = ColumnFamily(ConnectionPool('Keyspace1'), 'Users')",
	"ColumnFamilyMap":         "class User(object):\n    key = UTF8Type()\n    born = LongType()\n\npeople = ColumnFamilyMap(User, ConnectionPool('Keyspace1'), 'Users')\npeople.get('ann').born",
	"Mutator":                 "m = Mutator(ConnectionPool('Keyspace1')); m.insert(USERS, 'ann', {'city': 'Rome'}); m.send()",
	"create_index_clause":     "create_index_clause([create_index_expression('city', 'Rome'), create_index_expression('born', 1970, GT)], count=20)",
	"create_index_expression": "create_index_expression('born', 1970, GTE)",
	"convert_time_to_uuid":    "TIMELINE.get('ann', column_start=convert_time_to_uuid(datetime(2024, 3, 1)))",
	"convert_uuid_to_time":    "datetime.utcfromtimestamp(convert_uuid_to_time(TIMELINE.get('ann').keys()[0]))",
	"CompositeType":           "SYSTEM_MANAGER.create_column_family('Keyspace1', 'Events', comparator_type=CompositeType(LongType(), UTF8Type(reversed=True)))",
	"describe_keyspace":       "describe_keyspace('Keyspace1')",
	"describe_column_family":  "describe_column_family(USERS)",
	"SystemManager":           "SystemManager('10.0.0.5:9160').list_keyspaces()",
}

func (s *Session) initHelp() {
	s.builtin("help(*object)", "Explains an object, or the shell.", func(c *call) (Value, error) {
		if len(c.extra) == 0 {
			return none, s.writeLine(helpText)
		}
		return none, s.writeLine(s.helpOn(c.extra[0]))
	})
	s.builtins["help"].(*native).shown = "Type help() for interactive help, or help(object) for help about object."
}

// helpOn describes a value by its header, its documentation, its methods and an example.
func (s *Session) helpOn(v Value) string {
	var b strings.Builder
	name := s.callableName(v)
	switch x := v.(type) {
	case *method:
		name = s.callableName(x.fn)
		b.WriteString(s.head(name, x.fn, 1))
		v = x.fn
	case *native, *function:
		b.WriteString(s.head(name, x, 0))
	case *class:
		name = x.name
		b.WriteString("class " + name)
		if init, ok := x.lookup("__init__"); ok {
			b.Reset()
			b.WriteString("class " + s.head(name, init, 1))
		}
		s.methodList(&b, x)
	case *object:
		b.WriteString("an object of class " + x.class.name)
		if n, ok := x.attrs.get("column_family"); ok {
			text, _ := s.str(n)
			b.WriteString(": the column family " + text)
		}
		s.methodList(&b, x.class)
		name = ""
	default:
		b.WriteString("a value of type " + s.typeName(v))
		s.methodList(&b, s.classOf(v))
		name = ""
	}
	if doc, ok := s.specialAttr(v, "__doc__"); ok {
		if text, ok := textOf(doc); ok && text != "" {
			b.WriteString("\n\n" + text)
		}
	}
	if e, ok := examples[name]; ok {
		b.WriteString("\n\nExample:\n  " + strings.ReplaceAll(e, "\n", "\n  "))
	}
	return b.String()
}

func (s *Session) head(name string, fn Value, skip int) string {
	var sig *signature
	switch f := fn.(type) {
	case *native:
		sig = f.sig
	case *function:
		sig = f.sig
	default:
		return name
	}
	var parts []string
	first := len(sig.params) - len(sig.defaults)
	for i, p := range sig.params {
		if i < skip {
			continue
		}
		if i >= first {
			text, err := s.repr(sig.defaults[i-first])
			if err != nil {
				text = "…"
			}
			p += "=" + text
		}
		parts = append(parts, p)
	}
	if sig.star != "" {
		parts = append(parts, "*"+sig.star)
	}
	if sig.double != "" {
		parts = append(parts, "**"+sig.double)
	}
	return name + "(" + wrapped(parts, len(name)+1) + ")"
}

// wrapped joins parts with commas, in lines of at most 79 characters. The later lines are indented to begin below the
// first part.
func wrapped(parts []string, indent int) string {
	var b strings.Builder
	col := indent
	for i, p := range parts {
		if i > 0 {
			b.WriteByte(',')
			if col += 2; col+len(p)+1 > 79 {
				b.WriteString("\n" + strings.Repeat(" ", indent))
				col = indent
			} else {
				b.WriteByte(' ')
			}
		}
		b.WriteString(p)
		col += len(p)
	}
	return b.String()
}

// methodList adds the names of a class's public methods.
func (s *Session) methodList(b *strings.Builder, c *class) {
	var names []string
	for _, n := range classNames(c) {
		a, _ := c.lookup(n)
		if strings.HasPrefix(n, "_") || !s.callable(a) {
			continue
		}
		if _, isClass := a.(*class); !isClass {
			names = append(names, n)
		}
	}
	if len(names) > 0 {
		b.WriteString("\n\nMethods: " + wrapped(names, len("Methods: ")))
	}
}
