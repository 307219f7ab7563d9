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

// tick is the unit in which Linux reports the CPU time of a process. It is 1/USER_HZ, and USER_HZ is 100
// on all systems that Go supports.
const tick = time.Second / 100

// process is the process of a server, observed through the files of /proc. Its methods must not be
// called concurrently. The methods of a nil process do nothing.
type process struct {
	dir     string
	started uint64 // start time of the process, which identifies it

	// The peaks since begin, in bytes.
	resident, anonymous int64
}

// Usage is the CPU time and the memory that the process of a server used for a workload.
type Usage struct {
	// CPUPerOp is the CPU time of all processors for each answered call, in nanoseconds.
	// The system counts CPU time in hundredths of a second.
	CPUPerOp int64 `json:"cpu_per_op_ns"`
	// PeakResident is the peak of the resident memory in bytes, by samples. PeakAnonymous is the peak
	// of the part that does not map files. It is 0 if the system does not report it.
	PeakResident  int64 `json:"peak_resident_bytes"`
	PeakAnonymous int64 `json:"peak_anonymous_bytes,omitempty"`

	cpu time.Duration
}

// openProcess finds a process in the directory proc, which is /proc except in tests.
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

// begin resets the peaks and returns the CPU time that the process has used until now.
func (p *process) begin() (time.Duration, error) {
	if p == nil {
		return 0, nil
	}
	p.resident, p.anonymous = 0, 0
	cpu, err := p.cpu()
	return cpu, errors.Join(err, p.look())
}

// since returns the usage since the call of begin that returned before.
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

// look samples the memory of the process.
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

// cpu returns the CPU time of all present and past threads of the process.
func (p *process) cpu() (time.Duration, error) {
	cpu, started, err := p.stat()
	if err == nil && started != p.started {
		err = fmt.Errorf("%s: another process has this ID now", p.dir)
	}
	return cpu, err
}

// stat reads the CPU time and the start time of the process.
func (p *process) stat() (cpu time.Duration, started uint64, err error) {
	text, err := p.read("stat")
	if err != nil {
		return 0, 0, err
	}
	// The second field is the name in parentheses. The name may contain any characters.
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
