package cli

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/pool"
	"github.com/widerow/widerow/thriftclient"
)

// The disks of these tests have diskSize MiB. The stores have small memtables, so that a disk is soon full.
const (
	diskSize   = 12
	smallTable = "?memtable=1048576&durability="
)

const textSchema = `{"schema":{"name":"ks","strategy_class":"SimpleStrategy","strategy_options":{"replication_factor":"1"},` +
	`"cf_defs":[{"name":"cf","comparator_type":"UTF8Type","key_validation_class":"UTF8Type","default_validation_class":"UTF8Type"}]}}` + "\n"

// smallDisk mounts an empty file system of diskSize MiB.
func smallDisk(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", diskSize)); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: mount: %v (run as root)", err)
	}
	t.Cleanup(func() {
		// The unmount is lazy, since Pebble leaves descriptors of failed files to the garbage collector.
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// fillDisk writes a file until the disk is full.
func fillDisk(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for b := make([]byte, 64<<10); len(b) > 512; {
		if _, err := f.Write(b); err != nil {
			b = b[:len(b)/2]
		}
	}
}

// noise returns n characters that hardly compress.
func noise(n int, seed uint64) string {
	random := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return base64.StdEncoding.EncodeToString(b)[:n]
}

func textRow(i int) string {
	return fmt.Sprintf(`{"family":"cf","key":"%06d","columns":[["a","%s",1]]}`+"\n", i, noise(8<<10, uint64(i)))
}

// TestLoadFillsDisk loads more than the disk holds. The load fails and reports the reason and its true position. The
// store can be read while the disk is full. After there is more room, the load continues.
func TestLoadFillsDisk(t *testing.T) {
	t.Parallel() // most of the time is spent waiting
	for _, durability := range []string{"sync", "10s", "none"} {
		t.Run(durability, func(t *testing.T) {
			t.Parallel()
			disk := smallDisk(t)
			store := "--store=embedded:" + filepath.Join(disk, "store") + smallTable + durability
			var rows strings.Builder
			for i := range diskSize << 20 / (8 << 10) * 2 {
				rows.WriteString(textRow(i))
			}
			input := filepath.Join(t.TempDir(), "input")
			if err := os.WriteFile(input, []byte(textSchema+rows.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			code, _, errs := run(t, t.Context(), "", store, "load", input)
			if code != exitFailed || !strings.Contains(errs, "no space left on device") {
				t.Fatalf("the load ends with %d: %s", code, errs)
			}
			_, after, found := strings.Cut(errs, "\nlines 1 to ")
			var loaded int
			if _, err := fmt.Sscanf(after, "%d are loaded; give --resume", &loaded); !found || err != nil || loaded < 2 {
				t.Fatalf("the load does not say how far it is: %s", errs)
			}

			code, dumped, errs := run(t, t.Context(), "", store, "dump", "--schema", "without", "ks")
			if code != exitDone {
				t.Fatalf("dump on the full disk ends with %d: %s", code, errs)
			}
			there := make(map[string]bool)
			for line := range strings.Lines(dumped) {
				there[line] = true
			}
			for i := range loaded - 1 { // the first line is the schema
				if !there[textRow(i)] {
					t.Fatalf("row %d is missing, but lines 1 to %d were said to be loaded", i, loaded)
				}
			}
			for _, args := range [][]string{{"describe", "ks"}, {"get", "ks", "cf", "000000"}} {
				if code, out, errs := run(t, t.Context(), "", append([]string{store}, args...)...); code != exitDone || out == "" {
					t.Errorf("%v on the full disk ends with %d: %s%s", args, code, out, errs)
				}
			}

			if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=100m"); err != nil {
				t.Fatal(err)
			}
			if code, _, errs = run(t, t.Context(), "", store, "load", "--resume", input); code != exitDone {
				t.Fatalf("with more room, the load ends with %d: %s", code, errs)
			}
			code, dumped, errs = run(t, t.Context(), "", store, "dump", "--schema", "without", "ks")
			if code != exitDone || dumped != rows.String() {
				t.Errorf("after the load, dump ends with %d and has %d bytes, want %d: %s", code, len(dumped), rows.Len(), errs)
			}
		})
	}
}

// fullServer is a server on a small disk, and a client of it that writes row after row.
type fullServer struct {
	*process
	t             *testing.T
	ballast       string
	store         string // value of --store
	client        *thriftclient.Client
	health, gauge string // URLs
	acknowledged  int
}

func serveOnSmallDisk(t *testing.T, durability string) *fullServer {
	t.Helper()
	disk := smallDisk(t)
	s := &fullServer{
		t: t, ballast: filepath.Join(disk, "ballast"),
		store: "--store=embedded:" + filepath.Join(disk, "store") + smallTable + durability,
	}
	if code, _, errs := run(t, t.Context(), textSchema, s.store, "load"); code != exitDone {
		t.Fatal(errs)
	}
	s.process = command(t, context.Background(), s.store, "serve", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0")
	s.start()
	base := s.out.waitFor(t, `metrics on (http://.*)/metrics`)
	s.health, s.gauge = base+"/healthz", base+"/metrics"
	client, err := thriftclient.Open(t.Context(), []string{s.out.waitFor(t, `serving .* on (.*)`)}, &thriftclient.Options{
		NoDiscovery: true, Settings: pool.Settings{Size: 1, MaxRetries: pool.None},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	s.client = client
	return s
}

func (s *fullServer) write() error {
	err := s.client.Mutate(s.t.Context(), &backend.MutateRequest{Keyspace: "ks", Consistency: backend.One, Rows: []backend.RowMutation{{
		Family: "cf", Key: fmt.Appendf(nil, "%06d", s.acknowledged), Mutations: []backend.Mutation{{
			Op: backend.Insert, Column: backend.Column{Name: []byte("a"), Value: []byte(noise(8<<10, uint64(s.acknowledged))), Timestamp: 1},
		}},
	}}})
	if err == nil {
		s.acknowledged++
	}
	return err
}

// writeUntilRefused fills the disk and writes until the store refuses writes.
func (s *fullServer) writeUntilRefused() {
	s.t.Helper()
	fillDisk(s.t, s.ballast)
	for range 10_000 {
		switch err := s.write(); {
		case err == nil, errors.Is(err, backend.ErrTimedOut): // the outcome of a call that ran when the disk failed is unknown
		case errors.Is(err, backend.ErrUnavailable):
			return
		default:
			s.t.Fatalf("a write on a full disk: %v", err)
		}
	}
	s.t.Fatal("a full disk refuses no writes")
}

// status waits until the server reports that it accepts or refuses writes.
func (s *fullServer) status(takesWrites bool) {
	s.t.Helper()
	want, text, gauge := http.StatusServiceUnavailable, "no space left on device", "\nwiderow_store_takes_writes 0\n"
	if takesWrites {
		want, text, gauge = http.StatusOK, "ok", "\nwiderow_store_takes_writes 1\n"
	}
	var code int
	var body string
	for range 1000 {
		if code, body = httpGet(s.t, s.health); code == want {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if code != want || !strings.Contains(body, text) {
		s.t.Errorf("/healthz: %d %s, want %d and %q", code, body, want, text)
	}
	if _, body := httpGet(s.t, s.gauge); !strings.Contains(body, gauge) {
		s.t.Errorf("the metrics lack %q:\n%s", gauge, body)
	}
}

// logged checks how often the log reports that writes are refused, and that they are accepted again.
func (s *fullServer) logged(refused, again int) {
	s.t.Helper()
	log := s.errs.String()
	if n := strings.Count(log, `level=ERROR msg="no writes are taken" error=`); n != refused {
		s.t.Errorf("the log reports %d times that writes are refused, want %d:\n%s", n, refused, log)
	}
	if n := strings.Count(log, `level=INFO msg="writes are taken again"`); n != again {
		s.t.Errorf("the log reports %d times that writes are accepted again, want %d:\n%s", n, again, log)
	}
	if n := strings.Count(log, "\n"); n > 40 {
		s.t.Errorf("the log has %d lines:\n%s", n, log)
	}
}

// TestServeFillsDisk serves a store on a disk that fills up. The server refuses writes and answers reads; health,
// metrics and the log report it. After there is room, the server accepts writes. If the server is stopped while its disk
// is full, it exits with the reason, and all acknowledged writes are in the store.
func TestServeFillsDisk(t *testing.T) {
	t.Parallel() // most of the time is spent waiting
	for _, durability := range []string{"sync", "10s", "none"} {
		t.Run(durability, func(t *testing.T) {
			t.Parallel()
			defer http.DefaultClient.CloseIdleConnections()
			s := serveOnSmallDisk(t, durability)
			s.status(true)
			for range 10 {
				if err := s.write(); err != nil {
					t.Fatal(err)
				}
			}

			s.writeUntilRefused()
			s.status(false)
			for range 50 {
				if err := s.write(); !errors.Is(err, backend.ErrUnavailable) {
					t.Fatalf("a write on a full disk: %v, want ErrUnavailable", err)
				}
			}
			s.logged(1, 0)
			s.check("--store=thrift://" + s.out.waitFor(t, `serving .* on (.*)`))

			if err := os.Remove(s.ballast); err != nil {
				t.Fatal(err)
			}
			s.status(true)
			if err := s.write(); err != nil {
				t.Errorf("a write after the disk has room: %v", err)
			}
			s.errs.waitFor(t, `(msg="writes are taken again")`)
			s.logged(1, 1)

			s.writeUntilRefused()
			s.status(false)
			s.signal(syscall.SIGTERM)
			var exit *exec.ExitError
			if err := s.cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
				t.Errorf("the server ends with %v, want exit status %d", err, exitFailed)
			}
			if log := s.errs.String(); !strings.Contains(log, "\nwiderow: ") || !strings.Contains(log[strings.LastIndex(log, "\nwiderow: "):], "no space left on device") {
				t.Errorf("the server does not say why it ends so:\n%s", log)
			}
			s.logged(2, 1)
			s.check(s.store) // still full
			if err := os.Remove(s.ballast); err != nil {
				t.Fatal(err)
			}
			s.check(s.store)
			if code, _, errs := run(t, t.Context(), textRow(s.acknowledged), s.store, "load", "-k", "ks"); code != exitDone {
				t.Errorf("a load after the disk has room exits with %d: %s", code, errs)
			}
		})
	}
}

// check reads all acknowledged writes.
func (s *fullServer) check(store string) {
	s.t.Helper()
	var dumped strings.Builder
	if code := Run(s.t.Context(), []string{store, "dump", "--schema", "without", "ks"}, strings.NewReader(""), &dumped, io.Discard); code != exitDone {
		s.t.Fatalf("dump of %s ends with %d", store, code)
	}
	for i := range s.acknowledged {
		if !strings.Contains(dumped.String(), textRow(i)) {
			s.t.Fatalf("row %d of %d acknowledged rows is missing in %s", i, s.acknowledged, store)
		}
	}
}
