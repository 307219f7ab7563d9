package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// reportFormat is the version of the format of a report.
const reportFormat = 1

// maxReport bounds the size of a report that is read.
const maxReport = 16 << 20

// Report is the result of a run. Its JSON form is stable within a Format.
type Report struct {
	Format int    `json:"format"`
	Title  string `json:"title"`
	Store  string `json:"store"`
	Server Server `json:"server"`
	// InProcess is set if the store ran in the measuring program.
	InProcess bool      `json:"in_process,omitempty"`
	Began     time.Time `json:"began"`
	Client    Client    `json:"client"`
	Params    Params    `json:"params"`
	Results   []Result  `json:"results"`
	// Partial is set if the run did not finish.
	Partial bool `json:"partial,omitempty"`
}

// Server is the store's information about itself.
type Server struct {
	Cluster string `json:"cluster,omitempty"`
	// Version is the version of the Thrift interface, not of the release.
	Version     string `json:"version,omitempty"`
	Partitioner string `json:"partitioner,omitempty"`
}

// Client is the system on which the measuring program ran.
type Client struct {
	Go     string `json:"go"`
	System string `json:"system"` // such as linux/amd64
	CPUs   int    `json:"cpus"`
}

// Result is the result of measuring a workload.
type Result struct {
	Workload Workload `json:"workload"`
	Seconds  float64  `json:"seconds"`
	// Ops is the number of answered calls.
	Ops          int64   `json:"ops"`
	OpsPerSecond float64 `json:"ops_per_second"`
	// Due is the number of calls that were due at the rate. If the store was too slow, the sum of Ops and the errors is
	// lower.
	Due     int64        `json:"due,omitempty"`
	Errors  []ErrorCount `json:"errors,omitempty"`
	Latency Latency      `json:"latency"`
	// Calls has the figures of each kind of call, if the workload has more than one kind.
	Calls []Calls `json:"calls,omitempty"`
	// ClientCPU is the CPU time that the measuring program used for each call, in nanoseconds. It is
	// 0 if the system does not report it.
	ClientCPU int64 `json:"client_cpu_per_op_ns"`
	// Server is the usage of the server's process, if the process was watched.
	Server *Usage `json:"server,omitempty"`
}

// Calls is a part of a workload: the calls of one kind.
type Calls struct {
	Call    string  `json:"call"`
	Ops     int64   `json:"ops"`
	Latency Latency `json:"latency"`
}

// ErrorCount is the number of calls that failed with one kind of error.
type ErrorCount struct {
	Kind  string `json:"kind"`
	Count int64  `json:"count"`
	First string `json:"first"` // text of the first such error
}

// failed returns the number of failed calls.
func (r *Result) failed() int64 {
	var n int64
	for i := range r.Errors {
		n += r.Errors[i].Count
	}
	return n
}

// result returns the result of a workload, or nil.
func (r *Report) result(w Workload) *Result {
	for i := range r.Results {
		if r.Results[i].Workload == w {
			return &r.Results[i]
		}
	}
	return nil
}

// watched reports whether the server's process was watched.
func (r *Report) watched() bool {
	return slices.ContainsFunc(r.Results, func(res Result) bool { return res.Server != nil })
}

// WriteJSON writes the report, indented.
func (r *Report) WriteJSON(w io.Writer) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// ReadReport reads a report that WriteJSON has written.
func ReadReport(in io.Reader) (*Report, error) {
	text, err := io.ReadAll(io.LimitReader(in, maxReport+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxReport {
		return nil, fmt.Errorf("longer than the %d bytes that a result may have", maxReport)
	}
	r := new(Report)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("not a result of widerow bench: %w", err)
	}
	if r.Format != reportFormat {
		return nil, fmt.Errorf("not a result of widerow bench that this version can read: its format is %d, want %d", r.Format, reportFormat)
	}
	return r, r.check()
}

// check returns an error for a report that no run can produce.
func (r *Report) check() error {
	seen := make(map[Workload]bool)
	for i := range r.Results {
		res := &r.Results[i]
		switch {
		case !slices.Contains(Workloads, res.Workload):
			return fmt.Errorf("unknown workload %q", res.Workload)
		case seen[res.Workload]:
			return fmt.Errorf("workload %q is there twice", res.Workload)
		case res.Ops < 0 || !(res.OpsPerSecond >= 0) || !(res.Seconds >= 0) || res.ClientCPU < 0:
			return fmt.Errorf("workload %q has a negative figure", res.Workload)
		case res.Server != nil && (res.Server.CPUPerOp < 0 || res.Server.PeakResident < 0 || res.Server.PeakAnonymous < 0):
			return fmt.Errorf("workload %q has a negative figure of the server", res.Workload)
		}
		seen[res.Workload] = true
		last := Point{Percent: -1}
		for _, p := range res.Latency.Curve {
			if p.Percent < 0 || p.Percent <= last.Percent || p.Percent >= 100 || p.Nanos < last.Nanos {
				return fmt.Errorf("workload %q has a curve that does not rise", res.Workload)
			}
			last = p
		}
	}
	return nil
}
