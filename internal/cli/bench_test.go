package cli

import "testing"

func TestWithConnections(t *testing.T) {
	for url, want := range map[string]string{
		"embedded:data":                   "embedded:data",
		"memory:?partitioner=random":      "memory:?partitioner=random",
		"thrift://h":                      "thrift://h?pool_size=16",
		"Thrift://h/ks?framed=false":      "Thrift://h/ks?framed=false&pool_size=16",
		"thrift://h?pool_size=3":          "thrift://h?pool_size=3",
		"thrift://h?tls=true&pool_size=3": "thrift://h?tls=true&pool_size=3",
	} {
		if got := withConnections(url, 16); got != want {
			t.Errorf("withConnections(%q) = %q, want %q", url, got, want)
		}
	}
}
