package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/metrics"
	"github.com/widerow/widerow/thriftserver"
)

type serveCmd struct {
	Listen       []string `default:"127.0.0.1:9160" placeholder:"ADDR" help:"Addresses to listen on (default: 127.0.0.1:9160)."`
	Advertise    string   `placeholder:"HOST" help:"Address of this node that describe_ring reports to clients (default: the address they connected to)."`
	ClusterName  string   `placeholder:"NAME" help:"Name of the cluster that describe_cluster_name reports to clients (default: the store's)."`
	VersionMimic string   `default:"1.2" placeholder:"VERSION" complete:"1.2,2.0,2.1,2.2,3.0,3.11" help:"Version of Cassandra to pass for: 1.2, 2.0, 2.1, 2.2, 3.0 or 3.11 (default: 1.2)."`

	TLSCert     string `name:"tls-cert" placeholder:"FILE" help:"Certificate, with its chain, in PEM: speak TLS only."`
	TLSKey      string `name:"tls-key" placeholder:"FILE" help:"Key of the certificate."`
	TLSClientCA string `name:"tls-client-ca" placeholder:"FILE" help:"CA certificates: clients must present a certificate signed by one of them."`
	Users       string `placeholder:"FILE" help:"File of users, who must log in then (see widerow users)."`

	Control string        `placeholder:"FILE" help:"Socket on which widerow checkpoint reaches the server (default: CONTROL in the store's directory)."`
	Metrics string        `placeholder:"ADDR" help:"Serve /metrics for Prometheus, and /healthz, over HTTP."`
	Slow    time.Duration `placeholder:"TIME" help:"Log calls that take longer (default: none)."`
	LogJSON bool          `name:"log-json" help:"Log as JSON."`
	Debug   bool          `help:"Log the ends of connections, too."`

	MaxConnections int           `default:"16384" placeholder:"N" help:"Connections at once (default: 16384)."`
	MaxFrame       int           `default:"15728640" placeholder:"BYTES" help:"Longest message that is read (default: 15728640)."`
	MaxCalls       int           `default:"1024" placeholder:"N" help:"Calls that run at once (default: 1024)."`
	MaxHeld        int64         `default:"536870912" placeholder:"BYTES" help:"Bytes of memory for messages, calls and replies at once (default: 536870912)."`
	MaxLogins      int           `placeholder:"N" help:"Logins that are checked at once (default: half of the processors)."`
	LoginTimeout   time.Duration `default:"30s" placeholder:"TIME" help:"Time for a connection to log in, if there are users (default: 30s)."`
	FrameTimeout   time.Duration `default:"30s" placeholder:"TIME" help:"Time for a message to arrive (default: 30s)."`
	WriteTimeout   time.Duration `default:"30s" placeholder:"TIME" help:"Time for a client to take a reply (default: 30s)."`
	IdleTimeout    time.Duration `default:"1h" placeholder:"TIME" help:"Time after which an idle connection is closed (default: 1h)."`
	CallTimeout    time.Duration `default:"10s" placeholder:"TIME" help:"Time for the store to answer (default: 10s)."`
	Grace          time.Duration `default:"30s" placeholder:"TIME" help:"Time for calls to finish when the server is stopped (default: 30s)."`
}

// Help is shown by widerow serve --help.
func (c *serveCmd) Help() string {
	return `Serves the store to clients of Cassandra's Thrift interface: Hector, Astyanax, pycassa,
cassandra-cli and their like take it for a node of Cassandra. Framed and unframed
clients share the port.

  widerow serve
  widerow --store memory: serve --listen 127.0.0.1:9161
  widerow serve --listen 0.0.0.0:9160 --users widerow.users --tls-cert cert.pem --tls-key key.pem

On a store embedded:DIR it keeps to about 130 MB of memory; cache=SIZE and memtable=SIZE in the
URL, and the variable GOGC, ask for more.

SIGINT and SIGTERM stop it: it takes no more requests, finishes those that run and closes the
store. A second one kills it. SIGHUP reads the users, the certificate and the client CAs again. A
limit of -1 and a time of -1s mean no limit, as in --max-calls=-1 and --grace=-1s; the limit of open
files bounds --max-connections all the same.`
}

// A server shares its machine with other programs. So it takes less memory than the engine does by default, about
// 130 MB besides the memory of calls, unless the URL of the store sets other sizes. docs/performance.md shows the
// cost. The engine's memtables are part of the cache, which must be larger than they are.
const (
	serveCache    = 48 << 20
	serveMemTable = 16 << 20
	// The most that garbage may be of what is in use, in percent, unless GOGC says otherwise. The engine's
	// blocks have no pointers, so that collecting often is cheap.
	serveGarbage = 60
)

func (c *serveCmd) Run(ctx context.Context, p *program, s *streams) (err error) {
	signals := hangups()
	logger := c.logger(s)
	tables, err := c.keepFiles(logger)
	if err != nil {
		return err
	}
	opts, reload, err := c.options(logger)
	if err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(serveGarbage))
	}
	at, err := c.listen()
	defer at.close()
	if err != nil {
		return err
	}
	store, err := connect.Backend(ctx, p.Store, connect.Logger(logger), connect.Memory(serveCache, serveMemTable), connect.OpenTables(tables))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	calls := metrics.Server()
	if c.Metrics != "" {
		opts.Events = calls.Events()
	}
	server, err := thriftserver.New(store, opts)
	if err != nil {
		return err
	}
	var running group
	stopControl := func(context.Context) {}
	defer func() {
		grace, cancel := c.grace()
		defer cancel()
		if e := server.Shutdown(grace); e != nil {
			err = errors.Join(err, fmt.Errorf("calls were cut short after %s: %w", c.Grace, e))
		}
		stopControl(grace)
		err = errors.Join(err, running.wait())
	}()
	stopControl = c.serveControl(&running, at, p, store, logger)
	for _, l := range at.clients {
		running.run(func() error { return ignore(server.Serve(l), thriftserver.ErrServerClosed) })
		fmt.Fprintf(s.out, "serving %s on %s\n", connect.Redact(p.Store), l.Addr())
	}
	if c.Metrics != "" {
		calls.Watch(server)
		defer c.serveHTTP(&running, at.metrics, calls, store, s)()
	}
	return c.until(ctx, &running, signals, reload, logger)
}

// serveControl serves the control socket, if the store can be controlled, until stop. If there cannot be one in the
// store's directory, the server goes on without it.
func (c *serveCmd) serveControl(running *group, at *listeners, p *program, store backend.Backend, logger *slog.Logger) (stop func(context.Context)) {
	path := controlPath(c.Control, p.Store)
	if path == "" {
		return func(context.Context) {}
	}
	l := at.control
	at.control = nil // from now on the socket belongs to its server
	var err error
	if l == nil {
		l, err = listenControl(path)
	}
	if err != nil {
		logger.Warn("cannot open the control socket: widerow checkpoint cannot reach this server; see --control", "error", err)
		return func(context.Context) {}
	}
	return serveControl(running, l, path, store)
}

// grace returns a context that ends when what still runs is given up.
func (c *serveCmd) grace() (context.Context, context.CancelFunc) {
	if c.Grace < 0 { // none
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), c.Grace)
}

// until waits for the end of the context, or for something to fail.
func (c *serveCmd) until(ctx context.Context, running *group, signals <-chan os.Signal, reload func() error, logger *slog.Logger) error {
	for {
		select {
		case <-ctx.Done():
			logger.Info("stopping")
			return nil
		case err := <-running.failed():
			return err
		case <-signals:
			_ = reload() // which has logged it
		}
	}
}

func (c *serveCmd) logger(s *streams) *slog.Logger {
	o := &slog.HandlerOptions{}
	if c.Debug {
		o.Level = slog.LevelDebug
	}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(s.err, o))
	}
	return slog.New(slog.NewTextHandler(s.err, o))
}

// options returns the server's options, and what reads the files in them again.
func (c *serveCmd) options(logger *slog.Logger) (_ *thriftserver.Options, reload func() error, err error) {
	o := &thriftserver.Options{
		Advertise: c.Advertise, ClusterName: c.ClusterName, Version: c.VersionMimic,
		MaxConnections: c.MaxConnections, MaxFrame: c.MaxFrame, MaxCalls: c.MaxCalls, MaxHeld: c.MaxHeld, MaxLogins: c.MaxLogins,
		LoginTimeout: c.LoginTimeout, FrameTimeout: c.FrameTimeout, WriteTimeout: c.WriteTimeout, IdleTimeout: c.IdleTimeout, CallTimeout: c.CallTimeout,
		SlowCall: c.Slow, Logger: logger,
	}
	files := &reloader{logger: logger}
	switch {
	case c.TLSCert != "" && c.TLSKey != "":
		pair := &tlsFiles{certFile: c.TLSCert, keyFile: c.TLSKey, clientCAFile: c.TLSClientCA}
		if o.TLS, err = pair.config(files); err != nil {
			return nil, nil, err
		}
	case c.TLSCert != "" || c.TLSKey != "":
		return nil, nil, usagef("--tls-cert and --tls-key go together")
	case c.TLSClientCA != "":
		return nil, nil, usagef("--tls-client-ca needs --tls-cert and --tls-key")
	}
	if c.Users != "" {
		list, err := loadUsers(c.Users, "--users")
		if err != nil {
			return nil, nil, err
		}
		o.Authenticator, o.Authorizer = list, list
		files.add("users", c.Users, list.Reload)
		if o.TLS == nil && c.beyondLoopback() {
			logger.Warn("passwords cross the network in clear: use --tls-cert and --tls-key")
		}
	}
	if err := o.Validate(); err != nil {
		return nil, nil, usagef("%v", err)
	}
	return o, files.reload, nil
}

// beyondLoopback reports whether others can reach the server.
func (c *serveCmd) beyondLoopback() bool {
	for _, addr := range c.Listen {
		host, _, err := net.SplitHostPort(addr)
		if ip := net.ParseIP(host); err == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return true
		}
	}
	return false
}

// serveHTTP serves metrics and health until stop.
func (c *serveCmd) serveHTTP(running *group, l net.Listener, calls *metrics.ServerCollector, store backend.Backend, s *streams) (stop func()) {
	metricsOf := metrics.Handler(calls)
	switch x := store.(type) {
	case backend.Statser:
		metricsOf = metrics.Handler(calls, metrics.Store(x))
	case metrics.Pool:
		metricsOf = metrics.Handler(calls, metrics.Client(x))
	case metrics.CQLClient:
		metricsOf = metrics.Handler(calls, metrics.CQL(x))
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metricsOf)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		if _, err := store.Describe(ctx, &backend.DescribeRequest{Facts: backend.FactPartitioner}); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		if h, ok := store.(backend.Healther); ok {
			if err := h.Health(); err != nil {
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
				return
			}
		}
		fmt.Fprintln(w, "ok")
	})
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute}
	running.run(func() error { return ignore(server.Serve(newLimitedListener(l, maxHTTP)), http.ErrServerClosed) })
	fmt.Fprintf(s.out, "metrics on http://%s/metrics\n", l.Addr())
	return func() { _ = server.Close() }
}

// ignore returns err unless it is the one that is expected.
func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// group is a set of goroutines. Each runs until the program ends or one of them fails.
type group struct {
	wg   sync.WaitGroup
	once sync.Once
	errs chan error
}

func (g *group) failed() chan error {
	g.once.Do(func() { g.errs = make(chan error, 1) })
	return g.errs
}

func (g *group) run(f func() error) {
	errs := g.failed()
	g.wg.Go(func() {
		if err := f(); err != nil {
			select {
			case errs <- err:
			default: // one is enough
			}
		}
	})
}

func (g *group) wait() error {
	g.wg.Wait()
	select {
	case err := <-g.failed():
		return err
	default:
		return nil
	}
}
