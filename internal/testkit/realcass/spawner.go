package realcass

import (
	"os/exec"
	"runtime"
)

// A spawner starts processes that end with this process, however it ends. Linux kills them when the
// thread that started them ends, so the spawner keeps that thread alive.
type spawner struct {
	jobs chan func()
	done chan struct{}
}

func newSpawner() *spawner {
	s := &spawner{jobs: make(chan func()), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

func (s *spawner) start(cmd *exec.Cmd) error {
	bind(cmd)
	started := make(chan error, 1)
	s.jobs <- func() { started <- cmd.Start() }
	return <-started
}

// end must be called after all processes have ended.
func (s *spawner) end() {
	close(s.jobs)
	<-s.done
}
