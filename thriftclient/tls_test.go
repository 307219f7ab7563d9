package thriftclient_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/testcerts"
	"github.com/widerow/widerow/thriftclient"
)

func TestTLS(t *testing.T) {
	ours, theirs := testcerts.New(t), testcerts.New(t)
	server := &tls.Config{
		Certificates: []tls.Certificate{ours.Issue("127.0.0.1")},
		ClientCAs:    ours.Pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}
	n := startNode(t, nodeOptions{tls: server}, nil)
	client := ours.Issue("client")
	for _, tt := range []struct {
		name string
		tls  *tls.Config
		want string // a part of the error; "" means no error
	}{
		{"right", &tls.Config{RootCAs: ours.Pool, Certificates: []tls.Certificate{client}}, ""},
		{"right with another name", &tls.Config{RootCAs: ours.Pool, Certificates: []tls.Certificate{client}, ServerName: "cass1"}, "cass1"},
		{"unknown authority", &tls.Config{RootCAs: theirs.Pool, Certificates: []tls.Certificate{client}}, "unknown authority"},
		{"no client certificate", &tls.Config{RootCAs: ours.Pool}, "certificate required"},
		{"wrong client certificate", &tls.Config{RootCAs: ours.Pool, Certificates: []tls.Certificate{theirs.Issue("client")}}, "remote error"},
		{"not encrypted", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := fast()
			opts.TLS = tt.tls
			c, err := thriftclient.Open(t.Context(), []string{n.addr}, opts)
			if err == nil {
				defer c.Close()
				err = get(t.Context(), c, "k")
			}
			switch ok := tt.name == "right"; {
			case ok && err != nil, !ok && (!errors.Is(err, backend.ErrUnavailable) || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}

	t.Run("restarted", func(t *testing.T) {
		opts := fast()
		opts.TLS = &tls.Config{RootCAs: ours.Pool, Certificates: []tls.Certificate{client}}
		c := connect(t, opts, n)
		for range 3 {
			if err := c.Mutate(t.Context(), add("k")); err != nil {
				t.Fatal(err)
			}
			n.stop()
			n.start()
		}
	})
}
