package realcass

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// Ports are Cassandra's usual ones: clusters differ in their addresses.
const (
	thriftPort  = 9160
	nativePort  = 9042
	storagePort = 7000
)

// Networks are 127.K.0.0/24.
const (
	firstNetwork = 101
	lastNetwork  = 200
	maxNodes     = 20
)

// A network is a loopback network that this process alone uses for a cluster, and the directory
// for the cluster's files.
type network struct {
	number int
	dir    string
	claim  net.Listener // on an address that no node has: who has it has the network
}

// claim returns a network that is free.
func (c cache) claim() (_ *network, err error) {
	for k := firstNetwork; k <= lastNetwork; k++ {
		n := &network{number: k, dir: c.path("net", strconv.Itoa(k))}
		if n.claim, err = listen(n.host(maxNodes), storagePort); err != nil {
			continue
		}
		if err = n.unused(); err != nil {
			n.claim.Close()
			continue
		}
		// A process that was killed leaves its files.
		if err := os.RemoveAll(n.dir); err != nil {
			return nil, errors.Join(err, n.claim.Close())
		}
		return n, nil
	}
	return nil, fmt.Errorf("none of the networks 127.%d.0.0 to 127.%d.0.0 is free: %w", firstNetwork, lastNetwork, err)
}

// unused tells whether nobody who knows nothing of claims listens there.
func (n *network) unused() error {
	for _, port := range []int{storagePort, thriftPort, nativePort} {
		l, err := listen(n.host(0), port)
		if err != nil {
			return err
		}
		l.Close()
	}
	return nil
}

func listen(host string, port int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
}

// host is the address of the i-th node.
func (n *network) host(i int) string { return fmt.Sprintf("127.%d.0.%d", n.number, i+1) }

// release removes the files and gives the network back.
func (n *network) release() error { return errors.Join(os.RemoveAll(n.dir), n.claim.Close()) }
