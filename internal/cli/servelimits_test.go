package cli

import (
	"net"
	"strings"
	"testing"
)

func TestDivideFiles(t *testing.T) {
	for _, tt := range []struct {
		limit               uint64
		tables, connections int
	}{
		{1 << 63, 1000, 1<<30 - 1128}, {65536, 1000, 64408}, {4096, 1000, 2968}, {1024, 256, 640}, {208, 64, 16},
	} {
		tables, connections, err := divideFiles(tt.limit)
		if err != nil || tables != tt.tables || connections != tt.connections {
			t.Errorf("%d files: %d tables and %d connections, %v, want %d and %d", tt.limit, tables, connections, err, tt.tables, tt.connections)
		}
	}
	if _, _, err := divideFiles(207); err == nil || !strings.Contains(err.Error(), "only 207 files, and a server needs at least 208") {
		t.Errorf("too few files: %v", err)
	}
}

// A meaningless limit or time is refused.
func TestServeLimits(t *testing.T) {
	for _, flag := range []string{
		"--max-connections=0", "--max-connections=-2", "--max-frame=0", "--max-calls=0", "--max-held=-5", "--max-logins=-2",
		"--login-timeout=0s", "--login-timeout=-1ms", "--frame-timeout=-2s", "--write-timeout=0s", "--idle-timeout=-1h", "--call-timeout=0s",
		"--grace=-2s", "--grace=-1ms", "--slow=-2s",
	} {
		code, _, errs := run(t, t.Context(), "", "--store", "nonsense", "serve", flag)
		name, _, _ := strings.Cut(flag, "=")
		if code != exitUsage || !strings.Contains(errs, name+" is ") {
			t.Errorf("%s: exit code %d: %s", flag, code, errs)
		}
	}
	for _, flag := range []string{"--max-calls=-1", "--max-logins=-1", "--idle-timeout=-1s", "--grace=-1s", "--grace=0s", "--slow=-1s", "--slow=0s"} {
		if code, _, errs := run(t, t.Context(), "", "--store", "nonsense", "serve", flag); code != exitFailed || !strings.Contains(errs, "no scheme") {
			t.Errorf("%s: exit code %d: %s", flag, code, errs)
		}
	}
	// Without a limit, running calls may take any time.
	grace, cancel := (&serveCmd{Grace: -1e9}).grace()
	if _, ok := grace.Deadline(); ok || grace.Err() != nil {
		t.Error("--grace=-1s has a deadline")
	}
	cancel()
}

// Connections beyond the limit wait for others to end.
func TestLimitedListener(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	limited := newLimitedListener(l, 1)
	ended := make(chan struct{})
	accepted := make(chan net.Conn)
	go func() {
		defer close(ended)
		for {
			c, err := limited.Accept()
			if err != nil {
				return
			}
			accepted <- c
		}
	}()
	for range 2 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := <-accepted
	select {
	case <-accepted:
		t.Error("a connection more than the limit is accepted")
	default:
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	_ = first.Close() // the second Close releases no slot
	second := <-accepted
	if len(limited.slots) != 1 {
		t.Errorf("%d connections are counted, want 1", len(limited.slots))
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	_ = l.Close()
	<-ended
}
