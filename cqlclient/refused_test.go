package cqlclient

import (
	"errors"
	"testing"

	"github.com/widerow/widerow/backend"
)

// TestRefusedFamily makes calls on a table that the client does not serve. Each call must return the reason.
func TestRefusedFamily(t *testing.T) {
	c, _ := onFakeNode(t, standard, nil)
	c.schema.looking = make(chan struct{}, 1)
	s := snapshotOf(t)
	s.refused = map[familyName]error{{"ks", "Std"}: &backend.Error{Kind: backend.KindUnsupported, Why: "it is a view"}}
	c.schema.snapshot.Store(s)
	_, slice := c.Slice(t.Context(), sliceOf(1, "k"))
	_, splits := c.Splits(t.Context(), &backend.SplitsRequest{Keyspace: "ks", Family: "Std", KeysPerSplit: 1})
	for what, err := range map[string]error{"Slice": slice, "Splits": splits, "Truncate": c.Truncate(t.Context(), "ks", "Std")} {
		if !errors.Is(err, backend.ErrUnsupported) {
			t.Errorf("%s: error %v, want the reason", what, err)
		}
	}
}

// TestDroppedLeases takes a lease after the table of leases was dropped. The client must look for the table again.
func TestDroppedLeases(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	c.leases.Store(true)
	n.set("INSERT INTO "+leaseTable+" (name, holder) VALUES (?, ?) IF NOT EXISTS USING TTL "+leaseSeconds, refusalOf("unconfigured table leases"))
	if _, _, err := c.tryLease(t.Context(), schemaLease); !errors.Is(err, backend.ErrInvalidRequest) || c.leases.Load() {
		t.Errorf("error %v, the table is believed to exist: %t", err, c.leases.Load())
	}
}
