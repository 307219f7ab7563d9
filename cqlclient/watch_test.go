package cqlclient

import (
	"errors"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
)

// TestPrevailingVersion chooses the version of the schema that the client reads.
func TestPrevailingVersion(t *testing.T) {
	type versions map[string]string
	for _, test := range []struct {
		what string
		versions
		want string
	}{
		{"a node that came back with an older schema", versions{"a": "new", "b": "new", "c": "old"}, "new"},
		{"two nodes that disagree", versions{"a": "new", "b": "old"}, ""},
		{"three versions", versions{"a": "1", "b": "2", "c": "3"}, ""},
		{"a node that does not answer", versions{"a": "new", "b": ""}, "new"},
		{"no node answers", versions{"a": ""}, ""},
	} {
		host, version := prevailing(test.versions)
		if version != test.want || test.versions[host] != version {
			t.Errorf("%s: version %q at %q, want %q", test.what, version, host, test.want)
		}
	}
}

// TestCloseEndsSettle closes a client that waits until other clients know a change.
func TestCloseEndsSettle(t *testing.T) {
	c := offline(t, nil)
	c.schema.settle = time.Hour
	closing := make(chan struct{})
	c.schema.closing = closing
	close(closing)
	if err := c.settle(t.Context()); !errors.Is(err, backend.ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}
