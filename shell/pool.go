package shell

import (
	"fmt"
	"strings"

	"github.com/widerow/widerow/backend"
)

// pool is the data of a ConnectionPool. It counts, hands out and reports its connections as pycassa does.
// All connections share the store's client, which has a pool of network connections.
type pool struct {
	idle      []*object
	open      int // connections that exist, as pycassa counts them
	size      int
	overflow  int64
	local     bool // use_threadlocal
	current   *object
	next      int // the index of the next server in the server list
	listeners map[string][]Value
}

// conn is the data of a ConnectionWrapper.
type conn struct {
	pool  *object
	store backend.Backend
	state string // out, queue or disposed
	ops   int64
}

var poolEvents = []string{
	"connection_created", "connection_checked_out", "connection_checked_in", "connection_disposed", "connection_recycled",
	"connection_failed", "obtained_server_list", "pool_disposed", "pool_at_max",
}

func (s *Session) poolOf(v Value) (*object, *pool, error) {
	o, ok := v.(*object)
	if ok {
		if p, ok := o.data.(*pool); ok {
			return o, p, nil
		}
	}
	return nil, nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute 'execute'", s.typeName(v))
}

// method defines a method of a pool.
func (s *Session) poolMethod(header string, fn func(o *object, p *pool, c *call) (Value, error)) {
	s.py.pool.def(header, func(c *call) (Value, error) {
		o, p, err := s.poolOf(c.args[0])
		if err != nil {
			return nil, err
		}
		return fn(o, p, c)
	})
}

func (s *Session) initPool() {
	c := s.newClass("ConnectionPool", "pycassa.pool")
	c.doc = "A pool of connections to a keyspace."
	s.py.pool = c
	for name, v := range map[string]Value{"pool_timeout": intValue(30), "recycle": intValue(10000), "max_retries": intValue(5), "logging_name": none} {
		c.attrs.set(name, v)
	}
	c.prop("max_overflow", func(v Value) (Value, error) {
		_, p, err := s.poolOf(v)
		if err != nil {
			return nil, err
		}
		return intValue(p.overflow), nil
	}, func(v, n Value) error {
		_, p, err := s.poolOf(v)
		if err != nil {
			return err
		}
		p.overflow, _ = smallInt(n)
		return nil
	})
	c.def("__init__(self, keyspace, server_list=('localhost:9160',), credentials=None, timeout=0.5, use_threadlocal=True, pool_size=5, prefill=True, socket_factory=None, transport_factory=None, **kwargs)", s.newPool)
	s.poolMethod("set_server_list(self, server_list)", func(o *object, p *pool, c *call) (Value, error) {
		return none, s.setServers(o, p, c.args[1])
	})
	s.poolMethod("fill(self)", func(o *object, p *pool, c *call) (Value, error) { return none, s.fill(o, p) })
	s.poolMethod("get(self)", func(o *object, p *pool, c *call) (Value, error) { return s.checkout(o, p) })
	put := func(o *object, p *pool, c *call) (Value, error) { return none, s.checkin(o, p, c.args[1]) }
	s.poolMethod("put(self, conn)", put)
	s.poolMethod("return_conn(self, conn)", put)
	s.poolMethod("size(self)", func(_ *object, p *pool, _ *call) (Value, error) { return intValue(p.size), nil })
	s.poolMethod("checkedin(self)", func(_ *object, p *pool, _ *call) (Value, error) { return intValue(len(p.idle)), nil })
	s.poolMethod("checkedout(self)", func(_ *object, p *pool, _ *call) (Value, error) { return intValue(p.open - len(p.idle)), nil })
	s.poolMethod("overflow(self)", func(_ *object, p *pool, _ *call) (Value, error) { return intValue(max(p.open-p.size, 0)), nil })
	s.poolMethod("add_listener(self, listener)", func(o *object, p *pool, c *call) (Value, error) { return none, s.addListener(o, p, c.args[1]) })
	s.poolMethod("dispose(self)", func(o *object, p *pool, _ *call) (Value, error) {
		for _, x := range p.idle {
			x.data.(*conn).state = "disposed"
			p.open--
			if err := s.notify(o, p, "connection_disposed", "debug", kwarg{"connection", x}, kwarg{"message", str(fmt.Sprintf("Pool %s is being disposed", address(o)))}); err != nil {
				return nil, err
			}
		}
		p.idle = nil
		return none, s.notify(o, p, "pool_disposed", "info")
	})
	s.poolMethod("execute(self, f, *args, **kwargs)", func(o *object, p *pool, c *call) (Value, error) {
		name, _ := textOf(c.args[1])
		var out Value
		err := s.withConn(o, p, func(x *object) error {
			fn, err := s.getattr(x, name)
			if err != nil {
				return err
			}
			out, err = s.callKw(fn, c.extra, c.kw)
			return err
		})
		return out, err
	})
	s.initConn()
	s.initListeners()
}

func (s *Session) newPool(c *call) (Value, error) {
	o := c.args[0].(*object)
	p := &pool{listeners: map[string][]Value{}}
	o.data = p
	for i, name := range []string{"keyspace", "", "credentials", "timeout", "", "", "", "socket_factory", "transport_factory"} {
		if name != "" {
			o.attrs.set(name, c.args[i+1])
		}
	}
	n, ok := smallInt(c.arg("pool_size"))
	if !ok {
		return nil, s.raise(s.exc.TypeError, "an integer is required")
	}
	p.size = int(max(0, min(n, 1<<16)))
	var err error
	if p.local, err = s.truth(c.arg("use_threadlocal")); err != nil {
		return nil, err
	}
	o.attrs.set("listeners", newList())
	o.attrs.set("logging_name", intValue(pointerHash(o)))
	for _, k := range c.kw {
		switch k.name {
		case "listeners":
			err = s.each(k.value, func(l Value) error { return s.addListener(o, p, l) })
		case "pool_timeout", "recycle", "max_retries", "max_overflow":
			err = s.setattr(o, k.name, k.value)
		case "logging_name":
			o.attrs.set(k.name, k.value)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := s.setServers(o, p, c.arg("server_list")); err != nil {
		return nil, err
	}
	prefill, err := s.truth(c.arg("prefill"))
	if err != nil || !prefill {
		return none, err
	}
	return none, s.fill(o, p)
}

func (s *Session) setServers(o *object, p *pool, v Value) error {
	if s.callable(v) {
		var err error
		if v, err = s.call(v); err != nil {
			return err
		}
	}
	list, err := s.collect(v)
	if err != nil {
		return err
	}
	p.next = 0
	servers := newList(list...)
	o.attrs.set("server_list", servers)
	return s.notify(o, p, "obtained_server_list", "debug", kwarg{"server_list", servers})
}

func (s *Session) fill(o *object, p *pool) error {
	for p.open < p.size {
		x, err := s.connect(o, p)
		if err != nil {
			return err
		}
		x.data.(*conn).state = "queue"
		p.idle = append(p.idle, x)
		p.open++
	}
	return nil
}

// connect opens a connection to the next server. If that fails, it tries the other servers, each at most twice.
func (s *Session) connect(o *object, p *pool) (*object, error) {
	v, err := s.getattr(o, "server_list")
	if err != nil {
		return nil, err
	}
	servers, err := s.collect(v)
	if err != nil {
		return nil, err
	}
	if len(servers) == 0 {
		return nil, s.raise(s.exc.AllServersUnavailable, "Cannot connect to any servers as server list is empty!")
	}
	keyspace, err := s.getattr(o, "keyspace")
	if err != nil {
		return nil, err
	}
	creds, _ := o.attrs.get("credentials")
	var last string
	for range 2 * len(servers) {
		server, ok := textOf(servers[p.next%len(servers)])
		p.next++
		if !ok {
			return nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute 'find'", s.typeName(servers[0]))
		}
		store, err := s.store(server, creds)
		if e := s.exceptionOf(err); e != nil && e.obj.class.derives(s.exc.TTransportException) {
			last, _ = s.str(e.obj)
			if err := s.notify(o, p, "connection_failed", "info", kwarg{"error", e.obj}, kwarg{"server", str(server)}, kwarg{"connection", none}); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := s.keyspaceExists(store, keyspace); err != nil {
			return nil, err
		}
		x := &object{class: s.py.conn, data: &conn{pool: o, store: store, state: "out"}}
		x.attrs.set("keyspace", keyspace)
		x.attrs.set("server", str(server))
		x.attrs.set("info", s.newDict())
		return x, s.notify(o, p, "connection_created", "debug", kwarg{"connection", x})
	}
	return nil, s.raise(s.exc.AllServersUnavailable, "An attempt was made to connect to each of the servers twice, but none of the attempts succeeded. The last failure was TTransportException: %s", last)
}

func (s *Session) keyspaceExists(b backend.Backend, keyspace Value) error {
	if keyspace == none {
		return nil
	}
	text, err := s.wire(keyspace)
	if err != nil {
		return err
	}
	name := string(text)
	_, err = b.Keyspaces(s.ctx, name)
	err = s.thriftError(err)
	if e := s.exceptionOf(err); e != nil && e.obj.class.derives(s.exc.NotFoundException) {
		return s.thrown(s.exc.InvalidRequestException, str("Keyspace '"+name+"' does not exist"))
	}
	return err
}

// checkout hands out a connection.
func (s *Session) checkout(o *object, p *pool) (*object, error) {
	if p.local && p.current != nil {
		return p.current, nil
	}
	limit := int64(p.size) + p.overflow
	if p.overflow == -1 {
		limit = 1<<31 - 1
	}
	var x *object
	switch {
	case p.open < p.size, len(p.idle) == 0 && int64(p.open) < limit:
		p.open++
		var err error
		if x, err = s.connect(o, p); err != nil {
			p.open--
			return nil, err
		}
	case len(p.idle) > 0:
		x, p.idle = p.idle[0], p.idle[1:]
		x.data.(*conn).state = "out"
	default:
		if err := s.notify(o, p, "pool_at_max", "info", kwarg{"pool_max", intValue(limit)}); err != nil {
			return nil, err
		}
		// While this text runs, nothing else can return a connection, so waiting would be in vain.
		size := fmt.Sprintf("size %d", p.size)
		if p.overflow != 0 {
			size += fmt.Sprintf("overflow %d", p.overflow)
		}
		v, err := s.getattr(o, "pool_timeout")
		if err != nil {
			return nil, err
		}
		timeout, _ := smallInt(v)
		return nil, s.raise(s.exc.NoConnectionAvailable, "ConnectionPool limit of %s reached, unable to obtain connection after %d seconds", size, timeout)
	}
	if p.local {
		p.current = x
	}
	return x, s.notify(o, p, "connection_checked_out", "debug", kwarg{"connection", x})
}

// checkin returns a connection to the pool.
func (s *Session) checkin(o *object, p *pool, v Value) error {
	x, ok := v.(*object)
	if ok {
		_, ok = x.data.(*conn)
	}
	if !ok {
		return s.raise(s.exc.AttributeError, "'%s' object has no attribute 'transport'", s.typeName(v))
	}
	if x.data.(*conn).state == "disposed" {
		return nil
	}
	if p.local {
		x, p.current = p.current, nil
		if x == nil {
			return nil
		}
	}
	c := x.data.(*conn)
	if c.state != "out" {
		return s.raise(s.exc.InvalidRequestError, "Connection was already checked in or disposed")
	}
	limit, err := s.getattr(o, "recycle")
	if err != nil {
		return err
	}
	if n, ok := smallInt(limit); ok && n > -1 && c.ops > n {
		fresh, err := s.connect(o, p)
		if err != nil {
			return err
		}
		if err := s.notify(o, p, "connection_recycled", "debug", kwarg{"old_conn", x}, kwarg{"new_conn", fresh}); err != nil {
			return err
		}
		c.state = "disposed"
		if err := s.notify(o, p, "connection_disposed", "debug", kwarg{"connection", x}, kwarg{"message", str("recyling connection")}); err != nil {
			return err
		}
		x, c = fresh, fresh.data.(*conn)
	}
	c.state = "queue"
	if err := s.notify(o, p, "connection_checked_in", "debug", kwarg{"connection", x}); err != nil {
		return err
	}
	if len(p.idle) < p.size {
		p.idle = append(p.idle, x)
		return nil
	}
	c.state = "disposed"
	p.open--
	return s.notify(o, p, "connection_disposed", "debug", kwarg{"connection", x}, kwarg{"message", str("pool is already full")})
}

// withConn runs fn with a connection of the pool.
func (s *Session) withConn(o *object, p *pool, fn func(x *object) error) (err error) {
	x, err := s.checkout(o, p)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := s.checkin(o, p, x); err == nil {
			err = cerr
		}
	}()
	x.data.(*conn).ops++
	return s.thriftError(fn(x))
}

// execute runs a call on the pool's store and keyspace.
func (s *Session) execute(v Value, fn func(b backend.Backend, keyspace string) error) error {
	o, p, err := s.poolOf(v)
	if err != nil {
		return err
	}
	return s.withConn(o, p, func(x *object) error {
		ks, _ := x.attrs.get("keyspace")
		name, _ := textOf(ks)
		return fn(x.data.(*conn).store, name)
	})
}

// notify calls the listeners of an event.
func (s *Session) notify(o *object, p *pool, event, level string, facts ...kwarg) error {
	if len(p.listeners[event]) == 0 {
		return nil
	}
	d := s.newDict()
	name, _ := o.attrs.get("logging_name")
	for _, k := range append([]kwarg{{"pool_id", name}, {"level", str(level)}}, facts...) {
		if err := d.put(s, str(k.name), k.value); err != nil {
			return err
		}
	}
	for _, l := range p.listeners[event] {
		fn, err := s.getattr(l, event)
		if err != nil {
			return err
		}
		if _, err := s.call(fn, d); err != nil {
			return err
		}
	}
	return nil
}

// setOrder returns the names in the order in which a Python set of them iterates.
func (s *Session) setOrder(names []string) []string {
	var elems []Value
	for _, n := range names {
		elems = append(elems, str(n))
	}
	set, err := s.newSet(elems...)
	if err != nil {
		return names
	}
	var out []string
	for _, e := range set.elems() {
		out = append(out, string(e.(str)))
	}
	return out
}

// addListener adds a listener. The listener is an object or a dictionary with functions by the names of events.
func (s *Session) addListener(o *object, p *pool, l Value) error {
	if d, ok := l.(*dict); ok {
		m := &module{name: "listener"}
		for _, e := range d.items() {
			name, _ := textOf(e.key)
			if !contains(poolEvents, name) {
				return s.raise(s.exc.TypeError, "%s: unknown in this interface", reprStr(name))
			}
			m.attrs.set(name, e.value)
		}
		l = m
	}
	found := false
	for _, event := range poolEvents {
		fn, err := s.findattr(l, event)
		if err != nil {
			return err
		}
		if fn != nil {
			p.listeners[event] = append(p.listeners[event], l)
			found = true
		}
	}
	if !found {
		text, err := s.repr(l)
		if err != nil {
			return err
		}
		return s.raise(s.exc.TypeError, "%s does not implement any of: %s", text, strings.Join(s.setOrder(poolEvents), ", "))
	}
	if v, ok := o.attrs.get("listeners"); ok {
		if list, ok := v.(*list); ok {
			list.elems = append(list.elems, l)
		}
	}
	return nil
}

func (s *Session) initListeners() {
	l := s.newClass("PoolListener", "pycassa.pool")
	s.py.listener = l
	for _, e := range append(poolEvents, "server_list_obtained") {
		if e != "obtained_server_list" {
			l.def(e+"(self, dic)", func(*call) (Value, error) { return none, nil })
		}
	}
	c := s.newClass("StatsLogger", "pycassa.logging.pool_stats_logger")
	s.py.statsLogger = c
	reset := func(o *object) error {
		d := s.newDict()
		d.presize(9)
		pair := func(a, b string) Value {
			p := s.newDict()
			p.put(s, str(a), intValue(0))
			p.put(s, str(b), intValue(0))
			return p
		}
		for _, k := range []string{"created", "checked_out", "checked_in", "opened", "disposed", "recycled", "failed", "list", "at_max"} {
			v := Value(intValue(0))
			switch k {
			case "created", "disposed":
				v = pair("success", "failure")
			case "opened":
				v = pair("current", "max")
			}
			if err := d.put(s, str(k), v); err != nil {
				return err
			}
		}
		o.attrs.set("_stats", d)
		return nil
	}
	c.def("__init__(self)", func(a *call) (Value, error) { return none, reset(a.args[0].(*object)) })
	c.def("reset(self)", func(a *call) (Value, error) { return none, reset(a.args[0].(*object)) })
	c.prop("stats", func(v Value) (Value, error) { return s.getattr(v, "_stats") }, nil)
	bump := func(v Value, by int, path ...string) (Value, error) {
		d, err := s.getattr(v, "_stats")
		if err != nil {
			return nil, err
		}
		for _, k := range path[:len(path)-1] {
			if d, err = s.getitem(d, str(k)); err != nil {
				return nil, err
			}
		}
		last := str(path[len(path)-1])
		n, err := s.getitem(d, last)
		if err != nil {
			return nil, err
		}
		if n, err = s.binary("+", n, intValue(by)); err != nil {
			return nil, err
		}
		return n, s.setitem(d, last, n)
	}
	opened := func(v Value, by int) error {
		n, err := bump(v, by, "opened", "current")
		if err != nil {
			return err
		}
		d, err := s.getattr(v, "_stats")
		if err != nil {
			return err
		}
		if d, err = s.getitem(d, str("opened")); err != nil {
			return err
		}
		most, err := s.getitem(d, str("max"))
		if err != nil {
			return err
		}
		if c, err := s.cmp(n, most); c <= 0 || err != nil {
			return err
		}
		return s.setitem(d, str("max"), n)
	}
	outcome := func(event, key string) {
		c.def(event+"(self, dic)", func(a *call) (Value, error) {
			level, err := s.getitem(a.args[1], str("level"))
			if err != nil {
				return nil, err
			}
			how := "success"
			if text, _ := textOf(level); logLevels[text] > 20 {
				how = "failure"
			}
			_, err = bump(a.args[0], 1, key, how)
			return none, err
		})
	}
	outcome("connection_created", "created")
	outcome("connection_disposed", "disposed")
	for event, key := range map[string]string{
		"connection_checked_out": "checked_out", "connection_checked_in": "checked_in", "connection_recycled": "recycled",
		"connection_failed": "failed", "obtained_server_list": "list", "pool_at_max": "at_max",
	} {
		c.def(event+"(self, dic)", func(a *call) (Value, error) {
			if _, err := bump(a.args[0], 1, key); err != nil {
				return nil, err
			}
			switch key {
			case "checked_out":
				return none, opened(a.args[0], 1)
			case "checked_in":
				return none, opened(a.args[0], -1)
			}
			return none, nil
		})
	}
	c.def("pool_disposed(self, dic)", func(*call) (Value, error) { return none, nil })
}
