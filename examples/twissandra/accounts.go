package main

import (
	"errors"
	"net/http"
	"strings"

	"github.com/widerow/widerow/examples/twissandra/internal/model"
)

// form is the data of an account form: the typed values and their problems.
type form struct {
	model.User
	Wrong map[string]string // the problem of each field
}

// submit shows a form. If the form was sent, submit processes it, and shows it again if it has a problem.
func (v *visit) submit(name, title string, f form, do func() error) error {
	status := http.StatusOK
	if v.r.Method == http.MethodPost {
		var problem *model.Problem
		if err := do(); !errors.As(err, &problem) {
			return err
		}
		status, f.Wrong = http.StatusUnprocessableEntity, map[string]string{problem.Field: problem.Why}
	}
	return v.render(status, name, title, f)
}

func (s *site) signUp(v *visit) error {
	u := model.User{Username: v.username(), Name: v.field("name"), Town: v.field("town"), Bio: v.field("bio")}
	return v.submit("signup", "Sign up", form{User: u}, func() error {
		if err := s.model.Attempt(v.r.Context(), model.SignUpsFrom, v.address()); err != nil {
			return err
		}
		if err := s.model.SignUp(v.r.Context(), u, v.field("password")); err != nil {
			return err
		}
		return v.startSession(u.Username)
	})
}

func (s *site) logIn(v *visit) error {
	f := form{User: model.User{Username: v.username()}}
	return v.submit("login", "Log in", f, func() error {
		if err := s.model.LogIn(v.r.Context(), v.address(), f.Username, v.field("password")); err != nil {
			return err
		}
		return v.startSession(f.Username)
	})
}

func (s *site) logOut(v *visit) error {
	if err := s.model.EndSession(v.r.Context(), v.token); err != nil {
		return err
	}
	return v.redirect("/")
}

// field returns the typed value of a field.
func (v *visit) field(name string) string { return v.r.Form.Get(name) }

// username returns the typed user name in the form in which users are stored.
func (v *visit) username() string {
	return strings.ToLower(strings.TrimPrefix(strings.TrimSpace(v.field("username")), "@"))
}
