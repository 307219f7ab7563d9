// Package apachethrift compares our Thrift codec, and the client that stands on
// it, with Apache's own library and the code that its compiler writes for the
// same interface: the tests as an oracle, the benchmarks as a yardstick.
//
//	go generate .                                             write Apache's code, with its compiler
//	go test -tags apache .                                    both read what the other wrote
//	go test -tags apache . -run '^$' -fuzz FuzzBothDecode     both accept the same bytes
//	go test -tags apache . -run '^$' -bench .                 how the two compare (on Linux)
//
// It is a module of its own, so that the library and its users do not depend on
// Apache's. The code of package cassandra is not kept: its 34,000 lines are what the compiler (Debian's package
// thrift-compiler, version 0.17) writes for cassandra.thrift; the library that it is compiled with is the one in
// go.mod. Without the tag, all tests here are skipped.
package apachethrift

//go:generate thrift -gen go:skip_remote,package=cassandra -out . ../../thriftwire/cassandra.thrift
//go:generate go -C ../../.. tool gofumpt -w internal/testkit/apachethrift/cassandra
