package thriftclient_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/internal/testkit/testcerts"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// TestLoginAndTLS uses a node that requires passwords, directly and through a TLS proxy.
func TestLoginAndTLS(t *testing.T) {
	for _, version := range realcass.Versions(t, "2.1.22") {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version, Auth: true})
			t.Run("password", func(t *testing.T) { passwords(t, cluster) })
			t.Run("tls", func(t *testing.T) { encrypted(t, cluster) })
		})
	}
}

func passwords(t *testing.T, cluster *realcass.Cluster) {
	open := func(user, password string) (*thriftclient.Client, error) {
		return thriftclient.Open(t.Context(), cluster.Addrs(), &thriftclient.Options{Username: user, Password: password})
	}
	for _, wrong := range []string{"", "not this"} {
		if _, err := open("cassandra", wrong); !errors.Is(err, backend.ErrAuthentication) || wrong != "" && strings.Contains(err.Error(), wrong) {
			t.Errorf("with a wrong password: %v", err)
		}
	}
	if _, err := open("nobody", "cassandra"); !errors.Is(err, backend.ErrAuthentication) {
		t.Errorf("with an unknown user: %v", err)
	}

	admin, err := open("cassandra", "cassandra")
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	_, err = admin.Alter(t.Context(), schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: "ks", Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "1"},
		Families: []schema.Family{{Keyspace: "ks", Name: "F"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := admin.Mutate(t.Context(), insert("k")); err != nil {
		t.Error(err)
	}

	// Without a login, the connection opens and the calls are refused.
	anyone, err := thriftclient.Open(t.Context(), cluster.Addrs(), &thriftclient.Options{NoDiscovery: true})
	if err != nil {
		t.Fatal(err)
	}
	defer anyone.Close()
	err = get(t.Context(), anyone, "k")
	if !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "logged in") {
		t.Errorf("without a login: %v", err)
	}
}

func encrypted(t *testing.T, cluster *realcass.Cluster) {
	ours, theirs := testcerts.New(t), testcerts.New(t)
	addr := endTLS(t, cluster.Addrs()[0], &tls.Config{Certificates: []tls.Certificate{ours.Issue("127.0.0.1")}})
	open := func(config *tls.Config) (*thriftclient.Client, error) {
		return thriftclient.Open(t.Context(), []string{addr}, &thriftclient.Options{
			TLS: config, Username: "cassandra", Password: "cassandra", NoDiscovery: true,
		})
	}
	c, err := open(&tls.Config{RootCAs: ours.Pool})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 20 {
		if err := c.Mutate(t.Context(), insert("k")); err != nil {
			t.Fatal(err)
		}
		if err := get(t.Context(), c, "k", "l"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := open(&tls.Config{RootCAs: theirs.Pool}); !errors.Is(err, backend.ErrUnavailable) || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("with a certificate of another authority: %v", err)
	}
}

// endTLS listens for TLS and forwards the plain bytes to a server. It ends with the test.
func endTLS(t *testing.T, server string, config *tls.Config) (addr string) {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			outer, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer outer.Close()
				inner, err := net.Dial("tcp", server)
				if err != nil {
					return
				}
				defer inner.Close()
				go func() {
					_, _ = io.Copy(inner, outer)
					_ = inner.Close()
				}()
				_, _ = io.Copy(outer, inner)
			}()
		}
	}()
	return listener.Addr().String()
}
