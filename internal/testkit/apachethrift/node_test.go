//go:build apache && linux

package apachethrift

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/widerow/widerow/internal/thriftwire"
)

// nodeVariable makes the test binary serve as a node. A node in its own process keeps its processor
// time out of the clients' figures.
const nodeVariable = "WIDEROW_APACHETHRIFT_NODE"

func TestMain(m *testing.M) {
	if os.Getenv(nodeVariable) != "" {
		if err := runNode(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// startNode starts a node and returns its address. The node ends with the benchmark.
func startNode(b *testing.B) string {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), nodeVariable+"=1")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		if err := cmd.Wait(); err != nil {
			b.Errorf("the node: %v", err)
		}
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatalf("the node printed no address: %v", err)
	}
	return strings.TrimSpace(addr)
}

// runNode serves until standard input ends, which happens when the process that started the node
// ends.
func runNode() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	_, _ = os.Stdin.Read(make([]byte, 1))
	return listener.Close()
}

// serve answers the calls on a connection with the number of columns that each call asks for.
func serve(c net.Conn) {
	defer c.Close()
	r := thriftwire.NewReader(c, thriftwire.Framed, 0)
	all := columns(100)
	var in, out []byte
	for {
		var err error
		if in, err = r.Next(in); err != nil {
			return
		}
		h, args, err := thriftwire.DecodeCall(in)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		h.Type = thriftwire.Reply
		if out, err = thriftwire.Framed.Append(out[:0], h, answer(args, all), 0); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		if _, err := c.Write(out); err != nil {
			return
		}
	}
}

// answer returns the result of a call.
func answer(args thriftwire.Args, all []thriftwire.ColumnOrSuperColumn) thriftwire.Result {
	switch args := args.(type) {
	case *thriftwire.GetSliceArgs:
		if s := args.Predicate.SliceRange; s != nil {
			return &thriftwire.GetSliceResult{Success: all[:s.Count]}
		}
		return &thriftwire.GetSliceResult{Success: all[:len(args.Predicate.ColumnNames)]}
	case *thriftwire.DescribeVersionArgs:
		return &thriftwire.DescribeVersionResult{Success: "20.1.0"}
	case *thriftwire.DescribePartitionerArgs:
		return &thriftwire.DescribePartitionerResult{Success: "org.apache.cassandra.dht.RandomPartitioner"}
	case *thriftwire.DescribeRingArgs:
		return &thriftwire.DescribeRingResult{Success: []thriftwire.TokenRange{
			{StartToken: "0", EndToken: "0", Endpoints: []string{"127.0.0.1"}, RPCEndpoints: []string{"127.0.0.1"}},
		}}
	}
	return args.NewResult()
}
