package browser

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

// memberOf names a different user for each round, because the application limits how often one user
// may log in.
var memberOf = map[string]string{"phonelight": "ada", "phonedark": "ben", "desktoplight": "carla", "desktopdark": "dmitri"}

// eachPage visits every kind of page: first logged out, then as a member.
func eachPage(b *tab, user string, visit func(name string)) {
	b.Helper()
	b.open("/login")
	visit("login")
	b.fill("#username", user)
	b.fill("#password", "not this one")
	b.click("main form button")
	b.reads("is wrong")
	visit("login-wrong")
	for _, p := range []struct{ name, path string }{{"signup", "/signup"}, {"public", "/public"}} {
		b.open(p.path)
		visit(p.name)
	}
	b.logIn(user)
	visit("home")
	tweetPath := eval[string](b, `[...document.querySelectorAll("article")].find(a => parseInt(a.querySelector(".heart").textContent.match(/\d+/)) >= 3).querySelector(".when").getAttribute("href")`)
	for _, p := range []struct{ name, path string }{
		{"user", "/users/elif"},
		{"followers", "/users/elif/followers"},
		{"tweet", tweetPath},
		{"search", "/search?town=Oslo"},
		{"message", "/nothing/here"},
	} {
		b.open(p.path)
		visit(p.name)
	}
	b.click(".logout button")
	b.reads("Public line")
}

// pictures visits every page on a phone and on a desktop, in light and in dark. It checks that
// nothing is wider than the window, and keeps pictures.
func pictures(t *testing.T, browser context.Context, url string) {
	b := openTab(t, browser, url)
	for _, device := range []string{"phone", "desktop"} {
		if b.desktop(); device == "phone" {
			b.phone()
		}
		for _, scheme := range []string{"light", "dark"} {
			b.scheme(scheme)
			eachPage(b, memberOf[device+scheme], func(name string) {
				if wide := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
					t.Errorf("%s on a %s is %d pixels too wide", name, device, wide)
				}
				b.picture(fmt.Sprintf("%s-%s-%s", name, device, scheme))
			})
		}
	}
}

// accessibility runs axe on every page, in light and in dark, on a phone and on a desktop.
func accessibility(t *testing.T, browser context.Context, url string) {
	axe := readAxe(t)
	b := openTab(t, browser, url)
	for _, device := range []string{"phone", "desktop"} {
		if b.desktop(); device == "phone" {
			b.phone()
		}
		for _, scheme := range []string{"light", "dark"} {
			b.scheme(scheme)
			eachPage(b, memberOf[device+scheme], func(name string) {
				b.do(chromedp.Evaluate[chromedp.Void](axe))
				result := run(b, chromedp.Evaluate[verdict](`axe.run().then(r => ({
					passes: r.passes.length,
					violations: r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html + " " + n.failureSummary).join("; ")),
				}))`, chromedp.EvalAwaitPromise))
				if result.Passes < 15 {
					t.Errorf("%s: axe passed only %d rules", name, result.Passes)
				}
				for _, v := range result.Violations {
					t.Errorf("%s on a %s in %s: %s", name, device, scheme, v)
				}
			})
		}
	}
}

// verdict is axe's report on a page.
type verdict struct {
	Passes     int      `json:"passes"`
	Violations []string `json:"violations"`
}

func readAxe(t *testing.T) string {
	t.Helper()
	file, err := os.Open("testdata/axe-4.14.1.min.js.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
