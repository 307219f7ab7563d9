package main

import (
	"net/http"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
	"github.com/widerow/widerow/timeuuid"
)

// line is what the pages of lines show.
type line struct {
	model.Page
	Name    string         // home or public
	Draft   string         // what the visitor typed, if it is not a tweet
	Problem *model.Problem // and why
	More    bool           // there are more new tweets than these
}

// Newest returns the identifier of the first tweet.
func (l line) Newest() uuid.UUID {
	if len(l.Posts) == 0 {
		return timeuuid.MinUUID
	}
	return l.Posts[0].ID
}

// source returns the row of the line.
func (s *site) source(v *visit, l line) model.Line {
	if l.Name == "home" && v.User != "" {
		return s.model.Home(v.User)
	}
	return s.model.Public()
}

func (s *site) front(v *visit) error {
	if v.User == "" {
		return s.public(v)
	}
	return s.show(v, http.StatusOK, "Home", line{Name: "home"})
}

func (s *site) public(v *visit) error {
	return s.show(v, http.StatusOK, "Public line", line{Name: "public"})
}

func (s *site) show(v *visit, status int, title string, l line) (err error) {
	if l.Page, err = s.source(v, l).Page(v.r.Context(), v.User, v.field("page")); err != nil {
		return err
	}
	return v.render(status, "line", title, l)
}

// newer answers the first page of a line, which asks for tweets after its newest. If there
// are none, the answer has no content, and the page asks again later.
func (s *site) newer(v *visit) (err error) {
	l := line{Name: v.field("line")}
	since, err := uuid.FromString(v.field("since"))
	if err != nil || since.Version() != 1 {
		return widerow.ErrNotFound
	}
	if l.Posts, l.More, err = s.source(v, l).Newer(v.r.Context(), v.User, since); err != nil {
		return err
	}
	if len(l.Posts) == 0 {
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return v.fragment("newer", l)
}
