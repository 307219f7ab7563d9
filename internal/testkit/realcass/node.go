package realcass

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// stopTimeout bounds the time in which a node flushes and ends. A node that takes longer is killed.
const stopTimeout = time.Minute

// The states of a node.
type state int

const (
	stopped state = iota
	starting
	serving
	frozen
)

// A Node is a process of Cassandra with a data directory, which stays while the node is stopped. Its methods
// are safe for concurrent use. If a method with a test argument does not succeed, it fails the test. If the
// node runs elsewhere, such a method skips the test.
type Node struct {
	cluster *Cluster
	host    string
	addr    string
	dir     string
	place   uint64 // the position on the ring
	joins   bool   // whether the node first gets its data from the others

	mu     sync.Mutex
	state  state
	cmd    *exec.Cmd
	exited chan struct{} // closed when cmd has ended
}

// Addr returns the host and port for clients. The port is that of Thrift, or from 4.0 on that of the native protocol.
func (n *Node) Addr() string { return n.addr }

// NativeAddr returns the host and port of the native protocol, which 1.2 and later have. If the
// node runs elsewhere and has Thrift, the port is assumed to be the usual one.
func (n *Node) NativeAddr() string {
	if !n.cluster.plan.thrift() {
		return n.addr
	}
	return net.JoinHostPort(n.host, strconv.Itoa(nativePort))
}

// Host returns the address without a port.
func (n *Node) Host() string { return n.host }

// PID returns the process ID, or 0 if the node does not run here.
func (n *Node) PID() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.state == stopped {
		return 0
	}
	return n.cmd.Process.Pid
}

// Log returns the text of system.log and the output of the process, for all starts of the node. It
// is empty if the node runs elsewhere.
func (n *Node) Log() string {
	if n.dir == "" {
		return ""
	}
	system, _ := os.ReadFile(n.log("system.log")) // the file does not exist until the JVM runs
	printed, _ := os.ReadFile(n.log("out"))
	return string(system) + string(printed)
}

// Start starts the node again with its data, and waits until the node answers and the nodes see
// each other. If the node runs, Start does nothing.
func (n *Node) Start(t testing.TB) {
	t.Helper()
	n.cluster.ownedOrSkip(t)
	ctx, cancel := context.WithTimeout(t.Context(), n.cluster.plan.StartTimeout)
	defer cancel()
	if err := n.start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.cluster.settle(ctx); err != nil {
		t.Fatal(err)
	}
}

// Stop lets the node flush its data and end, and waits for it.
func (n *Node) Stop(t testing.TB) {
	t.Helper()
	n.cluster.ownedOrSkip(t)
	if err := n.end(signalStop, stopTimeout); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the node as kill -9 does, and waits for its end.
func (n *Node) Kill(t testing.TB) {
	t.Helper()
	n.cluster.ownedOrSkip(t)
	if err := n.end(signalKill, stopTimeout); err != nil {
		t.Fatal(err)
	}
}

// Pause suspends the process: connections stay open, and the node does not answer. If the node does not
// run, Pause does nothing.
func (n *Node) Pause(t testing.TB) {
	t.Helper()
	n.cluster.ownedOrSkip(t)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.state != serving {
		return
	}
	if err := n.cmd.Process.Signal(signalPause); err != nil {
		t.Fatal(err)
	}
	n.state = frozen
	ctx, cancel := context.WithTimeout(t.Context(), probeTimeout)
	defer cancel()
	for {
		asleep, err := paused(n.cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if asleep {
			return
		}
		if !pause(ctx) {
			t.Fatalf("node %s does not pause: %v", n.host, ctx.Err())
		}
	}
}

// Resume continues a paused node. It does not wait until the others see the node.
func (n *Node) Resume(t testing.TB) {
	t.Helper()
	n.cluster.ownedOrSkip(t)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.state != frozen {
		return
	}
	if err := n.cmd.Process.Signal(signalResume); err != nil {
		t.Fatal(err)
	}
	n.state = serving
}

func (n *Node) is(s state) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state == s
}

// conf and log return paths of the node's files.
func (n *Node) conf(elem ...string) string {
	return filepath.Join(append([]string{n.dir, "conf"}, elem...)...)
}

func (n *Node) log(name string) string { return filepath.Join(n.dir, "log", name) }

// start starts the process and waits until it answers.
func (n *Node) start(ctx context.Context) error {
	seeds := n.seeds() // reads the state of the other nodes, which may be starting too
	n.mu.Lock()
	if n.state != stopped {
		n.mu.Unlock()
		return nil
	}
	err := n.spawnLocked(seeds)
	exited := n.exited
	n.mu.Unlock()
	if err != nil {
		return fmt.Errorf("starting Cassandra %v: %w", n.cluster.plan.release, err)
	}
	for {
		if err = n.answers(ctx); err == nil {
			n.mu.Lock()
			defer n.mu.Unlock()
			if n.state == starting {
				n.state = serving
			}
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("Cassandra %v on %s did not start: see its log", n.cluster.plan.release, n.host)
		default:
		}
		if !pause(ctx) {
			return fmt.Errorf("Cassandra %v on %s does not answer: %w: %w", n.cluster.plan.release, n.host, ctx.Err(), err)
		}
	}
}

// spawnLocked starts the process.
func (n *Node) spawnLocked(seeds []string) error {
	if err := n.configure(seeds); err != nil {
		return err
	}
	args, err := n.cluster.plan.command(n, n.cluster.jars)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(n.log("out"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(n.cluster.java, args...)
	cmd.Dir = n.dir
	cmd.Stdout, cmd.Stderr = out, out
	if err := n.cluster.spawner.start(cmd); err != nil {
		return err
	}
	exited := make(chan struct{})
	n.cmd, n.exited, n.state = cmd, exited, starting
	go func() { // ends with the process; clean waits for it
		_ = cmd.Wait()
		n.mu.Lock()
		n.state = stopped
		n.mu.Unlock()
		close(exited)
	}()
	return nil
}

// configure writes the node's configuration.
func (n *Node) configure(seeds []string) error {
	for _, dir := range []string{n.conf(), filepath.Join(n.dir, "data"), filepath.Join(n.dir, "log")} {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
	}
	for name, text := range map[string]string{
		"cassandra.yaml":              n.cluster.plan.yaml(n, seeds),
		"log4j.properties":            fmt.Sprintf(log4j, n.log("system.log")),
		"logback.xml":                 fmt.Sprintf(logback, n.log("system.log")),
		"cassandra-rackdc.properties": "",
	} {
		if err := os.WriteFile(n.conf(name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	if tls := n.cluster.plan.TLS; tls != nil {
		return tls.write(n)
	}
	return nil
}

// seeds returns the nodes that are up. A node that cannot reach a seed does not start. A node that
// is its own seed starts alone.
func (n *Node) seeds() []string {
	var seeds []string
	for _, other := range n.cluster.Nodes() {
		if other != n && other.is(serving) {
			seeds = append(seeds, other.host)
		}
	}
	if len(seeds) == 0 {
		seeds = []string{n.host}
	}
	return seeds
}

// superuser is the text that Cassandra logs when its first user exists.
const superuser = "reated default superuser"

// answers returns an error unless clients can connect to the node and log in.
func (n *Node) answers(ctx context.Context) error {
	if err := listening(ctx, n.addr); err != nil {
		return err
	}
	if err := n.answersNative(ctx); err != nil {
		return err
	}
	if !n.cluster.plan.Auth {
		return nil
	}
	if n.cluster.plan.thrift() {
		_, err := ask(ctx, n.addr, login("cassandra", "cassandra"))
		return err
	}
	if n == n.cluster.Node(0) && !strings.Contains(n.Log(), superuser) {
		return errors.New("there is no user yet")
	}
	return nil
}

// answersNative returns an error if the node should answer on the native protocol and does not.
func (n *Node) answersNative(ctx context.Context) error {
	if !n.cluster.plan.atLeast(1, 2) || n.cluster.plan.YAML["start_native_transport"] == "false" {
		return nil
	}
	return askOptions(ctx, n.NativeAddr(), n.cluster.plan)
}

// sees returns an error unless the node knows that the given nodes are up.
func (n *Node) sees(ctx context.Context, hosts []string) error {
	if n.cluster.plan.thrift() {
		return ringSeen(ctx, n.addr, hosts, n.cluster.plan.release)
	}
	log := n.Log()
	for _, h := range hosts {
		if h != n.host && !seenUp(log, h) {
			return fmt.Errorf("%s does not see that %s is up", n.host, h)
		}
	}
	return nil
}

// seenUp reports whether the last entry for host in a log of 4.0 or later says that host is up.
func seenUp(log, host string) bool {
	at := "InetAddress /" + host + ":" + strconv.Itoa(storagePort) + " is now "
	i := strings.LastIndex(log, at)
	return i >= 0 && strings.HasPrefix(log[i+len(at):], "UP")
}

// end sends a signal that ends the process, and waits for the end. If the process takes too long,
// end kills it and returns an error.
func (n *Node) end(signal os.Signal, timeout time.Duration) error {
	n.mu.Lock()
	if n.state == stopped {
		n.mu.Unlock()
		return nil
	}
	wasFrozen, process, exited := n.state == frozen, n.cmd.Process, n.exited
	n.state = starting // the node serves no longer
	n.mu.Unlock()
	if err := process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	if wasFrozen {
		_ = process.Signal(signalResume) // a killed process may have ended
	}
	select {
	case <-exited:
		return nil
	case <-time.After(timeout):
		_ = process.Kill() // the signal did not end it in time
		<-exited
		return fmt.Errorf("node %s did not end within %v", n.host, timeout)
	}
}
