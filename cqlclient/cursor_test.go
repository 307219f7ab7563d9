package cqlclient

import (
	"encoding/binary"
	"testing"

	"github.com/widerow/widerow/backend"
)

// TestGivenTTL reads columns whose remaining TTL is longer than the TTL that this package wrote beside an earlier value.
func TestGivenTTL(t *testing.T) {
	c := offline(t, nil)
	seconds := func(n uint32) raw { return binary.BigEndian.AppendUint32(nil, n) }
	for _, test := range []struct {
		what      string
		ttl, left raw
		want      int32
	}{
		{"our write", seconds(60), seconds(50), 60},
		{"a later write by another program", seconds(60), seconds(90), 90},
		{"a write by another program", nil, seconds(50), 50},
	} {
		r := c.newRead(family(t, standard), &backend.Parent{}, backend.One, nil)
		cur := &cursor{r: r, s: selection{given: true}, ttl: test.left, given: test.ttl}
		var column backend.Column
		if err := cur.addTime(&column); err != nil || column.TTL != test.want {
			t.Errorf("%s: TTL %d, error %v, want %d", test.what, column.TTL, err, test.want)
		}
	}
}
