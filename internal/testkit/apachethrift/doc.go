// Package apachethrift compares our Thrift codec, and the client that stands on
// it, with Apache's own library and the code that its compiler writes for the
// same interface: the tests as an oracle, the benchmarks as a yardstick.
//
//	go test .                                    both read what the other wrote
//	go test . -run '^$' -fuzz FuzzBothDecode     both accept the same bytes
//	go test . -run '^$' -bench .                 how the two compare (on Linux)
//
// It is a module of its own, so that the library and its users do not depend on
// Apache's. Package cassandra is as the compiler wrote it. It is written anew by
// go generate, with version 0.17 of the compiler (Debian's package thrift-compiler)
// on the path; the library that it is compiled with is the one in go.mod.
package apachethrift

//go:generate thrift -gen go:skip_remote,package=cassandra -out . ../../thriftwire/cassandra.thrift
//go:generate go -C ../../.. tool gofumpt -w internal/testkit/apachethrift/cassandra
