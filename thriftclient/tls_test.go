package thriftclient_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/thriftclient"
)

// An authority signs certificates.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{t: t, pool: x509.NewCertPool()}
	pair := a.issue("authority", true)
	a.cert, a.key = pair.Leaf, pair.PrivateKey.(*ecdsa.PrivateKey)
	a.pool.AddCert(a.cert)
	return a
}

// issue makes a certificate for a name or an address, signed by a, or by itself if a
// is just being made.
func (a *authority) issue(name string, ca bool) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true, IsCA: ca,
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	server := &tls.Config{
		Certificates: []tls.Certificate{ours.issue("127.0.0.1", false)},
		ClientCAs:    ours.pool, ClientAuth: tls.RequireAndVerifyClientCert,
	}
	n := startNode(t, nodeOptions{tls: server}, nil)
	client := ours.issue("client", false)
	for _, tt := range []struct {
		name string
		tls  *tls.Config
		want string // in the error; "" for none
	}{
		{"right", &tls.Config{RootCAs: ours.pool, Certificates: []tls.Certificate{client}}, ""},
		{"right with another name", &tls.Config{RootCAs: ours.pool, Certificates: []tls.Certificate{client}, ServerName: "cass1"}, "cass1"},
		{"unknown authority", &tls.Config{RootCAs: theirs.pool, Certificates: []tls.Certificate{client}}, "unknown authority"},
		{"no client certificate", &tls.Config{RootCAs: ours.pool}, "certificate required"},
		{"wrong client certificate", &tls.Config{RootCAs: ours.pool, Certificates: []tls.Certificate{theirs.issue("client", false)}}, "remote error"},
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
		opts.TLS = &tls.Config{RootCAs: ours.pool, Certificates: []tls.Certificate{client}}
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
