package sstablejson

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/widerow/widerow/internal/jsonlines"
	"github.com/widerow/widerow/schema"
)

// now is before the expiry of the columns in the files of testdata that have a TTL of ten years.
var now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

func families(t testing.TB) []*jsonlines.Family {
	t.Helper()
	var out []*jsonlines.Family
	for _, def := range []schema.Family{
		{Name: "Standard", Comparator: "UTF8Type", KeyValidator: "BytesType", DefaultValidator: "LongType"},
		{Name: "Super", Type: schema.Super, Comparator: "UTF8Type", Subcomparator: "LongType"},
		{Name: "Counters", Comparator: "UTF8Type", DefaultValidator: "CounterColumnType"},
		{Name: "Pairs", Comparator: "CompositeType(LongType,UTF8Type)", KeyValidator: "CompositeType(UTF8Type,LongType)"},
		{Name: "Dynamic", Comparator: "DynamicCompositeType(a=>AsciiType,l=>LongType)"},
	} {
		f, err := jsonlines.NewFamily(&def)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// FuzzFile reads any text as a file. It checks that nothing panics, that memory is bounded, and that a reader which begins
// at any row returns the rows after it.
func FuzzFile(f *testing.F) {
	files, err := filepath.Glob("../cli/testdata/sstables/*/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal("no files: ", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`[]{"key":"00","columns":[["a","1",1,"e",1,2]]}`))
	all := families(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		const most = 4096
		r := NewReader(bytes.NewReader(text), 0, 0, 0, most)
		var parts []string
		for {
			offset, number, rows := r.Offset(), r.Number(), r.Rows()
			part, err := r.Next()
			if err != nil {
				break
			}
			if len(part) > len(text)+2*most {
				t.Fatalf("a part of %d bytes", len(part))
			}
			parts = append(parts, string(part))
			for _, family := range all {
				d := Decoder{Family: family, Now: now}
				if row, err := d.Decode(part); err == nil && len(row.Mutations) < row.Columns {
					t.Fatalf("%d mutations with %d columns", len(row.Mutations), row.Columns)
				}
			}
			if rows > 0 && rows == r.Rows()-1 { // the row was one part
				again := NewReader(bytes.NewReader(text[offset:]), offset, number, rows, most)
				if same, err := again.Next(); err != nil || string(same) != string(part) {
					t.Fatalf("from byte %d on: %q, %v, want %q", offset, same, err, part)
				}
			}
		}
		if len(parts) > len(text) {
			t.Fatalf("%d parts of %d bytes", len(parts), len(text))
		}
	})
}

// TestLongRow checks that a long row is cut into parts and that each part has the row's key and tombstone.
func TestLongRow(t *testing.T) {
	const columns = 50_000
	var text strings.Builder
	text.WriteString("[\n" + `{"key": "00","metadata": {"deletionInfo": {"markedForDeleteAt":5,"localDeletionTime":1}},"columns": [`)
	for i := range columns {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString(`["name` + strings.Repeat("x", i%7) + `","12",` + "9" + `]`)
	}
	text.WriteString("]},\n" + `{"key": "01","columns": []}` + "\n]\n")
	r := NewReader(strings.NewReader(text.String()), 0, 0, 0, 0)
	d := Decoder{Family: families(t)[0], Now: now}
	parts, found := 0, 0
	for {
		part, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(part) > partSize+1000 {
			t.Fatalf("a part of %d bytes", len(part))
		}
		row, err := d.Decode(part)
		if err != nil {
			t.Fatal(err)
		}
		if found < columns && (row.Key[0] != 0 || row.Mutations[0].Timestamp != 5 || len(row.Mutations) != row.Columns+1) {
			t.Fatalf("part %d: key %x, %d mutations, %d columns", parts, row.Key, len(row.Mutations), row.Columns)
		}
		if found += row.Columns; found < columns && (r.Rows() != 0 || r.Number() != 1) {
			t.Fatalf("within the first row: at row %d, line %d", r.Rows(), r.Number())
		}
		parts++
	}
	if found != columns || parts < 4 || r.Rows() != 2 {
		t.Errorf("%d columns in %d parts of %d rows", found, parts, r.Rows())
	}
}

func TestRefused(t *testing.T) {
	all := families(t)
	for _, tt := range []struct {
		family int
		text   string
		want   string
	}{
		{0, `[{"key":"00","columns":[["a","1",1]]}`, "line 1: the input ends before its last ]: it is cut off"},
		{0, "[\n" + `{"key":"00","columns":[["a","1"`, "line 2: the input ends before its last ]"},
		{0, `[1]`, `want a row, have '1'`},
		{0, `[{"key":"00"}]`, "a row has no columns"},
		{0, `[{"key":"00","columns":[["a","1",1]],"x":1}]`, "a row continues after its columns"},
		{0, `[{"key":"00","columns":[["a","1",1] ["b","1",1]]}]`, `want ',' or ']', have '['`},
		{0, `[{"key":"00","columns":[["a","1",1],]}]`, `want a value, have ']'`},
		{0, `[{"key":"0","columns":[["a","1",1]]}]`, `key "0"`},
		{0, `[{"key":"00","columns":[["a","x",1]]}]`, `column "a": at byte 1: want a number`},
		{0, `[{"key":"00","columns":[["a","1"]]}]`, "2 elements, want 3 to 6"},
		{0, `[{"key":"00","columns":[["a","1",1.5]]}]`, `column "a": 1.5 is not an integer of 64 bits`},
		{0, `[{"key":"00","columns":[["a",1,1]]}]`, `column "a": json: cannot unmarshal number`},
		{0, `[{"key":"00","columns":[["a","1",1,"x"]]}]`, `unknown kind "x"`},
		{0, `[{"key":"00","columns":[["a","0001",1,"c",1]]}]`, "it is a counter, but Standard is not a counter family"},
		{0, `[{"key":"00","columns":{"s":{"subColumns":[]}}}]`, "Standard is not a super column family"},
		{0, `[{"key":"00","columns":[["` + "\xff" + `","1",1]]}]`, "not UTF-8"},
		{0, `[{"key":"00","colums":[]}]`, `a row has no columns`},
		{2, `[{"key":"00","columns":[["a","1",1]]}]`, "it is not a counter"},
		{2, `[{"key":"00","columns":[["a","000100",1,"c",1]]}]`, "a counter of 3 bytes is not whole"},
		{2, `[{"key":"00","columns":[["a","b",1,"t",1]]}]`, "compact the table first"},
		{3, `[{"key":"000161000008000000000000000100","columns":[["1:a:b","x",1]]}]`, "more than the 2 components"},
		{0, `[{"partition":{"key":["00"],"position":0},"rows":[{"type":"row","clustering":["a"],"cells":[{"name":"value","value"}]}]}]`, "did not finish"},
		{0, `[{"partition":{"key":["00"],"position":0},"rows":[{"type":"row","position":1,"clustering":["a"]}]}]`, "a row without cells: sstabledump did not finish it"},
		{0, `[{"partition":{"key":["00"],"position":0},"rows":[{"type":"row","clustering":["a"],"cells":[{"name":"value","value":1,"tstamp":"+99999-01-01"}]}]}]`, "try sstabledump -t"},
		{0, `[{"partition":{"key":["00"],"position":0},"rows":[{"type":"range_tombstone_bound","end":{}}]}]`, "ends without a beginning"},
		{0, `[{"partition":{"key":["00"],"position":0},"rows":[{"type":"range_tombstone_bound","start":{}}]}]`, "begins but does not end"},
		{0, `[{"partition":{"key":["00"],"position":0},"rows":[{"type":"range_tombstone_bound","start":{"type":"inclusive","clustering":["a"],"deletion_info":{"marked_deleted":"7"}}},
			{"type":"range_tombstone_bound","end":{"type":"exclusive","clustering":["b"],"deletion_info":{"marked_deleted":"7"}}}]}]`, `excludes its bound ["b"]`},
		{2, `[{"partition":{"key":["00"],"position":0},"rows":[{"type":"row","clustering":["a"],"cells":[{"name":"value","value":1,"tstamp":"7"}]}]}]`, "prints no counts"},
	} {
		r := NewReader(strings.NewReader(tt.text), 0, 0, 0, 0)
		d := Decoder{Family: all[tt.family], Now: now}
		var err error
		for err == nil {
			var part []byte
			if part, err = r.Next(); err == nil {
				_, err = d.Decode(part)
			}
		}
		if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.text, err, tt.want)
		}
	}
	r := NewReader(strings.NewReader(`[{"key":"00","columns":[["`+strings.Repeat("x", 100)+`","1",1]]}]`), 0, 0, 0, 50)
	if _, err := r.Next(); err == nil || !strings.Contains(err.Error(), "more than 50 bytes: see --max-line") {
		t.Errorf("a long column: %v", err)
	}
}
