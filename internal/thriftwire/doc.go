// Package thriftwire is Cassandra's Thrift interface in bytes: the messages of
// the binary protocol, strict and old-style, in frames or one after another, for
// client and server alike.
//
// Every method of the interface has a struct for its arguments and one for its
// result, such as [GetSliceArgs] and [GetSliceResult]. A client appends a
// message to a buffer that it uses again ([Framing.Append]), sends it, reads a
// message ([Reader.Next]) and decodes it ([DecodeReply]); a server decodes a
// call ([DecodeCall]), fills the result that belongs to its arguments
// ([Args.NewResult]) and appends it.
//
// # Values
//
// A struct of the interface is a struct of values. An optional binary, list or
// map is absent if it is nil, an optional struct if its pointer is; what else is
// optional is an [Optional]. A map is a slice of [Entry] in the order of the
// wire, which for rows is the order in which the server sent them.
//
// # Ownership of bytes
//
// Decoded binaries are parts of the message that they came from: they hold it in
// memory, and they are valid until it is written over. Strings are copies.
// Structs that come by the thousand are allocated many at a time, so one of them
// holds its neighbours too. Appending copies everything.
//
// # Hostile input
//
// A decoder allocates at most [MemoryFactor] times the bytes that it has been given,
// and [MemoryBase], whatever counts and lengths these claim and however small on the
// wire a struct is: a message that needs more matches [ErrMemory]. [Memory] has the caller
// asked before memory is allocated. A decoder skips what it does not know to a depth of
// [MaxDepth], and returns an error that matches [ErrMalformed] for the rest. The exceptions that a method does not declare,
// and the fields that a struct does not, may come from another version and are
// no error.
package thriftwire

//go:generate go run ./gen
