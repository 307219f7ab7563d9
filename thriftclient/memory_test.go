package thriftclient_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// If a reply's columns would take many times their size on the wire, the client refuses the reply,
// as it refuses one that is too long, before it allocates that memory.
func TestReplyThatGrows(t *testing.T) {
	const columns = 1 << 20 // each column but the first is one byte on the wire
	n := startNode(t, nodeOptions{}, func(args thriftwire.Args) (thriftwire.Result, error) {
		if args.Method() != "get_slice" {
			return nil, nil
		}
		list := make([]thriftwire.ColumnOrSuperColumn, columns)
		list[0].Column = &thriftwire.Column{Name: []byte("a")}
		return &thriftwire.GetSliceResult{Success: list}, nil
	})
	opts := fast()
	c := connect(t, opts, n)
	var before, after runtime.MemStats
	_ = get(t.Context(), c, "k") // opens the connection and fills the node's buffers
	runtime.ReadMemStats(&before)
	err := get(t.Context(), c, "k")
	runtime.ReadMemStats(&after)
	if !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "ReplyLimit") {
		t.Errorf("Slice: %v", err)
	}
	// The node allocates 32 MB of structs and buffers for the reply. The client reads the reply
	// into 5 MB.
	if n := after.TotalAlloc - before.TotalAlloc; n > 60<<20 {
		t.Errorf("%d bytes allocated for a reply of %d", n, columns)
	}

	// The limit also bounds the memory of well-formed columns.
	n.set(func(args thriftwire.Args) (thriftwire.Result, error) {
		if args.Method() != "get_slice" {
			return nil, nil
		}
		list := make([]thriftwire.ColumnOrSuperColumn, 5000)
		for i := range list {
			list[i].Column = &thriftwire.Column{Name: []byte{byte(i >> 8), byte(i)}, Value: []byte{}, Timestamp: thriftwire.Some(int64(1))}
		}
		return &thriftwire.GetSliceResult{Success: list}, nil
	})
	if err := get(t.Context(), c, "k"); err != nil {
		t.Error(err)
	}
	opts.ReplyLimit = 200 << 10 // larger than the reply, smaller than its rows
	c = connect(t, opts, n)
	if err := get(t.Context(), c, "k"); !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "ReplyLimit") {
		t.Errorf("Slice beyond the limit: %v", err)
	}
}
