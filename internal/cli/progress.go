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
)

// progress shows the progress of a long command. It is safe for concurrent use until close is called.
type progress interface {
	// add counts bytes of input or output and columns.
	add(bytes, columns int64)
	close()
}

// ticksOfLine is the number of ticks, one a second, between two lines of a log. The first tick writes a line.
const ticksOfLine = 10

// newProgress shows a bar if errs is a terminal. Otherwise it writes a line after one second and then every ten
// seconds. A size of 0 means that the size is unknown. begun is the part of size that was done before.
func newProgress(errs io.Writer, what string, size, begun int64) progress {
	if f, ok := errs.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return newBar(f, what, size, begun)
	}
	return newTicker(errs, what, size, begun, time.NewTicker(time.Second))
}

// bar is progress on a terminal.
type bar struct {
	container *mpb.Progress
	bar       *mpb.Bar
	columns   atomic.Int64
	begun     time.Time
}

func newBar(out io.Writer, what string, size, begun int64) *bar {
	b := &bar{container: mpb.New(mpb.WithOutput(out)), begun: time.Now()}
	columns := decor.Any(func(decor.Statistics) string {
		n := b.columns.Load()
		return fmt.Sprintf(" %d columns, %.0f/s", n, float64(n)/max(time.Since(b.begun).Seconds(), 0.001))
	})
	if size > 0 {
		b.bar = b.container.AddBar(size,
			mpb.PrependDecorators(decor.Name(what+" "), decor.Percentage()),
			mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO), columns))
		b.bar.SetCurrent(begun)
		b.bar.DecoratorAverageAdjust(b.begun)
		return b
	}
	b.bar = b.container.New(0, mpb.SpinnerStyle(),
		mpb.PrependDecorators(decor.Name(what+" "), decor.CurrentKibiByte("% .1f")),
		mpb.AppendDecorators(columns))
	return b
}

func (b *bar) add(bytes, columns int64) {
	b.columns.Add(columns)
	b.bar.IncrInt64(bytes)
}

func (b *bar) close() {
	b.bar.Abort(false)
	b.container.Wait()
}

// ticker is progress as lines of a log.
type ticker struct {
	size           int64
	bytes, columns atomic.Int64
	stop, stopped  chan struct{}
}

func newTicker(out io.Writer, what string, size, begun int64, every *time.Ticker) *ticker {
	t := &ticker{size: size, stop: make(chan struct{}), stopped: make(chan struct{})}
	t.bytes.Store(begun)
	logger := slog.New(slog.NewTextHandler(out, nil))
	go t.run(logger, what, every)
	return t
}

func (t *ticker) run(logger *slog.Logger, what string, every *time.Ticker) {
	defer close(t.stopped)
	defer every.Stop()
	begun := time.Now()
	for ticks := 0; ; ticks++ {
		select {
		case <-t.stop:
			return
		case now := <-every.C:
			if ticks%ticksOfLine != 0 {
				continue
			}
			columns := t.columns.Load()
			attrs := []any{"columns", columns, "per_second", int64(float64(columns) / max(now.Sub(begun).Seconds(), 0.001))}
			if t.size > 0 {
				attrs = append(attrs, "done", fmt.Sprintf("%.1f%%", 100*float64(t.bytes.Load())/float64(t.size)))
			}
			logger.Info(what, attrs...)
		}
	}
}

func (t *ticker) add(bytes, columns int64) {
	t.bytes.Add(bytes)
	t.columns.Add(columns)
}

func (t *ticker) close() {
	close(t.stop)
	<-t.stopped
}
