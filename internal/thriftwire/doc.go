// Package thriftwire is Cassandra's Thrift interface in bytes: the messages of
// the binary protocol, strict and old-style, in frames or one after another, for
// client and server alike.
//
// Every method of the interface has a struct for its arguments and a struct for its
// result, such as [GetSliceArgs] and [GetSliceResult]. A client appends a message to
// a reused buffer ([Framing.Append]), sends it, reads a message ([Reader.Next]) and
// decodes it ([DecodeReply]). A server decodes a call ([DecodeCall]), fills the result
// of its arguments ([Args.NewResult]) and appends the result.
//
// # Values
//
// A struct of the interface is a struct of values. An optional binary, list, map or
// pointer to a struct is absent if it is nil. Any other optional field is an [Optional]. A
// map is a slice of [Entry] in the order of the wire. For rows, that is the order in
// which the server sent them.
//
// # Ownership of bytes
//
// Decoded binaries alias their message. They keep the message in memory, and they are
// valid until the message is overwritten. Strings are copies. Structs that occur in large
// numbers are allocated many at a time, so each of them keeps its neighbours in memory too.
// Appending copies everything.
//
// # Hostile input
//
// A decoder allocates at most [MemoryFactor] times the length of the message plus
// [MemoryBase], whatever the counts and lengths in the message and however small a struct
// is on the wire. The error of a message that needs more matches [ErrMemory]. With [Memory],
// the decoder asks the caller before it allocates memory. A decoder skips unknown fields to
// a depth of [MaxDepth]. The errors of other malformed messages match [ErrMalformed]. Exceptions
// that a method does not declare and fields that a struct does not declare may belong to
// another version and are no errors.
package thriftwire

//go:generate go run ./gen
