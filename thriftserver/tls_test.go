package thriftserver_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
	"github.com/widerow/widerow/thriftserver/users"
)

// certificates holds the certificates of a server and of a client, signed by one authority.
type certificates struct {
	pool                   *x509.CertPool
	ofServer, ofItsClients tls.Certificate
}

func newCertificates(t testing.TB) *certificates {
	t.Helper()
	caKey, ca := certificate(t, nil, nil, true)
	c := &certificates{pool: x509.NewCertPool()}
	c.pool.AddCert(ca.Leaf)
	_, c.ofServer = certificate(t, ca.Leaf, caKey, false)
	_, c.ofItsClients = certificate(t, ca.Leaf, caKey, false)
	return c
}

func certificate(t testing.TB, parent *x509.Certificate, parentKey *ecdsa.PrivateKey, isCA bool) (*ecdsa.PrivateKey, tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "test"},
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		IsCA:        isCA, BasicConstraintsValid: true,
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func (c *certificates) server(auth tls.ClientAuthType) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.ofServer}, ClientCAs: c.pool, ClientAuth: auth, MinVersion: tls.VersionTLS12}
}

func (c *certificates) client(own bool) *tls.Config {
	config := &tls.Config{RootCAs: c.pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	if own {
		config.Certificates = []tls.Certificate{c.ofItsClients}
	}
	return config
}

// newUsers returns a list with a user admin who may do everything and a user
// reader who may read the family app.Users.
func newUsers(t testing.TB) *users.List {
	t.Helper()
	content, err := usersFile()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := users.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var usersFile = sync.OnceValues(func() ([]byte, error) {
	var file bytes.Buffer
	for _, user := range []struct{ name, rights string }{{"admin", "*=rw"}, {"reader", "app.Users=r"}} {
		hash, err := bcrypt.GenerateFromPassword([]byte(user.name+"-password"), bcrypt.MinCost) // so that logins are fast
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&file, "%s:%s:%s\n", user.name, hash, user.rights)
	}
	return file.Bytes(), nil
})

func TestTLS(t *testing.T) {
	certs := newCertificates(t)
	s := servertest.Start(t, openMemory(t, newClock(), ""), &thriftserver.Options{
		TLS: certs.server(tls.RequireAndVerifyClientCert), FrameTimeout: 5 * time.Second,
	})
	nc, err := tls.Dial("tcp", s.Addr().String(), certs.client(true))
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, nc, thriftwire.Framed)
	if got := must[*thriftwire.DescribeVersionResult](c, &thriftwire.DescribeVersionArgs{}).Success; got != "19.36.2" {
		t.Errorf("version %q", got)
	}

	// A client without a certificate, and a client without TLS, gets no answer.
	nc, err = tls.Dial("tcp", s.Addr().String(), certs.client(false))
	if err == nil {
		c = newClient(t, nc, thriftwire.Framed)
		c.send(&thriftwire.DescribeVersionArgs{})
		if _, err := c.message(); err == nil {
			t.Error("an answer to a client without a certificate")
		}
	}
	c = dial(t, s)
	c.send(&thriftwire.DescribeVersionArgs{})
	if m, err := c.message(); err == nil {
		t.Errorf("an answer to a client without TLS: %q", m)
	}
}
