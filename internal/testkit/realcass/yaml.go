package realcass

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// setting is a line of cassandra.yaml. A setting is written only for versions that have it, because
// Cassandra does not start with an unknown setting.
type setting struct{ key, value string }

// yaml returns the text of a node's cassandra.yaml.
func (p plan) yaml(n *Node, seeds []string) string {
	data := filepath.Join(n.dir, "data")
	list := []setting{
		{"cluster_name", "widerow"},
		{"partitioner", "org.apache.cassandra.dht." + p.Partitioner},
		{"data_file_directories", "[" + strconv.Quote(filepath.Join(data, "data")) + "]"},
		{"commitlog_directory", strconv.Quote(filepath.Join(data, "commitlog"))},
		{"saved_caches_directory", strconv.Quote(filepath.Join(data, "saved_caches"))},
		{"commitlog_sync", "periodic"},
		{"commitlog_sync_period_in_ms", "1000"},
		{"listen_address", n.host},
		{"rpc_address", n.host},
		{"storage_port", strconv.Itoa(storagePort)},
		{"endpoint_snitch", "org.apache.cassandra.locator.SimpleSnitch"},
		{"hinted_handoff_enabled", "true"},
		{"auto_bootstrap", strconv.FormatBool(n.joins)},
	}
	list = append(list, p.seeds(seeds), p.tokens(n.place))
	list = append(list, p.interfaces()...)
	list = append(list, p.timeouts()...)
	if p.Auth {
		list = append(list, setting{"authenticator", "PasswordAuthenticator"}, setting{"authorizer", "CassandraAuthorizer"},
			setting{"permissions_validity_in_ms", "0"})
		if p.atLeast(2, 2) {
			list = append(list, setting{"roles_validity_in_ms", "0"})
		}
		if p.atLeast(3, 11) {
			list = append(list, setting{"credentials_validity_in_ms", "0"})
		}
	}
	if p.TLS != nil {
		list = append(list, setting{"client_encryption_options", p.TLS.options(n)})
	}
	if !p.atLeast(1, 2) {
		list = append(list, setting{"concurrent_reads", "32"}, setting{"concurrent_writes", "32"})
	}
	if !p.atLeast(0, 8) {
		list = append(list, setting{"disk_access_mode", "standard"})
	}
	if !p.atLeast(2, 1) {
		list = append(list, setting{"in_memory_compaction_limit_in_mb", "64"})
	}
	if p.atLeast(1, 2) {
		// When a table is dropped, Cassandra need not keep a copy.
		list = append(list, setting{"auto_snapshot", "false"})
	}

	text := make(map[string]string)
	for _, s := range list {
		text[s.key] = s.value
	}
	maps.Copy(text, p.YAML)
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(text)) {
		if text[key] != "" {
			fmt.Fprintf(&b, "%s: %s\n", key, text[key])
		}
	}
	return b.String()
}

func (p plan) seeds(hosts []string) setting {
	if !p.atLeast(0, 8) {
		return setting{"seeds", "[" + strings.Join(hosts, ", ") + "]"}
	}
	return setting{"seed_provider", "[{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: '" +
		strings.Join(hosts, ",") + "'}]}]"}
}

func (p plan) tokens(place uint64) setting {
	if p.atLeast(2, 0) {
		return setting{"num_tokens", "16"}
	}
	return setting{"initial_token", strconv.Quote(token(p.Partitioner, place))}
}

// interfaces returns the settings of the interfaces for clients.
func (p plan) interfaces() []setting {
	var list []setting
	if p.thrift() {
		list = append(list, setting{"rpc_port", strconv.Itoa(thriftPort)}, setting{"thrift_framed_transport_size_in_mb", "15"})
		if p.atLeast(1, 2) {
			list = append(list, setting{"start_rpc", "true"}, setting{"rpc_server_type", "sync"})
		} else {
			list = append(list, setting{"thrift_max_message_length_in_mb", "16"})
		}
	}
	if p.atLeast(1, 2) {
		list = append(list, setting{"start_native_transport", "true"}, setting{"native_transport_port", strconv.Itoa(nativePort)})
	}
	return list
}

func (p plan) timeouts() []setting {
	ms := strconv.FormatInt(p.RequestTimeout.Milliseconds(), 10)
	if !p.atLeast(1, 2) {
		return []setting{{"rpc_timeout_in_ms", ms}}
	}
	kinds := []string{"", "read_", "range_", "write_", "truncate_"}
	if p.atLeast(2, 1) {
		kinds = append(kinds, "counter_write_")
	}
	var list []setting
	for _, kind := range kinds {
		list = append(list, setting{kind + "request_timeout_in_ms", ms})
	}
	if p.atLeast(2, 0) {
		list = append(list, setting{"cas_contention_timeout_in_ms", ms})
	}
	return list
}
