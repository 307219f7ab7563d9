// Package realcass runs Apache Cassandra itself, of any version from 0.7 to 5.0, for
// tests that compare with it or talk to it.
//
//	for _, version := range realcass.Versions(t) {
//		t.Run(version, func(t *testing.T) {
//			c := realcass.Start(t, realcass.Config{Version: version, Nodes: 3})
//			client := dial(c.Addrs()...)
//			c.Node(2).Kill(t)
//			…
//
// # Asking for it
//
// Plain go test needs only Go: [Versions] skips the test unless the environment variable
// [Variable] says what to run on.
//
//	WIDEROW_TEST_CASSANDRA=1.2,3.11.19          start nodes of the last 1.2 and of 3.11.19
//	WIDEROW_TEST_CASSANDRA=all                  one version of each line (Releases)
//	WIDEROW_TEST_CASSANDRA=1.2.19=10.0.0.5:9160 use the node that runs there
//
// From 4.0 on Cassandra has no Thrift interface: tests of Thrift name the lines that they want to
// [Versions], and [Node.Addr] is the address of the native protocol.
//
// A node that runs elsewhere is one plain node to a test: one that wants a ring, another
// partitioner, or to stop a node, is skipped.
//
// # What it needs
//
// Nodes are started on Linux. Cassandra's jars come through Maven, as its own settings say; if
// there is no mvn, and apt-get may be used, it is installed. Up to 4.1 Cassandra needs Java 8,
// and 5.0 needs Java 17: one that is on the machine is used, or the one that
// WIDEROW_JAVA8 and WIDEROW_JAVA17 name, the directory above bin/java. If there is none, and the
// machine is a Debian one, it comes from the packages of Debian sid, with the C library that it wants
// beside it. Nothing of the system is changed for that, and no root is needed.
//
// All of it is kept in the directory widerow-cassandra of the user's cache, or where
// WIDEROW_CASSANDRA_CACHE says. [Fetch] fills the cache ahead of the tests.
//
// # Networks
//
// Each cluster has a loopback network of its own, 127.K.0.0/24, on which its nodes
// are 127.K.0.1, 127.K.0.2 and so on with the usual ports: 9160 for Thrift, 9042 for
// the native protocol and 7000 between them. Test binaries that run at once have
// different networks. JMX is off.
//
// Nodes end with the test, and with its process, however that ends. A cluster's files
// stand in the cache as net/K. If the test fails, its logs stay, as the failure
// says.
package realcass
