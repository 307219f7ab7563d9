package thriftclient_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/internal/testkit/ringtest"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// TestClusterUnderFaults works on a ring whose nodes fail: see [ringtest.Run].
func TestClusterUnderFaults(t *testing.T) {
	for _, version := range realcass.Versions(t, "1.2.19", "3.11.19") {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version, Nodes: 3, RequestTimeout: 2 * time.Second})
			family := schema.Family{Name: "F"}
			if strings.HasPrefix(version, "3.") {
				family.SpeculativeRetry = "NONE" // the coordinator must not retry in place of the client
			}
			kinds := []error{backend.ErrUnavailable, backend.ErrTimedOut}
			ringtest.Run(t, cluster, family, kinds, func(ctx context.Context) (backend.Backend, error) {
				return thriftclient.Open(ctx, cluster.Addrs(), &thriftclient.Options{
					Timeout:  time.Second,
					Settings: pool.Settings{Size: ringtest.Workers, MaxOverflow: ringtest.Workers, MaxRetries: 8, DialTimeout: time.Second},
				})
			})
		})
	}
}
