package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab is a tab of a browser with cookies of its own. It fails the test if a page has an
// error: an exception of a script, or something that the security policy blocked.
type tab struct {
	*testing.T
	ctx    context.Context
	url    string
	mu     sync.Mutex
	errors []string
}

// patience is how long a tab waits for what a test expects to see.
const patience = 20 * time.Second

// openBrowser starts Chromium. It ends with the test.
func openBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("hide-scrollbars", true))
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

func openTab(t *testing.T, browser context.Context, url string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{T: t, ctx: ctx, url: url}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.note(e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			// The browser logs the answer 422 to a form as an error. The tests expect it.
			if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
				b.note(e.Entry.Text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b.desktop()
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.errors) > 0 {
			t.Errorf("errors of pages: %s", strings.Join(b.errors, "\n"))
		}
	})
	return b
}

func (b *tab) note(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.errors = append(b.errors, text)
}

// do runs actions. It gives up after patience.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	run(b, chromedp.Steps(actions...))
}

// run runs an action and returns its value. It gives up after patience.
func run[T any](b *tab, action chromedp.Action[T]) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.Fatalf("%v\n%s", err, b.text())
	}
	return value
}

// call runs a command of the browser's protocol.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) {
	b.Helper()
	run(b, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, command, params) })
}

func (b *tab) desktop() { b.Helper(); b.do(chromedp.EmulateViewport(1200, 800)) }

func (b *tab) phone() {
	b.Helper()
	b.do(chromedp.EmulateViewport(390, 780, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

// scheme makes the browser prefer a colour scheme: light or dark.
func (b *tab) scheme(name string) {
	b.Helper()
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
}

func (b *tab) open(path string) { b.Helper(); b.do(chromedp.Navigate(b.url + path)) }

// fill types into a field and replaces its contents.
func (b *tab) fill(selector, text string) {
	b.Helper()
	b.do(chromedp.Focus(chromedp.CSS(selector)), chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`))
	call(b, input.InsertText, input.InsertTextParams{Text: text})
}

func (b *tab) click(selector string) {
	b.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
}

// press presses a key, such as kb.Tab.
func (b *tab) press(key string) { b.Helper(); b.do(chromedp.KeyEvent(key)) }

// eval returns the value of an expression in the page, or the zero value while the page changes.
func eval[T any](b *tab, expression string) T {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, _ := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	return value
}

func (b *tab) text() string { return eval[string](b, `document.body.innerText`) }

// see waits until an expression is true in the page.
func (b *tab) see(expression string) {
	b.Helper()
	for end := time.Now().Add(patience); !eval[bool](b, expression); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("not so: %s\n%s\n%s", expression, eval[string](b, `location.href`), b.text())
		}
	}
}

// reads waits until the page contains a text.
func (b *tab) reads(text string) {
	b.Helper()
	b.see(`document.readyState == "complete" && document.body.innerText.includes(` + quote(text) + `)`)
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// picture saves a picture of the window, if the environment names a directory.
func (b *tab) picture(name string) {
	b.Helper()
	dir := os.Getenv("WIDEROW_TEST_SCREENSHOTS")
	if dir == "" {
		return
	}
	png := run(b, chromedp.CaptureScreenshot())
	if err := os.MkdirAll(dir, 0o777); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o666); err != nil {
		b.Fatal(err)
	}
}

func (b *tab) logIn(user string) {
	b.Helper()
	b.open("/login")
	b.fill("#username", user)
	b.fill("#password", "twissandra")
	b.press(kb.Enter)
	b.see(`document.querySelector("h1")?.textContent == "Home"`)
}
