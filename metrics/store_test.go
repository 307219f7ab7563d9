package metrics_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/metrics"
)

type fixedStats backend.Stats

func (s *fixedStats) Stats() backend.Stats { return backend.Stats(*s) }

func TestStore(t *testing.T) {
	s := &fixedStats{
		TakesWrites: true, DiskFree: 7, CacheHits: 3, CacheMisses: 1, Purges: 2, PurgesFailed: 1, WriteDelay: 1500 * time.Millisecond,
		LastPurge: time.Unix(1_700_000_000, 0),
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(metrics.Store(s))
	want := `
# HELP widerow_store_cache_lookups_total Blocks that reads looked up in the cache.
# TYPE widerow_store_cache_lookups_total counter
widerow_store_cache_lookups_total{result="hit"} 3
widerow_store_cache_lookups_total{result="miss"} 1
# HELP widerow_store_disk_free_bytes Bytes that the file system has left for the store.
# TYPE widerow_store_disk_free_bytes gauge
widerow_store_disk_free_bytes 7
# HELP widerow_store_last_purge_timestamp_seconds Unix time at which the last pass of the purge ended, or 0.
# TYPE widerow_store_last_purge_timestamp_seconds gauge
widerow_store_last_purge_timestamp_seconds 1.7e+09
# HELP widerow_store_purges_total Passes of the purge.
# TYPE widerow_store_purges_total counter
widerow_store_purges_total{outcome="failed"} 1
widerow_store_purges_total{outcome="ok"} 2
# HELP widerow_store_takes_writes 1 if the store takes writes, 0 while its disk is full or fails.
# TYPE widerow_store_takes_writes gauge
widerow_store_takes_writes 1
# HELP widerow_store_write_delay_seconds_total Time that writes waited for room in memory.
# TYPE widerow_store_write_delay_seconds_total counter
widerow_store_write_delay_seconds_total 1.5
`
	names := []string{"cache_lookups_total", "disk_free_bytes", "last_purge_timestamp_seconds", "purges_total", "takes_writes", "write_delay_seconds_total"}
	for i := range names {
		names[i] = "widerow_store_" + names[i]
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
	s.DiskFree = -1
	if n, err := testutil.GatherAndCount(registry, "widerow_store_disk_free_bytes"); n != 0 || err != nil {
		t.Errorf("%d metrics of an unknown size, %v", n, err)
	}
}

// TestStoresWithLabels registers the collectors of two stores with one registry.
func TestStoresWithLabels(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	for _, name := range []string{"orders", "users"} {
		s, err := embedded.OpenMemory(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		prometheus.WrapRegistererWith(prometheus.Labels{"store": name}, registry).MustRegister(metrics.Store(s))
	}
	if n, err := testutil.GatherAndCount(registry, "widerow_store_memtable_bytes"); n != 2 || err != nil {
		t.Errorf("%d metrics of two stores, %v", n, err)
	}
}
