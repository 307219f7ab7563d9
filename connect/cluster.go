package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/widerow/widerow/backend"
)

// opener opens a client of a cluster.
type opener func(ctx context.Context, t *target, a *authority, s *settings) (backend.Backend, error)

// openCluster opens a client of a cluster. A keyspace in the URL must exist.
func openCluster(ctx context.Context, t *target, s *settings, open opener) (backend.Backend, error) {
	fail := func(err error) (backend.Backend, error) {
		return nil, fmt.Errorf("open store %q: %w", Redact(t.url), err)
	}
	a, err := parseAuthority(t.scheme, t.path)
	if err != nil {
		return fail(err)
	}
	client, err := open(ctx, t, &a, s)
	if err != nil {
		return fail(err)
	}
	if a.keyspace != "" {
		if _, err := client.Keyspaces(ctx, a.keyspace); err != nil {
			_ = client.Close()
			return fail(fmt.Errorf("keyspace %s: %w", a.keyspace, err))
		}
	}
	return client, nil
}

// parameter is a parameter of a URL, with the function that sets it in the options of a client. If set is nil,
// [tlsConfig] reads the parameter.
type parameter[O any] struct {
	name string
	set  func(o *O, value string) error
}

// configure sets the options from the parameters of the URL.
func configure[O any](t *target, parameters []parameter[O], opts *O) error {
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i] = p.name
	}
	if err := t.check(names...); err != nil {
		return err
	}
	for _, p := range parameters {
		if value := t.params.Get(p.name); value != "" && p.set != nil {
			if err := p.set(opts, value); err != nil {
				return fmt.Errorf("parameter %s: %w", p.name, err)
			}
		}
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

// tlsConfig returns the configuration of TLS. Without a parameter that begins with tls, connections are not encrypted.
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

// authority is the part between // and ? of the URL of a cluster.
type authority struct {
	user, password string
	hosts          []string
	keyspace       string
}

// parseAuthority reads [user[:password]@]host[:port][,host[:port]…][/keyspace].
// Its errors do not show any part of it.
func parseAuthority(scheme, s string) (authority, error) {
	var a authority
	s, ok := strings.CutPrefix(s, "//")
	if !ok {
		return a, fmt.Errorf("the scheme is followed by //: write %s://host or %[1]s://host1,host2/keyspace", scheme)
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
			return authority{}, fmt.Errorf("a host is empty: write %s://host or %[1]s://host1,host2", scheme)
		}
		if !validPort(host) {
			return authority{}, fmt.Errorf("a port is invalid: write %s://host:port with a port from 1 to 65535, and an IPv6 address as [::1]", scheme)
		}
		a.hosts = append(a.hosts, host)
	}
	return a, nil
}

// validPort reports whether a host has no port or a valid one.
func validPort(host string) bool {
	if !strings.Contains(host, ":") || strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return true
	}
	_, port, err := net.SplitHostPort(host)
	if err != nil {
		return net.ParseIP(host) != nil // an IPv6 address without brackets
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}
