package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/internal/testkit/realcass"
)

// TestTourOnCassandra runs the tour on real nodes. If the nodes order rows by key, the output equals that
// of the embedded engine. If they order rows by hash, the output differs only in the rows of ranges.
func TestTourOnCassandra(t *testing.T) {
	golden, err := os.ReadFile(filepath.Join("testdata", "tour.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range realcass.Versions(t, "1.2.19", "3.11.19", "4.1", "5.0") {
		t.Run(version+" byte ordered", func(t *testing.T) {
			got := tourOn(t, realcass.Config{Version: version, Partitioner: "ByteOrderedPartitioner"})
			if diff := cmp.Diff(string(golden), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
		t.Run(version, func(t *testing.T) {
			got := tourOn(t, realcass.Config{Version: version})
			if diff := cmp.Diff(withoutRanges(string(golden)), withoutRanges(got)); diff != "" {
				t.Errorf("without the rows of ranges (-want +got):\n%s", diff)
			}
		})
	}
}

func tourOn(t *testing.T, config realcass.Config) string {
	cluster := realcass.Start(t, config)
	next := int64(1354459123410931)
	front := &widerow.Options{Timestamps: func() int64 { next++; return next }}
	scheme := "thrift://"
	if config.Version >= "4" {
		scheme = "cql://"
	}
	db, err := connect.Open(t.Context(), scheme+strings.Join(cluster.Addrs(), ","), connect.Front(front))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var out bytes.Buffer
	if err := tour(t.Context(), db, false, &out); err != nil {
		t.Fatalf("%v\nafter:\n%s", err, out.Bytes())
	}
	return out.String()
}

// withoutRanges removes the output of loops over several rows. That output is between the end of
// a loop over Range or Where and the next step.
func withoutRanges(text string) string {
	var kept strings.Builder
	loop, rows := false, false
	for line := range strings.Lines(text) {
		step := strings.HasPrefix(line, ">")
		switch {
		case step && (strings.Contains(line, ".Range(") || strings.Contains(line, ".Where(")):
			loop, rows = true, false
		case step && loop && strings.HasPrefix(line, "> }"):
			loop, rows = false, true
		case step, line == "\n":
			rows = false
		}
		if step || !rows {
			kept.WriteString(line)
		}
	}
	return kept.String()
}
