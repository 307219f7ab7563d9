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

// config makes the driver's configuration of the options.
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
	c.Timeout = o.Timeout
	c.ConnectTimeout = o.ConnectTimeout
	// The driver waits for nodes that are down too. Client.agree does not.
	c.MaxWaitSchemaAgreement = time.Millisecond
	c.PageSize = o.PageSize
	// Pages are read when they are needed: one that is read ahead would still use the request's bytes after the call.
	c.NextPagePrefetch = 0
	c.MaxPreparedStmts = o.Statements
	c.MaxRoutingKeyInfo = o.Statements
	// Statements say their timestamps; those that say none have the server's.
	c.DefaultTimestamp = false
	c.Consistency = gocql.One
	c.DisableInitialHostLookup = o.NoDiscovery
	c.Metadata.CacheMode = gocql.KeyspaceOnly // all that routing by tokens needs
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

// hostPolicy asks the replicas of a row first, those of the local rack and data centre before the others.
func (o *Options) hostPolicy() gocql.HostSelectionPolicy {
	switch {
	case o.LocalRack != "":
		return gocql.TokenAwareHostPolicy(gocql.RackAwareRoundRobinPolicy(o.LocalDatacenter, o.LocalRack))
	case o.LocalDatacenter != "":
		return gocql.TokenAwareHostPolicy(gocql.DCAwareRoundRobinPolicy(o.LocalDatacenter))
	}
	return gocql.TokenAwareHostPolicy(gocql.RoundRobinHostPolicy())
}

// speculation sends a read to further nodes while the first has not answered.
func (o *Options) speculation() gocql.SpeculativeExecutionPolicy {
	return &gocql.SimpleSpeculativeExecution{NumAttempts: o.SpeculativeAttempts, TimeoutDelay: o.SpeculativeDelay}
}

// connect opens a session. The driver takes no context: when ctx ends, connect returns and the session is closed
// once it is there, within a few ConnectTimeouts.
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

// translator is Options.Translate as the driver has it.
type translator func(netip.AddrPort) netip.AddrPort

func (t translator) Translate(addr net.IP, port int) (net.IP, int) {
	ip, ok := netip.AddrFromSlice(addr)
	if !ok {
		return addr, port
	}
	to := t(netip.AddrPortFrom(ip.Unmap(), uint16(port)))
	return to.Addr().AsSlice(), int(to.Port())
}
