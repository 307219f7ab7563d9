// Package thriftconv converts between the seam and Cassandra's Thrift interface:
// the types of packages backend and schema on one side, those of thriftwire on
// the other. A client needs one direction of each conversion and a server the
// other; both stand side by side, in a file for each noun.
//
// What is not set on one side is not set on the other. Definitions are copied,
// since they outlive the message that they come in. Everything of a data call
// shares its bytes with what it was made from.
package thriftconv
