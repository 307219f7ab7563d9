package cli

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// loadRowsVariable is the environment variable that sets the rows of each input of TestLoadMemory.
const loadRowsVariable = "WIDEROW_LOAD_ROWS"

// loadForm writes an input of one format, row by row.
type loadForm struct {
	begin, end string
	flags      []string
	row        func(i int, text string) string
}

var loadForms = map[string]loadForm{
	"jsonl": {"", "", nil, func(i int, text string) string {
		return fmt.Sprintf(`{"family":"Texts","key":"%09d","columns":[["n","%d",1],["text","%s",1]]}`+"\n", i, i, text)
	}},
	"csv": {"key,n,text\n", "", []string{"--csv", "--family=Texts"}, func(i int, text string) string {
		return fmt.Sprintf("%09d,%d,%s\n", i, i, text)
	}},
	"sstable2json": {"[\n", "]\n", []string{"--family=Texts"}, func(i int, text string) string {
		return fmt.Sprintf(`{"key": "%x","columns": [["n","%d",1], ["text","%s",1]]},`+"\n", fmt.Sprintf("%09d", i), i, text)
	}},
}

// TestLoadMemory loads inputs that are generated while they are read, of every format and compression. It reports the rows per
// second and the largest heap. It checks that the heap in use does not grow with the length of the input: in the second half of
// the input its median is at most a third of the input larger than in the first half. A load that kept its input would raise the
// median by half of the input. The store's own work in the background only moves single looks.
func TestLoadMemory(t *testing.T) {
	rows := 80_000
	if s := os.Getenv(loadRowsVariable); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 80_000 {
			t.Fatalf("%s=%s: must be a number of at least 80000", loadRowsVariable, s)
		}
		rows = n
	}
	for format, form := range loadForms {
		for name, compress := range map[string]func(w io.Writer) io.WriteCloser{
			"plain": func(w io.Writer) io.WriteCloser { return uncompressed{w} },
			"gzip":  func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
			"zstd": func(w io.Writer) io.WriteCloser {
				z, err := zstd.NewWriter(w, zstd.WithWindowSize(1<<20), zstd.WithEncoderConcurrency(1))
				if err != nil {
					t.Fatal(err)
				}
				return z
			},
		} {
			t.Run(format+"/"+name, func(t *testing.T) { loadInMemory(t, rows, form, compress) })
		}
	}
}

type uncompressed struct{ io.Writer }

func (uncompressed) Close() error { return nil }

func loadInMemory(t *testing.T, rows int, form loadForm, compress func(io.Writer) io.WriteCloser) {
	store := "--store=embedded:" + filepath.Join(t.TempDir(), "store") + "?durability=none&cache=1MiB&memtable=1MiB"
	schema := `{"schema":{"name":"Keyspace1","strategy_class":"SimpleStrategy","strategy_options":{"replication_factor":"1"},` +
		`"cf_defs":[{"name":"Texts","comparator_type":"UTF8Type","key_validation_class":"UTF8Type","default_validation_class":"UTF8Type"}]}}` + "\n"
	if code, _, errs := run(t, t.Context(), schema, store, "load"); code != exitDone {
		t.Fatal(errs)
	}
	var heap heapWatch
	var length int64
	in, out := io.Pipe()
	written := make(chan error, 1)
	go func() {
		w := compress(out)
		n, err := form.write(w, rows, heap.look)
		length = n
		err = errors.Join(err, w.Close())
		_ = out.CloseWithError(err)
		written <- err
	}()
	start := time.Now()
	var errs strings.Builder
	code := Run(t.Context(), append([]string{store, "load", "--keyspace=Keyspace1"}, form.flags...), in, io.Discard, &errs)
	took := time.Since(start)
	_ = in.Close()
	if err := <-written; code != exitDone || err != nil {
		t.Fatalf("the load ends with %d, %v: %s", code, err, errs.String())
	}
	if want := fmt.Sprintf("loaded %d columns of %d ", 2*rows, rows); !strings.Contains(errs.String(), want) {
		t.Errorf("the load says %q, want %q", errs.String(), want)
	}
	first, second := median(heap.inUse[0]), median(heap.inUse[1])
	t.Logf("%.0f rows/s; %.1f MB of input; heap at most %.1f MB; heap in use %.1f MB in the first half and %.1f MB in the second",
		float64(rows)/took.Seconds(), mb(length), mb(heap.peak), mb(first), mb(second))
	if growth := second - first; growth > length/3 {
		t.Errorf("the heap in use grows by %.1f MB in the second half of %.1f MB of input", mb(growth), mb(length))
	}
}

func median(list []int64) int64 {
	slices.Sort(list)
	return list[len(list)/2]
}

func mb(n int64) float64 { return float64(n) / 1e6 }

// write writes the rows and calls look twenty times on the way. It returns the number of bytes.
func (f loadForm) write(w io.Writer, rows int, look func(half int)) (n int64, err error) {
	random := rand.New(rand.NewPCG(1, 2))
	put := func(s string) {
		if err == nil {
			var m int
			m, err = io.WriteString(w, s)
			n += int64(m)
		}
	}
	put(f.begin)
	text := make([]byte, 200)
	for i := range rows {
		for j := range text {
			text[j] = 'a' + byte(random.IntN(26))
		}
		put(f.row(i, string(text)))
		if i%(rows/20) == 0 && err == nil {
			look(i * 2 / rows)
		}
	}
	put(f.end)
	return n, err
}

// heapWatch keeps the largest size of the heap with garbage, and the sizes in use during each half of an input.
type heapWatch struct {
	peak  int64
	inUse [2][]int64
}

func (h *heapWatch) look(half int) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.peak = max(h.peak, int64(m.HeapAlloc))
	runtime.GC()
	runtime.ReadMemStats(&m)
	h.inUse[half] = append(h.inUse[half], int64(m.HeapAlloc))
}
