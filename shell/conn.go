package shell

import (
	"strings"

	"github.com/widerow/widerow/backend"
)

// store returns the store of a server. The default server has the session's own store. Options.Open opens the stores of
// other servers.
func (s *Session) store(server string, credentials Value) (backend.Backend, error) {
	if !strings.Contains(server, ":") {
		server += ":9160"
	}
	if server == s.host || server == DefaultServer || server == "127.0.0.1:9160" {
		return s.opts.Store, nil
	}
	if b, ok := s.stores[server]; ok {
		return b, nil
	}
	fail := s.raise(s.exc.TTransportException, "Could not connect to %s", server)
	if s.opts.Open == nil {
		return nil, fail
	}
	user, password := "", ""
	if d, ok := credentials.(*dict); ok {
		for name, p := range map[string]*string{"username": &user, "password": &password} {
			v, err := d.get(s, str(name))
			if err != nil {
				return nil, err
			}
			if v != nil {
				*p, _ = textOf(v)
			}
		}
	}
	b, err := s.opts.Open(s.ctx, server, user, password)
	if err != nil {
		if s.interrupted() != nil {
			return nil, errInterrupted
		}
		return nil, fail
	}
	s.stores[server] = b
	return b, nil
}

// initConn makes the class of the connections that pool.get returns.
func (s *Session) initConn() {
	c := s.newClass("ConnectionWrapper", "pycassa.pool")
	s.py.conn = c
	connOf := func(v Value) (*object, *conn) {
		o := v.(*object)
		x, _ := o.data.(*conn)
		return o, x
	}
	method := func(header string, fn func(o *object, x *conn, a *call) (Value, error)) {
		c.def(header, func(a *call) (Value, error) {
			o, x := connOf(a.args[0])
			if x == nil {
				return nil, s.raise(s.exc.AttributeError, "'ConnectionWrapper' object has no attribute 'transport'")
			}
			v, err := fn(o, x, a)
			return v, s.thriftError(err)
		})
	}
	method("__str__(self)", func(o *object, _ *conn, _ *call) (Value, error) {
		ks, _ := o.attrs.get("keyspace")
		server, _ := o.attrs.get("server")
		a, err := s.str(ks)
		if err != nil {
			return nil, err
		}
		b, err := s.str(server)
		return str("<ConnectionWrapper " + a + "@" + b + ">"), err
	})
	method("return_to_pool(self)", func(o *object, x *conn, _ *call) (Value, error) {
		_, p, err := s.poolOf(x.pool)
		if err != nil {
			return nil, err
		}
		return none, s.checkin(x.pool, p, o)
	})
	method("close(self)", func(_ *object, x *conn, _ *call) (Value, error) {
		x.state = "disposed"
		return none, nil
	})
	c.prop("operation_count", func(v Value) (Value, error) {
		_, x := connOf(v)
		return intValue(x.ops), nil
	}, nil)
	method("set_keyspace(self, keyspace)", func(o *object, x *conn, a *call) (Value, error) {
		if err := s.keyspaceExists(x.store, a.args[1]); err != nil {
			return nil, err
		}
		o.attrs.set("keyspace", a.args[1])
		return none, nil
	})
	method("get_keyspace_description(self, keyspace=None, use_dict_for_col_metadata=False)", func(o *object, x *conn, a *call) (Value, error) {
		ks := a.args[1]
		if ks == none {
			ks, _ = o.attrs.get("keyspace")
		}
		byName, err := s.truth(a.args[2])
		if err != nil {
			return nil, err
		}
		return s.familyDefs(x.store, ks, byName)
	})
	method("describe_keyspace(self, keyspace)", func(_ *object, x *conn, a *call) (Value, error) {
		name, _ := textOf(a.args[1])
		ks, err := x.store.Keyspaces(s.ctx, name)
		if err != nil {
			return nil, err
		}
		return s.keyspaceDef(&ks[0]), nil
	})
	for header, fn := range s.clusterFacts() {
		method(header, func(_ *object, x *conn, a *call) (Value, error) { return fn(x.store, a) })
	}
}

// clusterFacts defines the describe methods that connections and the system manager share.
func (s *Session) clusterFacts() map[string]func(b backend.Backend, a *call) (Value, error) {
	describe := func(b backend.Backend, f backend.Facts, keyspace string) (*backend.Cluster, error) {
		return b.Describe(s.ctx, &backend.DescribeRequest{Facts: f, Keyspace: keyspace})
	}
	simple := func(f backend.Facts, pick func(*backend.Cluster) string) func(backend.Backend, *call) (Value, error) {
		return func(b backend.Backend, _ *call) (Value, error) {
			c, err := describe(b, f, "")
			if err != nil {
				return nil, s.thriftError(err)
			}
			return str(pick(c)), nil
		}
	}
	return map[string]func(b backend.Backend, a *call) (Value, error){
		"describe_cluster_name(self)": simple(backend.FactName, func(c *backend.Cluster) string { return c.Name }),
		"describe_version(self)":      simple(backend.FactVersion, func(c *backend.Cluster) string { return c.Version }),
		"describe_partitioner(self)":  simple(backend.FactPartitioner, func(c *backend.Cluster) string { return c.Partitioner }),
		"describe_snitch(self)":       simple(backend.FactSnitch, func(c *backend.Cluster) string { return c.Snitch }),
		"describe_schema_versions(self)": func(b backend.Backend, _ *call) (Value, error) {
			c, err := describe(b, backend.FactSchemaVersions, "")
			if err != nil {
				return nil, s.thriftError(err)
			}
			d := s.newDict()
			for version, nodes := range c.SchemaVersions {
				l := newList()
				for _, n := range nodes {
					l.elems = append(l.elems, str(n))
				}
				if err := d.put(s, str(version), l); err != nil {
					return nil, err
				}
			}
			return d, nil
		},
		"describe_token_map(self)": func(b backend.Backend, _ *call) (Value, error) {
			c, err := describe(b, backend.FactTokens, "")
			if err != nil {
				return nil, s.thriftError(err)
			}
			d := s.newDict()
			for token, node := range c.Tokens {
				if err := d.put(s, str(token), str(node)); err != nil {
					return nil, err
				}
			}
			return d, nil
		},
		"describe_ring(self, keyspace)": func(b backend.Backend, a *call) (Value, error) {
			name, _ := textOf(a.args[1])
			c, err := describe(b, backend.FactRing, name)
			if err != nil {
				return nil, s.thriftError(err)
			}
			l := newList()
			for _, r := range c.Ring {
				v, err := s.tokenRange(&r)
				if err != nil {
					return nil, err
				}
				l.elems = append(l.elems, v)
			}
			return l, nil
		},
	}
}

func (s *Session) tokenRange(r *backend.TokenRange) (Value, error) {
	texts := func(list []string) Value {
		l := newList()
		for _, t := range list {
			l.elems = append(l.elems, str(t))
		}
		return l
	}
	details := newList()
	for _, d := range r.Details {
		v, err := s.call(s.py.thrift["EndpointDetails"], str(d.Host), str(d.Datacenter), str(d.Rack))
		if err != nil {
			return nil, err
		}
		details.elems = append(details.elems, v)
	}
	return s.call(s.py.thrift["TokenRange"], str(r.Start), str(r.End), texts(r.Endpoints), texts(r.RPCEndpoints), details)
}
