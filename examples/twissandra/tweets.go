package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
)

// post adds a tweet. It reaches the followers even if the visitor does not wait for that.
func (s *site) post(v *visit) error {
	tweet, err := s.model.NewTweet(v.r.Context(), v.User, v.field("text"))
	var problem *model.Problem
	if errors.As(err, &problem) {
		return s.show(v, http.StatusUnprocessableEntity, "Home", line{Name: "home", Draft: v.field("text"), Problem: problem})
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), publishTimeout)
	defer cancel()
	if err := s.model.Publish(ctx, tweet); err != nil {
		return err
	}
	return v.redirect("/")
}

// tweet shows a tweet, and who likes it.
func (s *site) tweet(v *visit) error {
	post, err := v.named()
	if err != nil {
		return err
	}
	likes, err := s.model.LikedBy(v.r.Context(), post.ID, v.field("page"))
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "tweet", "Tweet by "+post.Name, struct {
		Post  model.Post
		Likes model.People
	}{post, likes})
}

// liking answers the heart of a tweet. htmx puts the button that is answered in place of the
// one that was clicked.
func (s *site) liking(change func(ctx context.Context, user string, t model.Tweet) error) func(*visit) error {
	return func(v *visit) error {
		post, err := v.named()
		if err == nil {
			err = change(v.r.Context(), v.User, post.Tweet)
		}
		if err == nil && v.r.Header.Get("HX-Request") == "" {
			return v.back("#t-" + post.ID.String())
		}
		if err == nil {
			post, err = v.named()
		}
		if err != nil {
			return err
		}
		return v.fragment("like", post)
	}
}

// named returns the tweet that the path names.
func (v *visit) named() (model.Post, error) {
	id, err := uuid.FromString(v.r.PathValue("tweet"))
	if err != nil || id.Version() != 1 {
		return model.Post{}, widerow.ErrNotFound
	}
	posts, err := v.site.model.Posts(v.r.Context(), v.User, id)
	if err == nil && len(posts) == 0 {
		err = widerow.ErrNotFound
	}
	if err != nil {
		return model.Post{}, err
	}
	return posts[0], nil
}
