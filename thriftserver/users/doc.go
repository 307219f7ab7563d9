// Package users keeps the users of a server in a file: their names, hashes of
// their passwords, and what they may read and write.
//
//	list, err := users.Load("widerow.users")
//	server, err := thriftserver.New(store, &thriftserver.Options{Authenticator: list, Authorizer: list})
//
// A line of the file is a user, as in
//
//	alice:$2a$10$…:*=rw
//	bob:$2a$10$…:app=r,app.Users=rw
//
// with a name, a bcrypt hash, and rights: to read (r), to write (w) or both, in a column family, in
// all of a keyspace, or everywhere (*). A user who may write to a keyspace may also change its
// families. A user who may write everywhere may also create keyspaces. Empty lines and lines that
// begin with # are kept.
package users
