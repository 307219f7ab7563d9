package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/widerow/widerow/schema"
)

// WriteTable writes the report as text.
func WriteTable(w io.Writer, r *Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.heading())
	fmt.Fprintf(&b, "%s\n\n", r.Params.text())
	header := []string{"workload", "ops", "ops/s", "errors", "mean", "p50", "p90", "p99", "p99.9", "max", "client cpu/op"}
	if r.watched() {
		header = append(header, "server cpu/op", "peak memory")
	}
	t := &table{rows: [][]string{header}}
	for i := range r.Results {
		res := &r.Results[i]
		row := append([]string{string(res.Workload), group(res.Ops), group(int64(res.OpsPerSecond)), group(res.failed())}, res.Latency.cells()...)
		row = append(row, cpuCell(res.ClientCPU))
		if res.Server != nil {
			row = append(row, cpuCell(res.Server.CPUPerOp), formatSize(res.Server.PeakResident))
		}
		t.rows = append(t.rows, row)
		for _, c := range res.Calls {
			perSecond := res.OpsPerSecond * float64(c.Ops) / float64(max(res.Ops, 1))
			row := append([]string{"  " + c.Call, group(c.Ops), group(int64(perSecond)), ""}, c.Latency.cells()...)
			t.rows = append(t.rows, row)
		}
	}
	t.write(&b)
	r.notes(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) heading() string {
	parts := []string{r.Store}
	for _, s := range []string{r.Server.Cluster, r.Server.Version, schema.ShortClass(r.Server.Partitioner)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if r.Title != "" && r.Title != r.Store {
		return r.Title + ": " + strings.Join(parts, ", ")
	}
	return strings.Join(parts, ", ")
}

// text describes the parameters in at most two sentences.
func (p *Params) text() string {
	s := plural(int64(p.Concurrency), "worker")
	if p.Rate > 0 {
		s += fmt.Sprintf(", %s calls in a second (open loop)", group(int64(p.Rate)))
	}
	switch {
	case p.Duration > 0 && p.Ops > 0:
		s += fmt.Sprintf(", %s or %s", p.Duration, plural(p.Ops, "call"))
	case p.Ops > 0:
		s += ", " + plural(p.Ops, "call")
	default:
		s += fmt.Sprintf(", %s", p.Duration)
	}
	s += fmt.Sprintf(" after %s of warm-up; %s of %s of %s; slices of %d", p.Warmup,
		plural(p.Rows, "row"), plural(int64(p.Columns), "column"), plural(int64(p.ValueSize), "byte"), p.Slice)
	if p.Wide > p.Slice {
		s += fmt.Sprintf(" of %d", p.Wide)
	}
	return s + fmt.Sprintf("; consistency %s; seed %d", p.Consistency, p.Seed)
}

// notes lists the facts that the table does not show.
func (r *Report) notes(b *strings.Builder) {
	var notes []string
	for i := range r.Results {
		res := &r.Results[i]
		for _, e := range res.Errors {
			notes = append(notes, fmt.Sprintf("%s: %s: %s, the first: %s", res.Workload, plural(e.Count, "error"), e.Kind, e.First))
		}
		if missed := res.Due - res.Ops - res.failed(); missed > 0 {
			notes = append(notes, fmt.Sprintf("%s: the rate was not reached: %s of %s were not made in time", res.Workload, group(missed), plural(res.Due, "call")))
		}
	}
	if r.InProcess && len(r.Results) > 0 {
		notes = append(notes, "client cpu/op includes the store, which runs in this process")
	}
	if len(notes) > 0 {
		fmt.Fprintf(b, "\n%s\n", strings.Join(notes, "\n"))
	}
}

func (l *Latency) cells() []string {
	if l.Max == 0 {
		return []string{"-", "-", "-", "-", "-", "-"}
	}
	return []string{
		formatTime(l.Mean), formatTime(l.P50), formatTime(l.P90), formatTime(l.P99), formatTime(l.P999), formatTime(l.Max),
	}
}

func cpuCell(ns int64) string {
	if ns == 0 {
		return "-"
	}
	return formatTime(ns)
}

// WriteComparison writes reports side by side. Each report has its ratio to the first report.
func WriteComparison(w io.Writer, reports []*Report) error {
	header := []string{"workload", "result", "ops/s", "", "p50", "", "p99", ""}
	if slices.ContainsFunc(reports, (*Report).watched) {
		header = append(header, "server cpu/op", "", "peak memory", "")
	}
	t := &table{text: 2, rows: [][]string{header}}
	for _, workload := range Workloads {
		var base *Result
		for _, r := range reports {
			res := r.result(workload)
			if res == nil {
				continue
			}
			name := ""
			if base == nil {
				base, name = res, string(workload)
			}
			row := []string{name, r.name()}
			add := func(v, first float64, text string) {
				ratio := ""
				if v > 0 && first > 0 {
					ratio = "×" + digits(v/first)
				}
				row = append(row, text, ratio)
			}
			add(res.OpsPerSecond, base.OpsPerSecond, group(int64(res.OpsPerSecond)))
			add(float64(res.Latency.P50), float64(base.Latency.P50), cpuCell(res.Latency.P50))
			add(float64(res.Latency.P99), float64(base.Latency.P99), cpuCell(res.Latency.P99))
			if res.Server != nil {
				first := cmp.Or(base.Server, &Usage{})
				add(float64(res.Server.CPUPerOp), float64(first.CPUPerOp), cpuCell(res.Server.CPUPerOp))
				add(float64(res.Server.PeakResident), float64(first.PeakResident), formatSize(res.Server.PeakResident))
			}
			t.rows = append(t.rows, row)
		}
	}
	var b strings.Builder
	t.write(&b)
	if notes := differences(reports); len(notes) > 0 {
		fmt.Fprintf(&b, "\n%s\n", strings.Join(notes, "\n"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// differences lists the differences that make reports hard to compare.
func differences(reports []*Report) []string {
	var notes []string
	for i, r := range reports {
		if r.Partial {
			notes = append(notes, fmt.Sprintf("%s: the run did not come to its end", r.name()))
		}
		if i == 0 {
			continue
		}
		// The list of workloads does not change the result of a workload.
		a, b := reports[0].Params, r.Params
		a.Workloads, b.Workloads = nil, nil
		if got, want := b.text(), a.text(); got != want || a.ReadShare != b.ReadShare {
			notes = append(notes, fmt.Sprintf("%s was measured with other parameters than %s: %s", r.name(), reports[0].name(), got))
		}
	}
	return notes
}

// name returns the name of the report in comparisons.
func (r *Report) name() string { return cmp.Or(r.Title, r.Store, "result") }

// table is text in columns. The first columns are aligned to the left, the others to the right.
type table struct {
	text int // number of columns aligned to the left, at least one
	rows [][]string
}

func (t *table) write(b *strings.Builder) {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if i < max(t.text, 1) {
				line.WriteString(cell + pad)
			} else {
				line.WriteString(pad + cell)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}
