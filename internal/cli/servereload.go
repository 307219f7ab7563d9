package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// reloader reads files of a server again, each by itself: one that is wrong stays as it was read before.
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

// reload reads all files again and logs which were reloaded and which were not.
func (r *reloader) reload() error {
	if len(r.files) == 0 {
		r.logger.Warn("nothing to reload: there is neither --users nor --tls-cert")
	}
	var errs []error
	for _, f := range r.files {
		if err := f.load(); err != nil {
			r.logger.Error("cannot reload, the old one stays", "what", f.what, "file", f.file, "error", err)
			errs = append(errs, fmt.Errorf("%s: %w", f.what, err))
		} else {
			r.logger.Info("reloaded", "what", f.what, "file", f.file)
		}
	}
	return errors.Join(errs...)
}

// hangups returns a channel of SIGHUPs. From now on the signal does not end the process, neither while the
// store opens nor while it closes: the channel is never stopped.
func hangups() <-chan os.Signal {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	return signals
}
