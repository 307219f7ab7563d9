package thriftserver

import (
	"context"
	"errors"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/guard"
	"github.com/widerow/widerow/internal/thriftwire"
)

// Authenticator checks who logs in. It is called by many goroutines, but by no
// more than [Options.MaxLogins] at once.
type Authenticator interface {
	// Authenticate returns the user who has the credentials, which clients give as
	// "username" and "password". The text of an error that matches backend.ErrAuthentication is
	// sent to the client. The text of any other error is not.
	Authenticate(ctx context.Context, credentials map[string]string) (user string, err error)
}

// Recaller is implemented by an [Authenticator] that remembers verified logins. A login that it
// recalls need not wait for a slot of [Options.MaxLogins].
type Recaller interface {
	// Recall returns the user who has the credentials, if this needs no work. Otherwise ok is false.
	Recall(credentials map[string]string) (user string, ok bool)
}

// Lister is implemented by an [Authenticator] that knows its users. The server asks it before each call, so that
// a removed user is logged out on open connections.
type Lister interface {
	// HasUser reports whether there is a user of the name.
	HasUser(user string) bool
}

// Authorizer decides which user may do what. It is called before each call, by many
// goroutines.
type Authorizer interface {
	// Authorize reports whether the user has the permission on a family. If family is empty it is the
	// whole keyspace; if keyspace is empty too, all keyspaces.
	Authorize(user string, p Permission, keyspace, family string) bool
}

// Permission is what a user may do.
type Permission uint8

// The permissions, which are Cassandra's.
const (
	Select Permission = iota + 1 // to read
	Modify                       // to write, and to truncate
	Create                       // families in a keyspace, or keyspaces
	Alter                        // a keyspace or a family
	Drop                         // a keyspace or a family
)

// String returns Cassandra's name of the permission.
func (p Permission) String() string {
	switch p {
	case Select:
		return "SELECT"
	case Modify:
		return "MODIFY"
	case Create:
		return "CREATE"
	case Alter:
		return "ALTER"
	case Drop:
		return "DROP"
	}
	return "UNKNOWN"
}

// login handles the call of this name.
func (s *session) login(ctx context.Context, a *thriftwire.LoginArgs) error {
	auth := s.server.opts.Authenticator
	if auth == nil {
		return nil
	}
	credentials := make(map[string]string, len(a.AuthRequest.Credentials))
	for _, e := range a.AuthRequest.Credentials {
		credentials[e.Key] = e.Value
	}
	for _, key := range [...]string{"username", "password"} {
		if _, ok := credentials[key]; !ok {
			return &backend.Error{Kind: backend.KindAuthentication, Why: "Required key '" + key + "' is missing"}
		}
	}
	user, err := s.authenticate(ctx, auth, credentials)
	if err != nil {
		// The earlier user is logged out even if this login fails: the client wanted to be another user.
		s.logOut()
		if errors.Is(err, backend.ErrAuthentication) {
			s.loginFailed(credentials["username"])
		}
		return err
	}
	s.logIn(user)
	return nil
}

// authenticate returns the user who has the credentials. Unless the authenticator recalls them, it waits for a slot.
func (s *session) authenticate(ctx context.Context, auth Authenticator, credentials map[string]string) (string, error) {
	if r, ok := auth.(Recaller); ok {
		if user, ok := r.Recall(credentials); ok {
			return user, nil
		}
	}
	// An attempt that waited in vain counts too. Otherwise a client that reconnects at once would overtake all others.
	l, before := s.server.logins, s.attempts
	s.attempts++
	if err := l.acquire(ctx, s.conn.stranger.gone, s.client, before); err != nil {
		return "", err
	}
	defer l.release()
	return auth.Authenticate(ctx, credentials)
}

// loginFailed reports a failed login, and delays the answer the longer, the more logins of the client have failed.
func (s *session) loginFailed(user string) {
	n, delay, log := s.server.logins.failed(s.client, time.Now())
	if log {
		s.server.opts.Logger.Warn("login failed", "user", user, "client", clientName(s.client), "remote", s.remote, "failures", n)
	}
	guard.Call(s.server.opts.Logger, listener, s.server.opts.Events.LoginFailed, clientName(s.client))
	if delay == 0 {
		return
	}
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.conn.stranger.gone:
	case <-s.server.stopping:
	}
}

// logIn sets the user of the session.
func (s *session) logIn(user string) {
	s.user, s.loggedIn, s.attempts = user, true, 0
	s.server.strangers.remove(s.conn)
}

// logOut ends the login, if there is one. The connection must log in again within LoginTimeout.
func (s *session) logOut() {
	if s.loggedIn {
		s.user, s.loggedIn, s.loginBy = "", false, time.Now().Add(s.server.opts.LoginTimeout)
		s.server.strangers.add(s.conn)
	}
}

// mayCall returns why a call of a method is refused, whatever its arguments, or nil.
func (s *session) mayCall(args thriftwire.Args) error {
	s.logOutRemoved()
	if s.isStranger() && !args.Traits().Has(thriftwire.Open) {
		return &backend.Error{Kind: backend.KindAuthorization, Why: "You have not logged in"}
	}
	return nil
}

// isStranger reports whether the client must log in before any other call.
func (s *session) isStranger() bool { return s.server.opts.Authenticator != nil && !s.loggedIn }

// logOutRemoved ends the login of a user who was removed.
func (s *session) logOutRemoved() {
	if l, ok := s.server.opts.Authenticator.(Lister); ok && s.loggedIn && !l.HasUser(s.user) {
		s.logOut()
	}
}

// may returns nil if the user has the permission, otherwise the error.
func (s *session) may(p Permission, keyspace, family string) error {
	z := s.server.opts.Authorizer
	if z == nil || z.Authorize(s.user, p, keyspace, family) {
		return nil
	}
	return &backend.Error{
		Kind: backend.KindAuthorization,
		Why:  "User " + s.user + " has no " + p.String() + " permission on " + resource(keyspace, family) + " or any of its parents",
	}
}

// resource returns the name of a resource in the form of Cassandra 1.2.
func resource(keyspace, family string) string {
	switch {
	case keyspace == "":
		return "<all keyspaces>"
	case family == "":
		return "<keyspace " + keyspace + ">"
	}
	return "<table " + keyspace + "." + family + ">"
}
