package browser

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"
)

// TestTwissandra does what users do.
func TestTwissandra(t *testing.T) {
	onStores(t, func(t *testing.T, url string) {
		browser := openBrowser(t)
		for _, step := range []struct {
			name string
			run  func(t *testing.T, browser context.Context, url string)
		}{
			{"pictures", pictures},
			{"accessibility", accessibility}, // on the sample data only
			{"accounts", accounts},
			{"tweets", tweets},
			{"lines", lines},
			{"people", people},
			{"forged forms", forgedForms},
			{"keyboard", keyboard},
			{"without JavaScript", withoutJavaScript},
		} {
			t.Run(step.name, func(t *testing.T) { step.run(t, browser, url) })
		}
	})
}

func signUp(b *tab, user, name string) {
	b.Helper()
	b.open("/signup")
	b.fill("#username", user)
	b.fill("#name", name)
	b.fill("#town", "Oslo")
	b.fill("#password", "correct horse")
	b.click("main form button")
	b.see(`document.querySelector("h1")?.textContent == "Home"`)
}

func tweet(b *tab, text string) {
	b.Helper()
	b.open("/")
	b.fill("#text", text)
	b.click(".compose button")
	b.reads(text)
}

// accounts signs up, logs out, and logs in with a wrong and a right password.
func accounts(t *testing.T, browser context.Context, url string) {
	b := openTab(t, browser, url)
	signUp(b, "newcomer", "New Comer")
	b.reads("Your line is empty.")
	b.click(".logout button")
	b.see(`document.querySelector("h1")?.textContent == "Public line"`)
	b.open("/login")
	b.fill("#username", "newcomer")
	b.fill("#password", "wrong password")
	b.press(kb.Enter)
	b.reads("The user name or the password is wrong.")
	b.see(`document.querySelector("#password").getAttribute("aria-describedby") == "problem" && !document.querySelector(".logout")`)
	b.fill("#password", "correct horse")
	b.click("main form button")
	b.see(`document.querySelector("h1")?.textContent == "Home"`)
	b.open("/signup")
	b.fill("#username", "newcomer")
	b.fill("#name", "Somebody Else")
	b.fill("#password", "another horse")
	b.click("main form button")
	b.reads("This user name is taken.")
}

// tweets writes a tweet, checks that a script in a tweet is shown as text, and likes a tweet
// without a reload.
func tweets(t *testing.T, browser context.Context, url string) {
	b := openTab(t, browser, url)
	signUp(b, "writer", `<b id="bold">Writer</b>`)
	tweet(b, "My first tweet")
	script := `<script>window.hacked = 1</script><img src=x onerror="window.hacked = 1"> & "quotes"`
	tweet(b, script)
	b.reads(`<b id="bold">Writer</b>`)
	b.see(`window.hacked === undefined && !document.querySelector("#bold") && !document.querySelector("article img, article script")`)
	b.see(`document.querySelector(".post .text").textContent == ` + quote(script))

	b.see(`window.stays = true`)
	for _, pressed := range []string{"true", "false", "true"} {
		b.click(".post .heart")
		b.see(`document.querySelector(".post .heart")?.getAttribute("aria-pressed") == ` + quote(pressed))
		b.see(`document.activeElement == document.querySelector(".post .heart") && window.stays`)
		b.see(`!!document.querySelector(".post .like")["htmx-internal-data"]`) // htmx has taken the new button over
	}
	b.see(`document.querySelector(".post .heart").textContent.includes("1 like")`)
	b.click(".post .when")
	b.reads("Liked by")
	b.see(`document.querySelector(".people a").getAttribute("href") == "/users/writer"`)
}

// lines pages both ways, and shows new tweets without a reload.
func lines(t *testing.T, browser context.Context, url string) {
	reader, writer := openTab(t, browser, url), openTab(t, browser, url)
	reader.logIn("ada")
	const ids = `[...document.querySelectorAll("article")].map(a => a.id).join()`
	var pages []string
	for {
		pages = append(pages, eval[string](reader, ids))
		if !eval[bool](reader, `!!document.querySelector("a[rel=next]")`) {
			break
		}
		reader.see(`window.here = true`)
		reader.click("a[rel=next]")
		reader.see(`!window.here && document.readyState == "complete"`)
	}
	if len(pages) < 3 {
		t.Fatalf("ada's home line has only %d pages", len(pages))
	}
	seen := map[string]bool{}
	for i := len(pages) - 1; i >= 0; i-- {
		if got := eval[string](reader, ids); got != pages[i] || seen[got] {
			t.Errorf("on the way back, page %d differs", i)
		}
		seen[pages[i]] = true
		if i > 0 {
			reader.see(`window.here = true`)
			reader.click("a[rel=prev]")
			reader.see(`!window.here && document.readyState == "complete"`)
		}
	}

	reader.see(`window.stays = true`)
	signUp(writer, "reporter", "Reporter")
	writer.open("/users/reporter")
	reader.see(`window.stays`)
	follower := openTab(t, browser, url)
	follower.logIn("ben")
	follower.open("/users/reporter")
	follower.click(".profile button")
	follower.reads("Unfollow")
	follower.open("/")
	follower.see(`window.stays = true`)
	for i := range 3 {
		text := fmt.Sprint("Breaking news ", i)
		tweet(writer, text)
		follower.reads(text)
		follower.see(`window.stays && document.querySelector("#news").textContent == "1 new tweet"`)
	}
	follower.see(`[...document.querySelectorAll("article .text")].slice(0, 3).map(t => t.textContent).join() == "Breaking news 2,Breaking news 1,Breaking news 0"`)
	follower.see(`document.querySelectorAll("[hx-trigger]").length == 1`)
	follower.open("/users/reporter")
	follower.click(".profile button")
	follower.see(`document.querySelector(".profile button")?.textContent == "Follow Reporter"`)
	follower.open("/")
	follower.see(`!document.body.innerText.includes("Breaking news")`)
}

// people follows a user, checks both users' pages, and searches by name and town.
func people(t *testing.T, browser context.Context, url string) {
	b := openTab(t, browser, url)
	signUp(b, "fan", "Fan Tastic")
	b.open("/users/dmitri")
	before := eval[int](b, `+document.querySelectorAll(".tabs strong")[2].textContent`)
	b.click(".profile button")
	b.reads("Unfollow")
	b.see(fmt.Sprintf(`+document.querySelectorAll(".tabs strong")[2].textContent == %d`, before+1))
	b.open("/")
	b.see(`[...document.querySelectorAll(".handle")].some(h => h.textContent == "@dmitri")`)
	b.open("/users/fan/following")
	b.reads("Dmitri Volkov")
	b.open("/search")
	b.fill("#q", "fan t")
	b.press(kb.Enter)
	b.reads("1 user")
	b.reads("Fan Tastic")
	b.fill("#q", "")
	b.fill("#town", "oslo")
	b.press(kb.Enter)
	b.reads("Henrik Berg")
	b.reads("Ingrid Solheim")
	b.fill("#town", "Atlantis")
	b.press(kb.Enter)
	b.reads("No one was found.")
}

// forgedForms changes the token of a form, and sends a form from another origin.
func forgedForms(t *testing.T, browser context.Context, url string) {
	b := openTab(t, browser, url)
	signUp(b, "victim", "Victim")
	b.see(`(document.querySelector(".compose [name=csrf]").value = "forged")` + ` == "forged"`)
	b.fill("#text", "by a forged form")
	b.click(".compose button")
	b.reads("This form is out of date.")
	b.open("/")
	b.see(`!document.body.innerText.includes("by a forged form")`)

	evil := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<form method="post" action="%s/tweets"><input name="text" value="by another site"></form><script>document.forms[0].submit()</script>`, url)
	}))
	defer evil.Close()
	b.url = evil.URL
	b.open("/")
	b.reads("cross-origin request detected")
	b.url = url
	b.open("/")
	b.see(`!document.body.innerText.includes("by another site")`)
}

// keyboard uses the application with the keyboard only.
func keyboard(t *testing.T, browser context.Context, url string) {
	b := openTab(t, browser, url)
	b.logIn("farah")
	b.open("/")
	b.press(kb.Tab)
	b.see(`document.activeElement.className == "skip" && document.activeElement.getBoundingClientRect().top >= 0`)
	b.press(kb.Enter)
	b.see(`document.activeElement.id == "main"`)
	b.press(kb.Tab)
	b.see(`document.activeElement.id == "text"`)
	b.press("typed with keys")
	b.press(kb.Tab)
	b.press(kb.Enter)
	b.see(`document.querySelector(".post .text")?.textContent == "typed with keys"`)
	for range 60 {
		if eval[bool](b, `document.activeElement.className == "heart"`) {
			break
		}
		b.press(kb.Tab)
	}
	b.press(" ")
	b.see(`document.querySelector(".heart").getAttribute("aria-pressed") == "true" && document.activeElement.className == "heart"`)
	b.see(`getComputedStyle(document.activeElement).outlineStyle != "none"`)
}

// withoutJavaScript uses the main features with scripts turned off.
func withoutJavaScript(t *testing.T, browser context.Context, url string) {
	b := openTab(t, browser, url)
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	signUp(b, "quiet", "Quiet One")
	tweet(b, "no script was run")
	b.see(`typeof htmx == "undefined"`)
	b.click(".post .heart")
	b.see(`location.hash.startsWith("#t-") && document.querySelector(".post .heart")?.getAttribute("aria-pressed") == "true"`)
	b.open("/users/ada")
	b.click(".profile button")
	b.reads("Unfollow")
	b.click(".logout button")
	b.reads("Public line")
}
