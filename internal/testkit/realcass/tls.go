package realcass

import (
	"fmt"
	"os"
	"strconv"
)

// A node with TLS reads these files.
const (
	keystore   = "node.pem"
	truststore = "clients.pem"
)

// options returns the value of client_encryption_options.
func (c *TLS) options(n *Node) string {
	text := "enabled: true, optional: false, " +
		"ssl_context_factory: {class_name: org.apache.cassandra.security.PEMBasedSslContextFactory}, " +
		"keystore: " + strconv.Quote(n.conf(keystore))
	if len(c.ClientCAs) > 0 {
		text += ", require_client_auth: true, truststore: " + strconv.Quote(n.conf(truststore))
	}
	return "{" + text + "}"
}

// write writes the files.
func (c *TLS) write(n *Node) error {
	files := map[string][]byte{keystore: fmt.Appendf(nil, "%s\n%s\n", c.Key, c.Certificate)}
	if len(c.ClientCAs) > 0 {
		files[truststore] = c.ClientCAs
	}
	for name, data := range files {
		if err := os.WriteFile(n.conf(name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
