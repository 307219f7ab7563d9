package connect

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

// openThrift opens a client of a cluster by its Thrift interface.
func openThrift(ctx context.Context, t *target, a *authority, s *settings) (backend.Backend, error) {
	opts, err := thriftOptions(t, s)
	if err != nil {
		return nil, err
	}
	opts.Username, opts.Password = a.user, a.password
	client, err := thriftclient.Open(ctx, a.hosts, opts)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// thriftParameters are the parameters of a thrift: URL.
var thriftParameters = []parameter[thriftclient.Options]{
	{"timeout", func(o *thriftclient.Options, v string) error { return setTime(&o.Timeout, v) }},
	{"schema_timeout", func(o *thriftclient.Options, v string) error { return setTime(&o.SchemaTimeout, v) }},
	{"dial_timeout", func(o *thriftclient.Options, v string) error { return setTime(&o.DialTimeout, v) }},
	{"pool_size", func(o *thriftclient.Options, v string) error { return setNumber(&o.Size, v) }},
	{"max_overflow", func(o *thriftclient.Options, v string) error { return setNumber(&o.MaxOverflow, v) }},
	{"pool_timeout", func(o *thriftclient.Options, v string) error { return setTime(&o.WaitTimeout, v) }},
	{"recycle", func(o *thriftclient.Options, v string) error { return setNumber(&o.Recycle, v) }},
	{"max_retries", func(o *thriftclient.Options, v string) error { return setNumber(&o.MaxRetries, v) }},
	{"framed", func(o *thriftclient.Options, v string) error { return setSwitch(&o.Unframed, v, true) }},
	{"discovery", func(o *thriftclient.Options, v string) error { return setSwitch(&o.NoDiscovery, v, true) }},
	{"prefill", func(o *thriftclient.Options, v string) error { return setSwitch(&o.NoPrefill, v, true) }},
	{"tls", nil},
	{"tls_ca", nil},
	{"tls_cert", nil},
	{"tls_key", nil},
	{"tls_name", nil},
	{"tls_node_name", func(o *thriftclient.Options, v string) error { o.TLSNodeName = v; return nil }},
}

func thriftOptions(t *target, s *settings) (*thriftclient.Options, error) {
	opts := &thriftclient.Options{Events: s.events, Logger: s.logger}
	if err := configure(t, thriftParameters, opts); err != nil {
		return nil, err
	}
	var err error
	opts.TLS, err = tlsConfig(t.params)
	if opts.TLS == nil {
		opts.TLSNodeName = "" // tls=false
	}
	return opts, err
}

// setNumber reads a number of a setting of the pool. Zero means none, and "unlimited"
// means no limit.
func setNumber(n *int, value string) error {
	if value == "unlimited" {
		*n = pool.Unlimited
		return nil
	}
	v, err := strconv.Atoi(value)
	if err != nil || v < 0 {
		return fmt.Errorf("invalid number %q: write a whole number, or unlimited", value)
	}
	*n = v
	if v == 0 {
		*n = pool.None
	}
	return nil
}

// setTime reads a duration. "forever" means no limit.
func setTime(d *time.Duration, value string) error {
	if value == "forever" {
		*d = pool.Forever
		return nil
	}
	v, err := time.ParseDuration(value)
	if err != nil || v < 0 {
		return fmt.Errorf("invalid duration %q: write a duration such as 500ms or 10s, or forever", value)
	}
	*d = v
	if v == 0 {
		*d = pool.NoWait
	}
	return nil
}
