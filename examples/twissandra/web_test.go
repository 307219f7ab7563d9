package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
	"github.com/widerow/widerow/widerowtest"
)

func TestForgedForms(t *testing.T) {
	a := start(t, nil)
	ann, eve := a.browser(t).signUp("ann"), a.browser(t).signUp("eve")
	eves := csrfField.FindStringSubmatch(eve.page)[1]
	ann.do("POST", "/tweets", url.Values{"text": {"forged"}})
	ann.want(403, "out of date")
	ann.do("POST", "/tweets", url.Values{"text": {"forged"}, "csrf": {eves}})
	ann.want(403, "out of date")
	ann.get("/")
	ann.header.Set("Sec-Fetch-Site", "cross-site")
	ann.submit("/tweets", "text", "forged").want(403)
	ann.header.Del("Sec-Fetch-Site")
	ann.get("/").lacks("forged").submit("/tweets", "text", "genuine").want(200, "genuine")
	// A login without a token is refused, too. A form from before the login is refused after the login.
	stranger := a.browser(t)
	stranger.submit("/login", "username", "ann", "password", "long enough").want(403)
	before := csrfField.FindStringSubmatch(stranger.get("/login").page)[1]
	stranger.submit("/login", "username", "ann", "password", "long enough").want(200, "What is new?")
	stranger.do("POST", "/tweets", url.Values{"text": {"old form"}, "csrf": {before}})
	stranger.want(403)
}

func TestCookies(t *testing.T) {
	for _, proxy := range []bool{false, true} {
		a := start(t, func(s *site) { s.proxy = proxy })
		b := a.browser(t)
		res := b.do("GET", "/login", nil)
		planted := res.Cookies()[0]
		if !planted.HttpOnly || planted.SameSite != http.SameSiteLaxMode || planted.Secure != proxy || planted.Path != "/" {
			t.Errorf("behind a proxy %v: %v", proxy, planted)
		}
		if res := b.do("GET", "/public", nil); !proxy && len(res.Cookies()) != 0 {
			t.Error("a page without a form set a cookie")
		}
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		b.header.Set("Cookie", planted.Name+"="+planted.Value)
		b.get("/signup")
		res = b.do("POST", "/signup", url.Values{
			"csrf": {csrfField.FindStringSubmatch(b.page)[1]}, "username": {"ann"}, "name": {"Ann"}, "password": {"long enough"},
		})
		if c := res.Cookies(); len(c) != 1 || c[0].Value == planted.Value {
			t.Errorf("after the login the cookie is %v", c)
		}
		b.get("/").want(200, "Public line") // the planted cookie does not belong to a session
	}
}

// TestPolicy checks the headers of each page, and that no page contains anything that the policy would block.
func TestPolicy(t *testing.T) {
	a := start(t, nil)
	b := a.browser(t)
	b.get("/signup").want(200)
	b.signUp("ann").submit("/tweets", "text", "hello").want(200)
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|<script(?:>|\s[^>]*>\s*[^<\s])|\son[a-z]+=|javascript:|hx-on|(?:src|href)="(?:https?:)?//`)
	for _, path := range []string{"/", "/public", "/search?q=ann", "/users/ann", "/users/ann/followers", "/nothing", "/new?line=home&since=00000000-0000-1000-8080-808080808080"} {
		res := b.do("GET", path, nil)
		csp := res.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; style-src 'self'") || strings.Contains(csp, "unsafe") ||
			res.Header.Get("X-Content-Type-Options") != "nosniff" || res.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s has the headers %v", path, res.Header)
		}
		if found := inline.FindString(b.page); found != "" {
			t.Errorf("%s has %q", path, found)
		}
	}
	for _, file := range []string{"style.css", "htmx-2.0.11.min.js", "icon.svg", "htmx.LICENSE"} {
		if res := b.do("GET", "/static/"+file, nil); res.StatusCode != 200 || len(b.page) == 0 {
			t.Errorf("%s: %v", file, res.Status)
		}
	}
	b.get("/static/../main.go").want(404)
	b.get("/static/").want(404)
}

func TestInputLimits(t *testing.T) {
	a := start(t, nil)
	b := a.browser(t).signUp("ann")
	b.submit("/tweets", "text", strings.Repeat("x", 281)).want(422, "281 characters")
	b.get("/").submit("/tweets", "text", " ").want(422, "write something")
	b.get("/").submit("/tweets", "text", strings.Repeat("é", 280)).want(200)
	b.submit("/tweets", "text", strings.Repeat("x", maxBody)).want(422, "too long")
	a.browser(t).get("/signup").submit("/signup", "username", "bob", "name", "Bob", "bio", strings.Repeat("b", 161), "password", "long enough").
		want(422, `id="bio" name="bio" rows="3" maxlength="160" dir="auto" aria-invalid="true"`, "161 characters")
	a.browser(t).get("/signup").submit("/signup", "username", "ann", "name", "Eve", "password", "long enough").want(422, "is taken", "Eve")
}

func TestRateLimits(t *testing.T) {
	a := start(t, func(s *site) { s.proxy = true })
	b := a.browser(t)
	b.client.Jar = nil // a browser sends the cookie over HTTPS only
	login := func(from string) int {
		b.header = http.Header{"X-Forwarded-For": {"9.9.9.9, " + from}}
		res := b.do("GET", "/login", nil)
		b.header.Set("Cookie", res.Cookies()[0].Name+"="+res.Cookies()[0].Value)
		b.submit("/login", "username", "nobody of that name", "password", "guess")
		return b.status
	}
	for i := range 30 {
		if status := login("2001:db8::" + fmt.Sprint(i)); status != 422 {
			t.Fatalf("attempt %d: %d", i, status)
		}
	}
	if status := login("2001:db8::ffff"); status != 429 {
		t.Errorf("from the same network: %d", status)
	}
	if status := login("192.0.2.1"); status != 422 {
		t.Errorf("from a different network: status %d", status)
	}

	a = start(t, nil)
	b = a.browser(t).signUp("ann")
	for i := range model.TweetsBy.Times {
		b.submit("/tweets", "text", fmt.Sprint("tweet ", i)).want(200)
	}
	b.submit("/tweets", "text", "one more").want(429, "wait a while")
	a.Advance(model.TweetsBy.Per)
	b.get("/").submit("/tweets", "text", "one more").want(200, "one more")
}

func TestErrors(t *testing.T) {
	a := start(t, nil)
	b := a.browser(t).signUp("ann")
	b.get("/users/nobody").want(404, "There is nothing here.")
	b.get("/users/ann/secrets").want(404)
	b.get("/tweets/1").want(404)
	b.get("/tweets/00000000-0000-1000-8080-808080808080").want(404)
	b.get("/?page=made-up").want(400, "damaged")
	b.get("/new?line=home&since=yesterday").want(404)
	b.get("/public?%zz").want(422)
	b.get("/").submit("/tweets/00000000-0000-1000-8080-808080808080/like").want(404)
	b.get("/")
	for err, status := range map[error]int{
		widerow.ErrUnavailable: 503, widerow.ErrTimedOut: 503, widerow.ErrNoWrites: 503, widerow.ErrCorrupt: 500,
	} {
		a.FailNext(widerowtest.Slice, "Home", err)
		b.get("/").want(status).lacks(err.Error(), "widerow")
	}
	if !strings.Contains(a.log.String(), "corrupt") {
		t.Errorf("the log does not name the failure: %s", a.log.String())
	}
	stranger := a.browser(t)
	if stranger.get("/login").submit("/tweets", "text", "by no one"); stranger.path != "/login" {
		t.Errorf("a tweet without a login leads to %s", stranger.path)
	}
}

func TestNewTweets(t *testing.T) {
	a := start(t, nil)
	ann, bob := a.browser(t).signUp("ann"), a.browser(t).signUp("bob")
	ask := regexp.MustCompile(`hx-get="([^"]+)"`)
	next := func() string { return strings.ReplaceAll(ask.FindStringSubmatch(bob.page)[1], "&amp;", "&") }
	bob.get("/public")
	poll := next()
	bob.get(poll).want(204)
	ann.submit("/tweets", "text", "breaking").want(200)
	bob.get(poll).want(200, "breaking", "1 new tweet", `hx-swap-oob="innerHTML"`).lacks("<html")
	a.Advance(time.Second)
	ann.submit("/tweets", "text", "more").want(200)
	bob.get(next()).want(200, "more").lacks("breaking")
	bob.get(next()).want(204)
	for range 21 {
		a.Advance(time.Minute)
		ann.get("/").submit("/tweets", "text", "flood").want(200)
	}
	bob.get(poll).want(200, "Show all new tweets").lacks("flood")
}

// TestLikeFragment sends the request that htmx sends. The response is the button alone.
func TestLikeFragment(t *testing.T) {
	a := start(t, nil)
	b := a.browser(t).signUp("ann").submit("/tweets", "text", "hello")
	b.header.Set("HX-Request", "true")
	b.submit(regexp.MustCompile(`/tweets/[^/"]+/like`).FindString(b.page)).want(200, `aria-pressed="true"`, "/unlike").lacks("<html", "hello")
	b.submit(regexp.MustCompile(`/tweets/[^/"]+/unlike`).FindString(b.page)).want(200, `aria-pressed="false"`)
}

func TestPieces(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "[{ }]",
		"plain":                        "[{plain }]",
		"@Ann and @bob_1.":             "[{ } {@Ann ann} { and  } {@bob_1 bob_1} {. }]",
		"a@" + strings.Repeat("b", 16): "[{a@bbbbbbbbbbbbbbbb }]",
	} {
		if got := fmt.Sprint(pieces(text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestSeed plants the same number twice and compares the rows.
func TestSeed(t *testing.T) {
	var dumps []string
	for _, number := range []uint64{1, 1, 2} {
		s := widerowtest.New(t)
		m, err := model.Open(t.Context(), s.DB, s.Now, bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second run finds the data of the first
			if err := plant(t.Context(), m, number, s.Now()); err != nil {
				t.Fatal(err)
			}
		}
		families, err := s.Keyspace("Twissandra").Families(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var dump strings.Builder
		for _, f := range families {
			for row, err := range f.Range(t.Context(), widerow.Limit(widerow.Unlimited)) {
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range row.Columns {
					if c.Name != "password" {
						fmt.Fprintln(&dump, f.Name(), widerow.Repr(row.Key), c.String())
					}
				}
			}
		}
		dumps = append(dumps, dump.String())
	}
	if dumps[0] != dumps[1] {
		t.Error("two stores of one number differ")
	}
	if dumps[0] == dumps[2] || strings.Count(dumps[0], "\n") < 5000 {
		t.Errorf("two numbers give the same %d columns, or few", strings.Count(dumps[0], "\n"))
	}
}

// TestRun serves until its context ends.
func TestRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	logs, stderr := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"--store", "memory:", "--listen", "127.0.0.1:0"}, stderr)
		stderr.Close()
	}()
	var log bytes.Buffer
	address := regexp.MustCompile(`url=(\S+)`)
	chunk := make([]byte, 4096)
	for !address.Match(log.Bytes()) {
		n, err := logs.Read(chunk)
		log.Write(chunk[:n])
		if err != nil {
			t.Fatalf("%v: %s", errors.Join(err, <-done), log.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, logs) }()
	res, err := http.Get(string(address.FindSubmatch(log.Bytes())[1]) + "/public")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 200 {
		t.Errorf("the public line: %s", res.Status)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("run: %v", err)
	}
	for _, args := range [][]string{{"--nonsense"}, {"--store", "ftp:x"}, {"--store", "memory:", "--listen", "nowhere"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
