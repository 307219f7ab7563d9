package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// about compares with a tolerance for the rounding of a histogram and one step of it.
func about(got int64, want time.Duration) bool {
	return math.Abs(float64(got)-float64(want)) <= float64(want)/500
}

func TestRunMeasuresByTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t, time.Millisecond)
		c := config(Workloads...)
		c.Params.Warmup = Duration(100 * time.Millisecond)
		report, err := Run(t.Context(), s, c)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Results) != len(Workloads) || report.Partial {
			t.Fatalf("%d results, partial %v", len(report.Results), report.Partial)
		}
		for i, res := range report.Results {
			if res.Workload != Workloads[i] {
				t.Errorf("result %d is of %s, want %s", i, res.Workload, Workloads[i])
			}
			// 4 workers make a call in each of 1,000 milliseconds.
			if res.Ops != 4000 || res.Seconds != 1 || res.OpsPerSecond != 4000 || res.Errors != nil || res.Due != 0 {
				t.Errorf("%s: %d ops in %v s, %v/s, errors %v, due %d", res.Workload, res.Ops, res.Seconds, res.OpsPerSecond, res.Errors, res.Due)
			}
			for _, got := range []int64{res.Latency.Mean, res.Latency.P50, res.Latency.P999, res.Latency.Max} {
				if !about(got, time.Millisecond) {
					t.Errorf("%s: latency %+v, want 1 ms", res.Workload, res.Latency)
					break
				}
			}
		}
		mixed := report.result(Mixed)
		if len(mixed.Calls) != 2 || mixed.Calls[0].Ops+mixed.Calls[1].Ops != mixed.Ops {
			t.Errorf("the mix has %+v", mixed.Calls)
		}
		for _, calls := range mixed.Calls {
			if calls.Ops < 1800 || calls.Ops > 2200 {
				t.Errorf("%d calls of the mix are %ss, want about half of 4000", calls.Ops, calls.Call)
			}
		}
		if got := s.families(t, "bench"); got != nil {
			t.Errorf("the store still has %v", got)
		}
	})
}

func TestRunEndsAfterOps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ops := range []int64{1, 3, 4, 1001} {
			c := config(Read)
			c.Params.Duration, c.Params.Ops = 0, ops
			report, err := Run(t.Context(), newStore(t, time.Millisecond), c)
			if err != nil {
				t.Fatal(err)
			}
			if got := report.Results[0].Ops; got != ops {
				t.Errorf("%d calls, want %d", got, ops)
			}
		}
	})
}

// A store stalls for a second. In a closed loop, one call of each worker sees the stall. In an open
// loop, all calls that were due in that time see it.
func TestOpenLoopSeesStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		measure := func(rate float64) Result {
			s := newStore(t, time.Millisecond)
			begun := time.Now()
			s.onMutate = func(_ int64, _ *backend.MutateRequest, apply func() error) error {
				if at := time.Since(begun); at >= 2*time.Second && at < 3*time.Second {
					time.Sleep(3*time.Second - at)
				}
				return apply()
			}
			c := config(Write)
			c.Params.Concurrency, c.Params.Rate, c.Params.Duration = 1, rate, Duration(5*time.Second)
			report, err := Run(t.Context(), s, c)
			if err != nil {
				t.Fatal(err)
			}
			return report.Results[0]
		}
		closed := measure(0)
		if !about(closed.Latency.P99, time.Millisecond) || !about(closed.Latency.P999, time.Millisecond) {
			t.Errorf("closed loop: %+v, want a p99 of 1 ms", closed.Latency)
		}
		open := measure(100)
		if open.Ops != 500 || open.Due != 500 {
			t.Errorf("open loop: %d calls of %d, want 500", open.Ops, open.Due)
		}
		// A fifth of the calls is due during the stall. Each of them waits for the rest of the stall.
		if p := open.Latency; p.P90 < int64(400*time.Millisecond) || p.P90 > int64(600*time.Millisecond) || !about(p.P50, time.Millisecond) ||
			p.P99 < int64(900*time.Millisecond) || p.P99 > int64(time.Second) {
			t.Errorf("open loop: %+v, want p50 1 ms, p90 about 500 ms, p99 950 ms", p)
		}
	})
}

func TestOpenLoopTellsMissedCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := config(Read)
		c.Params.Rate = 1000
		report, err := Run(t.Context(), newStore(t, 10*time.Millisecond), c)
		if err != nil {
			t.Fatal(err)
		}
		// 4 workers can make 400 calls in a second.
		if res := report.Results[0]; res.Due != 1000 || res.Ops < 396 || res.Ops > 404 {
			t.Errorf("%d of %d calls, want 400 of 1000", res.Ops, res.Due)
		}
		var b strings.Builder
		if err := WriteTable(&b, report); err != nil || !strings.Contains(b.String(), "read: the rate was not reached") {
			t.Errorf("the table does not say that the rate was missed (%v):\n%s", err, b.String())
		}
	})
}

func TestWrongDataFailsTheRun(t *testing.T) {
	last := func(rows []backend.Row) *backend.Column { return &rows[0].Columns[len(rows[0].Columns)-1] }
	slice := func(change func(rows []backend.Row) []backend.Row) func(*store) {
		return func(s *store) {
			s.onSlice = func(n int64, _ *backend.SliceRequest, rows []backend.Row) ([]backend.Row, error) {
				if n > 100 {
					rows = change(rows)
				}
				return rows, nil
			}
		}
	}
	for _, tt := range []struct {
		name     string
		workload Workload
		fault    func(*store)
		want     string
	}{
		{"value", Read, slice(func(rows []backend.Row) []backend.Row {
			c := last(rows)
			c.Value = bytes.Clone(c.Value)
			c.Value[9] ^= 1
			return rows
		}), `wrong data: column "c00000`},
		{"name", Slice, slice(func(rows []backend.Row) []backend.Row {
			last(rows).Name = []byte("c999999")
			return rows
		}), `got "c999999"`},
		{"column lost", Slice, slice(func(rows []backend.Row) []backend.Row {
			rows[0].Columns = rows[0].Columns[1:]
			return rows
		}), `got 4, want 5 columns`},
		{"row lost", Mixed, slice(func([]backend.Row) []backend.Row { return nil }), `got 0 rows`},
		{"another row", Read, slice(func(rows []backend.Row) []backend.Row {
			rows[0].Key = []byte("another")
			return rows
		}), `want this row`},
		{"acknowledged write lost", Write, func(s *store) {
			s.onMutate = func(n int64, _ *backend.MutateRequest, apply func() error) error {
				if n >= 3900 { // the last calls of each worker
					return nil
				}
				return apply()
			}
		}, `read what was written: wrong data: row`},
		{"count lost", Counter, func(s *store) {
			s.onMutate = func(n int64, _ *backend.MutateRequest, apply func() error) error {
				if n == 1000 {
					return nil
				}
				return apply()
			}
		}, `read what was counted: wrong data: row`},
		{"counted twice", Counter, func(s *store) {
			s.onMutate = func(n int64, _ *backend.MutateRequest, apply func() error) error {
				if n == 1000 {
					_ = apply()
				}
				return apply()
			}
		}, `read what was counted: wrong data: row`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t, time.Millisecond)
				tt.fault(s)
				report, err := Run(t.Context(), s, config(tt.workload))
				if !errors.As(err, new(*MismatchError)) || !strings.Contains(fmt.Sprint(err), tt.want) {
					t.Fatalf("error %v, want a mismatch with %q", err, tt.want)
				}
				if report == nil || !report.Partial {
					t.Errorf("report %+v, want a partial one", report)
				}
				if got := s.families(t, "bench"); got != nil {
					t.Errorf("the store still has %v", got)
				}
			})
		})
	}
}

func TestErrorsAreCounted(t *testing.T) {
	timedOut := &backend.Error{Kind: backend.KindTimedOut, Why: "busy"}
	every := func(k int64, err error) func(int64, *backend.MutateRequest, func() error) error {
		return func(n int64, _ *backend.MutateRequest, apply func() error) error {
			if n%k == 0 {
				if n%(2*k) == 0 {
					_ = apply() // the write may have been applied
				}
				return err
			}
			return apply()
		}
	}
	for _, tt := range []struct {
		name     string
		workload Workload
		fault    func(int64, *backend.MutateRequest, func() error) error
		want     []ErrorCount
		err      error
	}{
		{"none", Write, nil, nil, nil},
		{"a few", Write, every(1000, timedOut), []ErrorCount{{"timed out waiting for replicas", 4, "timed out waiting for replicas: busy"}}, nil},
		{"of counters", Counter, every(1000, timedOut), []ErrorCount{{"timed out waiting for replicas", 4, "timed out waiting for replicas: busy"}}, nil},
		{"of the network", Write, every(1000, errors.New("broken pipe")), []ErrorCount{{"other", 4, "broken pipe"}}, nil},
		{"of time", Write, every(1000, context.DeadlineExceeded), []ErrorCount{{"deadline exceeded", 4, "context deadline exceeded"}}, nil},
		{"too many", Write, every(10, timedOut), []ErrorCount{{"timed out waiting for replicas", 11, "timed out waiting for replicas: busy"}}, ErrTooMany},
		{"at once", Write, every(10, backend.ErrInvalidRequest), []ErrorCount{{"invalid request", 1, "invalid request"}}, backend.ErrInvalidRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t, time.Millisecond)
				s.onMutate = tt.fault
				report, err := Run(t.Context(), s, config(tt.workload))
				if !errors.Is(err, tt.err) || err != nil && tt.err == nil {
					t.Fatalf("error %v, want %v", err, tt.err)
				}
				res := report.Results[0]
				if diff := cmp.Diff(tt.want, res.Errors); diff != "" {
					t.Errorf("errors:\n%s", diff)
				}
				if tt.err == nil && res.Ops+res.failed() != 4000 {
					t.Errorf("%d calls and %d errors, want 4000", res.Ops, res.failed())
				}
			})
		})
	}
}

func TestInterruptionGivesPartialResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t, time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		report, err := Run(ctx, s, config(Write, Counter))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v", err)
		}
		if !report.Partial || len(report.Results) != 2 || report.Results[0].Ops != 4000 || len(report.Results[1].Errors) != 0 {
			t.Errorf("report %+v", report)
		}
		if ops := report.Results[1].Ops; ops < 1900 || ops > 2000 {
			t.Errorf("%d calls in half a second, want 2000", ops)
		}
		if got := s.families(t, "bench"); got != nil {
			t.Errorf("the store still has %v", got)
		}
	})
}

func TestLoadIsRepeatedWhileStoreIsBusy(t *testing.T) {
	for _, tt := range []struct {
		name string
		busy time.Duration
		err  error
		ok   bool
	}{
		{"shortly", time.Second, backend.ErrUnavailable, true},
		{"forever", time.Hour, backend.ErrUnavailable, false},
		{"for good", time.Second, backend.ErrInvalidRequest, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t, time.Millisecond)
				begun := time.Now()
				s.onMutate = func(_ int64, _ *backend.MutateRequest, apply func() error) error {
					if time.Since(begun) < tt.busy {
						return tt.err
					}
					return apply()
				}
				report, err := Run(t.Context(), s, config(Slice))
				if tt.ok != (err == nil) || !tt.ok && !errors.Is(err, tt.err) {
					t.Errorf("error %v", err)
				}
				if tt.ok && report.Results[0].Ops != 4000 {
					t.Errorf("%d calls", report.Results[0].Ops)
				}
			})
		})
	}
}

func TestKeyspacesOfOthersAreSafe(t *testing.T) {
	own := schema.Family{Name: "Rows", Comment: mark}
	other := schema.Family{Name: "Users"}
	for _, tt := range []struct {
		name        string
		families    []schema.Family // families of the keyspace; nil if the keyspace does not exist
		force, keep bool
		err         error
		want        []string // families of the keyspace at the end
	}{
		{"none", nil, false, false, nil, nil},
		{"none, kept", nil, false, true, nil, []string{"Counters", "Rows"}},
		{"own", []schema.Family{own}, false, false, nil, nil},
		{"own, kept", []schema.Family{own}, false, true, nil, []string{"Counters", "Rows"}},
		{"empty", []schema.Family{}, false, false, ErrForeign, []string{}},
		{"of others", []schema.Family{other}, false, false, ErrForeign, []string{"Users"}},
		{"of both", []schema.Family{own, other}, false, false, ErrForeign, []string{"Rows", "Users"}},
		{"of others, forced", []schema.Family{other}, true, false, nil, []string{"Users"}},
		{"of both, forced", []schema.Family{own, other}, true, false, nil, []string{"Users"}},
		{"of both, forced, kept", []schema.Family{own, other}, true, true, nil, []string{"Counters", "Rows", "Users"}},
		{"same name, forced", []schema.Family{{Name: "Counters"}}, true, false, ErrForeign, []string{"Counters"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStore(t, time.Millisecond)
				if tt.families != nil {
					s.create(t, "bench", tt.families...)
				}
				c := config(Write, Counter)
				c.Force, c.Keep = tt.force, tt.keep
				if _, err := Run(t.Context(), s, c); !errors.Is(err, tt.err) || err != nil && tt.err == nil {
					t.Errorf("error %v, want %v", err, tt.err)
				}
				got := s.families(t, "bench")
				slices.Sort(got)
				if !slices.Equal(got, tt.want) {
					t.Errorf("the keyspace has %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestLeftoversAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t, time.Millisecond)
		s.onMutate = func(n int64, _ *backend.MutateRequest, apply func() error) error {
			if n == 100 {
				s.Close()
			}
			return apply()
		}
		_, err := Run(t.Context(), s, config(Write))
		var left *LeftoverError
		if !errors.As(err, &left) || left.Keyspace != "bench" || !errors.Is(err, backend.ErrClosed) {
			t.Errorf("error %v, want that the keyspace is still there", err)
		}
	})
}

func TestProgressIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var steps []Step
		var last Progress
		told := 0
		c := config(Read)
		c.Params.Warmup = Duration(time.Second)
		c.Observe = func(p Progress) {
			if p.Share < 0 || p.Share > 1 || p.Workload != Read || p.Step == last.Step && p.Calls < last.Calls {
				t.Errorf("progress %+v after %+v", p, last)
			}
			if p.Ended {
				steps = append(steps, p.Step)
			}
			last, told = p, told+1
		}
		if _, err := Run(t.Context(), newStore(t, time.Millisecond), c); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(steps, []Step{StepLoad, StepWarmup, StepRun}) || last.Calls != 4000 || last.Share != 1 || told < 20 {
			t.Errorf("%d times, steps %v, the last %+v", told, steps, last)
		}
	})
}

func TestServerProcessIsWatched(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux has /proc")
	}
	c := config(Write)
	c.PID, c.Params.Duration, c.Params.Ops = os.Getpid(), 0, 1000
	report, err := Run(t.Context(), newStore(t, 0), c)
	if err != nil {
		t.Fatal(err)
	}
	res := report.Results[0]
	if res.Server == nil || res.Server.PeakResident < 1<<20 || res.Server.CPUPerOp > int64(time.Second) || res.ClientCPU == 0 {
		t.Errorf("server %+v, client %d", res.Server, res.ClientCPU)
	}
	c.PID = math.MaxInt32
	if _, err := Run(t.Context(), newStore(t, 0), c); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v for a process that does not exist", err)
	}
}

func TestParamsValidate(t *testing.T) {
	for _, tt := range []struct {
		change func(*Params)
		want   string
	}{
		{func(*Params) {}, ""},
		{func(p *Params) { p.Concurrency = 0 }, "--concurrency 0: must be 1 to 1024"},
		{func(p *Params) { p.Rows = 0 }, "--rows 0"},
		{func(p *Params) { p.Columns = -1 }, "--columns-per-row -1"},
		{func(p *Params) { p.ValueSize = 1 << 30 }, "--value-size"},
		{func(p *Params) { p.ValueSize = 0 }, ""},
		{func(p *Params) { p.Slice = 0 }, "--slice 0"},
		{func(p *Params) { p.Slice = 9 }, "--wide-row 8: a row must have the 9 columns"},
		{func(p *Params) { p.Consistency = "MOST" }, `--consistency: unknown consistency level "MOST"`},
		{func(p *Params) { p.Workloads = nil }, "--workload"},
		{func(p *Params) { p.Duration = 0 }, "--duration or --ops"},
		{func(p *Params) { p.Warmup = -1 }, "must not be negative"},
		{func(p *Params) { p.ReadShare = 1.1 }, "--read-share 1.1"},
		{func(p *Params) { p.ReadShare = math.NaN() }, "--read-share NaN"},
		{func(p *Params) { p.Rate = math.NaN() }, "--rate NaN"},
		{func(p *Params) { p.Rate = -1 }, "--rate -1"},
		{func(p *Params) { p.Replication = 0 }, "--replication 0"},
	} {
		p := config(Write).Params
		tt.change(&p)
		err := p.Validate()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Validate() = %v, want %q", err, tt.want)
		}
	}
}

func TestDuration(t *testing.T) {
	for _, want := range []string{"0s", "10s", "1m", "1m30s", "1h", "1h30m", "1h0m5s", "20ms"} {
		var d Duration
		if err := d.UnmarshalText([]byte(want)); err != nil || d.String() != want {
			t.Errorf("%q is read as %s, %v", want, d, err)
		}
	}
}

func TestParseWorkloads(t *testing.T) {
	for _, tt := range []struct {
		names string
		want  []Workload
		ok    bool
	}{
		{"read", []Workload{Read}, true},
		{"mixed,WRITE, read,read", []Workload{Read, Mixed, Write}, true},
		{"all", Workloads, true},
		{"read,all", Workloads, true},
		{"", nil, false},
		{"write,delete", nil, false},
	} {
		got, err := ParseWorkloads(strings.Split(tt.names, ","))
		if !slices.Equal(got, tt.want) || (err == nil) != tt.ok {
			t.Errorf("ParseWorkloads(%q) = %v, %v, want %v", tt.names, got, err, tt.want)
		}
	}
	if _, err := ParseWorkloads(nil); err == nil {
		t.Error("a run without workloads returns no error")
	}
}
