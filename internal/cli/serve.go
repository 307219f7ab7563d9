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
	VersionMimic string   `default:"1.2" placeholder:"VERSION" complete:"1.2,2.0,2.1,2.2,3.0,3.11" help:"Version of Cassandra that the server reports to clients: 1.2, 2.0, 2.1, 2.2, 3.0 or 3.11 (default: 1.2)."`

	TLSCert     string `name:"tls-cert" placeholder:"FILE" help:"Certificate with its chain, in PEM. With it, the server accepts only TLS."`
	TLSKey      string `name:"tls-key" placeholder:"FILE" help:"Private key of the certificate, in PEM."`
	TLSClientCA string `name:"tls-client-ca" placeholder:"FILE" help:"CA certificates: clients must present a certificate signed by one of them."`
	Users       string `placeholder:"FILE" help:"File of users (see widerow users). With it, clients must log in."`

	Control string        `placeholder:"FILE" help:"Socket on which widerow checkpoint reaches the server (default: CONTROL in the store's directory)."`
	Metrics string        `placeholder:"ADDR" help:"Serve /metrics for Prometheus, and /healthz, over HTTP."`
	Slow    time.Duration `placeholder:"TIME" help:"Log calls that take longer (default: none)."`
	LogJSON bool          `name:"log-json" help:"Log as JSON."`
	Debug   bool          `help:"Also log when connections end."`

	MaxConnections int           `default:"16384" placeholder:"N" help:"Limit of concurrent connections (default: 16384)."`
	MaxFrame       int           `default:"15728640" placeholder:"BYTES" help:"Limit of the length of a message (default: 15728640)."`
	MaxCalls       int           `default:"1024" placeholder:"N" help:"Limit of concurrent calls (default: 1024)."`
	MaxHeld        int64         `default:"536870912" placeholder:"BYTES" help:"Limit of the memory of all messages, calls and replies together (default: 536870912)."`
	MaxLogins      int           `placeholder:"N" help:"Limit of concurrent password checks (default: half of the processors)."`
	LoginTimeout   time.Duration `default:"30s" placeholder:"TIME" help:"Time in which a connection must log in, if there are users (default: 30s)."`
	FrameTimeout   time.Duration `default:"30s" placeholder:"TIME" help:"Time in which a message must arrive (default: 30s)."`
	WriteTimeout   time.Duration `default:"30s" placeholder:"TIME" help:"Time in which a client must accept a reply (default: 30s)."`
	IdleTimeout    time.Duration `default:"1h" placeholder:"TIME" help:"Time after which an idle connection is closed (default: 1h)."`
	CallTimeout    time.Duration `default:"10s" placeholder:"TIME" help:"Time in which the store must answer a call (default: 10s)."`
	Grace          time.Duration `default:"30s" placeholder:"TIME" help:"Time in which running calls must finish when the server stops (default: 30s)."`
}

// Help is shown by widerow serve --help.
func (c *serveCmd) Help() string {
	return `Serves the store to clients of Cassandra's Thrift interface, such as Hector, Astyanax, pycassa
and cassandra-cli. To them the server looks like a node of Cassandra. Framed and unframed clients
use the same port.

  widerow serve
  widerow --store memory: serve --listen 127.0.0.1:9161
  widerow serve --listen 0.0.0.0:9160 --users widerow.users --tls-cert cert.pem --tls-key key.pem

On a store embedded:DIR the server uses about 130 MB of memory. The parameters cache=SIZE and
memtable=SIZE in the URL and the variable GOGC allow more.

SIGINT or SIGTERM stops the server: it accepts no more requests, finishes running requests and
closes the store. A second signal kills it. On SIGHUP the server reads the users, the certificate
and the client CAs again. A limit of -1 or a time of -1s means no limit, as in --max-calls=-1 and
--grace=-1s. Even then the limit of open files bounds the number of connections.`
}

// A server shares its machine with other programs. So it uses less memory than the engine does by default: about
// 130 MB besides the memory of calls, unless the URL of the store sets other sizes. docs/performance.md shows the
// cost. The engine's memtables are part of the cache, so the cache must be larger than the memtables.
const (
	serveCache    = 48 << 20
	serveMemTable = 16 << 20
	// serveGarbage is the value of GOGC if the variable is not set. A low value is cheap: the engine's blocks
	// contain no pointers, so that frequent collections cost little.
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

// serveControl serves the control socket until stop is called, if the store has one. If the socket cannot be created
// in the store's directory, the server runs without it.
func (c *serveCmd) serveControl(running *group, at *listeners, p *program, store backend.Backend, logger *slog.Logger) (stop func(context.Context)) {
	path := controlPath(c.Control, p.Store)
	if path == "" {
		return func(context.Context) {}
	}
	l := at.control
	at.control = nil // from now on the socket's server closes it
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

// grace returns a context that ends when running calls are cut short.
func (c *serveCmd) grace() (context.Context, context.CancelFunc) {
	if c.Grace < 0 { // no limit
		return context.WithCancel(context.Background())
	}
	return context.WithTimeout(context.Background(), c.Grace)
}

// until waits until the context ends or a goroutine of running fails.
func (c *serveCmd) until(ctx context.Context, running *group, signals <-chan os.Signal, reload func() error, logger *slog.Logger) error {
	for {
		select {
		case <-ctx.Done():
			logger.Info("stopping")
			return nil
		case err := <-running.failed():
			return err
		case <-signals:
			_ = reload() // reload has logged the error
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

// options returns the server's options and a function that reloads the files that they name.
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
		return nil, nil, usagef("--tls-cert and --tls-key need each other")
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
			logger.Warn("passwords cross the network unencrypted: use --tls-cert and --tls-key")
		}
	}
	if err := o.Validate(); err != nil {
		return nil, nil, usagef("%v", err)
	}
	return o, files.reload, nil
}

// beyondLoopback reports whether other machines can reach the server.
func (c *serveCmd) beyondLoopback() bool {
	for _, addr := range c.Listen {
		host, _, err := net.SplitHostPort(addr)
		if ip := net.ParseIP(host); err == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return true
		}
	}
	return false
}

// serveHTTP serves metrics and health until stop is called.
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

// ignore returns err, or nil if err is the expected error.
func ignore(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

// group is a set of goroutines. Each of them runs until the program ends or any of them fails.
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
			default: // one failure is enough
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
