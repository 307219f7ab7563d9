package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
)

var rewrite = flag.Bool("rewrite", false, "rewrite testdata")

// TestTour compares the output of the tour with testdata/tour.txt. The timestamps
// count up from the timestamp in pycassa's tutorial.
func TestTour(t *testing.T) {
	next := int64(1354459123410931)
	front := &widerow.Options{Timestamps: func() int64 { next++; return next }}
	db, err := connect.Open(t.Context(), "memory:", connect.Front(front))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out bytes.Buffer
	if err := tour(t.Context(), db, false, &out); err != nil {
		t.Fatalf("%v\nafter:\n%s", err, out.Bytes())
	}
	golden := filepath.Join("testdata", "tour.txt")
	if *rewrite {
		if err := os.WriteFile(golden, out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("the tour differs from %s (-want +got), update it with -rewrite:\n%s", golden, diff)
	}
}

// TestTourOnDisk runs the tour twice on one store, as a user may, and once without --store.
func TestTourOnDisk(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "tour.txt"))
	if err != nil {
		t.Fatal(err)
	}
	timestamps := regexp.MustCompile(`(?m)^[0-9]{16}$`)
	url := "embedded:" + filepath.Join(t.TempDir(), "store")
	for _, store := range []string{url, url, ""} {
		var out bytes.Buffer
		if err := open(t.Context(), store, false, &out); err != nil {
			t.Fatalf("tour on %q: %v", store, err)
		}
		got := timestamps.ReplaceAllString(out.String(), "TIMESTAMP")
		if diff := cmp.Diff(timestamps.ReplaceAllString(string(want), "TIMESTAMP"), got); diff != "" {
			t.Errorf("tour on %q (-want +got):\n%s", store, diff)
		}
	}
}

func TestTourKeeps(t *testing.T) {
	url := "embedded:" + filepath.Join(t.TempDir(), "store")
	if err := open(t.Context(), url, true, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	err := open(t.Context(), url, true, new(bytes.Buffer))
	if err == nil || !strings.Contains(err.Error(), "has a keyspace Keyspace1 already") {
		t.Errorf("tour over a kept keyspace: %v", err)
	}
	if err := open(t.Context(), "", true, new(bytes.Buffer)); err == nil {
		t.Error("--keep without --store: no error")
	}
}
