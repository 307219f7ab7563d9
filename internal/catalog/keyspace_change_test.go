package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/schema"
)

func TestKeyspaceReasons(t *testing.T) {
	const (
		badName = `Keyspace name must not be empty, more than 48 characters long, or contain non-alphanumeric-underscore characters (got "%")`
		system  = "system keyspace is not user-modifiable"
	)
	type options = map[string]string
	create := func(name, strategy string, o options, families ...schema.Family) schema.Change {
		return schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: name, Strategy: strategy, StrategyOptions: o, Families: families}}
	}
	alter := func(name, strategy string, o options) schema.Change {
		return schema.AlterKeyspace{Keyspace: schema.Keyspace{Name: name, Strategy: strategy, StrategyOptions: o}}
	}
	one := options{"replication_factor": "1"}
	long := strings.Repeat("a", 49)
	c := app(t, schema.Family{Name: "S"})
	for _, test := range []struct {
		name   string
		change schema.Change
		want   string
	}{
		{"plain", create("b", "", nil), ""},
		{"longest name", create(long[1:], "", nil), ""},
		{"exists", create("app", "", nil), `Keyspace names must be case-insensitively unique ("app" conflicts with "app")`},
		{"exists in another case", create("APP", "", nil), `Keyspace names must be case-insensitively unique ("APP" conflicts with "app")`},
		{"no name", create("", "", nil), strings.Replace(badName, "%", "", 1)},
		{"bad name", create("a-b", "", nil), strings.Replace(badName, "%", "a-b", 1)},
		{"name of two lines", create("a\n", "", nil), strings.Replace(badName, "%", "a\n", 1)},
		{"name not in ASCII", create("é", "", nil), strings.Replace(badName, "%", "é", 1)},
		{"name too long", create(long, "", nil), strings.Replace(badName, "%", long, 1)},
		{"system", create("system", "", nil), system},
		{"system in another case", create("System", "", nil), system},
		{"1.2: Keyspace names must be case-insensitively unique …", create("system_traces", "", nil), system},
		{"1.2: allowed", create("system_auth", "", nil), system},

		{"short strategy", create("b", "SimpleStrategy", one), ""},
		{"long strategy", create("b", schema.SimpleStrategy, one), ""},
		{"factor 0", create("b", schema.SimpleStrategy, options{"replication_factor": "0"}), ""},
		{"factor +1", create("b", schema.SimpleStrategy, options{"replication_factor": "+1"}), ""},
		{"unknown option", create("b", schema.SimpleStrategy, options{"replication_factor": "1", "x": "y"}), ""},
		{"network", create("b", "NetworkTopologyStrategy", options{"dc1": "3"}), ""},
		{"network of no data centre", create("b", "NetworkTopologyStrategy", options{}), ""},
		{"old network", create("b", "OldNetworkTopologyStrategy", one), ""},
		{"unknown strategy", create("b", "NoSuch", one), "Unable to find replication strategy class 'org.apache.cassandra.locator.NoSuch'"},
		{"unknown strategy in full", create("b", "a.b.NoSuch", one), "Unable to find replication strategy class 'a.b.NoSuch'"},
		{"local strategy", create("b", "LocalStrategy", nil), "Unable to use given strategy class: LocalStrategy is reserved for internal use."},
		{"no options", create("b", "SimpleStrategy", nil), "SimpleStrategy requires a replication_factor strategy option."},
		{"no factor", create("b", "", options{}), "SimpleStrategy requires a replication_factor strategy option."},
		{"no factor, old network", create("b", "OldNetworkTopologyStrategy", nil), "SimpleStrategy requires a replication_factor strategy option."},
		{"factor x", create("b", "", options{"replication_factor": "x"}), "Replication factor must be numeric; found x"},
		{"factor -1", create("b", "", options{"replication_factor": "-1"}), "Replication factor must be non-negative; found -1"},
		{"factor for network", create("b", "NetworkTopologyStrategy", one), "Error constructing replication strategy class"},
		{"count x", create("b", "NetworkTopologyStrategy", options{"dc1": "x"}), "Error constructing replication strategy class"},
		{"count -1", create("b", "NetworkTopologyStrategy", options{"dc1": "-1"}), "Replication factor must be non-negative; found -1"},

		{"with families", create("b", "", nil, schema.Family{Name: "X"}, schema.Family{Name: "x", Keyspace: "b"}), ""},
		{"with a family of another", create("b", "", nil, schema.Family{Name: "X", Keyspace: "app"}), "CfDef (X) had a keyspace definition that did not match KsDef"},
		{"with a bad family", create("b", "", nil, schema.Family{Name: "a-b"}), `ColumnFamily name must not be empty, more than 48 characters long, or contain non-alphanumeric-underscore characters (got "a-b")`},

		{"alter", alter("app", "SimpleStrategy", options{"replication_factor": "3"}), ""},
		{"alter strategy", alter("app", "NetworkTopologyStrategy", options{"dc1": "1"}), ""},
		{"alter missing", alter("b", "", one), "Keyspace b does not exist"},
		{"alter system", alter("system", "", one), system},
		{"alter to unknown strategy", alter("app", "Nope", nil), "Unable to find replication strategy class 'org.apache.cassandra.locator.Nope'"},
		{"alter away factor", alter("app", "", options{}), "SimpleStrategy requires a replication_factor strategy option."},
		{"alter strategy without options", alter("app", "OldNetworkTopologyStrategy", nil), "SimpleStrategy requires a replication_factor strategy option."},

		{"drop", schema.DropKeyspace{Name: "app"}, ""},
		{"drop missing", schema.DropKeyspace{Name: "b"}, "Cannot drop non existing keyspace 'b'."},
		{"drop system", schema.DropKeyspace{Name: "system"}, system},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.Apply(test.change)
			checkReason(t, err, test.want)
		})
	}
}

func TestKeyspaceDefinitions(t *testing.T) {
	type options = map[string]string
	// If two families have the same name, the last is used, as in 1.2.
	c, err := New([]schema.Keyspace{{Name: "k", Families: []schema.Family{{Name: "X"}, {Name: "X", Comparator: "UTF8Type"}}}})
	if err != nil {
		t.Fatal(err)
	}
	if f, err := c.Family("k", "X"); err != nil || f.Def.Comparator != "org.apache.cassandra.db.marshal.UTF8Type" {
		t.Errorf("Family(k, X) = %v, %v", f, err)
	}
	for _, step := range []struct {
		change   schema.Keyspace
		strategy string
		options  options
		durable  bool
	}{
		{schema.Keyspace{}, schema.SimpleStrategy, options{"replication_factor": "1"}, true},
		{schema.Keyspace{DurableWrites: new(false)}, schema.SimpleStrategy, options{"replication_factor": "1"}, false},
		{schema.Keyspace{ReplicationFactor: new(int32(2))}, schema.SimpleStrategy, options{"replication_factor": "2"}, false},
		{schema.Keyspace{Strategy: "SimpleStrategy"}, schema.SimpleStrategy, options{"replication_factor": "2"}, false},
		{schema.Keyspace{Strategy: "NetworkTopologyStrategy"}, schema.NetworkTopologyStrategy, options{}, false},
		{schema.Keyspace{StrategyOptions: options{"dc": "2"}}, schema.NetworkTopologyStrategy, options{"dc": "2"}, false},
		{schema.Keyspace{Strategy: schema.SimpleStrategy, StrategyOptions: options{"replication_factor": "3"}, DurableWrites: new(true)}, schema.SimpleStrategy, options{"replication_factor": "3"}, true},
	} {
		step.change.Name = "k"
		c = apply(t, c, schema.AlterKeyspace{Keyspace: step.change})
		got, _ := c.Keyspaces("k")
		got[0].Families = nil
		want := schema.Keyspace{Name: "k", Strategy: step.strategy, StrategyOptions: step.options, DurableWrites: &step.durable}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Errorf("after %+v (-want +got):\n%s", step.change, diff)
		}
	}
}
