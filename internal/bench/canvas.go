package bench

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The picture's colours, on white. The colours of the series are Okabe and Ito's set, which
// colour-blind people can distinguish.
const (
	colorText  = "#1f2328"
	colorMuted = "#59636e"
	colorAxis  = "#8c959f"
	colorGrid  = "#e4e8ec"
)

var colorSeries = []string{"#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9"}

// canvas is an SVG picture in progress. The same sequence of calls gives the same bytes.
type canvas struct {
	b strings.Builder
}

// text is the style of a text.
type text struct {
	size   int
	color  string
	anchor string // start (the default), middle, end
	bold   bool
}

func (c *canvas) text(x, y float64, style text, s string) {
	fmt.Fprintf(&c.b, `<text x="%s" y="%s" font-size="%d" fill="%s"`, px(x), px(y), style.size, style.color)
	if style.anchor != "" {
		fmt.Fprintf(&c.b, ` text-anchor="%s"`, style.anchor)
	}
	if style.bold {
		c.b.WriteString(` font-weight="600"`)
	}
	fmt.Fprintf(&c.b, ">%s</text>\n", escape(s))
}

func (c *canvas) rect(x, y, w, h float64, color string) {
	fmt.Fprintf(&c.b, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"/>`+"\n", px(x), px(y), px(w), px(h), color)
}

func (c *canvas) line(x1, y1, x2, y2 float64, color string) {
	fmt.Fprintf(&c.b, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s"/>`+"\n", px(x1), px(y1), px(x2), px(y2), color)
}

// path draws a line through points. The arguments are x and y of each point in turn.
func (c *canvas) path(points []float64, color string) {
	c.b.WriteString(`<polyline fill="none" stroke-width="2" stroke-linejoin="round" stroke="` + color + `" points="`)
	for i := 0; i+1 < len(points); i += 2 {
		if i > 0 {
			c.b.WriteByte(' ')
		}
		c.b.WriteString(px(points[i]) + "," + px(points[i+1]))
	}
	c.b.WriteString("\"/>\n")
}

// picture returns the whole picture.
func (c *canvas) picture(width, height float64, title string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" `+
		`font-family="system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif" role="img">`+"\n<title>%s</title>\n"+
		`<rect width="100%%" height="100%%" fill="#ffffff"/>`+"\n%s</svg>\n",
		px(width), px(height), px(width), px(height), escape(title), c.b.String())
}

// px returns a coordinate with one digit after the point, or none if that digit is 0.
func px(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// escape escapes any text for XML, which allows no control characters and only UTF-8.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return escaper.Replace(s)
}

// letters returns the number of letters of a size that fit in a width, for the average width of common fonts.
func letters(size int, width float64) int { return int(width / (0.55 * float64(size))) }

// cut shortens a text to about the given width, of letters of the given size.
func cut(s string, size int, width float64) string {
	most := letters(size, width)
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:max(most-1, 0)]) + "…"
}

// wrap breaks a text into lines of about the given width.
func wrap(s string, size int, width float64) []string {
	most := letters(size, width)
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && len([]rune(line))+1+len([]rune(word)) > most {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// niceStep returns 1, 2, 2.5 or 5 times a power of ten. About n steps of that size reach most.
func niceStep(most float64, n int) float64 {
	raw := most / float64(n)
	if !(raw > 1e-300) || math.IsInf(raw, 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if raw <= m*power {
			return m * power
		}
	}
	return 10 * power
}
