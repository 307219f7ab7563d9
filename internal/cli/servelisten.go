package cli

import (
	"fmt"
	"net"
	"os"
)

// listeners are the addresses that the server listens on before it opens the store. So a server that cannot
// listen does not create a store, and a client that connects early waits.
type listeners struct {
	clients          []net.Listener
	metrics, control net.Listener // nil if no flag names them
}

// listen returns the listeners. The caller must close them, even after an error.
func (c *serveCmd) listen() (*listeners, error) {
	at := new(listeners)
	for _, addr := range c.Listen {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return at, err
		}
		at.clients = append(at.clients, l)
	}
	var err error
	if c.Metrics != "" {
		if at.metrics, err = net.Listen("tcp", c.Metrics); err != nil {
			return at, err
		}
	}
	if c.Control != "" {
		if at.control, err = listenControl(c.Control); err != nil {
			return at, fmt.Errorf("control socket: %w", err)
		}
	}
	return at, nil
}

// close closes the listeners. Their servers may have closed them already. at.control is not nil only if the control
// socket is not served.
func (at *listeners) close() {
	if at.control != nil {
		_ = os.Remove(at.control.Addr().String()) // before the listener is closed: after that, the file may belong to the next server
	}
	for _, l := range append(at.clients, at.metrics, at.control) {
		if l != nil {
			_ = l.Close()
		}
	}
}
