package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// tick is the unit in which Linux tells a process's time: USER_HZ, which is 100 on all
// systems that Go runs on.
const tick = time.Second / 100

// process is a server's process, looked at through the files of /proc. It is for one
// goroutine at a time, and nil does nothing.
type process struct {
	dir     string
	started uint64 // when the process began, by which it is known

	// The most that was seen since begin, in bytes.
	resident, anonymous int64
}

// Usage is what a server's process took for a workload.
type Usage struct {
	// CPUPerOp is the time of all processors, in nanoseconds, for each call that
	// was answered. The system counts in hundredths of a second.
	CPUPerOp int64 `json:"cpu_per_op_ns"`
	// PeakResident is the most memory that was resident, sampled, and PeakAnonymous the
	// part of it that is not of mapped files, in bytes. It is 0 where the system does not tell.
	PeakResident  int64 `json:"peak_resident_bytes"`
	PeakAnonymous int64 `json:"peak_anonymous_bytes,omitempty"`

	cpu time.Duration
}

// openProcess looks for a process in the directory proc, /proc outside tests.
func openProcess(proc string, pid int) (*process, error) {
	p := &process{dir: filepath.Join(proc, strconv.Itoa(pid))}
	if _, err := os.Stat(filepath.Join(proc, "self", "stat")); err != nil {
		return nil, fmt.Errorf("process %d: its time and memory can only be read on Linux, from /proc: %w", pid, err)
	}
	_, started, err := p.stat()
	if err != nil {
		return nil, err
	}
	p.started = started
	return p, nil
}

// begin starts to look for peaks and returns the time that the process had until now.
func (p *process) begin() (time.Duration, error) {
	if p == nil {
		return 0, nil
	}
	p.resident, p.anonymous = 0, 0
	cpu, err := p.cpu()
	return cpu, errors.Join(err, p.look())
}

// since returns what was used after begin returned before.
func (p *process) since(before time.Duration) (*Usage, error) {
	if p == nil {
		return nil, nil
	}
	cpu, err := p.cpu()
	if err = errors.Join(err, p.look()); err != nil {
		return nil, err
	}
	return &Usage{cpu: cpu - before, PeakResident: p.resident, PeakAnonymous: p.anonymous}, nil
}

// look notes how much memory the process has.
func (p *process) look() error {
	if p == nil {
		return nil
	}
	text, err := p.read("status")
	if err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		peak := map[string]*int64{"VmRSS": &p.resident, "RssAnon": &p.anonymous}[string(name)]
		if peak == nil {
			continue
		}
		number, unit, _ := bytes.Cut(bytes.TrimSpace(value), []byte(" "))
		kib, err := strconv.ParseInt(string(number), 10, 64)
		if err != nil || string(unit) != "kB" {
			return fmt.Errorf("%s: %s is %q", filepath.Join(p.dir, "status"), name, bytes.TrimSpace(value))
		}
		*peak = max(*peak, kib<<10)
	}
	return nil
}

// cpu returns the time of all threads that the process has or had.
func (p *process) cpu() (time.Duration, error) {
	cpu, started, err := p.stat()
	if err == nil && started != p.started {
		err = fmt.Errorf("%s: another process has the number now", p.dir)
	}
	return cpu, err
}

// stat reads the process's time and when it began.
func (p *process) stat() (cpu time.Duration, started uint64, err error) {
	text, err := p.read("stat")
	if err != nil {
		return 0, 0, err
	}
	// The second field is the name, in parentheses, which may hold anything.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	field := func(n int) uint64 { // as proc(5) counts them
		if err != nil || len(fields) <= n-3 {
			return 0
		}
		var v uint64
		v, err = strconv.ParseUint(string(fields[n-3]), 10, 63)
		return v
	}
	utime, stime, started := field(14), field(15), field(22)
	if err != nil || started == 0 {
		return 0, 0, fmt.Errorf("%s: cannot be read: %q", filepath.Join(p.dir, "stat"), text)
	}
	return time.Duration(utime+stime) * tick, started, nil
}

func (p *process) read(name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(p.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("process %s does not exist: %w", filepath.Base(p.dir), err)
	}
	return text, err
}
