package docs_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"golang.org/x/sync/errgroup"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/internal/testkit/realcass"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/timeuuid"
	"github.com/widerow/widerow/widerowtest"
)

var queueSchema = schema.Keyspace{Name: "Work", Families: []schema.Family{
	{
		Name: "Jobs", KeyValidator: schema.DateType, Comparator: schema.TimeUUIDType, DefaultValidator: schema.UTF8Type,
		GCGraceSeconds: new(int32(3600)),
	},
	{
		Name: "Claims", KeyValidator: schema.TimeUUIDType, Comparator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
		GCGraceSeconds: new(int32(3600)),
	},
}}

const (
	rowSpan = time.Minute      // of one row of jobs
	margin  = 2 * time.Minute  // by which the clocks of producers may be late
	lease   = 10 * time.Minute // for which a worker has a job
	keep    = 24 * time.Hour   // how far back a worker looks when it starts
)

// Queue is what producers and workers share.
type Queue struct {
	jobs, claims *widerow.Family
	now          func() time.Time
}

func OpenQueue(ctx context.Context, db *widerow.DB, now func() time.Time) (*Queue, error) {
	if err := db.System().EnsureKeyspace(ctx, queueSchema); err != nil {
		return nil, err
	}
	// On a cluster, a worker must see what others have removed.
	jobs, err := db.Keyspace("Work").Family(ctx, "Jobs", widerow.ReadLevel(widerow.Quorum), widerow.WriteLevel(widerow.Quorum))
	if err != nil {
		return nil, err
	}
	claims, err := db.Keyspace("Work").Family(ctx, "Claims")
	return &Queue{jobs: jobs, claims: claims, now: now}, err
}

// Put adds a job.
func (q *Queue) Put(ctx context.Context, payload string) error {
	now := q.now()
	id, err := timeuuid.Random(now)
	if err != nil {
		return err
	}
	_, err = q.jobs.Insert(ctx, now.Truncate(rowSpan), widerow.Values{{id, payload}})
	return err
}

// Job is a job that a worker has claimed.
type Job struct {
	Row     time.Time
	ID      uuid.UUID
	Payload string
}

// Worker takes jobs. Each goroutine has its own.
type Worker struct {
	*Queue
	name  string
	first time.Time // the rows before it are finished
}

func (q *Queue) Worker(name string) *Worker {
	return &Worker{Queue: q, name: name, first: q.now().Add(-keep).Truncate(rowSpan)}
}

// Take claims the oldest job that is free. It returns false if no job is free.
func (w *Worker) Take(ctx context.Context) (Job, bool, error) {
	for row := w.first; !row.After(w.now()); row = row.Add(rowSpan) {
		empty := true
		for col, err := range w.jobs.Columns(ctx, row) {
			if err != nil {
				return Job{}, false, err
			}
			empty = false
			job := Job{row, col.Name.(uuid.UUID), col.Value.(string)}
			if mine, err := w.claim(ctx, job); mine || err != nil {
				return job, mine, err
			}
		}
		if empty && row.Equal(w.first) && w.now().Sub(row) > rowSpan+margin {
			w.first = row.Add(rowSpan)
		}
	}
	return Job{}, false, nil
}

func (w *Worker) claim(ctx context.Context, job Job) (bool, error) {
	claimed := widerow.Values{{"by", w.name}}
	mine, _, err := w.claims.CompareAndSet(ctx, job.ID, nil, claimed, widerow.TTL(lease))
	if errors.Is(err, widerow.ErrUnsupported) { // over CQL, which can expect a missing column but no empty row
		mine, _, err = w.claims.CompareAndSet(ctx, job.ID, widerow.Values{{"by", nil}}, claimed, widerow.TTL(lease))
	}
	if err != nil || !mine {
		return false, err
	}
	// Another worker may have done the job, and its claim expired, since this one read the row.
	_, err = w.jobs.Get(ctx, job.Row, widerow.Names(job.ID))
	if errors.Is(err, widerow.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Done removes a job whose work is done.
func (w *Worker) Done(ctx context.Context, job Job) error {
	_, err := w.jobs.Remove(ctx, job.Row, widerow.Names(job.ID))
	return err
}

func Example_queueRun() {
	store, err := widerowtest.Open()
	check(err)
	defer store.Close()
	db, now := store.DB, store.Now
	q, err := OpenQueue(ctx, db, now) // now is time.Now in a program
	check(err)
	for n := range 20 {
		check(q.Put(ctx, fmt.Sprint("job ", n)))
	}
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for n := range 4 {
		w := q.Worker(fmt.Sprint("worker ", n))
		g.Go(func() error {
			for {
				job, ok, err := w.Take(ctx)
				if err != nil || !ok {
					return err
				}
				done.Add(1) // the work
				if err := w.Done(ctx, job); err != nil {
					return err
				}
			}
		})
	}
	check(g.Wait())
	fmt.Println(done.Load(), "jobs done")
	// Output: 20 jobs done
}

func Example_queueLease() {
	store, err := widerowtest.Open()
	check(err)
	defer store.Close()
	q, err := OpenQueue(ctx, store.DB, store.Now)
	check(err)
	check(q.Put(ctx, "job"))
	_, ok, err := q.Worker("one that dies").Take(ctx)
	fmt.Println(ok, err)
	_, ok, err = q.Worker("another").Take(ctx)
	fmt.Println(ok, err)
	store.Advance(lease) // ten minutes later
	job, ok, err := q.Worker("another").Take(ctx)
	fmt.Println(job.Payload, ok, err)
	// Output:
	// true <nil>
	// false <nil>
	// job true <nil>
}

// TestQueueOnCassandra divides jobs among workers on a real node, which has to compare and set.
func TestQueueOnCassandra(t *testing.T) {
	for _, version := range realcass.Versions(t, "2.0.17", "3.11.19", "5.0") {
		t.Run(version, func(t *testing.T) {
			cluster := realcass.Start(t, realcass.Config{Version: version})
			db := openCassandra(t, cluster)
			q, err := OpenQueue(t.Context(), db, time.Now)
			if err != nil {
				t.Fatal(err)
			}
			for n := range 20 {
				if err := q.Put(t.Context(), fmt.Sprint("job ", n)); err != nil {
					t.Fatal(err)
				}
			}
			var mu sync.Mutex
			done := map[string]int{}
			g, ctx := errgroup.WithContext(t.Context())
			for n := range 4 {
				w := q.Worker(fmt.Sprint("worker ", n))
				g.Go(func() error {
					for {
						job, ok, err := w.Take(ctx)
						if err != nil || !ok {
							return err
						}
						mu.Lock()
						done[job.Payload]++
						mu.Unlock()
						if err := w.Done(ctx, job); err != nil {
							return err
						}
					}
				})
			}
			if err := g.Wait(); err != nil {
				t.Fatal(err)
			}
			for job, times := range done {
				if times != 1 {
					t.Errorf("%s was done %d times", job, times)
				}
			}
			if len(done) != 20 {
				t.Errorf("%d jobs were done, want 20", len(done))
			}
		})
	}
}
