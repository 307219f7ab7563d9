package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// procDir creates a directory like /proc with a process whose ID is 42.
type procDir struct {
	t   *testing.T
	dir string
}

func newProcDir(t *testing.T) *procDir {
	p := &procDir{t, t.TempDir()}
	p.write("self/stat", "")
	return p
}

func (p *procDir) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// stat writes the times, in hundredths of a second, of a process with a malicious name.
func (p *procDir) stat(user, system, started string) {
	p.t.Helper()
	p.write("42/stat", "42 (ja) va) S 1 42 42 0 -1 4194560 100 0 0 0 "+user+" "+system+" 0 0 20 0 30 0 "+started+" 1000000 5000 0 0\n")
}

func (p *procDir) memory(resident, anonymous string) {
	p.t.Helper()
	p.write("42/status", "Name:\tjava\nVmHWM:\t  99999 kB\nVmRSS:\t    "+resident+" kB\nRssAnon:\t     "+anonymous+" kB\nThreads:\t30\n")
}

func TestProcessUsage(t *testing.T) {
	p := newProcDir(t)
	p.stat("150", "50", "777")
	p.memory("5000", "2000")
	server, err := openProcess(p.dir, 42)
	if err != nil {
		t.Fatal(err)
	}
	before, err := server.begin()
	if err != nil || before != 2*time.Second {
		t.Fatalf("begin() = %v, %v, want 2s", before, err)
	}
	p.memory("8000", "3000")
	if err := server.look(); err != nil {
		t.Fatal(err)
	}
	p.memory("6000", "4000")
	p.stat("250", "75", "777")
	got, err := server.since(before)
	if err != nil || got.cpu != 1250*time.Millisecond || got.PeakResident != 8000<<10 || got.PeakAnonymous != 4000<<10 {
		t.Errorf("since() = %+v, %v, want 1.25s, 8000 and 4000 KiB", got, err)
	}
	// A new workload begins with the current memory.
	if _, err := server.begin(); err != nil || server.resident != 6000<<10 {
		t.Errorf("after begin the peak is %d, %v, want 6000 KiB", server.resident, err)
	}
}

func TestProcessThatCannotBeRead(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*procDir)
		want   string
	}{
		{"gone", func(p *procDir) { os.RemoveAll(filepath.Join(p.dir, "42")) }, "process 42 does not exist"},
		{"another one", func(p *procDir) { p.stat("1", "1", "778") }, "another process has this ID now"},
		{"short stat", func(p *procDir) { p.write("42/stat", "42 (java) S 1") }, "cannot be read"},
		{"empty stat", func(p *procDir) { p.write("42/stat", "") }, "cannot be read"},
		{"no numbers", func(p *procDir) { p.stat("x", "1", "777") }, "cannot be read"},
		{"other unit", func(p *procDir) { p.write("42/status", "VmRSS:\t 5 MB\n") }, `VmRSS is "5 MB"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProcDir(t)
			p.stat("1", "1", "777")
			p.memory("1", "1")
			server, err := openProcess(p.dir, 42)
			if err != nil {
				t.Fatal(err)
			}
			tt.change(p)
			if _, err := server.since(0); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := openProcess(t.TempDir(), 42); err == nil || !strings.Contains(err.Error(), "only be read on Linux") {
		t.Errorf("without /proc: error %v", err)
	}
	if _, err := openProcess(newProcDir(t).dir, 42); err == nil || !strings.Contains(err.Error(), "process 42 does not exist") {
		t.Errorf("without the process: error %v", err)
	}
}
