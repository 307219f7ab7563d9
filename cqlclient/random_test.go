package cqlclient_test

import (
	"testing"

	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/testkit/realcass"
)

// randomHistories is the number of histories for each version. A history takes a second or more,
// most of it to create and drop the keyspace.
const randomHistories = 15

// TestRandomHistories runs random histories on real nodes and on the model.
func TestRandomHistories(t *testing.T) {
	for _, version := range realcass.Versions(t, lines...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			config := murmur3(version)
			open := opener(config, realcass.Start(t, config))
			backendtest.Random(t, func(t testing.TB, o backendtest.Options) backendtest.Target {
				target := open(t, o)
				target.Histories = randomHistories
				return target
			})
		})
	}
}
