package cqlclient_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/internal/testkit/testcerts"
)

// TestLogin logs in to a node that requires passwords.
func TestLogin(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			cluster := realcass.Start(t, realcass.Config{Version: version, Auth: true})
			open := func(user, password string) (*cqlclient.Client, error) {
				return cqlclient.Open(t.Context(), cluster.NativeAddrs(), &cqlclient.Options{Username: user, Password: password})
			}
			for _, wrong := range [][2]string{{"cassandra", "not this"}, {"cassandra", ""}, {"nobody", "cassandra"}, {"", ""}} {
				c, err := open(wrong[0], wrong[1])
				if err == nil {
					_ = c.Close()
				}
				if !errors.Is(err, backend.ErrAuthentication) || wrong[1] != "" && strings.Contains(err.Error(), wrong[1]) && wrong[1] != "cassandra" {
					t.Errorf("as %q with %q: %v", wrong[0], wrong[1], err)
				}
			}
			c, err := open("cassandra", "cassandra")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if err := createFamily(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			if err := writeOne(t.Context(), c); err != nil {
				t.Error(err)
			}
			if err := readOne(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestTLS connects to a node that requires TLS and client certificates.
func TestTLS(t *testing.T) {
	for _, version := range realcass.Versions(t, "4.1", "5.0") {
		t.Run(version, func(t *testing.T) {
			ours, theirs := testcerts.New(t), testcerts.New(t)
			certificate, key := ours.IssuePEM("node")
			cluster := realcass.Start(t, realcass.Config{
				Version: version, TLS: &realcass.TLS{Certificate: certificate, Key: key, ClientCAs: ours.PEM()},
			})
			client := []tls.Certificate{ours.Issue("client")}
			for _, tt := range []struct {
				name string
				tls  *tls.Config
				want string // a part of the error; "" means no error
			}{
				{"right", &tls.Config{RootCAs: ours.Pool, ServerName: "node", Certificates: client}, ""},
				{"another name", &tls.Config{RootCAs: ours.Pool, ServerName: "other", Certificates: client}, "other"},
				{"the address for the name", &tls.Config{RootCAs: ours.Pool, Certificates: client}, "certificate"},
				{"unknown authority", &tls.Config{RootCAs: theirs.Pool, ServerName: "node", Certificates: client}, "unknown authority"},
				{"no certificate", &tls.Config{RootCAs: ours.Pool, ServerName: "node"}, "certificate"},
				{"a stranger's certificate", &tls.Config{
					RootCAs: ours.Pool, ServerName: "node", Certificates: []tls.Certificate{theirs.Issue("client")},
				}, "remote error: tls"},
				{"no TLS", nil, " "},
			} {
				opts := &cqlclient.Options{TLS: tt.tls, ConnectTimeout: 5 * time.Second}
				c, err := cqlclient.Open(t.Context(), cluster.NativeAddrs(), opts)
				if tt.want != "" {
					if err == nil {
						_ = c.Close()
					}
					if !errors.Is(err, backend.ErrUnavailable) || !strings.Contains(err.Error(), tt.want) {
						t.Errorf("%s: %v, want it to contain %q", tt.name, err, tt.want)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", tt.name, err)
					continue
				}
				err = errors.Join(createFamily(t.Context(), c), writeOne(t.Context(), c), readOne(t.Context(), c), c.Close())
				if err != nil {
					t.Errorf("%s: %v", tt.name, err)
				}
			}
		})
	}
}
