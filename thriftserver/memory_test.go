package thriftserver_test

import (
	"encoding/binary"
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// For a client that has not logged in, the server decodes only the calls that are allowed before a
// login.
func TestNothingIsDecodedBeforeLogin(t *testing.T) {
	list := newUsers(t)
	s := servertest.Start(t, appStore(t), &thriftserver.Options{Authenticator: list, Authorizer: list})
	c := dial(t, s)

	// The test sends arguments that cannot be decoded, and arguments that would take 40 times their
	// size to decode.
	bad := message("insert", 1, 12, 0, 1, 12, 0)
	c.write(append(binary.BigEndian.AppendUint32(nil, uint32(len(bad))), bad...))
	if answer := string(c.receive()); !strings.Contains(answer, "You have not logged in") {
		t.Errorf("malformed arguments: %q", answer)
	}
	args := &thriftwire.SystemAddKeyspaceArgs{KsDef: thriftwire.KsDef{CfDefs: make([]thriftwire.CfDef, 100_000)}}
	m, err := thriftwire.Framed.Append(nil, thriftwire.Header{Method: args.Method(), Type: thriftwire.Call, Seq: 1}, args, 0)
	if err != nil {
		t.Fatal(err)
	}
	send := func() (string, int) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		c.write(m)
		answer := string(c.receive())
		runtime.ReadMemStats(&after)
		return answer, int(after.TotalAlloc - before.TotalAlloc)
	}
	answerText, n := send()
	if !strings.Contains(answerText, "You have not logged in") {
		t.Errorf("a large message: %q", answerText)
	}
	if n > 3*len(m) {
		t.Errorf("%d bytes allocated for a message of %d before a login", n, len(m))
	}
	_, err = c.call(loginArgs("username", "admin", "password", strings.Repeat("x", 1<<20)))
	if e := new(thriftwire.ApplicationException); !errors.As(err, &e) || !strings.Contains(e.Message, "too much memory") {
		t.Errorf("a login of a megabyte: %v", err)
	}

	// After a login, the message is refused because of the memory that it would take.
	c.login("admin", "admin-password")
	if answerText, n = send(); !strings.Contains(answerText, thriftwire.ErrMemory.Error()) {
		t.Errorf("a large message: %q", answerText)
	}
	if n > (thriftwire.MemoryFactor+2)*len(m) {
		t.Errorf("%d bytes allocated for a message of %d", n, len(m))
	}
	ping(c)
}
