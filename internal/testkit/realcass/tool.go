package realcass

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// toolTimeout bounds one run of a tool of Cassandra.
const toolTimeout = 2 * time.Minute

// Tables returns the data files of a column family. When a node starts, it writes the content of its log
// to tables. So after a Stop and a Start the tables contain all rows.
func (n *Node) Tables(t testing.TB, keyspace, family string) []string {
	t.Helper()
	n.cluster.ownedOrSkip(t)
	files, err := filepath.Glob(filepath.Join(n.dir, "data", "data", keyspace, family+"*", "*-Data.db"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

// Tool runs one of the tools in Cassandra's jars, by the name of its class, with the node's configuration, and
// returns what it prints on the standard output.
func (n *Node) Tool(t testing.TB, class string, args ...string) []byte {
	t.Helper()
	n.cluster.ownedOrSkip(t)
	ctx, cancel := context.WithTimeout(t.Context(), toolTimeout)
	defer cancel()
	command, err := n.cluster.plan.command(n, n.cluster.jars)
	if err != nil {
		t.Fatal(err)
	}
	command = append(command[:len(command)-1], class)
	cmd := exec.CommandContext(ctx, n.cluster.java, slices.Concat(command, args)...)
	cmd.Dir = n.dir
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", class, args, err, errs.Bytes())
	}
	return out
}
