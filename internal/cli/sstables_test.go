package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/internal/testkit/realcass"
)

var rewriteSSTables = flag.Bool("rewrite-sstables", false, "keep what real nodes print in testdata/sstables")

// sstableFamily is a column family of testdata/sstables/rows.jsonl.
type sstableFamily struct {
	name string
	// lost names the data that sstabledump (3.0 and later) does not print. Loading its output fails with that text.
	lost string
	// minutes is set if dates lose their seconds in 2.0 to 2.2. That is an error too.
	minutes bool
	// fails is set if sstabledump itself fails.
	fails bool
}

var sstableFamilies = []sstableFamily{
	{name: "Back"},
	{name: "Deleted"},
	{name: "Dyn", fails: true},
	{name: "Floats", lost: "prints null for NaN"},
	{name: "Hits", lost: "prints no counts"},
	{name: "Letters"},
	{name: "Pairs"},
	{name: "Sessions"},
	{name: "SuperHits", lost: "prints no counts"},
	{name: "Users", minutes: true},
	{name: "Values", fails: true},
	{name: "Wide"},
}

// TestSSTableFiles writes tables with every kind of column and tombstone on real nodes, and lets Cassandra's tools print
// them. It loads the output into an embedded store and compares the store with the nodes' answers over Thrift.
func TestSSTableFiles(t *testing.T) {
	for _, version := range realcass.Versions(t, "1.2.19", "2.0.17", "2.1.22", "2.2.19", "3.11.19") {
		t.Run(version, func(t *testing.T) {
			node := realcass.Start(t, realcass.Config{Version: version, Partitioner: "ByteOrderedPartitioner"}).Node(0)
			store := "thrift://" + node.Addr() + "?discovery=false"
			if code, _, errs := run(t, t.Context(), "", "--store", store, "load", "testdata/sstables/rows.jsonl"); code != exitDone {
				t.Fatal(errs)
			}
			deleteSome(t, store, node.Addr(), version)
			node.Stop(t) // the next start writes tables
			node.Start(t)
			code, want, errs := run(t, t.Context(), "", "--store", store, "dump", "--schema", "without", "Old")
			if code != exitDone {
				t.Fatal(errs)
			}
			node.Stop(t)
			dir := t.TempDir()
			if *rewriteSSTables {
				dir = filepath.Join("testdata", "sstables", version)
				if err := os.MkdirAll(dir, 0o777); err != nil {
					t.Fatal(err)
				}
			}
			for _, f := range sstableFamilies {
				tables := node.Tables(t, "Old", f.name)
				if len(tables) != 1 {
					t.Fatalf("%s has the tables %q, want one", f.name, tables)
				}
				if f.fails && version > "3" {
					continue
				}
				text := node.Tool(t, "org.apache.cassandra.tools.SSTableExport", tables[0])
				if err := os.WriteFile(filepath.Join(dir, f.name+".json"), text, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(dir, "dump.jsonl"), []byte(want), 0o666); err != nil {
				t.Fatal(err)
			}
			compareSSTables(t, dir, version)
		})
	}
}

// TestSSTableFilesKept does the same with files that an earlier TestSSTableFiles kept.
func TestSSTableFilesKept(t *testing.T) {
	dirs, err := filepath.Glob("testdata/sstables/*.*.*")
	if err != nil || len(dirs) < 2 {
		t.Fatalf("there are files of %d versions: %v", len(dirs), err)
	}
	for _, dir := range dirs {
		version := filepath.Base(dir)
		t.Run(version, func(t *testing.T) {
			compareSSTables(t, dir, version)
			for _, program := range []string{"gzip", "zstd"} {
				compareSSTables(t, compressAll(t, dir, program), version)
			}
		})
	}
}

// compressAll compresses the files of dir except dump.jsonl. Their names stay.
func compressAll(t *testing.T, dir, program string) string {
	t.Helper()
	out := t.TempDir()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text := must(os.ReadFile(filepath.Join(dir, f.Name())))
		if f.Name() != "dump.jsonl" {
			text = compressed(t, text, program)
		}
		if err := os.WriteFile(filepath.Join(out, f.Name()), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func compressed(t *testing.T, text []byte, program string) []byte {
	t.Helper()
	var buf bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&buf)
	if program == "zstd" {
		var err error
		if w, err = zstd.NewWriter(&buf); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Write(text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// longTTL matches the remaining seconds of a TTL of ten years in a line of a dump.
var longTTL = regexp.MustCompile(`,(\d{8,9})\]`)

// compareSSTables loads the files in dir and compares the store with dir's dump.jsonl.
func compareSSTables(t *testing.T, dir, version string) {
	t.Helper()
	all, err := os.ReadFile(filepath.Join(dir, "dump.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	definition, _, _ := strings.Cut(string(must(os.ReadFile("testdata/sstables/rows.jsonl"))), "\n")
	store := "embedded:" + t.TempDir() + "?durability=none"
	if code, _, errs := run(t, t.Context(), definition, "--store", store, "load"); code != exitDone {
		t.Fatal(errs)
	}
	for _, f := range sstableFamilies {
		if f.fails && version > "3" {
			continue
		}
		code, _, errs := run(t, t.Context(), "", "--store", store, "load", "-k", "Old", "-f", f.name, "--state", filepath.Join(t.TempDir(), "state"), filepath.Join(dir, f.name+".json"))
		if f.minutes && strings.HasPrefix(version, "2.") {
			f.lost = "is not a date"
		} else if version < "3" {
			f.lost = ""
		}
		if f.lost != "" {
			if code != exitFailed || !strings.Contains(errs, f.lost) {
				t.Errorf("%s: exit code %d: %s, want an error with %q", f.name, code, errs, f.lost)
			}
			continue
		}
		if code != exitDone {
			t.Errorf("%s: %s", f.name, errs)
		}
		_, got, _ := run(t, t.Context(), "", "--store", store, "dump", "--schema", "without", "Old", f.name)
		var want strings.Builder
		for line := range strings.Lines(string(all)) {
			if strings.HasPrefix(line, `{"family":"`+f.name+`"`) {
				want.WriteString(line)
			}
		}
		if diff := cmp.Diff(longTTL.ReplaceAllString(want.String(), ",TTL]"), longTTL.ReplaceAllString(got, ",TTL]")); diff != "" {
			t.Errorf("%s (-over Thrift +loaded):\n%s", f.name, diff)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

// deleteSome deletes in every way that the version supports.
func deleteSome(t *testing.T, store, addr, version string) {
	t.Helper()
	b, err := connect.Backend(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	names := func(names ...string) *backend.Predicate {
		p := &backend.Predicate{}
		for _, n := range names {
			p.Names = append(p.Names, []byte(n))
		}
		return p
	}
	const now = 2000000000000000
	one := "\x00\x00\x00\x00\x00\x00\x00\x01"
	slice := func(start, finish string) *backend.Predicate {
		return &backend.Predicate{Start: []byte(start), Finish: []byte(finish)}
	}
	for _, d := range []struct {
		family, key string
		since       string
		m           backend.Mutation
	}{
		{"Deleted", "row", "", backend.Mutation{}},
		{"Deleted", "both", "", backend.Mutation{}},
		{"Deleted", "cells", "", backend.Mutation{Columns: names("a", "c", "never")}},
		{"Deleted", "slice", "2", backend.Mutation{Columns: slice("b", "d")}},
		{"Deleted", "slice", "3", backend.Mutation{Timestamp: now + 9, Columns: slice("c", "f")}},
		{"Letters", "deleted", "", backend.Mutation{Super: []byte("x")}},
		{"Letters", "deleted", "", backend.Mutation{Super: []byte("y"), Columns: names(one)}},
		{"Letters", "row", "", backend.Mutation{}},
		{"Users", "gone", "", backend.Mutation{}},
		{"Users", "part", "", backend.Mutation{Columns: names("age", "other")}},
		{"Hits", "k2", "", backend.Mutation{Columns: names("a")}},
		{"Hits", "k3", "", backend.Mutation{}},
		{"SuperHits", "k2", "", backend.Mutation{Super: []byte("s")}},
	} {
		if version < d.since {
			continue
		}
		d.m.Op = backend.Delete
		if d.m.Timestamp == 0 {
			d.m.Timestamp = now
		}
		r := &backend.MutateRequest{Keyspace: "Old", Rows: []backend.RowMutation{{Family: d.family, Key: []byte(d.key), Mutations: []backend.Mutation{d.m}}}}
		if err := b.Mutate(t.Context(), r); err != nil {
			t.Fatalf("delete in %s, row %s: %v", d.family, d.key, err)
		}
	}
	for _, where := range []string{"USING TIMESTAMP 2000000000000000 WHERE key = 'k:1' AND key2 = 7 AND column1 = 2", "USING TIMESTAMP 0 WHERE key = 'k:1' AND key2 = 7 AND column1 = 3"} {
		cql(t, addr, `DELETE FROM "Old"."Pairs" `+where)
	}
}

// cql runs a CQL 3 statement over Thrift. In 1.2 only CQL can write the tombstone of a slice.
func cql(t *testing.T, addr, query string) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	const method = "execute_cql3_query"
	text := func(b []byte, s string) []byte { return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...) }
	m := text([]byte{0x80, 1, 0, 1}, method)
	m = append(m, 0, 0, 0, 1, 11, 0, 1)                        // the sequence number of the call; field 1 is the query
	m = text(m, query)                                         //
	m = append(m, 8, 0, 2, 0, 0, 0, 2, 8, 0, 3, 0, 0, 0, 1, 0) // field 2 is no compression; field 3 is consistency ONE
	_, err = conn.Write(text(nil, string(m)))                  // a frame
	head := make([]byte, 4)
	if err == nil {
		_, err = io.ReadFull(conn, head)
	}
	if err != nil {
		t.Fatal(err)
	}
	reply := make([]byte, binary.BigEndian.Uint32(head))
	if _, err := io.ReadFull(conn, reply); err != nil {
		t.Fatal(err)
	}
	if field := reply[len(text(nil, method))+8:]; !bytes.HasPrefix(field[1:], []byte{0, 0}) { // not the result
		t.Fatal(fmt.Errorf("%s: %q", query, reply))
	}
}
