package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	files, err := generate("../cassandra.thrift")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 {
		t.Errorf("%d files, want 3", len(files))
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s differs from gen's output: run go generate ./internal/thriftwire", name)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"struct S { 1: required i32", "unexpected end"},
		{"struct S { one: i32 a }", "want a number"},
		{"enum E { A }", `want "="`},
		{"struct S { 1: i32 a = 5 }", `want "i32"`},
		{"const i32 A = 1", "does not begin a declaration"},
		{"service S { void f( 1: i32 a ) throws ire }", `want "("`},
		{`service S { void f() (open = "false") }`, `want "\"true\""`},
	} {
		if _, err := parse("test.thrift", tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("parse(%q) = %v, want an error with %q", tt.text, err, tt.want)
		}
	}
	f, err := parse("test.thrift", "struct S { 1: Missing a }")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := emit(f); err == nil || !strings.Contains(err.Error(), "Missing") {
		t.Errorf("emit = %v, want an error about the unknown type", err)
	}
}

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"column_family": "ColumnFamily", "ttl": "TTL", "cfName": "CfName", "itemId": "ItemID", "LOCAL_QUORUM": "LocalQuorum",
		"EQ": "EQ", "execute_cql3_query": "ExecuteCQL3Query", "memtable_flush_period_in_ms": "MemtableFlushPeriodInMillis",
	} {
		if got := goName(name); got != want {
			t.Errorf("goName(%q) = %q, want %q", name, got, want)
		}
	}
}
