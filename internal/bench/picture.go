package bench

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// maxSeries is how many results a picture can show.
var maxSeries = len(colorSeries)

// Measures of the picture, in pixels.
const (
	pictureWidth  = 1000.0
	pictureMargin = 32.0
	panelGap      = 28.0
	barHeight     = 15.0
	curveHeight   = 190.0
)

// WriteSVG draws at most six reports side by side. Throughput, CPU time and memory are drawn as bars. The
// distributions of latencies are drawn as curves, in a panel for each workload. The same
// reports give the same picture, byte for byte.
func WriteSVG(w io.Writer, title string, reports []*Report) error {
	if len(reports) == 0 || len(reports) > maxSeries {
		return fmt.Errorf("a picture can show 1 to %d results, not %d", maxSeries, len(reports))
	}
	if title == "" {
		title = "widerow bench"
		if len(reports) == 1 {
			title = reports[0].name()
		}
	}
	p := &picture{reports: reports, y: pictureMargin}
	for _, workload := range Workloads {
		if slices.ContainsFunc(reports, func(r *Report) bool { return r.result(workload) != nil }) {
			p.workloads = append(p.workloads, workload)
		}
	}
	p.head(title)
	p.bars()
	p.curves()
	_, err := io.WriteString(w, p.canvas.picture(pictureWidth, math.Ceil(p.y+pictureMargin/2), title))
	return err
}

// picture is the state of a drawing, which is drawn from top to bottom.
type picture struct {
	canvas    canvas
	reports   []*Report
	workloads []Workload // workloads in any of the reports
	y         float64    // top of the next element
}

// head draws the title, the parameters and the legend.
func (p *picture) head(title string) {
	const inner = pictureWidth - 2*pictureMargin
	p.y += 12
	p.canvas.text(pictureMargin, p.y, text{size: 20, color: colorText, bold: true}, cut(title, 20, inner))
	p.y += 6
	for _, line := range wrap(p.reports[0].Params.text(), 12, inner) {
		p.y += 16
		p.canvas.text(pictureMargin, p.y, text{size: 12, color: colorMuted}, line)
	}
	for _, note := range differences(p.reports) {
		p.y += 16
		p.canvas.text(pictureMargin, p.y, text{size: 12, color: colorMuted}, cut(note, 12, inner))
	}
	p.y += 12
	for i, r := range p.reports {
		p.canvas.rect(pictureMargin, p.y+2, 12, 12, colorSeries[i])
		p.canvas.text(pictureMargin+20, p.y+12.5, text{size: 13, color: colorText}, cut(r.heading(), 13, inner-20))
		p.y += 20
	}
	p.y += 20
}

// chart is a panel of bars.
type chart struct {
	title string
	units []unit
	value func(*Result) float64
}

// bars draws a panel of bars for each figure that any report contains.
func (p *picture) bars() {
	charts := []chart{{"Calls per second (more is better)", countUnits, func(r *Result) float64 { return r.OpsPerSecond }}}
	server := chart{"Server CPU per call (less is better)", timeUnits, func(r *Result) float64 {
		if r.Server == nil {
			return 0
		}
		return float64(r.Server.CPUPerOp)
	}}
	memory := chart{"Server memory, peak (less is better)", sizeUnits, func(r *Result) float64 {
		if r.Server == nil {
			return 0
		}
		return float64(r.Server.PeakResident)
	}}
	what := "Client CPU per call (less is better)"
	if !slices.ContainsFunc(p.reports, func(r *Report) bool { return !r.InProcess }) {
		what = "CPU per call, of store and client (less is better)"
	}
	client := chart{what, timeUnits, func(r *Result) float64 { return float64(r.ClientCPU) }}
	if p.most(&server) > 0 {
		charts = append(charts, server, memory)
	} else if p.most(&client) > 0 {
		charts = append(charts, client)
	}
	width := panelWidth(len(charts))
	height := 0.0
	for i := range charts {
		height = max(height, p.barPanel(&charts[i], pictureMargin+float64(i)*(width+panelGap), width))
	}
	p.y += height + 30
}

// most is the largest value of a chart.
func (p *picture) most(c *chart) float64 {
	most := 0.0
	for _, r := range p.reports {
		for i := range r.Results {
			most = max(most, c.value(&r.Results[i]))
		}
	}
	return most
}

// barPanel draws horizontal bars, a group for each workload, and returns the height of the panel.
func (p *picture) barPanel(c *chart, x, width float64) float64 {
	const labels, values, top, gap = 62.0, 58.0, 16.0, 12.0
	p.canvas.text(x, p.y, text{size: 13, color: colorText, bold: true}, c.title)
	group := barHeight*float64(len(p.reports)) + gap
	height := group * float64(len(p.workloads))
	left, right := x+labels, x+width-values
	most := p.most(c)
	// Sizes are divided by powers of two, so their steps are multiples of their unit.
	scale := 1.0
	for _, u := range c.units {
		if most >= u.size {
			scale = u.size
		}
	}
	step := niceStep(most/scale, 3) * scale
	for n := 0.0; n*step <= most*1.0001; n++ {
		tick, at := n*step, left
		if most > 0 {
			at += (right - left) * tick / most
		}
		p.canvas.line(at, p.y+top-4, at, p.y+top+height, colorGrid)
		p.canvas.text(at, p.y+top+height+15, text{size: 10, color: colorMuted, anchor: "middle"}, short(tick, c.units))
	}
	y := p.y + top
	for _, workload := range p.workloads {
		p.canvas.text(left-8, y+gap/2+barHeight*float64(len(p.reports))/2+4, text{size: 12, color: colorText, anchor: "end"}, string(workload))
		y += gap / 2
		for i, r := range p.reports {
			if res := r.result(workload); res != nil && most > 0 {
				if v := c.value(res); v > 0 {
					w := max((right-left)*v/most, 1)
					p.canvas.rect(left, y+1, w, barHeight-2, colorSeries[i])
					p.canvas.text(left+w+5, y+barHeight-3.5, text{size: 11, color: colorText}, format(v, c.units))
				}
			}
			y += barHeight
		}
		y += gap / 2
	}
	p.canvas.line(left, p.y+top-4, left, p.y+top+height, colorAxis)
	return top + height + 15
}

// short returns the label of a tick: the result of format without trailing zeros.
func short(v float64, units []unit) string {
	number, unit, spaced := strings.Cut(format(v, units), " ")
	suffix := ""
	if !spaced {
		suffix = strings.TrimLeft(number, "0123456789.")
		number = strings.TrimSuffix(number, suffix)
	}
	if strings.Contains(number, ".") {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	if v == 0 {
		return "0"
	}
	if spaced {
		return number + " " + unit
	}
	return number + suffix
}

func panelWidth(n int) float64 {
	return (pictureWidth - 2*pictureMargin - float64(n-1)*panelGap) / float64(n)
}

// curves draws the latencies, three panels in a row.
func (p *picture) curves() {
	axes := p.axes()
	if axes == nil {
		return
	}
	p.canvas.text(pictureMargin, p.y, text{size: 13, color: colorText, bold: true}, "Latency by percentile (lower is better)")
	p.y += 34
	across := 3
	if n := len(p.workloads); n < 3 || n == 4 {
		across = 2
	}
	width := panelWidth(across)
	for i, workload := range p.workloads {
		if i > 0 && i%across == 0 {
			p.y += curveHeight + 64
		}
		p.curvePanel(axes, workload, pictureMargin+float64(i%across)*(width+panelGap), width)
	}
	p.y += curveHeight + 36
}

// axes are the ranges of the axes of the curves. They are the same for all panels. The vertical
// axis shows nanoseconds in powers of ten, the horizontal axis shows nines.
type axes struct {
	low, high float64 // logarithms of the lowest and the highest latency
	nines     float64
}

func (p *picture) axes() *axes {
	a := axes{low: math.Inf(1), high: math.Inf(-1), nines: 2}
	for _, r := range p.reports {
		for i := range r.Results {
			for _, point := range r.Results[i].Latency.Curve {
				v := math.Log10(float64(max(point.Nanos, 1)))
				a.low, a.high = min(a.low, v), max(a.high, v)
				a.nines = max(a.nines, nines(point.Percent))
			}
		}
	}
	if a.low > a.high {
		return nil
	}
	a.low, a.high = math.Floor(a.low), math.Ceil(a.high)
	if a.low == a.high {
		a.high++
	}
	a.nines = min(math.Ceil(a.nines-1e-6), 9)
	return &a
}

// nines returns the number of nines of a percentage: 1 for 90, 2 for 99.
func nines(percent float64) float64 { return -math.Log10(1 - percent/100) }

func (p *picture) curvePanel(a *axes, workload Workload, x, width float64) {
	const labels, margin = 52.0, 18.0
	left, right, top, bottom := x+labels, x+width-margin, p.y, p.y+curveHeight
	px := func(percent float64) float64 { return left + (right-left)*min(nines(percent)/a.nines, 1) }
	py := func(log float64) float64 { return bottom - (bottom-top)*(log-a.low)/(a.high-a.low) }
	p.canvas.text(left, top-8, text{size: 12, color: colorText, bold: true}, string(workload))
	for log := a.low; log <= a.high; log++ {
		p.canvas.line(left, py(log), right, py(log), colorGrid)
		p.canvas.text(left-7, py(log)+3.5, text{size: 10, color: colorMuted, anchor: "end"}, short(math.Pow(10, log), timeUnits))
	}
	for n := 0.0; n <= a.nines; n++ {
		percent := 100 * (1 - math.Pow(10, -n))
		at := px(percent)
		p.canvas.line(at, top, at, bottom, colorGrid)
		p.canvas.text(at, bottom+16, text{size: 10, color: colorMuted, anchor: "middle"}, fmt.Sprintf("%.*f%%", max(int(n)-2, 0), percent))
	}
	p.canvas.line(left, top, left, bottom, colorAxis)
	p.canvas.line(left, bottom, right, bottom, colorAxis)
	for i, r := range p.reports {
		res := r.result(workload)
		if res == nil {
			continue
		}
		var points []float64
		for _, point := range res.Latency.Curve {
			points = append(points, px(point.Percent), py(math.Log10(float64(max(point.Nanos, 1)))))
		}
		if len(points) > 0 {
			p.canvas.path(points, colorSeries[i])
		}
	}
}
