package bench

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sample returns a report with made-up figures, in which everything is factor times as fast.
func sample(title string, factor float64, watched bool, workloads ...Workload) *Report {
	r := &Report{
		Format: reportFormat, Title: title, Store: "thrift://127.0.0.1:9160",
		Server: Server{Cluster: "Test Cluster", Version: "20.1.0", Partitioner: "org.apache.cassandra.dht.RandomPartitioner"},
		Began:  time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC),
		Client: Client{Go: "go1.26", System: "linux/amd64", CPUs: 2},
		Params: Params{
			Workloads: workloads, Concurrency: 16, Duration: Duration(10 * time.Second), Warmup: Duration(2 * time.Second),
			Rows: 10_000, Columns: 10, ValueSize: 100, Slice: 100, Wide: 100, ReadShare: 0.5,
			Consistency: "ONE", Replication: 1, Seed: 1,
		},
	}
	for i, w := range workloads {
		h := newHistogram()
		for n := range 20_000 {
			// Most latencies are near the mean, and a few are long.
			d := 1e6 / factor * float64(i+1) * (0.5 + float64(n%1000)/1000)
			if n%500 == 0 {
				d *= 20
			}
			record(h, time.Duration(d))
		}
		res := Result{
			Workload: w, Seconds: 10, Ops: int64(10_000 * factor), OpsPerSecond: 1000 * factor, Latency: summarize(h),
			ClientCPU: int64(30_000 * (i + 1)),
		}
		if watched {
			res.Server = &Usage{
				CPUPerOp:      int64(100_000 * float64(i+1) / factor),
				PeakResident:  int64(float64(700<<20) / factor),
				PeakAnonymous: int64(float64(600<<20) / factor),
			}
		}
		if w == Mixed {
			res.Calls = []Calls{
				{Call: "write", Ops: res.Ops / 2, Latency: summarize(h)},
				{Call: "read", Ops: res.Ops - res.Ops/2, Latency: summarize(h)},
			}
		}
		r.Results = append(r.Results, res)
	}
	return r
}

// samples returns the reports of the golden files.
func samples() map[string][]*Report {
	failed := sample("", 1, false, Write, Counter)
	failed.InProcess, failed.Partial, failed.Store = true, true, "embedded:data"
	failed.Results[0].Errors = []ErrorCount{{"timed out waiting for replicas", 1200, "timed out waiting for replicas: 0 of 1"}}
	failed.Results[1] = Result{Workload: Counter, Seconds: 0.5, Due: 500}
	failed.Params.Rate, failed.Params.Ops, failed.Params.Wide, failed.Params.Replication = 1000, 100, 400, 3
	other := sample(`<widerow> & "friends"`, 0.4, false, Read, Slice)
	other.Params.ValueSize = 1
	return map[string][]*Report{
		"one":  {sample("Cassandra 3.11.19", 1, false, Read)},
		"two":  {sample("Cassandra 3.11.19", 1, true, Write, Read, Slice, Mixed), sample("widerow serve", 2.6, true, Write, Read, Slice, Mixed)},
		"all":  {sample("a", 1, true, Workloads...), sample("b", 1.5, true, Workloads...), other},
		"fail": {failed},
	}
}

func TestTables(t *testing.T) {
	for name, reports := range samples() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			for _, r := range reports {
				if err := WriteTable(&b, r); err != nil {
					t.Fatal(err)
				}
				b.WriteByte('\n')
			}
			if err := WriteComparison(&b, reports); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", b.Bytes())
		})
	}
}

func TestPictures(t *testing.T) {
	for name, reports := range samples() {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := WriteSVG(&b, "", reports); err != nil {
				t.Fatal(err)
			}
			if err := wellFormed(b.Bytes()); err != nil {
				t.Error(err)
			}
			golden(t, name+".svg", b.Bytes())
		})
	}
	var b bytes.Buffer
	if err := WriteSVG(&b, "", nil); err == nil {
		t.Error("an empty picture returns no error")
	}
	if err := WriteSVG(&b, "", make([]*Report, maxSeries+1)); err == nil {
		t.Error("more results than colours are no error")
	}
}

func wellFormed(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	for {
		_, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("not well-formed: %w\n%s", err, text)
		}
	}
}

func TestReportRoundTrip(t *testing.T) {
	for name, reports := range samples() {
		for _, want := range reports {
			var b bytes.Buffer
			if err := want.WriteJSON(&b); err != nil {
				t.Fatal(err)
			}
			got, err := ReadReport(&b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Usage{})); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
	}
}

// Reports in format 1 stay readable.
func TestReportForm(t *testing.T) {
	var b bytes.Buffer
	r := sample("Cassandra 3.11.19", 1, true, Mixed)
	r.Results[0].Latency.Curve = r.Results[0].Latency.Curve[:2]
	for i := range r.Results[0].Calls {
		r.Results[0].Calls[i].Latency.Curve = nil
	}
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", b.Bytes())
}

func TestReadReportRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", ``, "not a result of widerow bench"},
		{"other JSON", `[1]`, "not a result of widerow bench"},
		{"another object", `{"a":1}`, "its format is 0"},
		{"a later format", `{"format":2}`, "its format is 2"},
		{"unknown workload", `{"format":1,"results":[{"workload":"all"}]}`, `unknown workload "all"`},
		{"twice", `{"format":1,"results":[{"workload":"read"},{"workload":"read"}]}`, "twice"},
		{"negative", `{"format":1,"results":[{"workload":"read","ops":-1}]}`, "negative figure"},
		{"negative server", `{"format":1,"results":[{"workload":"read","server":{"cpu_per_op_ns":-1}}]}`, "negative figure of the server"},
		{"curve", `{"format":1,"results":[{"workload":"read","latency":{"curve":[{"percent":50,"ns":2},{"percent":60,"ns":1}]}}]}`, "does not rise"},
		{"percent", `{"format":1,"results":[{"workload":"read","latency":{"curve":[{"percent":100,"ns":2}]}}]}`, "does not rise"},
		{"duration", `{"format":1,"params":{"duration":"ten"}}`, "not a result of widerow bench"},
		{"too long", strings.Repeat(" ", maxReport+1), "longer than"},
	} {
		if _, err := ReadReport(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

// Every report that can be read can be shown.
func FuzzReadReport(f *testing.F) {
	// Short reports make fuzzing faster.
	for _, r := range []*Report{sample("a", 1, true, Mixed), sample("b", 2, false, Write, Counter)} {
		for i := range r.Results {
			r.Results[i].Latency.Curve = r.Results[i].Latency.Curve[:3]
			r.Results[i].Calls = nil
		}
		text, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ReadReport(bytes.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := errors.Join(WriteTable(&b, r), WriteComparison(&b, []*Report{r, r})); err != nil {
			t.Error(err)
		}
		b.Reset()
		if err := WriteSVG(&b, "", []*Report{r, r}); err != nil {
			t.Error(err)
		}
		if err := wellFormed(b.Bytes()); err != nil {
			t.Error(err)
		}
		if b.Len() > 1<<20+100*len(text) {
			t.Errorf("a picture of %d bytes from a result of %d", b.Len(), len(text))
		}
	})
}

func TestUnits(t *testing.T) {
	for _, tt := range []struct {
		v     float64
		units []unit
		want  string
	}{
		{0, timeUnits, "0 ns"},
		{1, timeUnits, "1.00 ns"},
		{999, timeUnits, "999 ns"},
		{999.9, timeUnits, "1.00 µs"},
		{12_340, timeUnits, "12.3 µs"},
		{99_960, timeUnits, "100 µs"},
		{1_234_567, timeUnits, "1.23 ms"},
		{61e9, timeUnits, "61.0 s"},
		{700 << 20, sizeUnits, "700 MiB"},
		{1536, sizeUnits, "1.50 KiB"},
		{999, countUnits, "999"},
		{71_313, countUnits, "71.3k"},
		{2e6, countUnits, "2.00M"},
	} {
		if got := format(tt.v, tt.units); got != tt.want {
			t.Errorf("format(%v) = %q, want %q", tt.v, got, tt.want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := group(n); got != want {
			t.Errorf("group(%d) = %q, want %q", n, got, want)
		}
	}
	for v, want := range map[float64]float64{100: 50, 71: 25, 60: 20, 3: 1, 1e-320: 1, 0.9: 0.5, 0: 1} {
		if got := niceStep(v, 3); got != want {
			t.Errorf("niceStep(%v) = %v, want %v", v, got, want)
		}
	}
}
