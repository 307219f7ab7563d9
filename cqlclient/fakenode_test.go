package cqlclient

import (
	"bufio"
	"encoding/binary"
	"io"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

// fakeNode speaks the part of protocol 4 that the driver needs to connect and to execute prepared
// statements. It answers each statement with a frame that the test prepared, and allocates nothing
// for it.
type fakeNode struct {
	addr string
	mu   sync.Mutex
	// answers maps statements to the opcode and body of the reply to an execution. Other statements
	// return no rows.
	answers map[string]message
	// If seen is not nil, it is called with each executed statement and its message.
	seen func(statement string, request []byte)
	wg   sync.WaitGroup
}

type message struct {
	opcode byte
	body   []byte
}

// Opcodes of the protocol.
const (
	opError     = 0x00
	opReady     = 0x02
	opOptions   = 0x05
	opSupported = 0x06
	opQuery     = 0x07
	opResult    = 0x08
	opPrepare   = 0x09
	opExecute   = 0x0a
	opBatch     = 0x0d
)

// Types of columns.
const (
	typeBlob    = 0x03
	typeUUID    = 0x0c
	typeVarchar = 0x0d
	typeInet    = 0x10
	typeSet     = 0x22
)

func newFakeNode(t testing.TB) *fakeNode {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &fakeNode{addr: listener.Addr().String(), answers: map[string]message{}}
	n.wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			n.wg.Go(func() {
				defer conn.Close()
				n.serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		n.wg.Wait() // the client is closed earlier
	})
	return n
}

func (n *fakeNode) serve(conn net.Conn) {
	in := bufio.NewReader(conn)
	var request, reply []byte
	var header [9]byte
	for {
		if _, err := io.ReadFull(in, header[:]); err != nil {
			return
		}
		size := int(binary.BigEndian.Uint32(header[5:]))
		if cap(request) < size {
			request = make([]byte, size)
		}
		request = request[:size]
		if _, err := io.ReadFull(in, request); err != nil {
			return
		}
		m := n.answer(header[4], request)
		reply = append(reply[:0], 0x84, 0, header[2], header[3], m.opcode)
		reply = binary.BigEndian.AppendUint32(reply, uint32(len(m.body)))
		reply = append(reply, m.body...)
		if _, err := conn.Write(reply); err != nil {
			return
		}
	}
}

func (n *fakeNode) answer(opcode byte, request []byte) message {
	switch opcode {
	case opOptions:
		return message{opSupported, []byte{0, 0}}
	case opQuery:
		size := binary.BigEndian.Uint32(request)
		if strings.HasPrefix(string(request[4:4+size]), "SELECT * FROM system.local") {
			return message{opResult, localRow}
		}
		return message{opResult, append(appendColumns([]byte{0, 0, 0, 2}, []string{"peer"}, nil), 0, 0, 0, 0)}
	case opPrepare:
		size := binary.BigEndian.Uint32(request)
		return message{opResult, prepared(string(request[4 : 4+size]))}
	case opExecute:
		size := binary.BigEndian.Uint16(request)
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.executed(string(request[2:2+size]), request)
	case opBatch:
		n.mu.Lock()
		defer n.mu.Unlock()
		return n.executed("BATCH", request)
	}
	return message{opReady, nil}
}

func (n *fakeNode) executed(statement string, request []byte) message {
	if n.seen != nil {
		n.seen(statement, request)
	}
	if m, ok := n.answers[statement]; ok {
		return m
	}
	return message{opResult, []byte{0, 0, 0, 1}}
}

// set sets the answer to a statement.
func (n *fakeNode) set(statement string, m message) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answers[statement] = m
}

func appendString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint16(b, uint16(len(s))), s...)
}

func appendBytes(b, value []byte) []byte {
	if value == nil {
		return binary.BigEndian.AppendUint32(b, 1<<32-1)
	}
	return append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...)
}

// appendColumns appends the metadata of columns. Every column is a blob unless types names another
// type.
func appendColumns(b []byte, names []string, types map[string][]uint16) []byte {
	b = binary.BigEndian.AppendUint32(b, 1) // one table for all columns
	b = binary.BigEndian.AppendUint32(b, uint32(len(names)))
	b = appendString(appendString(b, "ks"), "Std")
	for _, name := range names {
		b = appendString(b, name)
		kinds := types[name]
		if kinds == nil {
			kinds = []uint16{typeBlob}
		}
		for _, kind := range kinds {
			b = binary.BigEndian.AppendUint16(b, kind)
		}
	}
	return b
}

// rowsOf returns the body of a result with rows, whose metadata is that of the prepared statement.
func rowsOf(rows [][][]byte) []byte {
	columns := 0
	if len(rows) > 0 {
		columns = len(rows[0])
	}
	b := []byte{0, 0, 0, 2, 0, 0, 0, 4} // rows, no metadata
	b = binary.BigEndian.AppendUint32(b, uint32(columns))
	b = binary.BigEndian.AppendUint32(b, uint32(len(rows)))
	for _, row := range rows {
		for _, cell := range row {
			b = appendBytes(b, cell)
		}
	}
	return b
}

// prepared returns the body of the answer to a PREPARE. The id is the statement itself.
func prepared(statement string) []byte {
	b := appendString([]byte{0, 0, 0, 4}, statement)
	bound := make([]string, strings.Count(statement, "?"))
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint32(b, uint32(len(bound)))
	if before, _, ok := strings.Cut(statement, "key = ?"); ok {
		b = append(b, 0, 0, 0, 1)
		b = binary.BigEndian.AppendUint16(b, uint16(strings.Count(before, "?")))
	} else {
		b = append(b, 0, 0, 0, 0)
	}
	b = appendString(appendString(b, "ks"), "Std")
	for range bound {
		b = binary.BigEndian.AppendUint16(appendString(b, "v"), typeBlob)
	}
	var columns []string
	if list, _, ok := strings.Cut(strings.TrimPrefix(statement, "SELECT "), " FROM"); ok && strings.HasPrefix(statement, "SELECT ") {
		columns = strings.Split(list, ", ")
	}
	return appendColumns(b, columns, nil)
}

// localRow returns the row of system.local.
var localRow = func() []byte {
	names := []string{"key", "cluster_name", "data_center", "rack", "release_version", "partitioner", "host_id", "schema_version", "rpc_address", "tokens"}
	types := map[string][]uint16{
		"host_id": {typeUUID}, "schema_version": {typeUUID}, "rpc_address": {typeInet}, "tokens": {typeSet, typeVarchar},
	}
	for _, name := range names {
		if types[name] == nil {
			types[name] = []uint16{typeVarchar}
		}
	}
	uuid := []byte("\x00\x00\x00\x00\x00\x00\x40\x00\x80\x00\x00\x00\x00\x00\x00\x01")
	b := appendColumns([]byte{0, 0, 0, 2}, names, types)
	b = binary.BigEndian.AppendUint32(b, 1)
	for _, cell := range []string{
		"local", "Test", "dc1", "r1", "3.11.19", partitioner.Murmur3.Class(), string(uuid), string(uuid), "\x7f\x00\x00\x01", "\x00\x00\x00\x01\x00\x00\x00\x010",
	} {
		b = appendBytes(b, []byte(cell))
	}
	return b
}()

// onFakeNode opens a client of a fake node with one family.
func onFakeNode(t testing.TB, def schema.Family, opts *Options) (*Client, *fakeNode) {
	n := newFakeNode(t)
	o := Options{}
	if opts != nil {
		o = *opts
	}
	o.Protocol = 4
	c := offline(t, &o)
	config, err := c.opts.config([]string{n.addr})
	if err != nil {
		t.Fatal(err)
	}
	c.conns = keep(config, c.watcher)
	if c.session, err = connect(t.Context(), config); err != nil {
		c.conns.close()
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	c.schema.snapshot.Store(&snapshot{cat: catalogOf(t, def)})
	c.schema.confirmed.Store(math.MaxInt64) // the client never asks for the schema again
	return c, n
}

// catalogOf returns the schema with the families in keyspace ks.
func catalogOf(t testing.TB, families ...schema.Family) *catalog.Catalog {
	t.Helper()
	ks := schema.NewKeyspace("ks", 1)
	ks.Families = slices.Clone(families)
	for i := range ks.Families {
		ks.Families[i].Keyspace = "ks"
	}
	cat, err := catalog.New([]schema.Keyspace{ks})
	if err != nil {
		t.Fatal(err)
	}
	for f := range cat.Families("ks") {
		shadows := map[string]string{}
		for i := range f.Indexes {
			shadows[string(f.Indexes[i].Column)] = quoteName("ix_" + string(f.Indexes[i].Column))
		}
		f.Held = newOwnTable(f, shadows)
	}
	return cat
}

var sliceStatement = `SELECT column1, value, WRITETIME(value), TTL(value) FROM "ks"."Std" WHERE key = ?`

func sliceOf(count int, keys ...string) *backend.SliceRequest {
	return &backend.SliceRequest{
		Parent: backend.Parent{Keyspace: "ks", Family: "Std"}, Keys: bytesOf(keys...), Predicate: backend.Predicate{Count: count},
	}
}
