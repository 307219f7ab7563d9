package cqlclient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/widerow/widerow/backend"
)

// silentAfter is how long the cluster may leave the schema watch without an answer before the client counts as unhealthy.
const silentAfter = 5 * time.Second

// Health implements [backend.Healther]. It returns nil if the cluster has answered the schema watch, which asks once a second, within the
// last five seconds. Otherwise it returns backend.ErrUnavailable with the last reason.
func (c *Client) Health() error {
	if c.closed.Load() {
		return &backend.Error{Kind: backend.KindClosed}
	}
	w := &c.schema
	silent := time.Since(w.started) - time.Duration(w.confirmed.Load())
	if silent < silentAfter {
		return nil
	}
	e := &backend.Error{Kind: backend.KindUnavailable, Why: fmt.Sprintf("the cluster has not answered for %v", silent.Round(time.Second))}
	if failure := w.failure.Load(); failure != nil {
		e.Err = *failure
	}
	return e
}

// looked records the outcome of a look of the schema watch.
func (w *schemaWatch) looked(err error) {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		w.failure.Store(nil)
		return
	}
	w.failure.Store(&err)
}

// watchHealth logs changes of Health until ctx ends. It runs in a separate goroutine, since the schema watch waits while the cluster does
// not answer.
func (c *Client) watchHealth(ctx context.Context) {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for failing := false; ; {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
			failing = logHealth(c.opts.Logger, failing, c.Health())
		}
	}
}

// logHealth logs that the client has become unhealthy or healthy, and reports whether it is unhealthy.
func logHealth(log *slog.Logger, failing bool, err error) bool {
	switch {
	case log == nil || failing == (err != nil):
	case err != nil:
		log.Error("the cluster does not answer", "error", err)
	default:
		log.Info("the cluster answers again")
	}
	return err != nil
}
