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
// [Variable] names versions.
//
//	WIDEROW_TEST_CASSANDRA=1.2,3.11.19          start nodes of the last 1.2 and of 3.11.19
//	WIDEROW_TEST_CASSANDRA=all                  one version of each line (Releases)
//	WIDEROW_TEST_CASSANDRA=1.2.19=10.0.0.5:9160 use the node that runs there
//
// From 4.0 on Cassandra has no Thrift interface. So tests of Thrift pass the lines that they support
// to [Versions]. From 4.0 on [Node.Addr] is the address of the native protocol.
//
// For a test, a node that runs elsewhere is one plain node. A test that needs a ring or another
// partitioner, or that stops a node, is skipped.
//
// # What it needs
//
// Nodes are started on Linux only. Maven downloads Cassandra's jars, with the user's settings of Maven. If
// mvn is missing and apt-get may be used, Maven is installed. Up to 4.1 Cassandra needs Java 8, and
// 5.0 needs Java 17. WIDEROW_JAVA8 and WIDEROW_JAVA17 name the directory above bin/java. If the
// variable is not set, a Java in the cache or on the machine is used. If no Java is found and the machine is
// a Debian system, Java is taken from the packages of Debian sid, together with the C library that it needs. This
// changes nothing in the system and needs no root.
//
// All files are stored in the directory widerow-cassandra of the user's cache, or in the directory
// that WIDEROW_CASSANDRA_CACHE names. [Fetch] fills the cache before the tests.
//
// # Networks
//
// Each cluster has its own loopback network, 127.K.0.0/24. Its nodes have the addresses
// 127.K.0.1, 127.K.0.2 and so on, and the usual ports: 9160 for Thrift, 9042 for the native
// protocol, and 7000 between nodes. Test binaries that run concurrently have different
// networks. JMX is off.
//
// Nodes end with the test, and with its process, however the process ends. The files of a
// cluster are in the directory net/K of the cache. If the test fails, the logs stay, and the
// failure names their directory.
package realcass
