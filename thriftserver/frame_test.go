package thriftserver_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// frame sends bytes as one frame.
func (c *client) frame(parts ...[]byte) {
	c.t.Helper()
	all := bytes.Join(parts, nil)
	c.write(append(binary.BigEndian.AppendUint32(nil, uint32(len(all))), all...))
}

// answersVersion expects the answer to describe_version.
func (c *client) answersVersion() {
	c.t.Helper()
	if err := thriftwire.DecodeReply(c.receive(), "describe_version", 9, &thriftwire.DescribeVersionResult{}); err != nil {
		c.t.Error(err)
	}
}

// If a second message follows in the same frame, the server answers it, as a Cassandra with one
// thread for each connection does. The server ignores any other bytes, as a Cassandra with
// rpc_server_type hsha does.
func TestWhatFollowsAMessage(t *testing.T) {
	s := servertest.Start(t, appStore(t), nil)
	version := message("describe_version", 1, 0)
	for name, junk := range map[string][]byte{
		"a byte": {0}, "zeros": make([]byte, 20), "text": b("xxxxxxxxxxxx"), "half a head": version[:10], "ones": bytes.Repeat([]byte{0xff}, 12),
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s)
			c.t = t
			c.frame(version, junk)
			c.answersVersion()
			c.frame(version)
			c.answersVersion()
		})
	}
	c := dial(t, s)
	c.frame(version, version, version)
	for range 3 {
		c.answersVersion()
	}
	for what, first := range map[string][]byte{
		"an unknown method": message("get_rich", 1, 0), "an absent field": message("set_keyspace", 1, 0),
	} {
		c.frame(first, version)
		var e *thriftwire.ApplicationException
		if err := thriftwire.DecodeReply(c.receive(), "", 9, &thriftwire.DescribeVersionResult{}); !errors.As(err, &e) {
			t.Errorf("%s: %v, want an application exception", what, err)
		}
		c.answersVersion()
	}

	// The same holds before a login.
	c = dial(t, servertest.Start(t, appStore(t), &thriftserver.Options{Authenticator: newUsers(t)}))
	c.frame(message("set_keyspace", 1, 11, 0, 1, 0, 0, 0, 1, 'k', 0), version)
	if err := thriftwire.DecodeReply(c.receive(), "set_keyspace", 9, &thriftwire.SetKeyspaceResult{}); err != nil {
		t.Error(err)
	}
	c.answersVersion()
}

// If a client omits the consistency level, the default of Cassandra 1.2.19 and 2.1.22 applies.
func TestAbsentLevel(t *testing.T) {
	c := app(t)
	path := thriftwire.ColumnPath{ColumnFamily: "Users", Column: b("a")}
	keys := thriftwire.KeyRange{StartKey: b(""), EndKey: b(""), Count: 10}
	c.insert("Users", "k", column("a", "1", 5))
	for _, args := range []thriftwire.Args{
		&thriftwire.InsertArgs{Key: b("k"), ColumnParent: parent("Users"), Column: column("a", "1", 6), ConsistencyLevel: one},
		&thriftwire.GetArgs{Key: b("k"), ColumnPath: path, ConsistencyLevel: one},
		&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one},
		&thriftwire.GetCountArgs{Key: b("k"), ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one},
		&thriftwire.MultigetSliceArgs{Keys: [][]byte{b("k")}, ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one},
		&thriftwire.MultigetCountArgs{Keys: [][]byte{b("k")}, ColumnParent: parent("Users"), Predicate: all(), ConsistencyLevel: one},
		&thriftwire.GetRangeSlicesArgs{ColumnParent: parent("Users"), Predicate: all(), Range: keys, ConsistencyLevel: one},
		&thriftwire.GetPagedSliceArgs{ColumnFamily: "Users", Range: keys, ConsistencyLevel: one},
		&thriftwire.BatchMutateArgs{MutationMap: batch{{Key: b("k"), Value: changes{}}}, ConsistencyLevel: one},
		&thriftwire.AtomicBatchMutateArgs{MutationMap: batch{{Key: b("k"), Value: changes{}}}, ConsistencyLevel: one},
		&thriftwire.RemoveArgs{Key: b("k"), ColumnPath: path, Timestamp: 7, ConsistencyLevel: one},
		&thriftwire.CasArgs{
			Key: b("k"), ColumnFamily: "Users", Expected: []thriftwire.Column{}, Updates: []thriftwire.Column{column("a", "1", 8)},
			SerialConsistencyLevel: thriftwire.ConsistencyLevelSerial, CommitConsistencyLevel: thriftwire.ConsistencyLevelQuorum,
		},
	} {
		m := thriftwire.AppendMessage(nil, thriftwire.Header{Method: args.Method(), Type: thriftwire.Call, Seq: 9}, args)
		without := bytes.Clone(m)
		for id := byte(2); id <= 6; id++ {
			for _, level := range []byte{1, 2, 9} {
				without = bytes.Replace(without, []byte{8, 0, id, 0, 0, 0, level}, nil, 1)
			}
		}
		if len(without) == len(m) {
			t.Fatalf("%s has no level", args.Method())
		}
		c.frame(without)
		result := args.NewResult()
		if err := thriftwire.DecodeReply(c.receive(), args.Method(), 9, result); err != nil || result.Err() != nil {
			t.Errorf("%s without a level: %v, %v", args.Method(), err, result.Err())
		}
	}
}

// Names from clients are shortened in exceptions and in the log, and are valid UTF-8 in the log.
func TestMadeUpNames(t *testing.T) {
	var log logs
	c := dial(t, servertest.Start(t, appStore(t), &thriftserver.Options{Logger: log.logger(), SlowCall: 1}))
	must[*thriftwire.SetKeyspaceResult](c, &thriftwire.SetKeyspaceArgs{Keyspace: "app"})
	c.refused(&thriftwire.SetKeyspaceArgs{Keyspace: "\xff\xe2\x82x"}, "Keyspace '\ufffd\ufffdx' does not exist")
	err := c.raw(message("\xff\xfe", 1, 0))
	if e := new(thriftwire.ApplicationException); !errors.As(err, &e) || e.Message != "Invalid method name: '\ufffd\ufffd'" {
		t.Errorf("%v, want one with U+FFFD", err)
	}
	long := strings.Repeat("n", 1<<20)
	for _, args := range []thriftwire.Args{
		&thriftwire.SetKeyspaceArgs{Keyspace: long}, &thriftwire.TruncateArgs{Cfname: long}, &thriftwire.SystemDropKeyspaceArgs{Keyspace: long},
		&thriftwire.SystemAddKeyspaceArgs{KsDef: replicated(long)}, &thriftwire.DescribeRingArgs{Keyspace: long}, &thriftwire.DescribeSplitsArgs{CfName: long, KeysPerSplit: 2},
		&thriftwire.GetSliceArgs{Key: b("k"), ColumnParent: parent(long), Predicate: all(), ConsistencyLevel: one},
	} {
		c.send(args)
		if n := len(c.receive()); n > 5000 {
			t.Errorf("%s: an answer of %d bytes", args.Method(), n)
		}
	}
	for line := range strings.Lines(log.String()) {
		if len(line) > 3000 {
			t.Errorf("a line of %d bytes: %.200s", len(line), line)
		}
	}
}
