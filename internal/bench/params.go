package bench

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
)

// Limits of the parameters. They bound the memory of the measuring program.
const (
	maxConcurrency = 1024
	maxValueSize   = 1 << 20
	maxColumns     = 1_000_000
	maxRows        = 1_000_000_000
)

// Workload is a kind of load.
type Workload string

// The workloads.
const (
	// Read reads one column of one row by its name.
	Read Workload = "read"
	// Slice reads Params.Slice columns in a row of the family Wide.
	Slice Workload = "slice"
	// Mixed chooses at random between a read, as in Read, and a write to an existing row.
	// Params.ReadShare is the share of reads.
	Mixed Workload = "mixed"
	// Write inserts new rows, each of Params.Columns columns in one call.
	Write Workload = "write"
	// Counter adds 1 to a counter of one row.
	Counter Workload = "counter"
)

// Workloads lists all workloads in the order in which they run. Workloads that read run first, while the store has
// little background work.
var Workloads = []Workload{Read, Slice, Mixed, Write, Counter}

// ParseWorkloads parses names of workloads. "all" means all workloads. The result is in
// the order of [Workloads] and has each workload once.
func ParseWorkloads(names []string) ([]Workload, error) {
	wanted := make(map[Workload]bool)
	for _, name := range names {
		switch w := Workload(strings.ToLower(strings.TrimSpace(name))); {
		case w == "all":
			for _, each := range Workloads {
				wanted[each] = true
			}
		case slices.Contains(Workloads, w):
			wanted[w] = true
		default:
			return nil, fmt.Errorf("unknown workload %q: there are read, slice, mixed, write, counter and all", name)
		}
	}
	var list []Workload
	for _, w := range Workloads {
		if wanted[w] {
			list = append(list, w)
		}
	}
	if len(list) == 0 {
		return nil, errors.New("no workload: there are read, slice, mixed, write, counter and all")
	}
	return list, nil
}

// Params are the parameters of a measurement. They are part of the report: results with different parameters should
// not be compared.
type Params struct {
	Workloads   []Workload `json:"workloads"`
	Concurrency int        `json:"concurrency"`
	// Each workload ends after Duration or after Ops calls, whichever limit is reached
	// first. One of the two may be zero, which means no limit.
	Duration Duration `json:"duration,omitempty"`
	Ops      int64    `json:"ops,omitempty"`
	// Warmup is the time for which each workload runs before it is measured.
	Warmup Duration `json:"warmup"`
	// Rows is the number of rows in each family that reads choose from.
	Rows int64 `json:"rows"`
	// Columns is the number of columns of a row in the family Rows.
	Columns   int `json:"columns_per_row"`
	ValueSize int `json:"value_size"` // bytes
	// Slice is the number of columns of a slice. Wide is the number of columns of a row
	// that slices are read from. If Wide is larger, slices begin at random positions.
	Slice     int     `json:"slice"`
	Wide      int     `json:"wide_row"`
	ReadShare float64 `json:"read_share"`
	// Consistency is Cassandra's name of the consistency level of all calls.
	Consistency string `json:"consistency"`
	Replication int    `json:"replication_factor"`
	// Rate is the number of calls per second of all workers together. Zero means no
	// limit (a closed loop).
	Rate float64 `json:"rate,omitempty"`
	Seed uint64  `json:"seed"`
}

// Validate returns an error for invalid parameters. The error uses the names of the program's flags.
func (p *Params) Validate() error {
	within := func(what string, n, least, most int64) error {
		if n < least || n > most {
			return fmt.Errorf("%s %d: must be %d to %d", what, n, least, most)
		}
		return nil
	}
	err := errors.Join(
		within("--concurrency", int64(p.Concurrency), 1, maxConcurrency),
		within("--rows", p.Rows, 1, maxRows),
		within("--columns-per-row", int64(p.Columns), 1, maxColumns),
		within("--value-size", int64(p.ValueSize), 0, maxValueSize),
		within("--slice", int64(p.Slice), 1, maxColumns),
		within("--wide-row", int64(p.Wide), 1, maxColumns),
		within("--replication", int64(p.Replication), 1, 1000),
	)
	_, levelErr := backend.ParseConsistency(p.Consistency)
	switch {
	case err != nil:
		return err
	case levelErr != nil:
		return fmt.Errorf("--consistency: %w", levelErr)
	case len(p.Workloads) == 0:
		return errors.New("--workload: none is given")
	case p.Wide < p.Slice:
		return fmt.Errorf("--wide-row %d: a row must have the %d columns of a --slice", p.Wide, p.Slice)
	case p.Duration < 0 || p.Warmup < 0 || p.Ops < 0:
		return errors.New("--duration, --warmup and --ops must not be negative")
	case p.Duration == 0 && p.Ops == 0:
		return errors.New("--duration or --ops must say when a workload ends")
	case !(p.ReadShare >= 0 && p.ReadShare <= 1):
		return fmt.Errorf("--read-share %v: must be 0 to 1", p.ReadShare)
	case !(p.Rate >= 0 && p.Rate <= 1e8):
		return fmt.Errorf("--rate %v: must be 0 (none) to 100,000,000 in a second", p.Rate)
	}
	return nil
}

func (p *Params) level() backend.Consistency {
	level, _ := backend.ParseConsistency(p.Consistency) // Validate has checked it
	return level
}

// Duration is a time.Duration that is written as "10s" in JSON.
type Duration time.Duration

// MarshalText returns the text that String returns.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText parses the text with time.ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// String returns a text such as "10s" or "1h".
func (d Duration) String() string {
	s := time.Duration(d).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(s, zero) {
			s = s[:len(s)-2]
		}
	}
	return s
}
