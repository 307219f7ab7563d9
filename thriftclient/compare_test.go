package thriftclient_test

import (
	"errors"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/thriftclient"
)

// TestCompareOnCassandra compares and sets on real nodes. Real nodes never apply a request that
// expects a missing column.
func TestCompareOnCassandra(t *testing.T) {
	for _, version := range realcass.Versions(t, "2.0", "2.1", "2.2", "3.11") {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version})
			c, err := thriftclient.Open(t.Context(), cluster.Addrs(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			keyspace := schema.NewKeyspace("K", 1)
			keyspace.Families = []schema.Family{{Keyspace: "K", Name: "F"}}
			if _, err := c.Alter(t.Context(), schema.CreateKeyspace{Keyspace: keyspace}); err != nil {
				t.Fatal(err)
			}
			column := func(name string, value []byte) backend.Column {
				return backend.Column{Name: []byte(name), Value: value}
			}
			for _, tt := range []struct {
				expected []backend.Column
				applied  bool
				kind     error
			}{
				{[]backend.Column{column("a", nil)}, false, backend.ErrUnsupported},
				{nil, true, nil},
				{nil, false, nil},
				{[]backend.Column{column("a", nil)}, false, nil},
				{[]backend.Column{column("a", []byte("x")), column("b", nil)}, false, backend.ErrUnsupported},
				{[]backend.Column{column("a", []byte("y"))}, false, nil},
				{[]backend.Column{column("a", []byte("x"))}, true, nil},
			} {
				result, err := c.CompareAndSet(t.Context(), &backend.CompareRequest{
					Keyspace: "K", Family: "F", Key: []byte("k"), Expected: tt.expected,
					Updates: []backend.Column{column("a", []byte("x"))}, Serial: backend.Serial, Commit: backend.Quorum,
				})
				if !errors.Is(err, tt.kind) || err == nil && result.Applied != tt.applied {
					t.Errorf("%v is expected: %+v, %v; want %v, %v", tt.expected, result, err, tt.applied, tt.kind)
				}
			}
		})
	}
}
