package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

// openThrift opens a client of a cluster. A keyspace in the URL must exist.
func openThrift(ctx context.Context, t *target, s *settings) (backend.Backend, error) {
	client, err := dialThrift(ctx, t, s)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", Redact(t.url), err)
	}
	return client, nil
}

func dialThrift(ctx context.Context, t *target, s *settings) (*thriftclient.Client, error) {
	a, err := parseAuthority(t.path)
	if err != nil {
		return nil, err
	}
	opts, err := thriftOptions(t, s)
	if err != nil {
		return nil, err
	}
	opts.Username, opts.Password = a.user, a.password
	client, err := thriftclient.Open(ctx, a.hosts, opts)
	if err != nil {
		return nil, err
	}
	if a.keyspace != "" {
		if _, err := client.Keyspaces(ctx, a.keyspace); err != nil {
			_ = client.Close()
			return nil, fmt.Errorf("keyspace %s: %w", a.keyspace, err)
		}
	}
	return client, nil
}

// thriftParameters are what a thrift: URL takes, with where each goes.
var thriftParameters = []struct {
	name string
	set  func(o *thriftclient.Options, value string) error
}{
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
	names := make([]string, len(thriftParameters))
	for i, p := range thriftParameters {
		names[i] = p.name
	}
	if err := t.check(names...); err != nil {
		return nil, err
	}
	opts := &thriftclient.Options{Events: s.events, Logger: s.logger}
	for _, p := range thriftParameters {
		if value := t.params.Get(p.name); value != "" && p.set != nil {
			if err := p.set(opts, value); err != nil {
				return nil, fmt.Errorf("parameter %s: %w", p.name, err)
			}
		}
	}
	var err error
	opts.TLS, err = tlsConfig(t.params)
	if opts.TLS == nil {
		opts.TLSNodeName = "" // tls=false
	}
	return opts, err
}

// setNumber reads a number of a setting of the pool, where zero is none and
// "unlimited" no limit.
func setNumber(n *int, value string) error {
	if value == "unlimited" {
		*n = pool.Unlimited
		return nil
	}
	v, err := strconv.Atoi(value)
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no number, nor unlimited", value)
	}
	*n = v
	if v == 0 {
		*n = pool.None
	}
	return nil
}

// setTime reads a duration, where "forever" is no limit.
func setTime(d *time.Duration, value string) error {
	if value == "forever" {
		*d = pool.Forever
		return nil
	}
	v, err := time.ParseDuration(value)
	if err != nil || v < 0 {
		return fmt.Errorf("%q is no time such as 500ms or 10s, nor forever", value)
	}
	*d = v
	if v == 0 {
		*d = pool.NoWait
	}
	return nil
}

func setSwitch(b *bool, value string, inverted bool) error {
	v, err := strconv.ParseBool(value)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", value)
	}
	*b = v != inverted
	return nil
}

// tlsConfig returns how to encrypt: not at all, unless a parameter that begins with tls is given.
func tlsConfig(params url.Values) (*tls.Config, error) {
	on := false
	if v := params.Get("tls"); v != "" {
		if err := setSwitch(&on, v, false); err != nil {
			return nil, fmt.Errorf("parameter tls: %w", err)
		}
		if !on {
			return nil, nil
		}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: params.Get("tls_name")}
	on = on || config.ServerName != "" || params.Get("tls_node_name") != ""
	if file := params.Get("tls_ca"); file != "" {
		on = true
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("parameter tls_ca: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("parameter tls_ca: there is no certificate in %s", file)
		}
	}
	cert, key := params.Get("tls_cert"), params.Get("tls_key")
	if cert != "" || key != "" {
		on = true
		if cert == "" || key == "" {
			return nil, errors.New("parameters tls_cert and tls_key need each other")
		}
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, fmt.Errorf("parameter tls_cert: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if !on {
		return nil, nil
	}
	return config, nil
}

// authority is what stands between // and ? in the URL of a cluster.
type authority struct {
	user, password string
	hosts          []string
	keyspace       string
}

// parseAuthority reads [user[:password]@]host[:port][,host[:port]…][/keyspace].
// Its errors show none of it.
func parseAuthority(s string) (authority, error) {
	var a authority
	s, ok := strings.CutPrefix(s, "//")
	if !ok {
		return a, errors.New("the scheme is followed by //: write thrift://host or thrift://host1:9160,host2/keyspace")
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		user, password, _ := strings.Cut(s[:i], ":")
		var err, err2 error
		a.user, err = url.PathUnescape(user)
		a.password, err2 = url.PathUnescape(password)
		if err != nil || err2 != nil {
			return authority{}, errors.New("the user or the password cannot be read: % in it is written %25")
		}
		if a.user == "" {
			return authority{}, errors.New("no user: write user:password@host")
		}
		s = s[i+1:]
	}
	hosts, keyspace, _ := strings.Cut(s, "/")
	keyspace, err := url.PathUnescape(keyspace)
	if err != nil || strings.Contains(keyspace, "/") {
		return authority{}, errors.New("the keyspace cannot be read: one name stands after the hosts")
	}
	a.keyspace = keyspace
	for host := range strings.SplitSeq(hosts, ",") {
		if host = strings.TrimSpace(host); host == "" {
			return authority{}, errors.New("a host is empty: write thrift://host or thrift://host1,host2:9160")
		}
		a.hosts = append(a.hosts, host)
	}
	return a, nil
}
