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

// Recaller is implemented by an [Authenticator] that remembers logins which it has verified. A login that it
// recalls waits for no other.
type Recaller interface {
	// Recall returns the user who has the credentials, if it can tell at once.
	Recall(credentials map[string]string) (user string, ok bool)
}

// Lister is implemented by an [Authenticator] that knows its users, so that one who is removed is logged
// out on open connections. It is called for each call.
type Lister interface {
	// HasUser reports whether there is a user of the name.
	HasUser(user string) bool
}

// Authorizer says who may do what. It is called by many goroutines, for each
// call.
type Authorizer interface {
	// Authorize reports whether the user may do something with a family, with a
	// whole keyspace if family is empty, or with all keyspaces if that is empty too.
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
		// Who was in before is not any more: the client wanted to be another.
		s.logOut()
		if errors.Is(err, backend.ErrAuthentication) {
			s.loginFailed(credentials["username"])
		}
		return err
	}
	s.logIn(user)
	return nil
}

// authenticate asks who has the credentials, in turn with others unless that is known.
func (s *session) authenticate(ctx context.Context, auth Authenticator, credentials map[string]string) (string, error) {
	if r, ok := auth.(Recaller); ok {
		if user, ok := r.Recall(credentials); ok {
			return user, nil
		}
	}
	// One that waited in vain counts, too: who comes back at once would overtake all others otherwise.
	l, before := s.server.logins, s.attempts
	s.attempts++
	if err := l.acquire(ctx, s.conn.stranger.gone, s.client, before); err != nil {
		return "", err
	}
	defer l.release()
	return auth.Authenticate(ctx, credentials)
}

// loginFailed reports a failed login, and delays its answer by how many there were from the client.
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

// logIn makes a user that of the session.
func (s *session) logIn(user string) {
	s.user, s.loggedIn, s.attempts = user, true, 0
	s.server.strangers.remove(s.conn)
}

// logOut ends a login, if there was one. The connection has to log in again, in time.
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

// isStranger reports whether the client must log in before it does anything.
func (s *session) isStranger() bool { return s.server.opts.Authenticator != nil && !s.loggedIn }

// logOutRemoved ends the login of a user who was removed.
func (s *session) logOutRemoved() {
	if l, ok := s.server.opts.Authenticator.(Lister); ok && s.loggedIn && !l.HasUser(s.user) {
		s.logOut()
	}
}

// may returns why a user may not do something, or nil.
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

// resource names what a permission is for, as Cassandra 1.2 does.
func resource(keyspace, family string) string {
	switch {
	case keyspace == "":
		return "<all keyspaces>"
	case family == "":
		return "<keyspace " + keyspace + ">"
	}
	return "<table " + keyspace + "." + family + ">"
}
