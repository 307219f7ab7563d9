package connect

import "testing"

func TestTLSNames(t *testing.T) {
	for _, tt := range []struct{ url, name, node string }{
		{"thrift://h1?tls_node_name=nodes.example.com", "", "nodes.example.com"},
		{"thrift://h1?tls_name=db.example.com&tls_node_name=nodes.example.com", "db.example.com", "nodes.example.com"},
		{"thrift://h1?tls=true", "", ""},
	} {
		target, err := parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		opts, err := thriftOptions(&target, new(settings))
		if err != nil || opts.TLS == nil || opts.TLS.ServerName != tt.name || opts.TLSNodeName != tt.node {
			t.Errorf("%s: %+v, %v", tt.url, opts, err)
		}
	}
	target, err := parse("thrift://h1?tls=false&tls_node_name=nodes.example.com")
	if err != nil {
		t.Fatal(err)
	}
	if opts, err := thriftOptions(&target, new(settings)); err != nil || opts.TLS != nil || opts.TLSNodeName != "" {
		t.Errorf("tls=false: %+v, %v", opts, err)
	}
}
