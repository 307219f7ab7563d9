package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// result is the result of loading a chunk of lines.
type result struct {
	columns  int64
	rejected int
	failure  *lineError // the line of the failure and the lines after it are not loaded
}

// lineError is why a line cannot be loaded.
type lineError struct {
	at  position // position before the line
	err error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.at.Line+1, e.err) }

func (e *lineError) Unwrap() error { return e.err }

// tracker records which chunks are done, and the position before which all chunks are done. Chunks may end in
// any order. A tracker is safe for concurrent use, except that begin and wait must be called by one goroutine.
type tracker struct {
	pending sync.WaitGroup
	begun   int

	mu      sync.Mutex
	at      position         // all lines before at are done
	next    int              // number of the chunk that begins at at
	later   map[int]position // ends of chunks that are done although an earlier chunk is not, each with its own counts
	failure *lineError       // failure with the lowest line
}

// begin returns the number of a new chunk.
func (t *tracker) begin() int {
	t.pending.Add(1)
	t.begun++
	return t.begun - 1
}

// wait waits until all chunks are done.
func (t *tracker) wait() { t.pending.Wait() }

// done records that a chunk is done up to end or, if the chunk failed, up to the failure.
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

// position returns the position before which all lines are done.
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

// fail records a failure that concerns no line.
func (t *tracker) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.failure == nil {
		t.failure = &lineError{at: t.at, err: err}
	}
}

// maxShown is the number of bad lines that are reported one by one.
const maxShown = 100

// rejects is the file of the lines that cannot be loaded.
type rejects struct {
	file *os.File

	mu    sync.Mutex
	count int
}

// add writes a line to the file and reports its failure on errs.
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
		fmt.Fprintln(errs, "further bad lines are not shown here; the file contains all")
	}
	return nil
}

func (r *rejects) close() error {
	if r == nil {
		return nil
	}
	return r.file.Close()
}
