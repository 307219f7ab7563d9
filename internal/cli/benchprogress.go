package cli

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"github.com/widerow/widerow/internal/bench"
)

// benchProgress shows the progress of a measurement. Its methods must not be called concurrently.
type benchProgress interface {
	observe(bench.Progress)
	close()
}

// newBenchProgress shows a bar for each step if errs is a terminal, and lines otherwise.
func newBenchProgress(errs io.Writer) benchProgress {
	if f, ok := errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &benchBars{container: mpb.New(mpb.WithOutput(f))}
	}
	return &benchLines{logger: slog.New(slog.NewTextHandler(errs, nil))}
}

// parts is the number of parts of a bar. A bar shows the share that is done in whole parts.
const parts = 1000

// benchBars is progress on a terminal. The bars of measured steps stay, with their last
// figures. The bars of the steps before a measurement are removed.
type benchBars struct {
	container *mpb.Progress
	step      *benchStep // the current step, or nil
}

type benchStep struct {
	bar  *mpb.Bar
	text atomic.Pointer[string] // shown after the bar
}

func (b *benchBars) observe(p bench.Progress) {
	if b.step == nil {
		b.step = b.add(p)
	}
	text := fmt.Sprintf(" %d calls, %.0f/s%s", p.Calls, perSecond(p), errorText(p))
	b.step.text.Store(&text)
	b.step.bar.SetCurrent(int64(p.Share * parts))
	if p.Ended {
		b.step.bar.Abort(p.Step != bench.StepRun)
		b.step = nil
	}
}

func (b *benchBars) add(p bench.Progress) *benchStep {
	s := new(benchStep)
	empty := ""
	s.text.Store(&empty)
	// The bar has one more part than parts, so that it ends only when the step ends.
	s.bar = b.container.AddBar(parts+1,
		mpb.PrependDecorators(decor.Name(fmt.Sprintf("%-8s %-8s", p.Workload, p.Step)), decor.Percentage(decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return *s.text.Load() })))
	return s
}

func (b *benchBars) close() {
	if b.step != nil {
		b.step.bar.Abort(false)
	}
	b.container.Wait()
}

func perSecond(p bench.Progress) float64 { return float64(p.Calls) / max(p.Elapsed.Seconds(), 0.001) }

func errorText(p bench.Progress) string {
	if p.Errors == 0 {
		return ""
	}
	return fmt.Sprintf(", %d errors", p.Errors)
}

// lineEvery is the time between two lines of progress.
const lineEvery = 10 * time.Second

// benchLines is progress as lines of a log: one line at the end of each step, and
// more lines during a long step.
type benchLines struct {
	logger *slog.Logger
	next   time.Duration // time of the step at which the next line is due
}

func (b *benchLines) observe(p bench.Progress) {
	if b.next == 0 {
		b.next = lineEvery
	}
	if !p.Ended && p.Elapsed < b.next {
		return
	}
	b.next += lineEvery
	if p.Ended {
		b.next = 0
	}
	b.logger.Info("bench", "workload", string(p.Workload), "step", string(p.Step), "done", fmt.Sprintf("%.0f%%", 100*p.Share),
		"calls", p.Calls, "per_second", int64(perSecond(p)), "errors", p.Errors)
}

func (b *benchLines) close() {}
