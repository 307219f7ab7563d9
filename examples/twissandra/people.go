package main

import (
	"context"
	"net/http"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
)

// profile is the data of a user's pages.
type profile struct {
	model.User
	model.Counts
	Follows bool   // whether the visitor follows the user
	Tab     string // the open tab: its list has tweets, in Page, or users, in People
	Page    model.Page[model.Post]
	People  model.Page[model.User]
}

func (s *site) user(v *visit) (err error) {
	ctx, name, bookmark := v.r.Context(), v.r.PathValue("user"), v.field("page")
	p := profile{Tab: v.r.PathValue("tab")}
	if p.User, err = s.model.User(ctx, name); err != nil {
		return err
	}
	if p.Counts, err = s.model.Counts(ctx, name); err != nil {
		return err
	}
	if v.User != "" {
		if p.Follows, err = s.model.Follows(ctx, v.User, name); err != nil {
			return err
		}
	}
	switch p.Tab {
	case "":
		p.Page, err = s.model.Userline(name).Page(ctx, v.User, bookmark)
	case "likes":
		p.Page, err = s.model.Liked(name).Page(ctx, v.User, bookmark)
	case "following", "followers":
		p.People, err = s.model.Circle(ctx, name, p.Tab, bookmark)
	default:
		err = widerow.ErrNotFound
	}
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "user", p.Name, p)
}

// following answers a click on the button of a user's page that follows or unfollows the user.
func (s *site) following(change func(ctx context.Context, who, whom string) error) func(*visit) error {
	return func(v *visit) error {
		if err := change(v.r.Context(), v.User, v.r.PathValue("user")); err != nil {
			return err
		}
		return v.back("")
	}
}

func (s *site) search(v *visit) error {
	name, town := v.field("q"), v.field("town")
	found, err := s.model.Search(v.r.Context(), name, town)
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "search", "Search", map[string]any{"Name": name, "Town": town, "Found": found})
}
