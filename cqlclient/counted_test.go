package cqlclient

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// mixed increments a counter and writes a column of another family.
var mixed = &backend.MutateRequest{
	Keyspace: "ks", Consistency: backend.One, Rows: []backend.RowMutation{
		{Family: "Cnt", Key: []byte("k"), Mutations: []backend.Mutation{{Op: backend.Add, Column: backend.Column{Name: []byte("a")}, Delta: 1}}},
		{Family: "Std", Key: []byte("k"), Mutations: []backend.Mutation{insertion("a", "v", 1, 0)}},
	},
}

// refusalOf is an answer of the server that refuses a statement as invalid.
func refusalOf(why string) message {
	return message{opError, appendString(binary.BigEndian.AppendUint32(nil, 0x2200), why)}
}

// TestMixedRequest sends a request with counters whose other family was dropped, or replaced, after the client had read the schema.
func TestMixedRequest(t *testing.T) {
	const refused = `UPDATE "ks"."Std" USING TIMESTAMP ? SET value = ? WHERE key = ? AND column1 = ?`
	const sent = `UPDATE "ks"."Std" USING TIMESTAMP ? AND TTL ? SET value = ?, ttl = ? WHERE key = ? AND column1 = ?`
	const counted = `UPDATE "ks"."Cnt" SET value = value + ? WHERE key = ? AND column1 = ?`
	minute := int32(60)
	replaced := schema.Family{Name: "Std", Comparator: "UTF8Type", DefaultTTL: &minute}
	for _, test := range []struct {
		what string
		next []schema.Family
		why  string // reason of the error; empty if there is no error
		ran  []string
	}{
		{"dropped", []schema.Family{counter}, "unconfigured columnfamily Std", []string{refused}},
		{"replaced", []schema.Family{counter, replaced}, "", []string{counted, sent, refused}},
	} {
		t.Run(test.what, func(t *testing.T) {
			c, n := onFakeNode(t, standard, nil)
			c.schema.looking = make(chan struct{}, 1)
			c.schema.snapshot.Store(snapshotOf(t, standard, counter))
			n.set(refused, refusalOf("unconfigured table Std"))
			ran := statements(n, func() { c.schema.snapshot.Store(snapshotOf(t, test.next...)) })
			err := c.Mutate(t.Context(), mixed)
			switch {
			case test.why == "" && err != nil:
				t.Error(err)
			case test.why != "" && (!errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), test.why)):
				t.Errorf("error %v, want %s", err, test.why)
			}
			if diff := cmp.Diff(test.ran, ran()); diff != "" {
				t.Error("(-want +got):\n" + diff)
			}
		})
	}
}
