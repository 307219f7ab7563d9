package realcass

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
)

// The ports are Cassandra's usual ports. Clusters differ in their addresses.
const (
	thriftPort  = 9160
	nativePort  = 9042
	storagePort = 7000
)

// The networks are 127.K.0.0/24.
const (
	firstNetwork = 101
	lastNetwork  = 200
	maxNodes     = 20
)

// A network is a loopback network that only this process uses, for one cluster, and the directory
// of the cluster's files.
type network struct {
	number int
	dir    string
	claim  net.Listener // listens on an address that no node has; its owner owns the network
}

// claim claims a free network and returns it.
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
		// A killed process leaves its files behind.
		if err := os.RemoveAll(n.dir); err != nil {
			return nil, errors.Join(err, n.claim.Close())
		}
		return n, nil
	}
	return nil, fmt.Errorf("none of the networks 127.%d.0.0 to 127.%d.0.0 is free: %w", firstNetwork, lastNetwork, err)
}

// unused returns an error if a program that makes no claims listens on the network.
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

// host returns the address of the i-th node.
func (n *network) host(i int) string { return fmt.Sprintf("127.%d.0.%d", n.number, i+1) }

// release removes the files and ends the claim.
func (n *network) release() error { return errors.Join(os.RemoveAll(n.dir), n.claim.Close()) }
