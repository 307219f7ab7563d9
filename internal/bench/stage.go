package bench

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// watchInterval is how often progress is reported and memory is measured.
const watchInterval = 100 * time.Millisecond

// stage is a part of a workload that runs without a pause: the load, the warm-up, or the
// measurement.
type stage struct {
	run      *runner
	workload Workload
	name     Step
	do       func(ctx context.Context, w *worker, n int64) (call, error)
	// The limits that end the stage; zero means no limit.
	duration time.Duration
	limit    int64
	rate     float64 // calls per second

	began    time.Time
	elapsed  time.Duration
	due      int64 // calls that were due at the rate
	deadline time.Time
	tickets  atomic.Int64 // calls that were begun; counted only with a limit or a rate
	failed   atomic.Int64
	workers  []*worker
}

// play runs the stage to its end. If the stage ends early, play returns the reason.
func (s *stage) play(ctx context.Context) error {
	inner, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	s.run.stages++
	for i := range s.run.Params.Concurrency {
		s.workers = append(s.workers, newWorker(s.run, s.run.stages, i))
	}
	s.began = time.Now()
	if s.duration > 0 {
		s.deadline = s.began.Add(s.duration)
	}
	watched := make(chan struct{})
	var watcher, workers sync.WaitGroup
	watcher.Go(func() { s.watch(watched, stop) })
	for _, w := range s.workers {
		workers.Go(func() { s.work(inner, w, stop) })
	}
	workers.Wait()
	s.elapsed = time.Since(s.began)
	close(watched)
	watcher.Wait()
	err := context.Cause(inner)
	s.due = s.callsDue(err == nil)
	return err
}

// callsDue returns the number of calls that were due at the rate, in the whole stage or until now.
func (s *stage) callsDue(whole bool) int64 {
	if s.rate == 0 {
		return 0
	}
	seconds := s.elapsed.Seconds()
	if whole && s.duration > 0 {
		seconds = s.duration.Seconds()
	}
	due := int64(math.Ceil(s.rate * seconds))
	if s.limit > 0 && (whole && s.duration == 0 || s.limit < due) {
		due = s.limit
	}
	return due
}

// work makes calls until the stage ends.
func (s *stage) work(ctx context.Context, w *worker, stop context.CancelCauseFunc) {
	for ctx.Err() == nil {
		n, start, ok := s.next(ctx)
		if !ok {
			return
		}
		c, err := s.do(ctx, w, n)
		switch {
		case err == nil:
			w.took(c, time.Since(start))
		case ctx.Err() != nil:
			return // the stage was stopped
		default:
			w.failure(err)
			if fatal(err) {
				stop(err)
			} else if most := s.run.MaxErrors; s.failed.Add(1) > most {
				stop(fmt.Errorf("%w: more than %d; the last: %w", ErrTooMany, most, err))
			}
		}
	}
}

// next waits until the next call is due. It returns the number of the call, if calls are
// counted, and the time from which its latency is measured.
func (s *stage) next(ctx context.Context) (n int64, start time.Time, ok bool) {
	if s.limit > 0 || s.rate > 0 {
		n = s.tickets.Add(1) - 1
		if s.limit > 0 && n >= s.limit {
			return 0, start, false
		}
	}
	start = time.Now()
	if s.rate > 0 {
		due := s.began.Add(time.Duration(float64(n) / s.rate * float64(time.Second)))
		if !s.deadline.IsZero() && !due.Before(s.deadline) {
			return 0, start, false
		}
		if start.Before(due) {
			// This worker was free in time. If its timer wakes it late, the store is not the cause.
			if !sleep(ctx, due.Sub(start)) {
				return 0, start, false
			}
			return n, time.Now(), true
		}
		if s.late(start) {
			return 0, start, false
		}
		return n, due, true
	}
	return n, start, !s.late(start)
}

func (s *stage) late(now time.Time) bool { return !s.deadline.IsZero() && !now.Before(s.deadline) }

// sleep waits. It returns false if the context ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// watch reports the progress and samples the server's memory until done is closed.
func (s *stage) watch(done <-chan struct{}, stop context.CancelCauseFunc) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		if err := s.run.process.look(); err != nil {
			stop(err)
		}
		if s.run.Observe != nil {
			s.run.Observe(s.progress())
		}
		select {
		case <-done:
			if s.run.Observe != nil {
				p := s.progress()
				p.Ended = true
				s.run.Observe(p)
			}
			return
		case <-ticker.C:
		}
	}
}

// Step is a part of a workload.
type Step string

// The steps of a workload.
const (
	StepLoad   Step = "load"
	StepWarmup Step = "warm up"
	StepRun    Step = "run"
)

// Progress is the progress of a step.
type Progress struct {
	Workload Workload
	Step     Step
	Calls    int64 // answered calls
	Errors   int64
	Elapsed  time.Duration
	// Share is the share of the step that is done, from 0 to 1.
	Share float64
	// Ended is set in the last report of the step.
	Ended bool
}

func (s *stage) progress() Progress {
	p := Progress{Workload: s.workload, Step: s.name, Elapsed: time.Since(s.began)}
	for _, w := range s.workers {
		p.Calls += w.done.Load()
		p.Errors += w.failed.Load()
	}
	if s.limit > 0 {
		p.Share = float64(p.Calls+p.Errors) / float64(s.limit)
	}
	if s.duration > 0 {
		p.Share = max(p.Share, p.Elapsed.Seconds()/s.duration.Seconds())
	}
	p.Share = min(p.Share, 1)
	return p
}
