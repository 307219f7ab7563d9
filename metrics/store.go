package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/widerow/widerow/backend"
)

// Store returns a collector of the figures of a store that measures its engine, such as an embedded.Store. Each
// metric is a field of [backend.Stats]:
//
//	widerow_store_takes_writes                    1, or 0 while the disk is full or fails
//	widerow_store_disk_bytes                      of all files
//	widerow_store_disk_free_bytes                 of the file system; missing for a store in memory
//	widerow_store_tables, widerow_store_table_bytes
//	widerow_store_young_tables                    that overlap in the youngest level
//	widerow_store_log_bytes                       that the next opening would read after a crash
//	widerow_store_log_written_bytes_total
//	widerow_store_memtables, widerow_store_memtable_bytes
//	widerow_store_cache_bytes
//	widerow_store_cache_lookups_total{result}     hit or miss
//	widerow_store_flushes_total, widerow_store_flushed_bytes_total
//	widerow_store_compactions_total, widerow_store_compactions_failed_total
//	widerow_store_compactions_running
//	widerow_store_compacted_bytes_total
//	widerow_store_compaction_seconds_total
//	widerow_store_compaction_debt_bytes           estimated, that wait to be merged
//	widerow_store_writes_delayed_total, widerow_store_write_delay_seconds_total
//	widerow_store_writes_refused_total            with ErrNoWrites
//	widerow_store_purges_total{outcome}           ok or failed
//	widerow_store_purged_records_total
//	widerow_store_last_purge_seconds              how long the last pass took
//	widerow_store_last_purge_timestamp_seconds    when it ended; 0 before the first
//	widerow_store_index_builds                    that run
//	widerow_store_indexes_failed                  whose queries fail
//	widerow_store_stats_age_seconds               above 1 while the disk does not answer
//
// The metrics have no labels of their own. If a program has several stores, register the collector of each with a label:
//
//	prometheus.WrapRegistererWith(prometheus.Labels{"store": "orders"}, registry).MustRegister(metrics.Store(orders))
func Store(s backend.Statser) prometheus.Collector { return storeCollector{s} }

type storeCollector struct{ store backend.Statser }

// storeMetric is a metric of a store.
type storeMetric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	label []string // the label's value
	value func(*backend.Stats) float64
}

var (
	cacheLookups = storeDesc("cache_lookups_total", "Blocks that reads looked up in the cache.", "result")
	purges       = storeDesc("purges_total", "Passes of the purge.", "outcome")
	diskFree     = storeDesc("disk_free_bytes", "Bytes that the file system has left for the store.")
)

var storeMetrics = []storeMetric{
	storeGauge("takes_writes", "1 if the store takes writes, 0 while its disk is full or fails.", func(s *backend.Stats) float64 {
		if s.TakesWrites {
			return 1
		}
		return 0
	}),
	storeGauge("disk_bytes", "Bytes of all files of the store.", func(s *backend.Stats) float64 { return float64(s.DiskSize) }),
	storeGauge("tables", "Tables on disk.", func(s *backend.Stats) float64 { return float64(s.Tables) }),
	storeGauge("table_bytes", "Bytes of the tables on disk.", func(s *backend.Stats) float64 { return float64(s.TableSize) }),
	storeGauge("young_tables", "Overlapping tables of the youngest level.", func(s *backend.Stats) float64 { return float64(s.YoungTables) }),
	storeGauge("log_bytes", "Bytes of the log that the next opening would read after a crash.", func(s *backend.Stats) float64 { return float64(s.LogSize) }),
	storeCounter("log_written_bytes_total", "Bytes that were written to the log.", func(s *backend.Stats) float64 { return float64(s.LogWritten) }),
	storeGauge("memtables", "Tables in memory.", func(s *backend.Stats) float64 { return float64(s.MemTables) }),
	storeGauge("memtable_bytes", "Bytes of the tables in memory.", func(s *backend.Stats) float64 { return float64(s.MemTableSize) }),
	storeGauge("cache_bytes", "Bytes of the blocks in the cache.", func(s *backend.Stats) float64 { return float64(s.CacheSize) }),
	{cacheLookups, prometheus.CounterValue, []string{"hit"}, func(s *backend.Stats) float64 { return float64(s.CacheHits) }},
	{cacheLookups, prometheus.CounterValue, []string{"miss"}, func(s *backend.Stats) float64 { return float64(s.CacheMisses) }},
	storeCounter("flushes_total", "Times that memory was written as tables.", func(s *backend.Stats) float64 { return float64(s.Flushes) }),
	storeCounter("flushed_bytes_total", "Bytes that flushes wrote.", func(s *backend.Stats) float64 { return float64(s.Flushed) }),
	storeCounter("compactions_total", "Merges of tables that ended.", func(s *backend.Stats) float64 { return float64(s.Compactions) }),
	storeCounter("compactions_failed_total", "Merges of tables that failed.", func(s *backend.Stats) float64 { return float64(s.CompactionsFailed) }),
	storeGauge("compactions_running", "Merges of tables that run.", func(s *backend.Stats) float64 { return float64(s.CompactionsRunning) }),
	storeCounter("compacted_bytes_total", "Bytes that merges of tables wrote.", func(s *backend.Stats) float64 { return float64(s.Compacted) }),
	storeCounter("compaction_seconds_total", "Time that merges of tables took.", func(s *backend.Stats) float64 { return s.CompactionTime.Seconds() }),
	storeGauge("compaction_debt_bytes", "Estimated bytes that wait to be merged.", func(s *backend.Stats) float64 { return float64(s.CompactionDebt) }),
	storeCounter("writes_delayed_total", "Writes that waited for room in memory.", func(s *backend.Stats) float64 { return float64(s.WritesDelayed) }),
	storeCounter("write_delay_seconds_total", "Time that writes waited for room in memory.", func(s *backend.Stats) float64 { return s.WriteDelay.Seconds() }),
	storeCounter("writes_refused_total", "Writes that were refused because the disk was full or failed.", func(s *backend.Stats) float64 { return float64(s.WritesRefused) }),
	{purges, prometheus.CounterValue, []string{"ok"}, func(s *backend.Stats) float64 { return float64(s.Purges) }},
	{purges, prometheus.CounterValue, []string{"failed"}, func(s *backend.Stats) float64 { return float64(s.PurgesFailed) }},
	storeCounter("purged_records_total", "Records that the purge removed.", func(s *backend.Stats) float64 { return float64(s.Purged) }),
	storeGauge("last_purge_seconds", "Time that the last pass of the purge took.", func(s *backend.Stats) float64 { return s.PurgeTime.Seconds() }),
	storeGauge("last_purge_timestamp_seconds", "Unix time at which the last pass of the purge ended, or 0.", func(s *backend.Stats) float64 {
		if s.LastPurge.IsZero() {
			return 0
		}
		return float64(s.LastPurge.UnixMilli()) / 1000
	}),
	storeGauge("index_builds", "Indexes that are being built.", func(s *backend.Stats) float64 { return float64(s.IndexBuilds) }),
	storeGauge("indexes_failed", "Indexes that could not be built.", func(s *backend.Stats) float64 { return float64(s.IndexesFailed) }),
	storeGauge("stats_age_seconds", "Age of the figures that need the disk.", func(s *backend.Stats) float64 { return s.Age.Seconds() }),
}

func storeDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("widerow_store_"+name, help, labels, nil)
}

func storeGauge(name, help string, value func(*backend.Stats) float64) storeMetric {
	return storeMetric{desc: storeDesc(name, help), kind: prometheus.GaugeValue, value: value}
}

func storeCounter(name, help string, value func(*backend.Stats) float64) storeMetric {
	return storeMetric{desc: storeDesc(name, help), kind: prometheus.CounterValue, value: value}
}

// Describe implements prometheus.Collector.
func (c storeCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- diskFree
	for i, m := range storeMetrics {
		if i == 0 || storeMetrics[i-1].desc != m.desc {
			ch <- m.desc
		}
	}
}

// Collect implements prometheus.Collector.
func (c storeCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.store.Stats()
	for _, m := range storeMetrics {
		ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(&s), m.label...)
	}
	if s.DiskFree >= 0 {
		ch <- prometheus.MustNewConstMetric(diskFree, prometheus.GaugeValue, float64(s.DiskFree))
	}
}
