package cqlclient

import (
	"testing"

	"go.uber.org/goleak"
)

// What the driver leaves if it does not end a session is not looked at: see closeTimeout.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("github.com/apache/cassandra-gocql-driver/v2.(*controlConn).heartBeat"),
		goleak.IgnoreAnyFunction("github.com/apache/cassandra-gocql-driver/v2.(*Session).Close"))
}
