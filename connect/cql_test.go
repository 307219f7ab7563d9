package connect

import (
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/widerow/widerow/cqlclient"
)

func TestCQLParameters(t *testing.T) {
	got, err := cqlOptionsOf(t, "cql://h1?timeout=1s&connect_timeout=2s&schema_timeout=3s&max_retries=0&speculative_delay=4ms&write_delay=12us"+
		"&speculative_attempts=5&local_datacenter=dc&local_rack=r&discovery=false&connections=6&compression=lz4&protocol=5"+
		"&parallel=7&page_size=8&batch_bytes=9&batch_statements=10&statements=11&tls_name=db")
	if err != nil {
		t.Fatal(err)
	}
	want := &cqlclient.Options{
		Timeout: time.Second, ConnectTimeout: 2 * time.Second, SchemaTimeout: 3 * time.Second, Retries: -1,
		SpeculativeDelay: 4 * time.Millisecond, WriteDelay: 12 * time.Microsecond, SpeculativeAttempts: 5, LocalDatacenter: "dc", LocalRack: "r", NoDiscovery: true,
		Connections: 6, Compression: "lz4", Protocol: 5, Parallel: 7, PageSize: 8, BatchBytes: 9, BatchStatements: 10, Statements: 11,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(cqlclient.Options{}, "TLS", "Events")); diff != "" {
		t.Errorf("options (-want +got):\n%s", diff)
	}
	if got.TLS == nil || got.TLS.ServerName != "db" {
		t.Errorf("TLS = %+v", got.TLS)
	}
}

// Every option that is a text or a number must have a parameter.
func TestCQLParametersAreAll(t *testing.T) {
	elsewhere := []string{"Username", "Password", "TLS", "Dial", "Translate", "Logger", "Events"}
	samples := []string{"7s", "7", "false", "lz4"}
	fields := map[string]bool{}
	for _, p := range cqlParameters {
		if p.set == nil {
			continue
		}
		var o cqlclient.Options
		if !slices.ContainsFunc(samples, func(s string) bool { return p.set(&o, s) == nil }) {
			t.Errorf("parameter %s takes none of %q", p.name, samples)
		}
		v := reflect.ValueOf(o)
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				fields[v.Type().Field(i).Name] = true
			}
		}
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[cqlclient.Options]()) {
		if !fields[f.Name] && !slices.Contains(elsewhere, f.Name) {
			t.Errorf("option %s has no parameter in cql: URLs", f.Name)
		}
	}
}

func cqlOptionsOf(t *testing.T, url string) (*cqlclient.Options, error) {
	t.Helper()
	target, err := parse(url)
	if err != nil {
		t.Fatal(err)
	}
	return cqlOptions(&target, new(settings))
}

func TestAuthority(t *testing.T) {
	want := authority{user: "a@n", password: "p:w?", hosts: []string{"h1:9042", "h2"}, keyspace: "k s"}
	for _, scheme := range []string{"cql", "thrift"} {
		got, err := parseAuthority(scheme, "//"+url.QueryEscape("a@n")+":p:w%3F@h1:9042,h2/k%20s")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(authority{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", scheme, diff)
		}
	}
}

func TestPorts(t *testing.T) {
	for hosts, valid := range map[string]bool{
		"h": true, "h:1": true, "h:65535": true, "[::1]": true, "[::1]:9042": true, "::1": true, "h1,h2:9": true,
		"h:": false, "h:0": false, "h:65536": false, "h:-1": false, "h:x": false, "h:1:2": false, "[::1": false, "h1,h2:x": false,
	} {
		if _, err := parseAuthority("cql", "//"+hosts); (err == nil) != valid {
			t.Errorf("%s: error %v, want valid %v", hosts, err, valid)
		}
	}
}
