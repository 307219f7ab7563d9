package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"golang.org/x/crypto/bcrypt"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/widerowtest"
)

const password = "correct horse"

// open returns a model with users, on a store whose clock the test moves.
func open(t *testing.T, users ...string) (*Model, *widerowtest.Store) {
	t.Helper()
	s := widerowtest.New(t)
	m, err := Open(t.Context(), s.DB, s.Now, bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range users {
		must(t, m.SignUp(t.Context(), User{Username: name, Name: strings.ToUpper(name[:1]) + name[1:]}, password))
	}
	return m, s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tweet publishes a tweet a second after the last one.
func tweet(t *testing.T, m *Model, s *widerowtest.Store, author, text string) Tweet {
	t.Helper()
	s.Advance(time.Second)
	tweet, err := m.NewTweet(t.Context(), author, text)
	must(t, err)
	must(t, m.Publish(t.Context(), tweet))
	return tweet
}

// texts returns the texts of a line's tweets, over all its pages.
func texts(t *testing.T, l Line) (all []string) {
	t.Helper()
	for bookmark := ""; ; {
		page, err := l.Page(t.Context(), "", bookmark)
		must(t, err)
		for _, post := range page.Items {
			all = append(all, post.Text)
		}
		if bookmark = page.Next; bookmark == "" {
			return all
		}
	}
}

func equal[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestSignUp(t *testing.T) {
	m, _ := open(t, "ann")
	for _, tt := range []struct {
		user     User
		password string
		field    string
	}{
		{User{Username: "ann", Name: "Another"}, password, "username"},
		{User{Username: "An n", Name: "Ann"}, password, "username"},
		{User{Username: "a", Name: "Ann"}, password, "username"},
		{User{Username: "bob", Name: "  "}, password, "name"},
		{User{Username: "bob", Name: strings.Repeat("b", 51)}, password, "name"},
		{User{Username: "bob", Name: "B\x00b"}, password, "name"},
		{User{Username: "bob", Name: "Bob", Town: strings.Repeat("b", 51)}, password, "town"},
		{User{Username: "bob", Name: "Bob"}, "short", "password"},
		{User{Username: "bob", Name: "Bob"}, strings.Repeat("x", 73), "password"},
	} {
		var problem *Problem
		if err := m.SignUp(t.Context(), tt.user, tt.password); !errors.As(err, &problem) || problem.Field != tt.field {
			t.Errorf("%+v: %v, want a problem with %s", tt.user, err, tt.field)
		}
	}
	if user, err := m.User(t.Context(), "ann"); user.Name != "Ann" || err != nil {
		t.Errorf("ann is %+v, %v", user, err)
	}
	if _, err := m.User(t.Context(), "bob"); !errors.Is(err, widerow.ErrNotFound) {
		t.Errorf("bob: %v", err)
	}
}

// plain is a store that cannot compare and set, such as Cassandra before 2.0.
type plain struct{ backend.Backend }

func TestSignUpWithoutCompareAndSet(t *testing.T) {
	s := widerowtest.New(t)
	m, err := Open(t.Context(), widerow.New(plain{s.Backend()}, nil), s.Now, bcrypt.MinCost)
	must(t, err)
	must(t, m.SignUp(t.Context(), User{Username: "ann", Name: "Ann"}, password))
	var problem *Problem
	if err := m.SignUp(t.Context(), User{Username: "ann", Name: "Eve"}, "another one"); !errors.As(err, &problem) {
		t.Errorf("the name was given twice: %v", err)
	}
	must(t, m.LogIn(t.Context(), "::1", "ann", password))
}

// named is a store that can expect a missing column but no empty row, as Cassandra over CQL.
type named struct {
	backend.Backend
	applied int
}

func (n *named) CompareAndSet(ctx context.Context, r *backend.CompareRequest) (*backend.CompareResult, error) {
	if len(r.Expected) == 0 {
		return nil, widerow.ErrUnsupported
	}
	result, err := n.Backend.(backend.Comparer).CompareAndSet(ctx, r)
	if err == nil && result.Applied {
		n.applied++
	}
	return result, err
}

func TestSignUpExpectsAMissingColumn(t *testing.T) {
	s := widerowtest.New(t)
	store := &named{Backend: s.Backend()}
	m, err := Open(t.Context(), widerow.New(store, nil), s.Now, bcrypt.MinCost)
	must(t, err)
	must(t, m.SignUp(t.Context(), User{Username: "ann", Name: "Ann"}, password))
	var problem *Problem
	if err := m.SignUp(t.Context(), User{Username: "ann", Name: "Eve"}, "another one"); !errors.As(err, &problem) {
		t.Errorf("the name was given twice: %v", err)
	}
	if store.applied != 1 {
		t.Errorf("compare and set was applied %d times, want once", store.applied)
	}
}

func TestLogIn(t *testing.T) {
	m, s := open(t, "ann")
	ctx := t.Context()
	must(t, m.LogIn(ctx, "127.0.0.1", "ann", password))
	for name, word := range map[string]string{"ann": "correct house", "bob": password, "": "", "x y": password} {
		if err := m.LogIn(ctx, "127.0.0.1", name, word); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("%q: %v", name, err)
		}
	}
	// A user has ten logins, from all addresses together. After that even the right password is refused.
	for i := range 8 {
		if err := m.LogIn(ctx, fmt.Sprint("address ", i), "ann", "guess"); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
	if err := m.LogIn(ctx, "10.0.0.1", "ann", password); !errors.Is(err, ErrTooMany) {
		t.Errorf("after ten attempts: %v", err)
	}
	s.Advance(loginsAs.Per)
	must(t, m.LogIn(ctx, "10.0.0.1", "ann", password))
	// An address has thirty logins, for all users together.
	for i := range 29 {
		if err := m.LogIn(ctx, "10.0.0.1", fmt.Sprint("user", i), "guess"); !errors.Is(err, ErrWrongPassword) {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
	if err := m.LogIn(ctx, "10.0.0.1", "user30", "guess"); !errors.Is(err, ErrTooMany) {
		t.Errorf("after thirty attempts: %v", err)
	}
}

func TestSessions(t *testing.T) {
	m, s := open(t)
	ctx := t.Context()
	token, err := m.StartSession(ctx, "ann")
	must(t, err)
	other, err := m.StartSession(ctx, "bob")
	must(t, err)
	who := func(token string) string {
		user, err := m.Session(ctx, token)
		must(t, err)
		return user
	}
	if who(token) != "ann" || who(other) != "bob" || who("made up") != "" {
		t.Errorf("%q, %q, %q", who(token), who(other), who("made up"))
	}
	must(t, m.EndSession(ctx, token))
	if who(token) != "" || who(other) != "bob" {
		t.Error("the session did not end, or the other one did")
	}
	s.Advance(SessionLife)
	if who(other) != "" {
		t.Error("the session did not expire")
	}
}

func TestFollow(t *testing.T) {
	m, s := open(t, "ann", "bob", "cid")
	ctx := t.Context()
	tweet(t, m, s, "bob", "bob 1")
	must(t, m.Follow(ctx, "ann", "bob"))
	must(t, m.Follow(ctx, "ann", "bob"))
	must(t, m.Follow(ctx, "cid", "bob"))
	tweet(t, m, s, "bob", "bob 2")
	tweet(t, m, s, "ann", "ann 1")
	tweet(t, m, s, "cid", "cid 1")
	equal(t, "ann's home line", texts(t, m.Home("ann")), "ann 1", "bob 2", "bob 1")
	equal(t, "bob's home line", texts(t, m.Home("bob")), "bob 2", "bob 1")
	equal(t, "bob's own line", texts(t, m.Userline("bob")), "bob 2", "bob 1")
	equal(t, "the public line", texts(t, m.Public()), "cid 1", "ann 1", "bob 2", "bob 1")

	circle := func(user string, side string) (names []string) {
		people, err := m.Circle(ctx, user, side, "")
		must(t, err)
		for _, u := range people.Items {
			names = append(names, u.Name)
		}
		return names
	}
	equal(t, "followers of bob", circle("bob", followers), "Ann", "Cid")
	equal(t, "followed by ann", circle("ann", following), "Bob")
	equal(t, "followed by bob", circle("bob", following))
	if c, err := m.Counts(ctx, "bob"); c != (Counts{Tweets: 2, Followers: 2}) || err != nil {
		t.Errorf("bob's counts are %+v, %v", c, err)
	}

	must(t, m.Unfollow(ctx, "ann", "bob"))
	must(t, m.Unfollow(ctx, "ann", "bob"))
	tweet(t, m, s, "bob", "bob 3")
	equal(t, "ann's home line", texts(t, m.Home("ann")), "ann 1")
	equal(t, "followers of bob", circle("bob", followers), "Cid")
	if c, err := m.Counts(ctx, "ann"); c != (Counts{Tweets: 1}) || err != nil {
		t.Errorf("ann's counts are %+v, %v", c, err)
	}
	must(t, m.Follow(ctx, "ann", "bob"))
	equal(t, "ann's home line", texts(t, m.Home("ann")), "bob 3", "ann 1", "bob 2", "bob 1")

	var problem *Problem
	if err := m.Follow(ctx, "ann", "ann"); !errors.As(err, &problem) {
		t.Errorf("ann follows ann: %v", err)
	}
	if err := m.Follow(ctx, "ann", "nobody"); !errors.Is(err, widerow.ErrNotFound) {
		t.Errorf("ann follows nobody: %v", err)
	}
}

// TestFanOut publishes to more followers than a batch has, and lets a batch fail in the middle.
func TestFanOut(t *testing.T) {
	m, s := open(t, "star")
	ctx := t.Context()
	for i := range 2*fanOut + 1 {
		must(t, m.Follow(ctx, fmt.Sprintf("fan%04d", i), "star"))
	}
	reached := func() (n int) {
		for i := range 2*fanOut + 1 {
			n += len(texts(t, m.Home(fmt.Sprintf("fan%04d", i))))
		}
		return n
	}
	before := s.Calls(widerowtest.Mutate, "Home")
	one := tweet(t, m, s, "star", "one")
	if n := s.Calls(widerowtest.Mutate, "Home") - before; n != 4 { // the tweet's own batch, and three batches of followers
		t.Errorf("a tweet made %d batches", n)
	}
	if n := reached(); n != 2*fanOut+1 {
		t.Errorf("the tweet reached %d followers", n)
	}
	two, err := m.NewTweet(t.Context(), "star", "two")
	must(t, err)
	two.ID = one.ID // the same instant, but another identifier
	two.ID[15] ^= 1
	s.Fail(widerowtest.Fault{Verb: widerowtest.Mutate, Family: "Home", Skip: 2, Err: widerow.ErrUnavailable})
	if err := m.Publish(ctx, two); !errors.Is(err, widerow.ErrUnavailable) {
		t.Errorf("Publish: %v", err)
	}
	if n := reached(); n != 2*fanOut+1+fanOut {
		t.Errorf("after a failure %d tweets are in home lines", n)
	}
	must(t, m.Publish(ctx, two))
	if n := reached(); n != 2*(2*fanOut+1) {
		t.Errorf("after a repetition %d tweets are in home lines", n)
	}
}

func TestPages(t *testing.T) {
	m, s := open(t, "ann")
	var want []string
	for i := range 3*PageSize + 5 {
		tweet(t, m, s, "ann", fmt.Sprint(i))
		want = append([]string{fmt.Sprint(i)}, want...)
	}
	equal(t, "the home line", texts(t, m.Home("ann")), want...)
	// Page forwards to the end and back again, while a tweet arrives.
	var pages []Page[Post]
	for bookmark := ""; ; bookmark = pages[len(pages)-1].Next {
		page, err := m.Home("ann").Page(t.Context(), "ann", bookmark)
		must(t, err)
		if pages = append(pages, page); page.Next == "" {
			break
		}
	}
	tweet(t, m, s, "ann", "late")
	for i := len(pages) - 1; i > 0; i-- {
		page, err := m.Home("ann").Page(t.Context(), "ann", pages[i].Prev)
		must(t, err)
		if page.Items[0].ID != pages[i-1].Items[0].ID {
			t.Errorf("before page %d is the page that starts with %q", i, page.Items[0].Text)
		}
	}
	if _, err := m.Home("ann").Page(t.Context(), "ann", "made up"); !errors.Is(err, widerow.ErrInvalidRequest) {
		t.Errorf("a bookmark that was made up: %v", err)
	}
}

func TestNewer(t *testing.T) {
	m, s := open(t, "ann")
	ctx := t.Context()
	first := tweet(t, m, s, "ann", "first")
	newer := func(since uuid.UUID) ([]string, bool) {
		posts, more, err := m.Public().Newer(ctx, "", since)
		must(t, err)
		var all []string
		for _, p := range posts {
			all = append(all, p.Text)
		}
		return all, more
	}
	if got, more := newer(first.ID); len(got) != 0 || more {
		t.Errorf("newer than the newest: %v, %v", got, more)
	}
	second, third := tweet(t, m, s, "ann", "second"), tweet(t, m, s, "ann", "third")
	got, _ := newer(first.ID)
	equal(t, "newer than the first", got, "third", "second")
	got, _ = newer(second.ID)
	equal(t, "newer than the second", got, "third")
	for range PageSize {
		tweet(t, m, s, "ann", "more")
	}
	if got, more := newer(third.ID); len(got) != PageSize || more {
		t.Errorf("a page of newer ones: %d, %v", len(got), more)
	}
	if got, more := newer(second.ID); len(got) != PageSize || !more {
		t.Errorf("more than a page of newer ones: %d, %v", len(got), more)
	}
}

func TestLikes(t *testing.T) {
	m, s := open(t, "ann", "bob")
	ctx := t.Context()
	one, two := tweet(t, m, s, "ann", "one"), tweet(t, m, s, "ann", "two")
	must(t, m.Like(ctx, "ann", one))
	must(t, m.Like(ctx, "bob", one))
	must(t, m.Like(ctx, "bob", one))
	must(t, m.Like(ctx, "bob", two))
	must(t, m.Unlike(ctx, "bob", two))
	page, err := m.Public().Page(ctx, "bob", "")
	must(t, err)
	if p := page.Items; p[0].Likes != 0 || p[0].Liked || p[1].Likes != 2 || !p[1].Liked || p[1].Name != "Ann" {
		t.Errorf("posts are %+v", p)
	}
	equal(t, "what bob likes", texts(t, m.Liked("bob")), "one")
	people, err := m.LikedBy(ctx, one.ID, "")
	must(t, err)
	if len(people.Items) != 2 || people.Items[1].Username != "bob" {
		t.Errorf("the tweet is liked by %v", people.Items)
	}
	if posts, err := m.Posts(ctx, "bob", uuid.UUID{6: 0x10}, one.ID); len(posts) != 1 || posts[0].Likes != 2 || err != nil {
		t.Errorf("a tweet that does not exist, and one that does: %+v, %v", posts, err)
	}
}

func TestSearch(t *testing.T) {
	m, _ := open(t)
	ctx := t.Context()
	for _, u := range []User{
		{Username: "anna", Name: "Anna Berg", Town: "Oslo"},
		{Username: "annika", Name: "ANNIKA", Town: "Lyon"},
		{Username: "zoe", Name: "Ann", Town: "Oslo"},
		{Username: "ann", Name: "Eva", Town: "oslo "},
		{Username: "ola", Name: "Åse", Town: "Oslo"},
	} {
		must(t, m.SignUp(ctx, u, password))
	}
	for _, tt := range []struct {
		name, town string
		want       string
	}{
		{"ann", "", "anna annika zoe"},
		{"ANNA", "", "anna"},
		{"ann", "Oslo", "anna zoe"},
		{"å", "", "ola"},
		{"", "OSLO", "ann anna ola zoe"},
		{"nn", "", ""},
		{"", "", ""},
		{" ", " ", ""},
	} {
		users, err := m.Search(ctx, tt.name, tt.town)
		must(t, err)
		var got []string
		for _, u := range users {
			got = append(got, u.Username)
		}
		equal(t, fmt.Sprintf("%q in %q", tt.name, tt.town), got, strings.Fields(tt.want)...)
	}
}

// TestForgetting moves the clock past the TTL of lines and checks that the tweets stay.
func TestForgetting(t *testing.T) {
	m, s := open(t, "ann")
	tweet(t, m, s, "ann", "old")
	s.Advance(publicLife)
	equal(t, "the public line", texts(t, m.Public()))
	equal(t, "the home line", texts(t, m.Home("ann")), "old")
	s.Advance(homeLife)
	equal(t, "the home line", texts(t, m.Home("ann")))
	equal(t, "ann's own line", texts(t, m.Userline("ann")), "old")
}

func TestOpenOnBrokenStore(t *testing.T) {
	s := widerowtest.New(t)
	s.FailNext(widerowtest.AnyVerb, "", widerow.ErrUnavailable)
	if _, err := Open(context.Background(), s.DB, s.Now, bcrypt.MinCost); !errors.Is(err, widerow.ErrUnavailable) {
		t.Errorf("Open: %v", err)
	}
}
