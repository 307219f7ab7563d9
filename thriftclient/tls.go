package thriftclient

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
)

// encrypt begins TLS on a connection to a server. Listed reports whether the server was listed; otherwise it is a node
// found in the ring.
func (o *Options) encrypt(ctx context.Context, raw net.Conn, server string, listed bool) (net.Conn, error) {
	config := o.TLS.Clone()
	setting := "TLS.ServerName (tls_name in a URL)"
	if !listed {
		config.ServerName = cmp.Or(o.TLSNodeName, config.ServerName)
		setting = "TLSNodeName (tls_node_name in a URL)"
	}
	if config.ServerName == "" && !config.InsecureSkipVerify {
		config.ServerName, _, _ = net.SplitHostPort(server)
	}
	secure := tls.Client(raw, config)
	err := secure.HandshakeContext(ctx)
	if err == nil {
		return secure, nil
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return nil, fmt.Errorf("TLS: the certificate is not one for %q; if the server is the right one, set %s to a name that is in the certificate: %w",
			config.ServerName, setting, err)
	}
	return nil, fmt.Errorf("TLS: %w", dialError(ctx, err))
}
