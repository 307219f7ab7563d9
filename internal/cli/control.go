package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
)

// controlName is the control socket's name in the directory of a served store.
const controlName = "CONTROL"

// maxControl is the number of concurrent connections to the control socket. Further connections wait.
const maxControl = 8

// controlPath returns the path of the control socket of a store. The flag --control overrides the default path.
// If the flag is empty and the store has no directory, the path is "".
func controlPath(flag, store string) string {
	if flag != "" {
		return flag
	}
	if dir, ok := connect.Dir(store); ok {
		return filepath.Join(dir, controlName)
	}
	return ""
}

// serveControl serves commands from this machine on a Unix socket until stop is called. Only the
// user of the process and root can connect.
func serveControl(running *group, l net.Listener, path string, store backend.Backend) (stop func(context.Context)) {
	mux := http.NewServeMux()
	busy := make(chan struct{}, 1)
	mux.HandleFunc("POST /checkpoint", func(w http.ResponseWriter, r *http.Request) {
		select {
		case busy <- struct{}{}:
			defer func() { <-busy }()
		default:
			http.Error(w, "another checkpoint is being made", http.StatusConflict)
			return
		}
		if err := checkpoint(r.Context(), store, r.FormValue("dir")); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
	server := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10}
	running.run(func() error { return ignore(server.Serve(newLimitedListener(l, maxControl)), http.ErrServerClosed) })
	return func(ctx context.Context) {
		_ = os.Remove(path) // before the listener is closed: after that, the file may belong to the next server
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	}
}

// listenControl listens on a Unix socket at path. It replaces a socket that a killed server left at path.
func listenControl(path string) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: privateSocket}
	l, err := config.Listen(context.Background(), "unix", shortPath(path))
	if err != nil {
		return nil, err
	}
	// The listener may know only a relative path, so stop removes the socket itself.
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close(), os.Remove(path))
	}
	return l, nil
}

// removeStale removes a socket on which no process listens.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%s exists and is not a socket", path)
	}
	if c, err := net.Dial("unix", shortPath(path)); err == nil {
		return errors.Join(fmt.Errorf("another server listens on %s", path), c.Close())
	}
	return os.Remove(path)
}

// shortPath returns the shorter of a path and its relative form, since the path of a socket is limited to about 100 bytes.
func shortPath(path string) string {
	dir, err := os.Getwd()
	if err != nil {
		return path
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(dir, abs); err == nil && len(rel) < len(path) {
		return rel
	}
	return path
}

// errNoServer is matched by the error of askServer if no server listens on the socket.
var errNoServer = errors.New("no server listens there")

// askServer asks the server that listens on a control socket to make a checkpoint.
func askServer(ctx context.Context, socket, dir string) error {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "unix", shortPath(socket))
		if err != nil && !errors.Is(err, fs.ErrPermission) && ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", errNoServer, err)
		}
		return c, err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	u := url.URL{Scheme: "http", Host: "server", Path: "/checkpoint", RawQuery: url.Values{"dir": {dir}}.Encode()}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), nil)
	if err != nil {
		return err
	}
	reply, err := client.Do(request)
	if err != nil {
		if e := new(url.Error); errors.As(err, &e) { // the text of a url.Error includes the whole request
			err = e.Err
		}
		return fmt.Errorf("control socket %s: %w", socket, err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(io.LimitReader(reply.Body, 64<<10))
	if err != nil {
		return fmt.Errorf("control socket %s: %w", socket, err)
	}
	if reply.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(string(text)))
	}
	return nil
}
