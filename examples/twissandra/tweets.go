package main

import (
	"cmp"
	"context"
	"net/http"

	"github.com/gofrs/uuid/v5"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/examples/twissandra/internal/model"
)

// line is the data of a page that shows a line.
type line struct {
	model.Page[model.Post]
	Name string // home or public
	More bool   // whether there are more new tweets than these
}

// source returns the row of the line.
func (s *site) source(v *visit, l line) model.Line {
	if l.Name == "home" && v.User != "" {
		return s.model.Home(v.User)
	}
	return s.model.Public()
}

// line shows a member's home line at /. On other paths, and to strangers, it shows the public line.
func (s *site) line(v *visit) (err error) {
	l, title := line{Name: "public"}, "Public line"
	if v.User != "" && v.r.URL.Path == "/" {
		l, title = line{Name: "home"}, "Home"
	}
	if l.Page, err = s.source(v, l).Page(v.r.Context(), v.User, v.field("page")); err != nil {
		return err
	}
	return v.render(http.StatusOK, "line", title, l)
}

// newer answers an open page, which asks for tweets after its newest tweet. If there are no such
// tweets, the response has no content, and the page asks again later.
func (s *site) newer(v *visit) (err error) {
	l := line{Name: v.field("line")}
	since, err := uuid.FromString(v.field("since"))
	if err != nil || since.Version() != 1 {
		return widerow.ErrNotFound
	}
	if l.Items, l.More, err = s.source(v, l).Newer(v.r.Context(), v.User, since); err != nil {
		return err
	}
	if len(l.Items) == 0 {
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return v.fragment("newer", l)
}

// post adds a tweet. The tweet reaches the followers even if the visitor leaves before.
func (s *site) post(v *visit) error {
	tweet, err := s.model.NewTweet(v.r.Context(), v.User, v.field("text"))
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

// tweet shows a tweet and the users who like it.
func (s *site) tweet(v *visit) error {
	post, err := v.named()
	if err != nil {
		return err
	}
	likes, err := s.model.LikedBy(v.r.Context(), post.ID, v.field("page"))
	if err != nil {
		return err
	}
	return v.render(http.StatusOK, "tweet", "Tweet by "+post.Name, map[string]any{"Post": post, "Likes": likes})
}

// liking answers a click on the heart of a tweet. The response is a button, which htmx puts in place
// of the clicked button.
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
	if err != nil || len(posts) == 0 {
		return model.Post{}, cmp.Or[error](err, widerow.ErrNotFound)
	}
	return posts[0], nil
}
