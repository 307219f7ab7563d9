package main

import (
	"bytes"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow/examples/twissandra/internal/model"
	"github.com/widerow/widerow/widerowtest"
)

// app is the application on a store in memory, whose clock the test moves.
type app struct {
	*widerowtest.Store
	model *model.Model
	url   string
	log   bytes.Buffer // must be read only while no request runs
}

func start(t *testing.T, change func(*site)) *app {
	t.Helper()
	a := &app{Store: widerowtest.New(t)}
	var err error
	if a.model, err = model.Open(t.Context(), a.DB, a.Now, bcrypt.MinCost); err != nil {
		t.Fatal(err)
	}
	s := &site{model: a.model, log: slog.New(slog.NewTextHandler(&a.log, nil)), poll: time.Second}
	if change != nil {
		change(s)
	}
	server := httptest.NewServer(s.handler())
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// browser keeps cookies, and follows redirects as a browser without JavaScript does.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
	header http.Header
	page   string // the last page
	status int
	path   string
}

func (a *app) browser(t *testing.T) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, url: a.url, client: &http.Client{Jar: jar}, header: http.Header{}}
}

func (b *browser) do(method, path string, form url.Values) *http.Response {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header = b.header.Clone()
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.page, b.status, b.path = string(text), res.StatusCode, res.Request.URL.Path
	b.header.Set("Referer", res.Request.URL.String())
	return res
}

func (b *browser) get(path string) *browser { b.t.Helper(); b.do("GET", path, nil); return b }

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// submit sends a form with the token of the last page.
func (b *browser) submit(path string, fields ...string) *browser {
	b.t.Helper()
	form := url.Values{}
	if m := csrfField.FindStringSubmatch(b.page); m != nil {
		form.Set("csrf", m[1])
	}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	b.do("POST", path, form)
	return b
}

func (b *browser) want(status int, texts ...string) *browser {
	b.t.Helper()
	if b.status != status {
		b.t.Errorf("%s: status %d, want %d\n%s", b.path, b.status, status, b.page)
	}
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(b.page), text) {
			b.t.Errorf("%s has no %q\n%s", b.path, text, b.page)
		}
	}
	return b
}

func (b *browser) lacks(texts ...string) *browser {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.page, text) {
			b.t.Errorf("%s has %q", b.path, text)
		}
	}
	return b
}

func (b *browser) signUp(name string) *browser {
	b.t.Helper()
	return b.get("/signup").submit("/signup", "username", name, "name", strings.ToUpper(name), "town", "Oslo", "bio", "Not <b>much</b>", "password", "long enough").want(200, "What is new?")
}

// TestVisit uses the pages as a person does, without JavaScript.
func TestVisit(t *testing.T) {
	a := start(t, nil)
	ann, bob := a.browser(t).signUp("ann"), a.browser(t).signUp("bob")
	ann.submit("/tweets", "text", "hello @bob, <script>alert(1)</script>").want(200, "hello ")
	ann.lacks("<script>alert").want(200, `<a href="/users/bob">@bob</a>`)
	bob.get("/users/ann").want(200, "ANN", "0</strong> Followers", "Not <b>much</b>").lacks("<b>much")
	bob.submit("/users/ann/follow").want(200, "1</strong> Followers", "Unfollow")
	bob.get("/").want(200, "hello ")
	like := regexp.MustCompile(`/tweets/[^/"]+/like`).FindString(bob.page)
	bob.get("/public?page=").submit(like).want(200, `aria-pressed="true"`)
	if bob.path != "/public" {
		t.Errorf("after a like: %s", bob.path)
	}
	bob.get("/users/bob/likes").want(200, "hello ")
	bob.get(strings.TrimSuffix(like, "/like")).want(200, "Liked by", "BOB")
	bob.get("/users/ann/followers").want(200, "BOB")
	bob.get("/users/bob/following").want(200, "ANN")
	bob.get("/search?town=oslo").want(200, "2 users", "BOB")
	bob.get("/search?q=zz").want(200, "No one was found")
	bob.get("/users/ann").header.Set("Referer", bob.url+"//elsewhere.example.com/")
	bob.submit("/users/ann/unfollow").want(200, "What is new?").lacks("hello ")
	bob.submit("/logout").want(200, "Log in", "hello ")
	bob.get("/login").submit("/login", "username", " @Bob", "password", "wrong password").want(422, "is wrong")
	bob.submit("/login", "username", " @Bob", "password", "long enough").want(200, "What is new?")
}
