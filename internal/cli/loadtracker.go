package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// result is what became of a chunk of lines.
type result struct {
	columns  int64
	rejected int
	failure  *lineError // the lines from there on are not loaded
}

// lineError is why a line cannot be loaded.
type lineError struct {
	at  position // before the line
	err error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.at.Line+1, e.err) }

func (e *lineError) Unwrap() error { return e.err }

// tracker knows which chunks are done and up to where all are, whatever the order
// they end in. It is safe for concurrent use, but begin and wait are for one goroutine.
type tracker struct {
	pending sync.WaitGroup
	begun   int

	mu      sync.Mutex
	at      position         // all before it is done
	next    int              // the chunk that begins there
	later   map[int]position // ends of chunks that are done before an earlier one, with their own counts
	failure *lineError       // the failure with the lowest line
}

// begin returns the number of a new chunk.
func (t *tracker) begin() int {
	t.pending.Add(1)
	t.begun++
	return t.begun - 1
}

// wait waits until all chunks are done.
func (t *tracker) wait() { t.pending.Wait() }

// done notes that a chunk is done up to end, or up to where it failed.
func (t *tracker) done(number int, end position, r result) {
	defer t.pending.Done()
	t.mu.Lock()
	defer t.mu.Unlock()
	end.Columns, end.Rejected = r.columns, r.rejected
	if r.failure != nil {
		end.Offset, end.Line, end.Rows = r.failure.at.Offset, r.failure.at.Line, r.failure.at.Rows
		if t.failure == nil || end.Offset < t.failure.at.Offset {
			t.failure = r.failure
		}
	}
	t.later[number] = end
	for {
		end, ok := t.later[t.next]
		if !ok || t.failure != nil && t.at.Offset >= t.failure.at.Offset {
			return
		}
		delete(t.later, t.next)
		t.next++
		t.at.Offset, t.at.Line, t.at.Rows = end.Offset, end.Line, end.Rows
		t.at.Columns += end.Columns
		t.at.Rejected += end.Rejected
	}
}

// position returns up to where all is done.
func (t *tracker) position() position {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.at
}

// failed returns the failure with the lowest line so far, or nil.
func (t *tracker) failed() *lineError {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failure
}

// fail notes a failure that is no line's.
func (t *tracker) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failure == nil {
		t.failure = &lineError{at: t.at, err: err}
	}
}

// maxShown is how many bad lines are reported one by one.
const maxShown = 100

// rejects gathers the lines that cannot be loaded.
type rejects struct {
	file *os.File

	mu    sync.Mutex
	count int
}

// add writes a line to the file and says on errs what is wrong with it.
func (r *rejects) add(errs io.Writer, failure *lineError, line []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(line); n == 0 || line[n-1] != '\n' {
		line = append(line[:n:n], '\n')
	}
	if _, err := r.file.Write(line); err != nil {
		return err
	}
	switch r.count++; {
	case r.count <= maxShown:
		fmt.Fprintln(errs, failure)
	case r.count == maxShown+1:
		fmt.Fprintln(errs, "more bad lines are not shown but are in the file, too")
	}
	return nil
}

func (r *rejects) close() error {
	if r == nil {
		return nil
	}
	return r.file.Close()
}
