package thriftserver_test

import (
	"strings"
	"testing"

	"github.com/widerow/widerow/internal/testkit/servertest"
	"github.com/widerow/widerow/internal/thriftwire"
	"github.com/widerow/widerow/thriftserver"
)

// Clients that begin long messages and then stop or trickle do not block messages of others.
func TestClientsThatSendSlowly(t *testing.T) {
	var log logs
	s := servertest.Start(t, appStore(t), &thriftserver.Options{MaxHeld: 4 << 20, FrameTimeout: -1, Logger: log.logger()})
	good := dialApp(t, s)
	begun := append([]byte{0, 0x80, 0, 0, 0x80, 1, 0, 1}, make([]byte, 256<<10)...)
	for range 8 { // 3 or 4 of them take all memory for messages; the rest wait
		dial(t, s).write(begun)
	}
	trickling := make(chan struct{})
	trickler := dial(t, s)
	go func() {
		defer close(trickling)
		b := begun
		for {
			if _, err := trickler.nc.Write(b); err != nil {
				return
			}
			b = []byte{0}
		}
	}()
	until(t, "messages take all memory", func() bool { return s.Stats().Held >= 2*128<<10 })
	must[*thriftwire.InsertResult](good, &thriftwire.InsertArgs{
		Key: b("k"), ColumnParent: parent("Log"), Column: column("big", strings.Repeat("x", 1<<20), 1), ConsistencyLevel: one,
	})
	until(t, "slow senders are counted and logged", func() bool {
		return s.Stats().SlowSenders > 0 && strings.Contains(log.String(), "arrives too slowly")
	})
	_ = trickler.nc.Close()
	<-trickling
}
