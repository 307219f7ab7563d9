package cqlclient

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
	"github.com/apache/cassandra-gocql-driver/v2/lz4"
	"github.com/apache/cassandra-gocql-driver/v2/snappy"
)

// config makes the driver's configuration from the options.
func (o *Options) config(nodes []string) (*gocql.ClusterConfig, error) {
	c := gocql.NewCluster(nodes...)
	var err error
	if c.RegisteredTypes, err = registerTypes(); err != nil {
		return nil, err
	}
	if c.Compressor, err = o.compressor(); err != nil {
		return nil, err
	}
	c.Port = DefaultPort
	c.ProtoVersion = o.Protocol
	if o.Compression == "snappy" {
		c.ProtoVersion = 4
	}
	c.NumConns = o.Connections
	c.WriteCoalesceWaitTime = o.WriteDelay
	c.Timeout = o.Timeout
	c.ConnectTimeout = o.ConnectTimeout
	// The driver would also wait for nodes that are down. The client waits by Client.agree, which does not wait for such nodes.
	c.MaxWaitSchemaAgreement = time.Millisecond
	c.PageSize = o.PageSize
	// The driver reads a page only when it is needed: a page that is read ahead could still use the request's bytes after the call.
	c.NextPagePrefetch = 0
	c.MaxPreparedStmts = o.Statements
	c.MaxRoutingKeyInfo = o.Statements
	// Statements contain their timestamps. If a statement contains no timestamp, the server chooses it.
	c.DefaultTimestamp = false
	c.Consistency = gocql.One
	c.DisableInitialHostLookup = o.NoDiscovery
	c.Metadata.CacheMode = gocql.KeyspaceOnly // routing by tokens needs no more
	c.ReconnectInterval = time.Second
	c.PoolConfig.HostSelectionPolicy = o.hostPolicy()
	if o.Username != "" {
		c.Authenticator = gocql.PasswordAuthenticator{Username: o.Username, Password: o.Password}
	}
	if o.TLS != nil {
		c.SslOpts = &gocql.SslOptions{Config: o.TLS}
	}
	if o.Dial != nil {
		c.Dialer = dialer{o.Dial}
	}
	if o.Translate != nil {
		c.AddressTranslator = translator(o.Translate)
	}
	if o.Logger != nil {
		c.Logger = driverLogger{o.Logger}
	}
	return c, nil
}

func (o *Options) compressor() (gocql.Compressor, error) {
	switch o.Compression {
	case "":
		return nil, nil
	case "lz4":
		return lz4.LZ4Compressor{}, nil
	case "snappy":
		if o.Protocol == 5 {
			return nil, fmt.Errorf("cqlclient: protocol 5 has no Compression %q, want lz4", o.Compression)
		}
		return &snappy.SnappyCompressor{}, nil
	}
	return nil, fmt.Errorf("cqlclient: unknown Compression %q, want lz4 or snappy", o.Compression)
}

// hostPolicy returns a policy that asks the replicas of a row first, in the order of the ring: the requests for a row go to the same
// replica, so that a client that reads with consistency level ONE usually sees its own writes. Replicas in the local rack and data centre precede
// the others.
func (o *Options) hostPolicy() gocql.HostSelectionPolicy {
	others := gocql.RoundRobinHostPolicy()
	switch {
	case o.LocalRack != "":
		others = gocql.RackAwareRoundRobinPolicy(o.LocalDatacenter, o.LocalRack)
	case o.LocalDatacenter != "":
		others = gocql.DCAwareRoundRobinPolicy(o.LocalDatacenter)
	}
	return gocql.TokenAwareHostPolicy(others, gocql.DoNotShuffleReplicas())
}

// speculation returns a policy that sends a read to further nodes if the first node does not answer in time.
func (o *Options) speculation() gocql.SpeculativeExecutionPolicy {
	return &gocql.SimpleSpeculativeExecution{NumAttempts: o.SpeculativeAttempts, TimeoutDelay: o.SpeculativeDelay}
}

// connect opens a session. The driver takes no context. If ctx ends, connect returns at once, and a goroutine closes the session as soon
// as the driver has opened it, within a few ConnectTimeouts.
func connect(ctx context.Context, config *gocql.ClusterConfig) (*gocql.Session, error) {
	type result struct {
		session *gocql.Session
		err     error
	}
	done := make(chan result)
	go func() {
		session, err := config.CreateSession()
		select {
		case done <- result{session, err}:
		case <-ctx.Done():
			if err == nil {
				session.Close()
			}
		}
	}()
	select {
	case r := <-done:
		return r.session, r.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type dialer struct{ dial Dialer }

func (d dialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return d.dial(ctx, network, addr)
}

// translator implements the driver's address translator by Options.Translate.
type translator func(netip.AddrPort) netip.AddrPort

func (t translator) Translate(addr net.IP, port int) (net.IP, int) {
	ip, ok := netip.AddrFromSlice(addr)
	if !ok {
		return addr, port
	}
	to := t(netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	return to.Addr().AsSlice(), int(to.Port())
}
