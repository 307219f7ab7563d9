package main

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"regexp"
	"strings"
)

//go:embed templates static
var files embed.FS

// templates has a set for each page. A set holds the page's own template and the templates that all pages share.
var templates = parse()

func parse() map[string]*template.Template {
	shared := template.Must(template.New("").Funcs(template.FuncMap{"pieces": pieces}).ParseFS(files, "templates/shared/*.html"))
	sets := map[string]*template.Template{}
	for _, name := range []string{"line", "tweet", "user", "search", "signup", "login", "message"} {
		sets[name] = template.Must(template.Must(shared.Clone()).ParseFS(files, "templates/"+name+".html"))
	}
	return sets
}

// page is the data of a template: the visit, and the page's own data.
type page struct {
	*visit
	Title string
	Body  any
}

// With returns the page with other data, for a template that is a part of it.
func (p page) With(body any) page { return page{p.visit, p.Title, body} }

// Path returns the path of the page.
func (p page) Path() string { return p.r.URL.Path }

// Poll returns the interval in seconds at which a page asks for new tweets.
func (p page) Poll() float64 { return p.site.poll.Seconds() }

// render writes a page.
func (v *visit) render(status int, name, title string, body any) error {
	return v.write(status, templates[name], "layout", page{v, title, body})
}

// fragment writes a part of a page. htmx replaces the older part with it.
func (v *visit) fragment(name string, body any) error {
	return v.write(http.StatusOK, templates["line"], name, page{v, "", body})
}

// write executes a template and writes its output. If the template fails, write writes nothing.
func (v *visit) write(status int, set *template.Template, name string, p page) error {
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, name, p); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = b.WriteTo(v.w) // fails only if the visitor has left
	return nil
}

func static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	http.ServeFileFS(w, r, files, "static/"+r.PathValue("file"))
}

// piece is a part of a tweet's text: words, or a mention of a user.
type piece struct{ Words, User string }

var mention = regexp.MustCompile(`@[A-Za-z0-9_]{2,15}\b`)

func pieces(text string) (list []piece) {
	end := 0
	for _, m := range mention.FindAllStringIndex(text, -1) {
		list = append(list, piece{Words: text[end:m[0]]}, piece{text[m[0]:m[1]], strings.ToLower(text[m[0]+1 : m[1]])})
		end = m[1]
	}
	return append(list, piece{Words: text[end:]})
}
