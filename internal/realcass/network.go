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

// A network is a loopback network that this process alone uses for a cluster, and the folder
// for the cluster's files.
type network struct {
	number int
	dir    string
	lock   *os.File
}

// claim returns a network that is free.
func (c cache) claim() (*network, error) {
	for k := firstNetwork; k <= lastNetwork; k++ {
		n := &network{number: k, dir: c.path("net", strconv.Itoa(k))}
		lock, err := tryLock(n.dir + ".lock")
		if err != nil {
			return nil, err
		}
		if lock == nil {
			continue
		}
		n.lock = lock
		if n.usable() == nil {
			// A process that was killed leaves its files.
			err := os.RemoveAll(n.dir)
			if err == nil {
				return n, nil
			}
			return nil, errors.Join(err, lock.Close())
		}
		lock.Close()
	}
	return nil, fmt.Errorf("none of the networks 127.%d.0.0 to 127.%d.0.0 is free: %w",
		firstNetwork, lastNetwork, (&network{number: lastNetwork}).usable())
}

// usable tells whether nobody else, who does not share the cache, listens there.
func (n *network) usable() error {
	for _, port := range []int{storagePort, thriftPort, nativePort} {
		l, err := net.Listen("tcp", net.JoinHostPort(n.host(0), strconv.Itoa(port)))
		if err != nil {
			return err
		}
		l.Close()
	}
	return nil
}

// host is the address of the i-th node.
func (n *network) host(i int) string { return fmt.Sprintf("127.%d.0.%d", n.number, i+1) }

// release removes the files and gives the network back.
func (n *network) release() error { return errors.Join(os.RemoveAll(n.dir), n.lock.Close()) }
