package faultproxy

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports that systems do not assign to connections and listeners that request any port. Linux assigns ports
// from 32768 on, other systems from 49152 on.
const (
	firstPort = 10240
	endPort   = 32768
)

// Listen listens on a port of 127.0.0.1 that no process gets by chance. A test may close
// the listener and listen on the port again, because no other test or program takes the port.
func Listen() (net.Listener, error) {
	var last error
	for range 100 {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+rand.IntN(endPort-firstPort))))
		if err == nil {
			return l, nil
		}
		last = err
	}
	return nil, fmt.Errorf("no port is free: %w", last)
}
