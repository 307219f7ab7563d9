package cqlclient

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain checks that the tests leave no goroutine. It ignores goroutines that the driver leaves
// if it does not end a session: see closeTimeout. It also ignores a pool that was just filled: such
// a pool waits some seconds before it notices that its session has ended.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/apache/cassandra-gocql-driver/v2.(*controlConn).heartBeat"),
		goleak.IgnoreAnyFunction("github.com/apache/cassandra-gocql-driver/v2.(*Session).Close"),
		goleak.IgnoreAnyFunction("github.com/apache/cassandra-gocql-driver/v2.(*hostConnPool).connect"),
		goleak.IgnoreAnyFunction("github.com/apache/cassandra-gocql-driver/v2.(*hostConnPool).connectMany"))
}
