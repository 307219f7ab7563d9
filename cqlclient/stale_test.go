package cqlclient

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// TestDroppedDuringCall drops a table while the server executes a statement on it. The server answers with an exception of its own; the
// client must answer as for any missing family.
func TestDroppedDuringCall(t *testing.T) {
	c, n := onFakeNode(t, standard, nil)
	body := binary.BigEndian.AppendUint32(nil, uint32(gocql.ErrCodeServer))
	n.set(sliceStatement, message{opError, appendString(body, "java.lang.IllegalArgumentException: Unknown CF 66c45370-e9de-11f1-ba77-81ecdbc228b4")})
	c.schema.looking = make(chan struct{}, 1)
	statements(n, func() { c.schema.snapshot.Store(snapshotOf(t, counter)) })
	_, err := c.Slice(t.Context(), sliceOf(1, "k"))
	if !errors.Is(err, backend.ErrInvalidRequest) || strings.Contains(err.Error(), "java.lang") {
		t.Errorf("error %v", err)
	}
}
