package connect

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
)

// openCQL opens a client of a cluster over CQL's native protocol.
func openCQL(ctx context.Context, t *target, a *authority, s *settings) (backend.Backend, error) {
	opts, err := cqlOptions(t, s)
	if err != nil {
		return nil, err
	}
	opts.Username, opts.Password = a.user, a.password
	client, err := cqlclient.Open(ctx, a.hosts, opts)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// cqlParameters are the parameters of a cql: URL.
var cqlParameters = []parameter[cqlclient.Options]{
	{"timeout", func(o *cqlclient.Options, v string) error { return setPositive(&o.Timeout, v) }},
	{"connect_timeout", func(o *cqlclient.Options, v string) error { return setPositive(&o.ConnectTimeout, v) }},
	{"schema_timeout", func(o *cqlclient.Options, v string) error { return setPositive(&o.SchemaTimeout, v) }},
	{"max_retries", func(o *cqlclient.Options, v string) error { return setRetries(&o.Retries, v) }},
	{"speculative_delay", func(o *cqlclient.Options, v string) error { return setPositive(&o.SpeculativeDelay, v) }},
	{"speculative_attempts", func(o *cqlclient.Options, v string) error { return setCount(&o.SpeculativeAttempts, v) }},
	{"local_datacenter", func(o *cqlclient.Options, v string) error { o.LocalDatacenter = v; return nil }},
	{"local_rack", func(o *cqlclient.Options, v string) error { o.LocalRack = v; return nil }},
	{"discovery", func(o *cqlclient.Options, v string) error { return setSwitch(&o.NoDiscovery, v, true) }},
	{"connections", func(o *cqlclient.Options, v string) error { return setCount(&o.Connections, v) }},
	{"write_delay", func(o *cqlclient.Options, v string) error { return setPositive(&o.WriteDelay, v) }},
	{"compression", func(o *cqlclient.Options, v string) error { o.Compression = v; return nil }},
	{"protocol", func(o *cqlclient.Options, v string) error { return setCount(&o.Protocol, v) }},
	{"parallel", func(o *cqlclient.Options, v string) error { return setCount(&o.Parallel, v) }},
	{"page_size", func(o *cqlclient.Options, v string) error { return setCount(&o.PageSize, v) }},
	{"batch_bytes", func(o *cqlclient.Options, v string) error { return setCount(&o.BatchBytes, v) }},
	{"batch_statements", func(o *cqlclient.Options, v string) error { return setCount(&o.BatchStatements, v) }},
	{"statements", func(o *cqlclient.Options, v string) error { return setCount(&o.Statements, v) }},
	{"tls", nil},
	{"tls_ca", nil},
	{"tls_cert", nil},
	{"tls_key", nil},
	{"tls_name", nil},
}

func cqlOptions(t *target, s *settings) (*cqlclient.Options, error) {
	opts := &cqlclient.Options{Logger: s.logger, Events: s.cqlEvents}
	if err := configure(t, cqlParameters, opts); err != nil {
		return nil, err
	}
	var err error
	opts.TLS, err = tlsConfig(t.params)
	return opts, err
}

// setPositive parses a positive duration.
func setPositive(d *time.Duration, value string) error {
	v, err := time.ParseDuration(value)
	if err != nil || v <= 0 {
		return fmt.Errorf("invalid duration %q: write a duration such as 500ms or 10s", value)
	}
	*d = v
	return nil
}

// setCount parses a number of at least 1.
func setCount(n *int, value string) error {
	v, err := strconv.Atoi(value)
	if err != nil || v < 1 {
		return fmt.Errorf("invalid number %q: write a whole number of at least 1", value)
	}
	*n = v
	return nil
}

// setRetries parses a number of retries. Zero means no retries, for which Options has -1.
func setRetries(n *int, value string) error {
	if value == "0" {
		*n = -1
		return nil
	}
	return setCount(n, value)
}
