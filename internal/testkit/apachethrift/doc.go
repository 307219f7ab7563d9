// Package apachethrift compares our Thrift codec and our client with Apache's own library and the
// code that Apache's compiler writes for the same interface. Apache's code is the oracle of the
// tests and the yardstick of the benchmarks.
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
