package cqlclient

import (
	"context"
	"crypto/tls"
	"errors"
	"net/netip"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

func TestDefaults(t *testing.T) {
	var none *Options
	o, err := none.normal()
	if err != nil {
		t.Fatal(err)
	}
	if o.Timeout != DefaultTimeout || o.Connections != DefaultConnections || o.Retries != DefaultRetries || o.PageSize != DefaultPageSize {
		t.Errorf("the defaults are %+v", o)
	}
	if o, err = (&Options{Retries: -1}).normal(); err != nil || o.Retries != 0 {
		t.Errorf("no retries: %+v, %v", o, err)
	}
}

func TestOpenWithoutContext(t *testing.T) {
	var none context.Context
	if _, err := Open(none, []string{"127.0.0.1:1"}, nil); !errors.Is(err, backend.ErrInvalidRequest) {
		t.Errorf("Open with a nil context: %v", err)
	}
}

func TestRefusedOptions(t *testing.T) {
	for _, test := range []struct {
		opts Options
		want string
	}{
		{Options{Timeout: -1}, "Timeout"},
		{Options{Connections: -1}, "Connections"},
		{Options{Retries: -2}, "Retries"},
		{Options{SpeculativeDelay: -1}, "SpeculativeDelay"},
		{Options{WriteDelay: -1}, "WriteDelay"},
		{Options{Compression: "zip"}, "Compression"},
		{Options{Compression: "snappy", Protocol: 5}, "lz4"},
		{Options{Protocol: 3}, "Protocol"},
		{Options{LocalRack: "r"}, "LocalDatacenter"},
		{Options{Password: "p"}, "Username"},
	} {
		if _, err := Open(t.Context(), []string{"127.0.0.1"}, &test.opts); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want an error about %s", test.opts, err, test.want)
		}
	}
}

func TestDriverSettings(t *testing.T) {
	o, err := (&Options{
		Username: "u", Password: "p", TLS: &tls.Config{ServerName: "node"}, Compression: "snappy", Timeout: time.Second, Statements: 7,
		LocalDatacenter: "dc1", LocalRack: "r1", Connections: 3,
		Translate: func(node netip.AddrPort) netip.AddrPort { return netip.MustParseAddrPort("[::1]:9999") },
	}).normal()
	if err != nil {
		t.Fatal(err)
	}
	c, err := o.config([]string{"127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if c.ProtoVersion != 4 || c.Compressor.Name() != "snappy" {
		t.Errorf("protocol %d with %s, want 4, which has snappy", c.ProtoVersion, c.Compressor.Name())
	}
	if c.Timeout != time.Second || c.MaxPreparedStmts != 7 || c.MaxRoutingKeyInfo != 7 || c.NumConns != 3 || c.DefaultTimestamp || c.NextPagePrefetch != 0 {
		t.Errorf("the settings are %+v", c)
	}
	if login := c.Authenticator.(gocql.PasswordAuthenticator); c.SslOpts.ServerName != "node" || login.Username != "u" || login.Password != "p" {
		t.Errorf("TLS %+v, login %+v", c.SslOpts, login)
	}
	if ip, port := c.AddressTranslator.Translate([]byte{127, 0, 0, 1}, 9042); ip.String() != "::1" || port != 9999 {
		t.Errorf("the address becomes %v:%d", ip, port)
	}
}
