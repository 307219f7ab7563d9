package pool

import "time"

// A waiter is a caller in the line.
type waiter[C Conn] struct {
	// granted has room for the one grant, so whoever serves the line never blocks.
	granted chan grant[C]
	timer   *time.Timer
	queued  bool
	inLine  links[waiter[C]]
}

// after returns a channel that receives after d, or nil if d is Forever.
func (w *waiter[C]) after(d time.Duration) <-chan time.Time {
	switch {
	case d == Forever:
		return nil
	case w.timer == nil:
		w.timer = time.NewTimer(d)
	default:
		w.timer.Reset(d)
	}
	return w.timer.C
}

func (w *waiter[C]) stop() {
	if w.timer != nil {
		w.timer.Stop()
	}
}

// A line is the queue of callers that wait for a connection. It reuses the waiters that
// have left. Pool.mu protects it.
type line[C Conn] struct {
	queue[waiter[C]]
	spare []*waiter[C]
}

// enter puts a new waiter at the end.
func (l *line[C]) enter() *waiter[C] {
	var w *waiter[C]
	if n := len(l.spare); n > 0 {
		w, l.spare = l.spare[n-1], l.spare[:n-1]
	} else {
		w = &waiter[C]{granted: make(chan grant[C], 1)}
	}
	l.push(w)
	w.queued = true
	return w
}

// has reports whether w is still in the line.
func (l *line[C]) has(w *waiter[C]) bool { return w.queued }

func (l *line[C]) pop() *waiter[C] {
	w := l.queue.pop()
	if w != nil {
		w.queued = false
	}
	return w
}

func (l *line[C]) remove(w *waiter[C]) {
	l.queue.remove(w)
	w.queued = false
}

// leave takes back a waiter that has received its grant and is not in the line any more.
func (l *line[C]) leave(w *waiter[C]) {
	const keep = 64
	if len(l.spare) < keep {
		l.spare = append(l.spare, w)
	}
}
