package thriftserver

import (
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// Authenticator checks who logs in. It is called by many goroutines, but by no
// more than [Options.MaxLogins] at once.
type Authenticator interface {
	// Authenticate returns the user who has the credentials, which clients give as
	// "username" and "password". An error that is an authentication error of
	// package backend is told to the client, which learns nothing from any other.
	Authenticate(ctx context.Context, credentials map[string]string) (user string, err error)
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
	if err := s.server.logins.acquire(ctx); err != nil {
		return err
	}
	defer s.server.logins.release()
	user, err := auth.Authenticate(ctx, credentials)
	if err != nil {
		// Who was in before is not any more: the client wanted to be another.
		s.user, s.loggedIn = "", false
		return err
	}
	s.user, s.loggedIn = user, true
	return nil
}

// openMethods are those that need no login.
var openMethods = map[string]bool{
	"login": true, "describe_version": true, "describe_cluster_name": true, "describe_partitioner": true, "describe_snitch": true,
}

// mayCall returns why a call of a method is refused, whatever its arguments, or nil.
func (s *session) mayCall(args thriftwire.Args) error {
	if s.isStranger() && !openMethods[args.Method()] {
		return &backend.Error{Kind: backend.KindAuthorization, Why: "You have not logged in"}
	}
	return nil
}

// isStranger reports whether the client must log in before it does anything.
func (s *session) isStranger() bool { return s.server.opts.Authenticator != nil && !s.loggedIn }

// memory bounds what decoding a call takes.
func (s *session) memory() *thriftwire.Memory {
	if s.isStranger() {
		return &strangersMemory
	}
	return nil
}

// strangersMemory is enough for a login.
var strangersMemory = thriftwire.Memory{Limit: thriftwire.MemoryBase}

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
