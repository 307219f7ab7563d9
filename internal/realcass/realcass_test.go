package realcass

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/widerow/widerow/internal/thriftwire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// versionOf asks a node for the version of its interface.
func versionOf(t *testing.T, n *Node) string {
	t.Helper()
	result, err := ask(t.Context(), n.Addr(), &thriftwire.DescribeVersionArgs{})
	if err != nil {
		t.Fatal(err)
	}
	return result.(*thriftwire.DescribeVersionResult).Success
}

func TestEachVersion(t *testing.T) {
	for _, version := range Versions(t) {
		t.Run(version, func(t *testing.T) {
			c := Start(t, Config{Version: version})
			if c.plan.thrift() {
				if got := versionOf(t, c.Node(0)); got == "" {
					t.Error("describe_version says nothing")
				}
			}
			c.Node(0).Stop(t)
			if err := listening(t.Context(), c.Node(0).Addr()); err == nil {
				t.Error("the node still listens after Stop")
			}
		})
	}
}
