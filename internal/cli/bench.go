package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/widerow/widerow/connect"
	"github.com/widerow/widerow/internal/bench"
)

type benchCmd struct {
	Workload    []string      `short:"w" default:"read,slice,mixed,write" placeholder:"NAME" complete:"read,slice,mixed,write,counter,all,none" help:"What to measure: read, slice, mixed, write, counter, all or none (default: read,slice,mixed,write)."`
	Concurrency int           `short:"c" default:"16" help:"Calls at the same time; over a network, connections (default: 16)."`
	Duration    time.Duration `short:"d" placeholder:"10s" help:"Duration of each workload (default: 10s; with --ops, no limit)."`
	Ops         int64         `placeholder:"N" help:"Number of calls of each workload (default: no limit)."`
	Warmup      time.Duration `default:"2s" help:"Duration for which each workload runs before it is measured (default: 2s)."`
	Rate        float64       `placeholder:"N" help:"Calls per second of all workers together (default: no limit)."`

	Rows          int64   `default:"10000" help:"Number of rows that reads choose from (default: 10000)."`
	ColumnsPerRow int     `default:"10" help:"Columns of each row that is written or read (default: 10)."`
	ValueSize     int     `default:"100" help:"Bytes of a value (default: 100)."`
	Slice         int     `default:"100" help:"Columns that a slice reads (default: 100)."`
	WideRow       int     `placeholder:"N" help:"Columns of the rows that slices are read from (default: the value of --slice)."`
	ReadShare     float64 `default:"0.5" help:"Share of reads in the workload mixed, from 0 to 1 (default: 0.5)."`
	Consistency   string  `default:"ONE" placeholder:"LEVEL" complete:"consistency" help:"Consistency level of all calls (default: ONE)."`
	Seed          uint64  `default:"1" help:"Seed of the random keys, values and choices of rows (default: 1)."`

	Keyspace    string `short:"k" default:"bench" placeholder:"KS" help:"Keyspace to create (default: bench)."`
	Replication int    `default:"1" placeholder:"N" help:"Replicas of the keyspace (default: 1)."`
	Keep        bool   `help:"Do not drop the created keyspace or column families at the end."`
	Force       bool   `help:"Use a keyspace that exists: create the column families in it, and drop only them at the end."`
	MaxErrors   int64  `default:"100" placeholder:"N" help:"Number of calls of a workload that may fail (default: 100)."`

	PID     int      `name:"pid" placeholder:"N" help:"Process ID of the server: report its CPU time and memory (Linux)."`
	Title   string   `placeholder:"NAME" help:"Name of the result in comparisons (default: the store)."`
	JSON    string   `name:"json" placeholder:"FILE" help:"Write the result to FILE, for --compare."`
	SVG     string   `name:"svg" placeholder:"FILE" help:"Draw the result and the results of --compare as SVG, and write the drawing to FILE."`
	Compare []string `placeholder:"FILE" help:"Results of earlier runs to compare with."`
}

// Help is shown by widerow bench --help.
func (c *benchCmd) Help() string {
	return `Measures the store: calls per second, latencies, and the CPU time of each call.

  read     reads one column of a row, by its name
  slice    reads --slice columns of a row
  mixed    chooses at random between a read, as in read, and a write to a row that exists
  write    inserts new rows, each in one call
  counter  adds 1 to a counter

bench creates its own keyspace and drops it at the end. If the keyspace exists and bench did not
create it, bench refuses to run. bench checks the content of every answer: a wrong answer ends the
run. Calls that time out or find too few replicas are counted. Any other failed call ends the run.

Without --rate, each worker waits for the answer before its next call. With --rate, calls are due
at fixed times, and each latency is measured from the time at which the call was due. So a stall
shows in the latencies of all the calls that it delays.

Ctrl-C ends the run and prints what was measured. docs/bench.md explains the figures, and how to
compare a server with Cassandra.

  widerow --store memory: bench
  widerow --store thrift://127.0.0.1:9160 bench -w read,write --json cassandra.json --pid 4242
  widerow --store embedded:data bench --compare cassandra.json --svg both.svg
  widerow bench -w none --compare monday.json,tuesday.json --svg both.svg`
}

// none is the workload that measures nothing. It serves to compare the results of earlier runs.
const none = "none"

// only reports whether bench must only show earlier results and run no workload.
func (c *benchCmd) only() bool { return slices.Contains(c.Workload, none) }

func (c *benchCmd) Validate() error {
	if c.only() {
		switch {
		case len(c.Workload) > 1:
			return errors.New("--workload none cannot be combined with other workloads")
		case len(c.Compare) == 0:
			return errors.New("--workload none needs --compare with the results to show")
		case c.JSON != "":
			return errors.New("--workload none has no result for --json")
		}
		return nil
	}
	p, err := c.params()
	if err != nil {
		return err
	}
	switch {
	case c.PID < 0:
		return fmt.Errorf("--pid %d: must be the ID of a process", c.PID)
	case c.MaxErrors < 0:
		return fmt.Errorf("--max-errors %d: must not be negative", c.MaxErrors)
	case c.Keyspace == "":
		return errors.New("--keyspace: must not be empty")
	}
	return p.Validate()
}

func (c *benchCmd) params() (*bench.Params, error) {
	workloads, err := bench.ParseWorkloads(c.Workload)
	if err != nil {
		return nil, fmt.Errorf("--workload: %w", err)
	}
	p := &bench.Params{
		Workloads: workloads, Concurrency: c.Concurrency,
		Duration: bench.Duration(c.Duration), Ops: c.Ops, Warmup: bench.Duration(c.Warmup), Rate: c.Rate,
		Rows: c.Rows, Columns: c.ColumnsPerRow, ValueSize: c.ValueSize,
		Slice: c.Slice, Wide: cmp.Or(c.WideRow, c.Slice), ReadShare: c.ReadShare,
		Consistency: strings.ToUpper(c.Consistency), Replication: c.Replication, Seed: c.Seed,
	}
	if p.Duration == 0 && p.Ops == 0 {
		p.Duration = bench.Duration(10 * time.Second)
	}
	return p, nil
}

func (c *benchCmd) Run(ctx context.Context, p *program, s *streams) error {
	reports, err := c.earlier()
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	// A run is long. So a file that cannot be written is reported before the run.
	jsonOut, err := createDraft(c.JSON)
	if err != nil {
		return fmt.Errorf("bench: --json: %w", err)
	}
	defer jsonOut.discard()
	svgOut, err := createDraft(c.SVG)
	if err != nil {
		return fmt.Errorf("bench: --svg: %w", err)
	}
	defer svgOut.discard()
	var runErr error
	if !c.only() {
		var report *bench.Report
		report, runErr = c.measure(ctx, p, s)
		if report == nil || len(report.Results) == 0 {
			return runErr
		}
		runErr = errors.Join(runErr, bench.WriteTable(s.out, report), jsonOut.finish(report.WriteJSON))
		reports = append(reports, report)
	}
	if len(c.Compare) > 0 {
		if !c.only() {
			fmt.Fprintln(s.out)
		}
		err = bench.WriteComparison(s.out, reports)
	}
	return errors.Join(runErr, err, svgOut.finish(func(w io.Writer) error { return bench.WriteSVG(w, "", reports) }))
}

// earlier reads the results to compare with.
func (c *benchCmd) earlier() ([]*bench.Report, error) {
	var reports []*bench.Report
	for _, name := range c.Compare {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		r, err := bench.ReadReport(f)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("--compare %s: %w", name, err)
		}
		r.Title = cmp.Or(r.Title, strings.TrimSuffix(filepath.Base(name), ".json"))
		reports = append(reports, r)
	}
	return reports, nil
}

// measure runs the workloads on the store.
func (c *benchCmd) measure(ctx context.Context, p *program, s *streams) (_ *bench.Report, err error) {
	params, err := c.params()
	if err != nil {
		return nil, err
	}
	b, err := connect.Backend(ctx, withConnections(p.Store, c.Concurrency))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	store := connect.Redact(p.Store)
	scheme := schemeOf(store)
	progress := newBenchProgress(s.err)
	report, err := bench.Run(ctx, b, &bench.Config{
		Params: *params, Title: cmp.Or(c.Title, store), Store: store, InProcess: scheme == "embedded" || scheme == "memory",
		Keyspace: c.Keyspace, Force: c.Force, Keep: c.Keep, MaxErrors: c.MaxErrors, PID: c.PID,
		Observe: progress.observe,
	})
	progress.close()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		var left *bench.LeftoverError
		if errors.As(err, &left) {
			return report, fmt.Errorf("bench %s: interrupted; %w", store, left)
		}
		return report, fmt.Errorf("bench %s: interrupted", store)
	}
	if err != nil {
		return report, fmt.Errorf("bench %s: %w", store, err)
	}
	return report, nil
}

// schemeOf returns the scheme of a URL, such as "embedded".
func schemeOf(url string) string {
	scheme, _, _ := strings.Cut(url, ":")
	return strings.ToLower(scheme)
}

// withConnections asks for as many connections to a cluster as there are workers, unless the URL says how many.
func withConnections(url string, n int) string {
	_, query, hasQuery := strings.Cut(url, "?")
	switch {
	case schemeOf(url) != "thrift" || strings.Contains("&"+query, "&pool_size="):
		return url
	case hasQuery:
		return fmt.Sprintf("%s&pool_size=%d", url, n)
	}
	return fmt.Sprintf("%s?pool_size=%d", url, n)
}
