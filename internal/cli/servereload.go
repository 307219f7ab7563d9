package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// reloader reads files of a server again. Each file is reloaded separately: if a file has an error, its last valid
// content stays in use.
type reloader struct {
	logger *slog.Logger
	files  []reloadable
}

type reloadable struct {
	what, file string
	load       func() error
}

func (r *reloader) add(what, file string, load func() error) {
	r.files = append(r.files, reloadable{what, file, load})
}

// reload reads all files again and logs, for each file, whether it was reloaded.
func (r *reloader) reload() error {
	if len(r.files) == 0 {
		r.logger.Warn("nothing to reload: neither --users nor --tls-cert is set")
	}
	var errs []error
	for _, f := range r.files {
		if err := f.load(); err != nil {
			r.logger.Error("cannot reload, the old content stays in use", "what", f.what, "file", f.file, "error", err)
			errs = append(errs, fmt.Errorf("%s: %w", f.what, err))
		} else {
			r.logger.Info("reloaded", "what", f.what, "file", f.file)
		}
	}
	return errors.Join(errs...)
}

// hangups returns a channel of SIGHUPs. The channel is never stopped, so that after the call SIGHUP does not end the
// process, not even while the store opens or closes.
func hangups() <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals
}
