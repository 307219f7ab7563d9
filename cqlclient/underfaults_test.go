package cqlclient_test

import (
	"context"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/cqlclient"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/internal/testkit/ringtest"
	"github.com/widerow/widerow/schema"
)

// TestRingUnderFaults works on a ring whose nodes fail: see [ringtest.Run].
func TestRingUnderFaults(t *testing.T) {
	for _, version := range realcass.Versions(t, "5.0") {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version, Nodes: 3, RequestTimeout: 2 * time.Second})
			// The coordinator must not retry in place of the client.
			family := schema.Family{Name: "F", SpeculativeRetry: "NONE", AdditionalWritePolicy: "NONE"}
			kinds := []error{backend.ErrUnavailable, backend.ErrTimedOut, backend.ErrReplicaFailure, backend.ErrTooMuch}
			ringtest.Run(t, cluster, family, kinds, func(ctx context.Context) (backend.Backend, error) {
				return cqlclient.Open(ctx, cluster.NativeAddrs(), &cqlclient.Options{
					Timeout: time.Second, ConnectTimeout: time.Second, Retries: 4,
				})
			})
		})
	}
}
