package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/widerow/widerow/backend"
)

// Config is the configuration of Run. A field has a default only if its comment names the default.
type Config struct {
	Params Params
	// Title is the name of the result in pictures and comparisons.
	Title string
	// Store is the name of the store in the report. It must not contain passwords.
	Store string
	// InProcess is set if the store runs in this process. Then the CPU time of this
	// process includes the store's.
	InProcess bool

	Keyspace string
	// Force lets Run create the families in an existing keyspace that Run did not create.
	Force bool
	// Keep leaves the created keyspace or families in the store.
	Keep bool
	// MaxErrors is the number of calls of a workload that may fail. An error that every call would
	// repeat, such as an invalid request or wrong data, ends the run at once.
	MaxErrors int64
	// PID is the ID of the server's process. If it is not 0, the report has the CPU time and the memory of the
	// process. This works on Linux only.
	PID int
	// Observe, if it is not nil, is called with the progress several times a second, and
	// at the end of each step, by one goroutine at a time.
	Observe func(Progress)
}

// cleanupTime bounds the time of the removal of the created keyspace or families. The run's context does not stop it.
const cleanupTime = time.Minute

// maxCounters is the limit of the number of counters. Otherwise there are as many counters as rows.
const maxCounters = 100_000

// runner is a run.
type runner struct {
	*Config
	b       backend.Backend
	level   backend.Consistency
	data    *dataset
	process *process // nil if no process is watched
	stages  int      // number of stages that have run
	loaded  map[string]bool
	nextRow atomic.Int64 // number of the next row to write
	tallies []tally
	report  *Report
}

// Run measures the store with the workloads, one after the other. If Run fails or the context ends,
// the report contains the measurements until then. It is nil if no workload was begun.
func Run(ctx context.Context, b backend.Backend, c *Config) (report *Report, err error) {
	if err := c.Params.Validate(); err != nil {
		return nil, err
	}
	r := &runner{Config: c, b: b, level: c.Params.level(), data: newDataset(&c.Params), loaded: make(map[string]bool)}
	r.nextRow.Store(c.Params.Rows)
	r.tallies = make([]tally, min(c.Params.Rows, maxCounters))
	if c.PID != 0 {
		if r.process, err = openProcess("/proc", c.PID); err != nil {
			return nil, err
		}
	}
	r.report = &Report{
		Format: reportFormat, Title: c.Title, Store: c.Store, InProcess: c.InProcess,
		Began: time.Now().UTC().Truncate(time.Second), Params: c.Params,
		Client: Client{Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, CPUs: runtime.NumCPU()},
	}
	if err := r.describe(ctx); err != nil {
		return nil, err
	}
	t, err := prepare(ctx, b, c)
	if !c.Keep {
		defer func() {
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
			defer cancel()
			if dropErr := t.drop(clean); dropErr != nil {
				err = errors.Join(err, &LeftoverError{Keyspace: c.Keyspace, Err: dropErr})
			}
		}()
	}
	if err != nil {
		return nil, err
	}
	for _, w := range c.Params.Workloads {
		if err := r.workload(ctx, w); err != nil {
			r.report.Partial = true
			return r.report, fmt.Errorf("%s: %w", w, err)
		}
	}
	return r.report, nil
}

// describe stores the server's information about itself in the report.
func (r *runner) describe(ctx context.Context) error {
	cluster, err := r.b.Describe(ctx, &backend.DescribeRequest{
		Facts: backend.FactName | backend.FactVersion | backend.FactPartitioner,
	})
	switch {
	case errors.Is(err, backend.ErrUnsupported):
		return nil
	case err != nil:
		return err
	}
	r.report.Server = Server{Cluster: cluster.Name, Version: cluster.Version, Partitioner: cluster.Partitioner}
	return nil
}

// workload loads what the workload needs, warms up, measures and verifies.
func (r *runner) workload(ctx context.Context, w Workload) error {
	var do func(*worker, context.Context) (call, error)
	var load error
	switch w {
	case Write:
		do = (*worker).writeNew
	case Read:
		do, load = (*worker).readOne, r.load(ctx, w, rowsFamily, r.Params.Columns)
	case Mixed:
		do, load = (*worker).readOrWrite, r.load(ctx, w, rowsFamily, r.Params.Columns)
	case Slice:
		do, load = (*worker).readSlice, r.load(ctx, w, wideFamily, r.Params.Wide)
	case Counter:
		do = (*worker).count
	}
	if load != nil {
		return fmt.Errorf("load: %w", load)
	}
	s := stage{run: r, workload: w, name: StepRun, rate: r.Params.Rate}
	s.do = func(ctx context.Context, w *worker, _ int64) (call, error) { return do(w, ctx) }
	if r.Params.Warmup > 0 {
		warmup := &stage{run: r, workload: w, name: StepWarmup, do: s.do, rate: s.rate, duration: time.Duration(r.Params.Warmup)}
		if err := warmup.play(ctx); err != nil {
			return fmt.Errorf("warm up: %w", err)
		}
	}
	s.duration, s.limit = time.Duration(r.Params.Duration), r.Params.Ops
	err := r.measure(ctx, &s)
	if err == nil {
		err = r.verify(ctx, &s)
	}
	return err
}

// measure runs the stage and adds its result to the report.
func (r *runner) measure(ctx context.Context, s *stage) error {
	before, err := r.process.begin()
	if err != nil {
		return err
	}
	client := clientCPU()
	playErr := s.play(ctx)
	client = clientCPU() - client
	usage, err := r.process.since(before)
	r.report.Results = append(r.report.Results, s.result(client, usage))
	return errors.Join(playErr, err)
}

// loadTries is the number of attempts to write a row while the store is too busy.
const loadTries = 6

// load writes the rows that are read later, once.
func (r *runner) load(ctx context.Context, w Workload, family string, columns int) error {
	if r.loaded[family] {
		return nil
	}
	// A long row is written in parts of about a quarter of a megabyte.
	part := min(max(1, 256<<10/(r.Params.ValueSize+32)), columns)
	s := &stage{run: r, workload: w, name: StepLoad, limit: r.Params.Rows}
	s.do = func(ctx context.Context, w *worker, row int64) (call, error) {
		for from := 0; from < columns; from += part {
			err := retry(ctx, func() error {
				return w.insert(ctx, family, row, from, min(from+part, columns))
			})
			if err != nil {
				return callWrite, fmt.Errorf("%w: %w", errLoad, err)
			}
		}
		return callWrite, nil
	}
	err := s.play(ctx)
	if err == nil && s.failed.Load() > 0 {
		err = fmt.Errorf("%w: %d of %d rows", errLoad, s.failed.Load(), r.Params.Rows)
	}
	r.loaded[family] = err == nil
	return err
}

var errLoad = errors.New("rows could not be written")

// retry calls do, and calls it again with growing pauses while it fails because the store is busy.
func retry(ctx context.Context, do func() error) error {
	pause := 50 * time.Millisecond
	for try := 1; ; try++ {
		err := do()
		if err == nil || try == loadTries || !backend.SafeToRetry(err, true) || !sleep(ctx, pause) {
			return err
		}
		pause *= 2
	}
}

// verify checks, after a workload, the data that the workload itself does not read.
func (r *runner) verify(ctx context.Context, s *stage) error {
	switch s.workload {
	case Write:
		for _, w := range s.workers {
			if err := w.verifyLast(ctx); err != nil {
				return fmt.Errorf("read what was written: %w", err)
			}
		}
	case Counter:
		if err := r.verifyCounters(ctx); err != nil {
			return fmt.Errorf("read what was counted: %w", err)
		}
	}
	return nil
}

// verifyCounters compares all counters with the sums of their increments.
func (r *runner) verifyCounters(ctx context.Context) error {
	const page = 100
	keys := make([][keySize]byte, page)
	request := backend.SliceRequest{
		Parent:    backend.Parent{Keyspace: r.Keyspace, Family: countersFamily},
		Predicate: backend.Predicate{Count: 2}, Consistency: r.level,
	}
	for first := 0; first < len(r.tallies); first += page {
		request.Keys = request.Keys[:0]
		for i := range min(page, len(r.tallies)-first) {
			r.data.key(&keys[i], int64(first+i))
			request.Keys = append(request.Keys, keys[i][:])
		}
		rows, err := r.b.Slice(ctx, &request)
		if err != nil {
			return err
		}
		if len(rows) != len(request.Keys) {
			return &MismatchError{
				Family: countersFamily, Key: keys[0][:],
				Want: fmt.Sprintf("%d rows", len(request.Keys)), Got: fmt.Sprint(len(rows)),
			}
		}
		for i := range rows {
			if want, got, ok := r.tallies[first+i].check(rows[i].Columns); !ok {
				return &MismatchError{Family: countersFamily, Key: bytes.Clone(keys[i][:]), Want: want, Got: got}
			}
		}
	}
	return nil
}

// result gathers the results of the workers.
func (s *stage) result(client time.Duration, server *Usage) Result {
	res := Result{Workload: s.workload, Seconds: s.elapsed.Seconds(), Due: s.due}
	all := newHistogram()
	for c := range callKinds {
		histo := newHistogram()
		for _, w := range s.workers {
			if w.histos[c] != nil {
				histo.Merge(w.histos[c])
			}
		}
		if histo.TotalCount() > 0 {
			res.Calls = append(res.Calls, Calls{Call: callNames[c], Ops: histo.TotalCount(), Latency: summarize(histo)})
			all.Merge(histo)
		}
	}
	res.Ops, res.Latency = all.TotalCount(), summarize(all)
	if len(res.Calls) == 1 {
		res.Calls = nil // one kind of call: its figures are those of the workload
	}
	if res.Seconds > 0 {
		res.OpsPerSecond = float64(res.Ops) / res.Seconds
	}
	errs := make(map[string]*ErrorCount)
	for _, w := range s.workers {
		for kind, e := range w.errors {
			if errs[kind] == nil {
				errs[kind] = &ErrorCount{Kind: kind, First: e.First}
			}
			errs[kind].Count += e.Count
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(errs)) {
		res.Errors = append(res.Errors, *errs[kind])
	}
	if res.Ops > 0 {
		res.ClientCPU = int64(client) / res.Ops
		if server != nil {
			server.CPUPerOp = int64(server.cpu) / res.Ops
		}
	}
	res.Server = server
	return res
}
