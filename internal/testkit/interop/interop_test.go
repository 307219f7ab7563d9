package interop

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/internal/testkit/realcass"
)

var rewrite = flag.Bool("rewrite", false, "with real Cassandra: rewrite the transcripts")

// variable is the environment variable that enables these tests.
const variable = "WIDEROW_TEST_CLIENTS"

// reference is the version of Cassandra on which the transcripts were recorded.
const reference = "1.2.19"

// A client is a client program of another project.
type client struct {
	// name is the name of the client's directory in testdata.
	name string
	// scripts is the pattern of the client's scripts in that directory.
	scripts string
	// install installs the client and returns a runner for its scripts.
	install func(t *testing.T) runner
}

// A runner runs a script on a server and returns the output of the client.
type runner func(t *testing.T, script, addr string) string

var clients = []client{
	{"cassandra-cli", "*.cli", installCLI},
	{"hadoop", "*.java", installHadoop},
	{"hector", "*.java", installHector},
	{"pycassa", "*.py", installPycassa},
}

// TestServer compares thriftserver with the transcripts. Each script runs on a new server.
func TestServer(t *testing.T) {
	needClients(t)
	if *rewrite {
		t.Skip("the transcripts are of real Cassandra")
	}
	eachScript(t, func(t *testing.T, run runner, script string) {
		compare(t, script, normalize(run(t, script, serve(t))))
	})
}

// TestCassandra compares Cassandra itself with the transcripts.
func TestCassandra(t *testing.T) {
	needClients(t)
	realcass.Versions(t, reference)
	node := realcass.Start(t, realcass.Config{Version: reference}).Node(0)
	eachScript(t, func(t *testing.T, run runner, script string) {
		got := normalize(run(t, script, node.Addr()))
		if *rewrite {
			if err := os.WriteFile(transcript(script), []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
			return
		}
		compare(t, script, got)
	})
}

func needClients(t *testing.T) {
	t.Helper()
	if os.Getenv(variable) == "" {
		t.Skipf("needs foreign clients, which are downloaded: set %s=1 to ask for it", variable)
	}
}

// eachScript runs a test for each script of each client.
func eachScript(t *testing.T, test func(t *testing.T, run runner, script string)) {
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			scripts, err := filepath.Glob(filepath.Join("testdata", c.name, c.scripts))
			if err != nil || len(scripts) == 0 {
				t.Fatalf("no scripts (%v)", err)
			}
			run := c.install(t)
			for _, script := range scripts {
				t.Run(strings.TrimSuffix(filepath.Base(script), filepath.Ext(script)), func(t *testing.T) {
					test(t, run, script)
				})
			}
		})
	}
}

// transcript returns the path of a script's transcript.
func transcript(script string) string {
	return strings.TrimSuffix(script, filepath.Ext(script)) + ".txt"
}

func compare(t *testing.T, script, got string) {
	t.Helper()
	compareWith(t, transcript(script), got)
}

func compareWith(t *testing.T, transcript, got string) {
	t.Helper()
	want, err := os.ReadFile(transcript)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lines(string(want)), lines(got)); diff != "" {
		t.Errorf("other than %s (-there +here):\n%s", transcript, diff)
	}
}

func lines(s string) []string { return strings.Split(comparable(s), "\n") }
