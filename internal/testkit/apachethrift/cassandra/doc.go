// Package cassandra is Cassandra's interface as Apache's Thrift compiler writes it. Its other files are not kept: go generate
// in the directory above writes them.
package cassandra
