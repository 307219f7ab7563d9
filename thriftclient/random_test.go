package thriftclient_test

import (
	"testing"

	"github.com/widerow/widerow/backend/backendtest"
	"github.com/widerow/widerow/internal/testkit/realcass"
)

// randomVersions lists the versions that random histories run on: the one whose semantics the
// scripts describe, and the one that differs most from it.
var randomVersions = []string{"1.2.19", "3.11.19"}

// randomHistories is the number of histories for each version. A history takes a second or more,
// most of it to create and drop the keyspace.
const randomHistories = 15

// TestRandomHistories runs random histories on real nodes and on the model.
func TestRandomHistories(t *testing.T) {
	for _, version := range realcass.Versions(t, randomVersions...) {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			config := realcass.Config{Version: version}
			open := opener(config, realcass.Start(t, config))
			backendtest.Random(t, func(t testing.TB, o backendtest.Options) backendtest.Target {
				target := open(t, o)
				target.Histories = randomHistories
				return target
			})
		})
	}
}
