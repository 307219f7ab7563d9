package cli

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync/atomic"
)

// tlsFiles are the files of a certificate, of its key and of the CA certificates that verify clients. The files may be
// replaced while the server runs.
type tlsFiles struct {
	certFile, keyFile, clientCAFile string

	cert      atomic.Pointer[tls.Certificate]
	clientCAs atomic.Pointer[x509.CertPool]
}

// loadCert reads the certificate and its key. After an error the old certificate stays in use.
func (f *tlsFiles) loadCert() error {
	cert, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
	if err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	f.cert.Store(&cert)
	return nil
}

// loadClientCAs reads the CA certificates for clients. After an error the old certificates stay in use.
func (f *tlsFiles) loadClientCAs() error {
	pem, err := os.ReadFile(f.clientCAFile)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("no certificate found in %s", f.clientCAFile)
	}
	f.clientCAs.Store(pool)
	return nil
}

// config returns a server's configuration and registers its files for reloading. If clientCAFile is set, clients
// must present a certificate that a CA in that file has signed.
func (f *tlsFiles) config(r *reloader) (*tls.Config, error) {
	if err := f.loadCert(); err != nil {
		return nil, err
	}
	r.add("certificate", f.certFile, f.loadCert)
	c := &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.cert.Load(), nil },
	}
	if f.clientCAFile == "" {
		return c, nil
	}
	if err := f.loadClientCAs(); err != nil {
		return nil, err
	}
	r.add("client CAs", f.clientCAFile, f.loadClientCAs)
	c.ClientAuth = tls.RequireAndVerifyClientCert
	// A resumed session would skip verification by the current CAs.
	c.SessionTicketsDisabled = true
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		now := c.Clone()
		now.ClientCAs = f.clientCAs.Load()
		return now, nil
	}
	return c, nil
}
