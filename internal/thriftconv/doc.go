// Package thriftconv converts between the seam and Cassandra's Thrift interface:
// the types of packages backend and schema on one side, and those of thriftwire on
// the other side. A client needs one direction of each conversion and a server the
// other. Both directions are in the same file, and there is a file for each noun.
//
// A field that is not set on one side is not set on the other side. Definitions are
// copied, since they outlive the message in which they arrive. The results of all other
// conversions share their bytes with the converted value.
package thriftconv
