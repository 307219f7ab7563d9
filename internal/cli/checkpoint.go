package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
)

type checkpointCmd struct {
	Control string `placeholder:"FILE" help:"Control socket of the server that has the store open (default: CONTROL in the store's directory, if that exists)."`

	Dir string `arg:"" complete:"dir" help:"Directory for the copy. It must not exist."`
}

// Help is shown by widerow checkpoint --help.
func (c *checkpointCmd) Help() string {
	return `Writes a consistent copy of the whole store to a directory. The copy is an independent
store. If the file system supports hard links, the copy shares unchanged files with the
original, so that it takes little time and space.

If a server (widerow serve) has the store open, the server makes the copy. The server must run on
this machine, and its user must be able to write to the directory. The server answers calls during
the copy. If another program has the store open, that program must make the checkpoint itself
(backend.Checkpointer).

  widerow checkpoint backup-monday
  widerow --store embedded:backup-monday describe
  widerow --store embedded:/var/lib/widerow/data checkpoint /var/lib/widerow/backup-monday`
}

func (c *checkpointCmd) Run(ctx context.Context, p *program, s *streams) error {
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return err
	}
	stop := watchCopy(s.err, dir, time.NewTicker(10*time.Second))
	err = c.copy(ctx, p, dir)
	stop()
	if err != nil {
		return fmt.Errorf("checkpoint to %s: %w", c.Dir, err)
	}
	_, err = fmt.Fprintf(s.out, "wrote a checkpoint of %s to %s\n", connect.Redact(p.Store), c.Dir)
	return err
}

// copy lets the store's server make the copy. If there is no server, copy opens the store.
func (c *checkpointCmd) copy(ctx context.Context, p *program, dir string) error {
	var noServer error
	if socket := controlPath(c.Control, p.Store); socket != "" {
		noServer = askServer(ctx, socket, dir)
		if c.Control != "" || !errors.Is(noServer, errNoServer) {
			return noServer
		}
	}
	b, err := connect.Backend(ctx, p.Store, connect.Existing(), connect.ReadOnly())
	if errors.Is(err, backend.ErrUnavailable) && noServer != nil {
		return fmt.Errorf("%w; it cannot be asked for a checkpoint: %w (if it is widerow serve, name its --control; any other program "+
			"must make the checkpoint itself, or close the store)", err, noServer)
	}
	if err != nil {
		return err
	}
	return errors.Join(checkpoint(ctx, b, dir), b.Close())
}

// checkpoint copies a store to a directory.
func checkpoint(ctx context.Context, b backend.Backend, dir string) error {
	cp, ok := b.(backend.Checkpointer)
	if !ok {
		return errors.New("this store cannot copy itself")
	}
	if !filepath.IsAbs(dir) { // the server's working directory may differ from that of the command
		return fmt.Errorf("%q is not an absolute path", dir)
	}
	return cp.Checkpoint(ctx, dir)
}

// watchCopy reports the size of a directory at each tick, until stop is called.
func watchCopy(errs io.Writer, dir string, ticks *time.Ticker) (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	begun := time.Now()
	go func() {
		defer close(ended)
		defer ticks.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticks.C:
				n, size := dirSize(dir)
				fmt.Fprintf(errs, "checkpoint: %d files, %.1f MiB after %s\n", n, float64(size)/(1<<20), time.Since(begun).Round(time.Second))
			}
		}
	}()
	return func() {
		close(quit)
		<-ended
	}
}

// dirSize returns the number and the total size of the readable files in a directory.
func dirSize(dir string) (files int, size int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return nil
		}
		if info, err := e.Info(); err == nil {
			files, size = files+1, size+info.Size()
		}
		return nil
	})
	return files, size
}
