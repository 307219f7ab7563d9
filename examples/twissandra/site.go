package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
)

// site serves the pages.
type site struct {
	model *model.Model
	log   *slog.Logger
	poll  time.Duration
	proxy bool
}

const (
	pageTimeout    = 10 * time.Second // bounds the calls to the store of one request
	publishTimeout = 30 * time.Second // bounds the time in which a tweet reaches all followers
	maxBody        = 64 << 10
)

// handler returns the routes, wrapped in the checks and headers that all routes share.
func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]func(*visit) error{
		"GET /{$}":                    s.line,
		"GET /public":                 s.line,
		"GET /new":                    s.newer,
		"GET /search":                 s.search,
		"GET /users/{user}":           s.user,
		"GET /users/{user}/{tab}":     s.user,
		"POST /users/{user}/follow":   members(model.ClicksBy, s.following(s.model.Follow)),
		"POST /users/{user}/unfollow": members(model.ClicksBy, s.following(s.model.Unfollow)),
		"GET /tweets/{tweet}":         s.tweet,
		"POST /tweets":                members(model.TweetsBy, s.post),
		"POST /tweets/{tweet}/like":   members(model.ClicksBy, s.liking(s.model.Like)),
		"POST /tweets/{tweet}/unlike": members(model.ClicksBy, s.liking(s.model.Unlike)),
		"GET /signup":                 s.signUp,
		"POST /signup":                s.signUp,
		"GET /login":                  s.logIn,
		"POST /login":                 s.logIn,
		"POST /logout":                members(model.ClicksBy, s.logOut),
		"GET /":                       func(*visit) error { return widerow.ErrNotFound },
	} {
		mux.Handle(pattern, s.page(h))
	}
	mux.HandleFunc("GET /static/{file}", static)
	// Each form has a token (visit.go). The check of the origin that browsers send is a second protection.
	return secure(http.NewCrossOriginProtection().Handler(mux))
}

// secure sets the headers of every response.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// page makes a handler of h. The handler finds out who visits, calls h, and shows the error of h.
func (s *site) page(h func(*visit) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), pageTimeout)
		defer cancel()
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		v := &visit{site: s, w: w, r: r.WithContext(ctx)}
		err := v.begin()
		if err == nil {
			err = h(v)
		}
		if err != nil {
			v.fail(err)
		}
	})
}

// members calls h only if the visitor is logged in and has not reached the limit.
func members(limit model.Limit, h func(*visit) error) func(*visit) error {
	return func(v *visit) error {
		if v.User == "" {
			return v.redirect("/login")
		}
		if err := v.site.model.Attempt(v.r.Context(), limit, v.User); err != nil {
			return err
		}
		return h(v)
	}
}

// errForged reports that a form is from another site, or from a session that has ended.
var errForged = errors.New("forged form")

// failures maps errors to the text that a visitor reads, for errors about which a visitor can do something.
var failures = []struct {
	kind   error
	status int
	text   string
}{
	{widerow.ErrNotFound, http.StatusNotFound, "There is nothing here."},
	{errForged, http.StatusForbidden, "This form is out of date. Go back, reload the page and try again."},
	{model.ErrTooMany, http.StatusTooManyRequests, "That was too often. Please wait a while."},
	{widerow.ErrInvalidRequest, http.StatusBadRequest, "This address is damaged."},
	{widerow.ErrUnavailable, http.StatusServiceUnavailable, "The store does not answer. Please try again later."},
	{widerow.ErrTimedOut, http.StatusServiceUnavailable, "The store does not answer. Please try again later."},
	{widerow.ErrNoWrites, http.StatusServiceUnavailable, "Nothing can be stored for now. Please try again later."},
}

// fail shows an error. It also logs an error about which the visitor cannot do anything.
func (v *visit) fail(err error) {
	status, text := http.StatusInternalServerError, "Something went wrong on our side."
	var problem *model.Problem
	if errors.As(err, &problem) {
		status, text = http.StatusUnprocessableEntity, problem.Why
	}
	for _, f := range failures {
		if errors.Is(err, f.kind) {
			status, text = f.status, f.text
		}
	}
	if status >= http.StatusInternalServerError && v.r.Context().Err() != context.Canceled {
		v.site.log.Error("request failed", "method", v.r.Method, "path", v.r.URL.Path, "error", err)
	}
	if err := v.render(status, "message", http.StatusText(status), text); err != nil {
		v.site.log.Error("no page for an error", "error", err)
	}
}
