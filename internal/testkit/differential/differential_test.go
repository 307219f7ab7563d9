package differential_test

import (
	"bufio"
	"flag"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/internal/testkit/servertest"
	tw "github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the records of real nodes and the list of differences without reasons")

// recorded lists the versions whose answers are in testdata. The server acts as the first.
var recorded = []string{"1.2.19", "2.1.22"}

// An exchange is a request and a server's answer, as text.
type exchange struct{ request, answer string }

// TestRecords compares the records with real nodes.
func TestRecords(t *testing.T) {
	for _, version := range realcass.Versions(t, recorded...) {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version})
			got := ask(t, cluster.Addrs()[0])
			file := filepath.Join("testdata", version+".txt")
			if *rewrite {
				write(t, file, got)
			}
			if diff := cmp.Diff(texts(read(t, file)), texts(got)); diff != "" {
				t.Errorf("the node says other things than %s has (-want +got):\n%s", file, diff)
			}
		})
	}
}

// TestDifferences compares the server with the records.
func TestDifferences(t *testing.T) {
	ours := ask(t, serve(t))
	reasons := readReasons(t)
	used := map[string]bool{}
	first, second := read(t, "testdata/"+recorded[0]+".txt"), read(t, "testdata/"+recorded[1]+".txt")
	if len(first) != len(ours) || len(second) != len(ours) {
		t.Fatalf("there are %d requests, and records of %d and %d", len(ours), len(first), len(second))
	}
	same, asLater, versions := 0, 0, 0
	for i, got := range ours {
		if first[i].request != got.request || second[i].request != got.request {
			t.Fatalf("request %d is %s, the records have\n%s\n%s", i+1, got.request, first[i].request, second[i].request)
		}
		if first[i].answer != second[i].answer {
			versions++
		}
		switch got.answer {
		case first[i].answer:
			same++
			continue
		case second[i].answer:
			asLater++
		}
		reason := reasons.find(got, first[i].answer)
		if reason == "" {
			t.Errorf("request %d: %s\n  %s: %s\n  %s: %s\n  ours:   %s", i+1, got.request,
				recorded[0], first[i].answer, recorded[1], second[i].answer, got.answer)
		}
		used[reason] = true
	}
	for _, r := range reasons {
		if !used[r.text] {
			t.Errorf("differences.txt has an unused reason: %s", r.text)
		}
	}
	t.Logf("%d requests: %d are answered as by %s, %d as by %s only; the two differ in %d",
		len(ours), same, recorded[0], asLater, recorded[1], versions)
}

// serve starts a server on an empty store in memory.
func serve(t *testing.T) (addr string) {
	t.Helper()
	store, err := embedded.OpenMemory(&embedded.Options{Partitioner: "random"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return servertest.Start(t, store, &thriftserver.Options{ClusterName: "widerow"}).Addr().String()
}

// ask sends all requests over one connection. If the server closes it, ask continues over a new
// connection in the same keyspace.
func ask(t *testing.T, addr string) []exchange {
	t.Helper()
	c := &caller{t: t, addr: addr}
	defer c.close()
	var list []exchange
	for _, r := range allRequests() {
		list = append(list, exchange{printRequest(r), c.ask(r)})
	}
	return list
}

// A caller is a client that shows every field of an answer.
type caller struct {
	t        *testing.T
	addr     string
	conn     net.Conn
	reader   *tw.Reader
	keyspace string
	seq      int32
}

func (c *caller) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

func (c *caller) ask(r request) string {
	if c.conn == nil {
		conn, err := net.Dial("tcp", c.addr)
		if err != nil {
			c.t.Fatal(err)
		}
		c.conn, c.reader = conn, tw.NewReader(conn, tw.Framed, 1<<30)
		if c.keyspace != "" {
			if got := c.ask(request{&tw.SetKeyspaceArgs{Keyspace: c.keyspace}, tw.Header{Method: "set_keyspace", Type: tw.Call}}); got != "done" {
				c.t.Fatalf("set_keyspace on a new connection: %s", got)
			}
		}
	}
	result, err := c.call(r)
	answer := printAnswer(result, err)
	if strings.HasPrefix(answer, "no answer") {
		c.close()
	}
	if set, ok := r.args.(*tw.SetKeyspaceArgs); ok && answer == "done" {
		c.keyspace = set.Keyspace
	}
	return answer
}

func (c *caller) call(r request) (tw.Result, error) {
	c.seq++
	r.header.Seq = c.seq
	message, err := tw.Framed.Append(nil, r.header, r.args, 1<<30)
	if err != nil {
		c.t.Fatal(err)
	}
	_ = c.conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := c.conn.Write(message); err != nil {
		return nil, err
	}
	// A oneway call has no answer, so ask sends a call after it that has one. If a message is not a
	// call, a node sends no answer and may keep the connection open.
	if r.header.Type != tw.Call {
		_ = c.conn.SetDeadline(time.Now().Add(2 * time.Second))
	}
	reply, err := c.reader.Next(nil)
	if err != nil {
		return nil, err
	}
	result := r.args.NewResult()
	return result, tw.DecodeReply(reply, r.header.Method, c.seq, result)
}

// The records hold a request on one line and its answer on the next, indented.

func write(t *testing.T, file string, list []exchange) {
	t.Helper()
	if err := os.WriteFile(file, []byte(strings.Join(texts(list), "")), 0o666); err != nil {
		t.Fatal(err)
	}
}

func texts(list []exchange) []string {
	lines := make([]string, len(list))
	for i, e := range list {
		lines[i] = e.request + "\n  " + e.answer + "\n"
	}
	return lines
}

func read(t *testing.T, file string) []exchange {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []exchange
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if answer, ok := strings.CutPrefix(lines.Text(), "  "); ok && len(list) > 0 {
			list[len(list)-1].answer = answer
		} else {
			list = append(list, exchange{request: lines.Text()})
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

// A reason explains a difference. Each of its parts must be in the request or in one of the
// answers: "request: …", "theirs: …", "ours: …".
type reason struct {
	text                  string
	request, theirs, ours string
}

type reasonList []reason

// readReasons reads differences.txt. A reason is a line that begins with #. The lines below it name
// the parts of the differences that it explains.
func readReasons(t *testing.T) reasonList {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "differences.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var list reasonList
	for i, line := range strings.Split(string(text), "\n") {
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case strings.TrimSpace(line) == "":
		case strings.HasPrefix(line, "# "):
			list = append(list, reason{text: line[2:]})
		case len(list) > 0 && name == "request":
			list[len(list)-1].request = value
		case len(list) > 0 && name == "theirs":
			list[len(list)-1].theirs = value
		case len(list) > 0 && name == "ours":
			list[len(list)-1].ours = value
		default:
			t.Fatalf("differences.txt:%d: %q", i+1, line)
		}
	}
	for _, r := range list {
		if r.request+r.theirs+r.ours == "" {
			t.Fatalf("differences.txt: %q would explain everything", r.text)
		}
	}
	return list
}

func (l reasonList) find(got exchange, theirs string) string {
	i := slices.IndexFunc(l, func(r reason) bool {
		return strings.Contains(got.request, r.request) && strings.Contains(theirs, r.theirs) && strings.Contains(got.answer, r.ours)
	})
	if i < 0 {
		return ""
	}
	return l[i].text
}

// TestList checks the list of requests itself.
func TestList(t *testing.T) {
	n := len(allRequests())
	if n < 300 {
		t.Errorf("there are only %d requests", n)
	}
	methods := map[string]bool{}
	for _, r := range allRequests() {
		methods[r.header.Method] = true
	}
	t.Logf("%d requests of %d methods", n, len(methods))
}
