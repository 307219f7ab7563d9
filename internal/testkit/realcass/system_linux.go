package realcass

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// supported returns an error if nodes cannot be started on this system.
func supported() error { return nil }

// tryLock returns nil without an error if another process holds the lock.
func tryLock(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("locking %s: %w", name, err)
}

// bind makes the kernel kill the process when the thread that starts it ends. The process gets its
// own process group, so that a Ctrl-C in the terminal does not reach it before the test.
func bind(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

const (
	signalStop   = syscall.SIGTERM
	signalKill   = syscall.SIGKILL
	signalPause  = syscall.SIGSTOP
	signalResume = syscall.SIGCONT
)

// paused reports whether a process has stopped after signalPause.
func paused(pid int) (bool, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false, err
	}
	// The name in brackets may contain spaces.
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "T"), nil
}
