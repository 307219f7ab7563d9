package cli

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{t: t}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	_, a.cert, a.key = a.sign(template, nil)
	return a
}

// sign returns a certificate. Without a parent it is self-signed.
func (a *authority) sign(template, parent *x509.Certificate) (der []byte, cert *x509.Certificate, key *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(1), time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	signer := key
	if parent == nil {
		parent = template
	} else {
		signer = a.key
	}
	if der, err = x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer); err != nil {
		a.t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		a.t.Fatal(err)
	}
	return der, cert, key
}

func (a *authority) pair(name string) tls.Certificate {
	der, _, key := a.sign(&x509.Certificate{Subject: pkix.Name{CommonName: name}, DNSNames: []string{name}}, a.cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func writePEM(t *testing.T, file, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}

// SIGHUP also reloads the client CAs. The log reports for each file whether it was reloaded.
func TestServeReloadsClientCAs(t *testing.T) {
	dir := t.TempDir()
	c := &serveCmd{TLSCert: filepath.Join(dir, "cert"), TLSKey: filepath.Join(dir, "key"), TLSClientCA: filepath.Join(dir, "ca")}
	old, renewed := newAuthority(t, "old"), newAuthority(t, "new")
	pair := old.pair("server")
	key, err := x509.MarshalECPrivateKey(pair.PrivateKey.(*ecdsa.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, c.TLSCert, "CERTIFICATE", pair.Certificate[0])
	writePEM(t, c.TLSKey, "EC PRIVATE KEY", key)
	writePEM(t, c.TLSClientCA, "CERTIFICATE", old.cert.Raw)

	var log output
	opts, reload, err := c.options(slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(old.cert)
	sessions := tls.NewLRUClientSessionCache(10)
	clients := map[*authority]tls.Certificate{old: old.pair("client"), renewed: renewed.pair("client")}
	enters := func(a *authority) bool {
		t.Helper()
		here, there := net.Pipe()
		defer here.Close()
		defer there.Close()
		cert := clients[a]
		go func() {
			c := tls.Client(there, &tls.Config{
				ServerName: "server", RootCAs: roots, ClientSessionCache: sessions,
				GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil },
			})
			_, _ = c.Read(make([]byte, 1)) // shakes hands, and takes session tickets
		}()
		return tls.Server(here, opts.TLS).HandshakeContext(t.Context()) == nil
	}
	if !enters(old) || enters(renewed) {
		t.Error("the CAs differ from the file")
	}
	writePEM(t, c.TLSClientCA, "CERTIFICATE", renewed.cert.Raw)
	if err := reload(); err != nil {
		t.Error(err)
	}
	if enters(old) || !enters(renewed) {
		t.Error("after a reload the CAs differ from the file")
	}
	if n := strings.Count(log.String(), "msg=reloaded"); n != 2 || !strings.Contains(log.String(), `what="client CAs"`) {
		t.Errorf("the log does not say that the certificate and the CAs were reloaded:\n%s", &log)
	}
	if err := os.WriteFile(c.TLSClientCA, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := reload(); err == nil || !enters(renewed) {
		t.Errorf("an invalid file: error %v; it must change nothing", err)
	}
	if text := log.String(); strings.Count(text, "msg=reloaded") != 3 || !strings.Contains(text, `msg="cannot reload, the old content stays in use" what="client CAs"`) {
		t.Errorf("the log does not report for each file whether it was reloaded:\n%s", text)
	}
}
