package cli

import (
	"fmt"
	"net"
	"os"
)

// listeners are the addresses that the server listens on before it opens the store. A server that cannot
// listen then leaves no new store behind, and a client that connects early waits.
type listeners struct {
	clients          []net.Listener
	metrics, control net.Listener // nil where the flags do not name them
}

// listen returns the listeners. What is open must be closed even if there is an error.
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

// close closes the listeners, which their servers may have done already. The control socket is still here only if
// nobody serves it.
func (at *listeners) close() {
	if at.control != nil {
		_ = os.Remove(at.control.Addr().String()) // while it listens: later the file may be that of the next server
	}
	for _, l := range append(at.clients, at.metrics, at.control) {
		if l != nil {
			_ = l.Close()
		}
	}
}
