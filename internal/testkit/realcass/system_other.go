//go:build !linux

package realcass

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

func supported() error {
	return errors.New("nodes of Cassandra are started on Linux, not on " + runtime.GOOS +
		": start one yourself and set " + Variable + "=VERSION=HOST:PORT")
}

func tryLock(string) (*os.File, error) { return nil, supported() }

func bind(*exec.Cmd) {}

const (
	signalStop   = syscall.SIGTERM
	signalKill   = syscall.SIGKILL
	signalPause  = syscall.Signal(0)
	signalResume = syscall.Signal(0)
)

func paused(int) (bool, error) { return false, supported() }
