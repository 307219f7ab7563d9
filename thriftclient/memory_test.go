package thriftclient_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// A reply whose columns take many times the memory that they take on the wire is
// refused like one that is too long, before that memory is allocated.
func TestReplyThatGrows(t *testing.T) {
	const columns = 1 << 20 // each but the first a byte on the wire
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
	_ = get(t.Context(), c, "k") // for the connection, and the node's buffers
	runtime.ReadMemStats(&before)
	err := get(t.Context(), c, "k")
	runtime.ReadMemStats(&after)
	if !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "ReplyLimit") {
		t.Errorf("Slice: %v", err)
	}
	// The node makes 32 MB of structs and buffers of the reply, which is read into 5 MB.
	if n := after.TotalAlloc - before.TotalAlloc; n > 60<<20 {
		t.Errorf("%d bytes allocated for a reply of %d", n, columns)
	}

	// Real columns: the limit bounds their memory too.
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
	opts.ReplyLimit = 200 << 10 // more than the reply, less than its rows
	c = connect(t, opts, n)
	if err := get(t.Context(), c, "k"); !errors.Is(err, backend.ErrInvalidRequest) || !strings.Contains(err.Error(), "ReplyLimit") {
		t.Errorf("Slice beyond the limit: %v", err)
	}
}
