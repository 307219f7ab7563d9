package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

const usersSchema = `{"schema":{"name":"Keyspace1","strategy_class":"SimpleStrategy","strategy_options":{"replication_factor":"1"},` +
	`"cf_defs":[{"name":"Users","comparator_type":"UTF8Type","key_validation_class":"UTF8Type","default_validation_class":"LongType"},` +
	`{"name":"Hits","comparator_type":"UTF8Type","key_validation_class":"UTF8Type","default_validation_class":"CounterColumnType"}]}}` + "\n"

// rowLines returns lines of rows in the order of a dump.
func rowLines(n int) string {
	var b strings.Builder
	for _, family := range []string{"Hits", "Users"} {
		for i := range n {
			ts := ",1"
			if family == "Hits" {
				ts = ""
			}
			fmt.Fprintf(&b, `{"family":"%s","key":"%06d","columns":[["a",%d%s],["b",%d%s]]}`+"\n", family, i, i, ts, -i, ts)
		}
	}
	return b.String()
}

// cutReader cancels a context after it was read up to an offset.
type cutReader struct {
	io.Reader
	at     int
	cancel context.CancelFunc
}

func (r *cutReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p[:min(len(p), 8<<10)])
	if r.at -= n; r.at < 0 {
		r.cancel()
	}
	return n, err
}

// TestLoadInterrupted interrupts loads repeatedly, in every format. Each load continues where the previous load stopped,
// and at the end each row is in the store once.
func TestLoadInterrupted(t *testing.T) {
	const rows = 20_000
	var csv, table, columns strings.Builder
	csv.WriteString("key,a,b\n")
	table.WriteString("[\n")
	for i := range rows {
		fmt.Fprintf(&csv, "\"%06d\",%d,%d\n", i, i, -i)
		fmt.Fprintf(&table, `{"key": "%x","columns": [["a","%d",1], ["b","%d",1]]},`+"\n", fmt.Sprintf("%06d", i), i, -i)
		fmt.Fprintf(&columns, `,["%06d","%d",1]`, i, i)
	}
	table.WriteString("]\n")
	long := `[{"key": "6c6f6e67","columns": [` + columns.String()[1:] + `]}]`
	users := []string{"-k", "Keyspace1", "-f", "Users"}
	for _, tt := range []struct {
		name, input string
		flags       []string
		want        func(dump string) bool
	}{
		{"jsonl", usersSchema + rowLines(rows), nil, func(dump string) bool { return dump == rowLines(rows) }},
		{"csv", csv.String(), append(users, "--csv"), func(dump string) bool {
			return stamps.ReplaceAllString(dump, ",1]") == rowLines(rows)[strings.Index(rowLines(rows), `{"family":"Users"`):]
		}},
		{"sstable", table.String(), users, func(dump string) bool {
			return dump == rowLines(rows)[strings.Index(rowLines(rows), `{"family":"Users"`):]
		}},
		{"one row", long, users, func(dump string) bool {
			return strings.Count(dump, `,1]`) == rows && strings.Contains(dump, `["019999",19999,1]`)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := "--store=embedded:" + filepath.Join(t.TempDir(), "store") + "?durability=none"
			if code, _, errs := run(t, t.Context(), usersSchema, store, "load"); code != exitDone {
				t.Fatal(errs)
			}
			state := filepath.Join(t.TempDir(), "state")
			interruptLoad(t, store, state, tt.input, tt.flags)
			if _, err := os.Stat(state); err == nil {
				t.Error("the state file exists after the end")
			}
			code, out, errs := run(t, t.Context(), "", store, "dump", "--schema", "without", "Keyspace1")
			if code != exitDone || !tt.want(out) {
				t.Errorf("dump ends with %d, %s, and has %d bytes: %.300s", code, errs, len(out), out)
			}
		})
	}
}

// stamps matches the timestamps of a load, which are the time of its start.
var stamps = regexp.MustCompile(`,\d{16}\]`)

// interruptLoad interrupts loads of the standard input, each later than the previous one, until a load finishes.
func interruptLoad(t *testing.T, store, state, input string, flags []string) {
	t.Helper()
	runs := 0
	for at := len(input) / 4; ; at += len(input) / 4 {
		ctx, cancel := context.WithCancel(t.Context())
		var errs bytes.Buffer
		args := append([]string{store, "load", "--state", state}, flags...)
		if runs > 0 {
			args = append(args, "--resume")
		}
		code := Run(ctx, args, &cutReader{strings.NewReader(input), at, cancel}, io.Discard, &errs)
		cancel()
		if code == exitDone {
			break
		}
		runs++
		if !strings.Contains(errs.String(), "interrupted") {
			t.Fatalf("run %d ends with %d: %s", runs, code, errs.String())
		}
		if _, err := os.Stat(state); err != nil {
			t.Fatalf("run %d leaves no state: %v", runs, err)
		}
		if runs > 50 {
			t.Fatal("the load does not end")
		}
	}
	if runs < 3 {
		t.Errorf("the load was interrupted %d times, want at least 3", runs)
	}
}

// TestDumpInterrupted interrupts a dump to a file, and resumes it.
func TestDumpInterrupted(t *testing.T) {
	store := "--store=embedded:" + filepath.Join(t.TempDir(), "store") + "?durability=none"
	rows := rowLines(5_000)
	if code, _, errs := run(t, t.Context(), usersSchema+rows, store, "load"); code != exitDone {
		t.Fatal(errs)
	}
	file := filepath.Join(t.TempDir(), "dump.jsonl")
	args := []string{store, "dump", "--schema", "without", "--resume", "-o", file, "Keyspace1"}
	ended := 0
	for wait := time.Millisecond; ended == 0; wait += time.Millisecond {
		ctx, cancel := context.WithTimeoutCause(t.Context(), wait, context.Canceled)
		code, _, _ := run(t, ctx, "", args...)
		cancel()
		if code == exitDone {
			ended++
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != rows {
		t.Errorf("the dump has %d bytes, %v, want %d", len(got), err, len(rows))
	}
}

// TestLoadLargeValue loads and dumps a value that is larger than a batch, a
// chunk and a page.
func TestLoadLargeValue(t *testing.T) {
	store := "--store=embedded:" + filepath.Join(t.TempDir(), "store")
	value := strings.Repeat("x", 9<<20)
	line := fmt.Sprintf(`{"family":"Blobs","key":"k","columns":[["a","%s",1],["b","small",1],["c","%s",1]]}`+"\n", value, value)
	schema := strings.Replace(usersSchema, `"name":"Users"`, `"name":"Blobs"`, 1)
	schema = strings.Replace(schema, "LongType", "UTF8Type", 1)
	if code, _, errs := run(t, t.Context(), schema+line, store, "load"); code != exitDone {
		t.Fatal(errs)
	}
	_, out, _ := run(t, t.Context(), "", store, "dump", "--schema", "without", "Keyspace1")
	// A line ends after a mebibyte.
	want := fmt.Sprintf(`{"family":"Blobs","key":"k","columns":[["a","%s",1]]}
{"family":"Blobs","key":"k","columns":[["b","small",1],["c","%s",1]]}
`, value, value)
	if out != want {
		t.Errorf("dump has %d bytes, want %d", len(out), len(want))
	}
}

func TestTracker(t *testing.T) {
	tr := tracker{later: make(map[int]position)}
	for range 4 {
		tr.begin()
	}
	at := func(line int) position { return position{Offset: int64(line * 10), Line: line} }
	check := func(line int, columns int64) {
		t.Helper()
		if got := tr.position(); got.Line != line || got.Columns != columns || got.Offset != int64(line*10) {
			t.Errorf("position() = %+v, want line %d with %d columns", got, line, columns)
		}
	}
	tr.done(2, at(30), result{columns: 5})
	check(0, 0)
	tr.done(0, at(10), result{columns: 3})
	check(10, 3)
	// The second chunk fails at its fifth line: lines after that line do not count.
	tr.done(3, at(40), result{failure: &lineError{at: at(35), err: io.ErrUnexpectedEOF}})
	tr.done(1, at(20), result{columns: 2, failure: &lineError{at: at(14), err: io.EOF}})
	check(14, 5)
	if got := tr.failed(); got == nil || got.at.Line != 14 || got.Error() != "line 15: EOF" {
		t.Errorf("failed() = %v, want line 15", got)
	}
}

func TestTicker(t *testing.T) {
	var out bytes.Buffer
	ticks := make(chan time.Time)
	p := newTicker(&out, "load", 1000, 100, &time.Ticker{C: ticks})
	p.add(400, 30)
	for second := range 21 { // lines after 1, 11 and 21 seconds
		ticks <- time.Now().Add(time.Duration(1+second) * time.Second)
	}
	p.close()
	if got := out.String(); strings.Count(got, "msg=load columns=30") != 3 || strings.Count(got, "done=50.0%") != 3 {
		t.Errorf("log = %q", got)
	}
}

func TestBar(t *testing.T) {
	var out bytes.Buffer
	for _, size := range []int64{0, 1000} {
		p := newBar(&out, "load", size, 0)
		p.add(400, 30)
		p.close()
	}
}
