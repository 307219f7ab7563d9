package main

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/widerow/widerow/examples/twissandra/internal/model"
)

// visit is a request together with who makes it.
type visit struct {
	User string // the name of the logged-in user; empty for a stranger

	site  *site
	w     http.ResponseWriter
	r     *http.Request
	token string // the token in the visitor's cookie; the token of a session if User is not empty
}

const cookieName = "twissandra"

// begin finds out who visits. It refuses forms that are not from our pages.
func (v *visit) begin() (err error) {
	v.w.Header().Set("Cache-Control", "private, no-store")
	if cookie, err := v.r.Cookie(cookieName); err == nil && len(cookie.Value) == len(rand.Text()) {
		v.token = cookie.Value
		if v.User, err = v.site.model.Session(v.r.Context(), v.token); err != nil {
			return err
		}
	}
	if err := v.r.ParseForm(); err != nil {
		return &model.Problem{Why: "This form is damaged, or too long."}
	}
	if v.r.Method == http.MethodPost && (v.token == "" || !hmac.Equal([]byte(v.r.PostForm.Get("csrf")), []byte(v.CSRF()))) {
		return errForged
	}
	return nil
}

// CSRF returns the token of the visitor's forms. It is derived from the secret in the visitor's
// cookie, which no other site can read. If the visitor has no cookie, CSRF sets it.
func (v *visit) CSRF() string {
	if v.token == "" {
		v.setToken(rand.Text())
	}
	mac := hmac.New(sha256.New, []byte(v.token))
	mac.Write([]byte("forms of twissandra"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// startSession logs a user in. It replaces the visitor's cookie, so that an attacker who planted a cookie
// before cannot use it.
func (v *visit) startSession(user string) error {
	token, err := v.site.model.StartSession(v.r.Context(), user)
	if err != nil {
		return err
	}
	v.setToken(token)
	return v.redirect("/")
}

func (v *visit) setToken(token string) {
	v.token = token
	http.SetCookie(v.w, &http.Cookie{
		Name: cookieName, Value: token, Path: "/", MaxAge: int(model.SessionLife.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.site.proxy,
	})
}

// address returns the visitor's IPv4 address or IPv6 network. Limits count attempts by it.
func (v *visit) address() string {
	host, _, _ := net.SplitHostPort(v.r.RemoteAddr)
	if hops := v.r.Header.Values("X-Forwarded-For"); v.site.proxy && len(hops) > 0 {
		last := hops[len(hops)-1]
		host = strings.TrimSpace(last[strings.LastIndex(last, ",")+1:])
	}
	addr, err := netip.ParseAddr(host)
	if addr = addr.Unmap(); err == nil && addr.Is6() {
		return netip.PrefixFrom(addr.WithZone(""), 64).Masked().String()
	}
	return addr.String()
}

// redirect sends the visitor to a path of ours.
func (v *visit) redirect(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// back sends the visitor back to an element of the page with the form.
func (v *visit) back(element string) error {
	page, err := url.Parse(v.r.Referer())
	if err != nil || !strings.HasPrefix(page.Path, "/") || strings.HasPrefix(page.Path, "//") {
		page = &url.URL{Path: "/"}
	}
	return v.redirect(page.RequestURI() + element)
}
