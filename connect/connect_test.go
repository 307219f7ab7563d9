package connect_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/schema"
)

func TestOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a store")
	for _, url := range []string{
		"memory:",
		"memory:?partitioner=random",
		"MEMORY:",
		"embedded:" + dir,
		"embedded:" + dir + "2?partitioner=byteordered&durability=10s",
		"embedded:" + dir + "3?cache=8MiB&memtable=1048576",
		"embedded:" + strings.ReplaceAll(dir, " ", "%20"),
	} {
		db, err := connect.Open(t.Context(), url)
		if err != nil {
			t.Errorf("Open(%q): %v", url, err)
			continue
		}
		if _, err := db.System().Keyspaces(t.Context()); err != nil {
			t.Errorf("%s: Keyspaces: %v", url, err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("%s: Close: %v", url, err)
		}
	}
}

// TestNilArguments opens with a nil context, and with a nil option. The error names the argument, and hides the password.
func TestNilArguments(t *testing.T) {
	var noContext context.Context
	const url = "thrift://ann:secret@127.0.0.1"
	_, openContext := connect.Open(noContext, url)
	_, openOption := connect.Open(t.Context(), url, connect.Existing(), nil)
	_, backendContext := connect.Backend(noContext, url)
	_, backendOption := connect.Backend(t.Context(), url, nil)
	for _, tt := range []struct {
		name, want string
		err        error
	}{
		{"Open with a nil context", "the context is nil", openContext},
		{"Open with a nil option", "an option is nil", openOption},
		{"Backend with a nil context", "the context is nil", backendContext},
		{"Backend with a nil option", "an option is nil", backendOption},
	} {
		if !errors.Is(tt.err, widerow.ErrInvalidRequest) || !strings.Contains(tt.err.Error(), tt.want) || strings.Contains(tt.err.Error(), "secret") {
			t.Errorf("%s: %v, want an invalid request: %s", tt.name, tt.err, tt.want)
		}
	}
}

func TestPartitionerIsUsed(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"memory:", "ByteOrderedPartitioner"},
		{"memory:?partitioner=murmur3", "Murmur3Partitioner"},
		{"memory:?partitioner=orderpreserving", "OrderPreservingPartitioner"},
		{"memory:?partitioner=random", "RandomPartitioner"},
	} {
		b, err := connect.Backend(t.Context(), tt.url)
		if err != nil {
			t.Errorf("Backend(%q): %v", tt.url, err)
			continue
		}
		facts, err := b.Describe(t.Context(), &backend.DescribeRequest{Facts: backend.FactPartitioner})
		if err != nil || !strings.HasSuffix(facts.Partitioner, "."+tt.want) {
			t.Errorf("%s: Describe = %+v, %v, want %s", tt.url, facts, err, tt.want)
		}
		_ = b.Close()
	}
}

func TestMemory(t *testing.T) {
	if _, err := connect.Open(t.Context(), "memory:", connect.Memory(1<<20, 2<<30)); err == nil || !strings.Contains(err.Error(), "MemTableSize") {
		t.Errorf("a memtable of 2 GiB: error %v", err)
	}
	db, err := connect.Open(t.Context(), "memory:?memtable=1MiB", connect.Memory(1<<20, 2<<30))
	if err != nil {
		t.Fatalf("the size in the URL does not win: %v", err)
	}
	db.Close()
}

// TestReadOnly opens a store for reading, by the URL and by an option that the URL overrides.
func TestReadOnly(t *testing.T) {
	url := "embedded:" + t.TempDir()
	change := schema.CreateKeyspace{Keyspace: schema.Keyspace{Name: "ks", StrategyOptions: map[string]string{"replication_factor": "1"}}}
	for _, tt := range []struct {
		url  string
		opts []connect.Option
		want error
	}{
		{url, nil, nil},
		{url + "?readonly=true", nil, widerow.ErrUnsupported},
		{url, []connect.Option{connect.ReadOnly()}, widerow.ErrUnsupported},
		{url + "?readonly=false", []connect.Option{connect.ReadOnly()}, nil},
	} {
		b, err := connect.Backend(t.Context(), tt.url, tt.opts...)
		if err != nil {
			t.Fatal(err)
		}
		change.Keyspace.Name += "x"
		if _, err := b.Alter(t.Context(), change); !errors.Is(err, tt.want) {
			t.Errorf("%s, with %d options: %v, want %v", tt.url, len(tt.opts), err, tt.want)
		}
		_ = b.Close()
	}
	if _, err := connect.Open(t.Context(), "memory:", connect.Memory(1<<20, -1)); !errors.Is(err, widerow.ErrInvalidRequest) {
		t.Errorf("a memtable of -1 bytes: %v", err)
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"", "no scheme"},
		{"data", "embedded:data"},
		{"./data:x", "no scheme"},
		{"embedded:", "no directory"},
		{"embedded://data", "not by //"},
		{"embedded:a%zz", "%25"},
		{"embedded:x?partitioner=upsidedown", "upsidedown"},
		{"embedded:x?durability=never", `"never"`},
		{"embedded:x?cache=32MB", `cache: invalid size "32MB": write a number of bytes such as 33554432, or 32MiB`},
		{"embedded:x?memtable=-1", `memtable: invalid size "-1"`},
		{"memory:?cache=0", `cache: invalid size "0"`},
		{"memory:?cache=9999999999GiB", "invalid size"},
		{"memory:?memtable=2GiB", "MemTableSize"},
		{"memory:?memtable=1", "MemTableSize"},
		{"embedded:x?memtable=1000", "MemTableSize"},
		{"embedded:x?readonly=perhaps", "neither true nor false"},
		{"embedded:x?readonly=true", "no such directory"},
		{"memory:?readonly=true", `unknown parameter "readonly"`},
		{"embedded:x?color=blue&size=3", `unknown parameter "color", "size": embedded: takes partitioner, durability`},
		{"embedded:x?partitioner=random&partitioner=murmur3", "given 2 times"},
		{"embedded:x?partitioner=", "has no value"},
		{"embedded:x?%zz", "cannot be read"},
		{"memory:data", "takes no directory"},
		{"memory:?durability=none", `unknown parameter "durability"`},
		{"mysql://localhost", `unknown scheme "mysql"`},
		{"thrift:h1", "followed by //"},
		{"thrift://", "a host is empty"},
		{"thrift://h1,,h2", "a host is empty"},
		{"thrift://:secret@h1", "no user"},
		{"thrift://ann:50%@h1", "%25"},
		{"thrift://h1/a/b", "one name"},
		{"thrift://h1?color=blue", `unknown parameter "color"`},
		{"thrift://h1?timeout=soon", `invalid duration "soon"`},
		{"thrift://h1?pool_size=many", `invalid number "many"`},
		{"thrift://h1?discovery=perhaps", "neither true nor false"},
		{"thrift://h1?tls_cert=c.pem", "need each other"},
		{"thrift://h1?tls_ca=absent.pem", "absent.pem"},
		{"cql://", "write cql://host"},
		{"cql:h1", "write cql://host"},
		{"cql://ann:50%@h1", "%25"},
		{"cql://h1/a/b", "one name"},
		{"cql://h1?pool_size=3", `unknown parameter "pool_size"`},
		{"cql://h1?timeout=forever", `invalid duration "forever"`},
		{"cql://h1?connections=0", `invalid number "0"`},
		{"cql://h1?compression=zip", "want lz4 or snappy"},
		{"cql://h1?protocol=3", "want 4 or 5"},
		{"cql://h1?local_rack=r1", "LocalDatacenter"},
		{"cql://h1?discovery=perhaps", "neither true nor false"},
		{"cql://h1?tls_cert=c.pem", "need each other"},
		{"cql://127.0.0.1:1?connect_timeout=1s", "unavailable"},
		{"cql://ann:secret@127.0.0.1:1/ks", "cql://ann:xxxxx@127.0.0.1:1/ks"},
		{"thrift://127.0.0.1:1?tls=false&max_retries=0", "no server can be connected to"},
	} {
		t.Chdir(t.TempDir())
		db, err := connect.Open(t.Context(), tt.url)
		if err == nil {
			_ = db.Close()
			t.Errorf("Open(%q): no error", tt.url)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Open(%q): %q, want it to contain %q", tt.url, err, tt.want)
		}
	}
}

func TestOpenEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := connect.Open(ctx, "memory:"); !errors.Is(err, context.Canceled) {
		t.Errorf("Open: %v, want context.Canceled", err)
	}
}

func TestRedact(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"embedded:data?durability=10s", "embedded:data?durability=10s"},
		{"embedded:me@home:x", "embedded:me@home:x"},
		{"thrift://h1,h2:9160/ks", "thrift://h1,h2:9160/ks"},
		{"thrift://ann:pw@h1:9160", "thrift://ann:xxxxx@h1:9160"},
		{"thrift://ann@h1:9160", "thrift://ann@h1:9160"},
		{"thrift://ann:p@w:d@h1", "thrift://ann:xxxxx@h1"},
		{"thrift://ann:p?w@h1", "thrift://ann:xxxxx@h1"},
		{"thrift:ann:pw@h1", "thrift:ann:xxxxx@h1"},
		{"cql://h1?username=ann&password=pw&x=1", "cql://h1?username=ann&password=xxxxx&x=1"},
		{"cql://h1?Passwd=pw", "cql://h1?Passwd=xxxxx"},
	} {
		if got := connect.Redact(tt.url); got != tt.want {
			t.Errorf("Redact(%q) = %q, want %q", tt.url, got, tt.want)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	t.Setenv(connect.Variable, "")
	if got := connect.FromEnvironment(); got != connect.Default {
		t.Errorf("FromEnvironment() = %q, want %q", got, connect.Default)
	}
	t.Setenv(connect.Variable, "memory:")
	if got := connect.FromEnvironment(); got != "memory:" {
		t.Errorf("FromEnvironment() = %q, want memory:", got)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("ann", "secret", "h1:9160/ks?x=1")
	f.Add("ann", "se?cr@et", "h1")
	f.Fuzz(func(t *testing.T, user, password, rest string) {
		if strings.ContainsAny(user, ":@/?") || strings.Contains(rest, "@") || len(password) < 4 {
			t.Skip()
		}
		url := "thrift://" + user + ":" + password + "@" + rest
		if red := connect.Redact(url); strings.Contains(red, ":"+password+"@") {
			t.Errorf("Redact(%q) = %q", url, red)
		}
		// The test uses no scheme that would open a connection.
		url = "mysql" + strings.TrimPrefix(url, "thrift")
		if _, err := connect.Open(t.Context(), url); err == nil || strings.Contains(err.Error(), ":"+password+"@") {
			t.Errorf("Open(%q): %v", url, err)
		}
	})
}

func TestDir(t *testing.T) {
	for url, want := range map[string]string{
		"embedded:a/b%25c?durability=none": "a/b%c", "memory:": "", "thrift://h": "", "nonsense": "", "embedded:": "",
	} {
		if dir, ok := connect.Dir(url); dir != want && ok || ok != (want != "") {
			t.Errorf("Dir(%q) = %q, %t, want %q", url, dir, ok, want)
		}
	}
}
