package realcass

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseRelease(t *testing.T) {
	for _, tt := range []struct{ version, want string }{
		{"1.2.19", "1.2.19"},
		{"1.2.3", "1.2.3"},
		{"1.2", "1.2.19"},
		{"0.7", "0.7.10"},
		{"3.0", "3.0.29"},
		{"0.6.13", ""},
		{"0.6", ""},
		{"6", ""},
		{"1.2.x", ""},
		{"1.2.-1", ""},
		{"1.2.3.4", ""},
		{"", ""},
	} {
		r, err := parseRelease(tt.version)
		if tt.want == "" {
			if err == nil {
				t.Errorf("parseRelease(%q) = %v, want an error", tt.version, r)
			}
		} else if err != nil || r.String() != tt.want {
			t.Errorf("parseRelease(%q) = %v, %v, want %s", tt.version, r, err, tt.want)
		}
	}
}

func TestReleasesAreInOrder(t *testing.T) {
	var last release
	for _, version := range Releases {
		r, err := parseRelease(version)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Compare(last[:], r[:]) >= 0 {
			t.Errorf("%v stands before %v", last, r)
		}
		last = r
	}
}

func TestVariable(t *testing.T) {
	for _, tt := range []struct {
		value string
		want  []asked
		wrong bool
	}{
		{value: ""},
		{value: "1.2", want: []asked{{version: "1.2.19"}}},
		{value: " 1.2.3, 3.11.19 ,", want: []asked{{version: "1.2.3"}, {version: "3.11.19"}}},
		{value: "1.2=127.0.0.9:9160,2.0.1", want: []asked{{"1.2.19", "127.0.0.9:9160"}, {version: "2.0.1"}}},
		{value: "1.2.19=127.0.0.9", wrong: true},
		{value: "1.2.19=", wrong: true},
		{value: "new", wrong: true},
		{value: "1", wrong: true},
	} {
		got, err := parseVariable(tt.value)
		if (err != nil) != tt.wrong {
			t.Errorf("parseVariable(%q): %v", tt.value, err)
		}
		if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(asked{})); diff != "" {
			t.Errorf("parseVariable(%q) (-want +got):\n%s", tt.value, diff)
		}
	}
	all, err := parseVariable("all")
	if err != nil || len(all) != len(Releases) {
		t.Errorf("parseVariable(all) = %v, %v", all, err)
	}
}

func TestVersions(t *testing.T) {
	t.Setenv(Variable, "1.2.19,2.0.17,3.11.19=127.0.0.9:9160")
	for _, tt := range []struct{ wanted, want []string }{
		{nil, []string{"1.2.19", "2.0.17", "3.11.19"}},
		{[]string{"3.11", "1.2.19"}, []string{"1.2.19", "3.11.19"}},
		{[]string{"2.0", "2"}, []string{"2.0.17"}},
		{[]string{"1.2.1"}, nil},
	} {
		var got []string
		t.Run(strings.Join(tt.wanted, " "), func(t *testing.T) {
			if tt.want == nil {
				defer func() {
					if !t.Skipped() {
						t.Error("was not skipped")
					}
				}()
			}
			got = Versions(t, tt.wanted...)
		})
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("Versions(%q) (-want +got):\n%s", tt.wanted, diff)
		}
	}
}

// A test that needs more than one plain node is skipped on a running node.
func TestRunningNode(t *testing.T) {
	t.Setenv(Variable, "1.2.19=127.0.0.9:9160")
	c := Start(t, Config{Version: "1.2"})
	if diff := cmp.Diff([]string{"127.0.0.9:9160"}, c.Addrs()); diff != "" {
		t.Errorf("Addrs (-want +got):\n%s", diff)
	}
	n := c.Node(0)
	if n.Host() != "127.0.0.9" || n.NativeAddr() != "127.0.0.9:9042" || n.PID() != 0 || n.Log() != "" {
		t.Errorf("node = %s, %s, %d, %q", n.Host(), n.NativeAddr(), n.PID(), n.Log())
	}
	for name, use := range map[string]func(t testing.TB){
		"ring":        func(t testing.TB) { Start(t, Config{Version: "1.2", Nodes: 3}) },
		"partitioner": func(t testing.TB) { Start(t, Config{Version: "1.2", Partitioner: "ByteOrderedPartitioner"}) },
		"auth":        func(t testing.TB) { Start(t, Config{Version: "1.2", Auth: true}) },
		"join":        func(t testing.TB) { c.Join(t) },
		"start":       n.Start,
		"stop":        n.Stop,
		"kill":        n.Kill,
		"pause":       n.Pause,
		"resume":      n.Resume,
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if !t.Skipped() {
					t.Error("was not skipped")
				}
			}()
			use(t)
		})
	}
}

func TestNewPlan(t *testing.T) {
	p, err := newPlan(Config{Version: "1.2"})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Version: "1.2", Partitioner: "RandomPartitioner", Nodes: 1, HeapMB: 512,
		RequestTimeout: 10 * time.Second, StartTimeout: 3 * time.Minute,
	}
	if diff := cmp.Diff(want, p.Config); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	for _, c := range []Config{
		{},
		{Version: "1.2", Nodes: -1},
		{Version: "1.2", Nodes: maxNodes + 1},
		{Version: "1.2", HeapMB: 8},
		{Version: "1.2", RequestTimeout: time.Microsecond},
		{Version: "1.2", StartTimeout: -1},
		{Version: "1.1", Auth: true},
		{Version: "1.1", Partitioner: "Murmur3Partitioner"},
		{Version: "4.0", TLS: &TLS{}},
		{Version: "1.2", Partitioner: "org.apache.cassandra.dht.RandomPartitioner"},
	} {
		if _, err := newPlan(c); err == nil {
			t.Errorf("newPlan(%+v) has no error", c)
		}
	}
}

func TestYAML(t *testing.T) {
	for version, want := range map[string][]string{
		"0.7": {"seeds: [127.9.0.2, 127.9.0.3]", `initial_token: "113427455640312821148309287786019553280"`, "rpc_timeout_in_ms: 2000"},
		"1.2": {
			"seed_provider: [{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: '127.9.0.2,127.9.0.3'}]}]",
			"read_request_timeout_in_ms: 2000", "start_rpc: true",
		},
		"2.1": {"num_tokens: 16", "counter_write_request_timeout_in_ms: 2000"},
		"5.0": {"num_tokens: 16", "partitioner: org.apache.cassandra.dht.Murmur3Partitioner"},
	} {
		p, err := newPlan(Config{
			Version: version, Nodes: 3, RequestTimeout: 2 * time.Second,
			YAML: map[string]string{"cluster_name": "'mine'", "hinted_handoff_enabled": "", "added": "1"},
		})
		if err != nil {
			t.Fatal(err)
		}
		n := &Node{host: "127.9.0.1", dir: "/x", place: evenPlace(2, 3), joins: true}
		text := p.yaml(n, []string{"127.9.0.2", "127.9.0.3"})
		lines := strings.Split(text, "\n")
		for _, line := range append(want, "cluster_name: 'mine'", "added: 1", "auto_bootstrap: true", "listen_address: 127.9.0.1") {
			if !slices.Contains(lines, line) {
				t.Errorf("%s: no line %q in\n%s", version, line, text)
			}
		}
		if strings.Contains(text, "hinted_handoff_enabled") {
			t.Errorf("%s: a removed setting is in\n%s", version, text)
		}
	}
}

func TestToken(t *testing.T) {
	for _, tt := range []struct {
		partitioner string
		place       uint64
		want        string
	}{
		{"RandomPartitioner", 0, "0"},
		{"RandomPartitioner", 1 << 63, "85070591730234615865843651857942052864"}, // 2^126
		{"Murmur3Partitioner", 0, "-9223372036854775808"},
		{"Murmur3Partitioner", 1 << 63, "0"},
		{"Murmur3Partitioner", 1<<64 - 1, "9223372036854775807"},
		{"ByteOrderedPartitioner", 1 << 63, "8000000000000000"},
		{"OrderPreservingPartitioner", 0, "0000000000000000"},
	} {
		if got := token(tt.partitioner, tt.place); got != tt.want {
			t.Errorf("token(%s, %d) = %s, want %s", tt.partitioner, tt.place, got, tt.want)
		}
	}
}

func TestWidestGap(t *testing.T) {
	for _, tt := range []struct {
		others []uint64
		want   uint64
	}{
		{[]uint64{0}, 1 << 63},
		{[]uint64{1 << 62}, 1<<63 + 1<<62},
		{[]uint64{0, 1 << 63, 1 << 62}, 1<<63 + 1<<62},
		{[]uint64{1 << 62, 1 << 63}, 1<<63 + 1<<62 + 1<<61},
	} {
		got := widestGap(tt.others)
		// The middle is exact up to a few units in the last place.
		if d := int64(got - tt.want); d < -2 || d > 2 {
			t.Errorf("widestGap(%x) = %x, want %x", tt.others, got, tt.want)
		}
	}
}
