package interop

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
)

// TestGateway compares thriftserver on a cluster of Cassandra 5.0 with the transcripts. If the cluster answers a script differently, for a
// reason in docs/clients.md, the script has a second transcript. With -rewrite, TestGateway writes the second transcripts.
func TestGateway(t *testing.T) {
	needClients(t)
	version := realcass.Versions(t, "5.0")[0]
	// The node has one token, as a node of 1.2 does: Hadoop runs a task for each range of the ring.
	cluster := realcass.Start(t, realcass.Config{
		Version: version, Partitioner: "RandomPartitioner", YAML: map[string]string{"num_tokens": "1"},
	})
	log := slog.New(slog.DiscardHandler)
	store, err := cqlclient.Open(t.Context(), cluster.NativeAddrs(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	eachScript(t, func(t *testing.T, run runner, script string) {
		if strings.HasSuffix(t.Name(), "/pycassa/system") {
			t.Skip("its keyspace has replicas in data centres that the cluster lacks, which Cassandra 4 and later refuse")
		}
		if err := dropKeyspaces(t.Context(), store); err != nil {
			t.Fatal(err)
		}
		got := normalize(run(t, script, serveStore(t, store, log)))
		if *rewrite {
			if err := rewriteGateway(script, got); err != nil {
				t.Fatal(err)
			}
			return
		}
		compareWith(t, gatewayTranscript(script), got)
	})
}

// gatewayTranscript returns the path of a script's transcript on a gateway. If the script has no second transcript, it returns the path of
// the transcript on Cassandra.
func gatewayTranscript(script string) string {
	name := strings.TrimSuffix(script, filepath.Ext(script)) + ".cql.txt"
	if _, err := os.Stat(name); err != nil {
		return transcript(script)
	}
	return name
}

func rewriteGateway(script, got string) error {
	cassandra, err := os.ReadFile(transcript(script))
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(script, filepath.Ext(script)) + ".cql.txt"
	if comparable(got) == comparable(string(cassandra)) {
		if err := os.Remove(name); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return os.WriteFile(name, []byte(got), 0o666)
}

// dropKeyspaces drops the keyspaces that an earlier script left.
func dropKeyspaces(ctx context.Context, b backend.Backend) error {
	all, err := b.Keyspaces(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		if _, err := b.Alter(ctx, schema.DropKeyspace{Name: all[i].Name}); err != nil {
			return err
		}
	}
	return nil
}
