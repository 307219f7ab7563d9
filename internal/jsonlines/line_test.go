package jsonlines

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/schema"
)

// definitions are the families of these tests.
func definitions() schema.Keyspace {
	return schema.Keyspace{
		Name: "Keyspace1", Strategy: schema.SimpleStrategy, StrategyOptions: map[string]string{"replication_factor": "1"},
		DurableWrites: new(true),
		Families: []schema.Family{
			{
				Keyspace: "Keyspace1", Name: "Users", Comparator: "UTF8Type", KeyValidator: "UTF8Type",
				Comment: "people", GCGraceSeconds: new(int32(864000)), ReadRepairChance: new(0.1),
				CompressionOptions: map[string]string{"sstable_compression": "SnappyCompressor"},
				Columns: []schema.Column{
					{Name: []byte("age"), Validator: "LongType", Index: schema.KeysIndex, IndexName: "by_age"},
					{Name: []byte("name"), Validator: "UTF8Type"},
				},
			},
			{
				Keyspace: "Keyspace1", Name: "Super", Type: schema.Super, Comparator: "UTF8Type",
				Subcomparator: "LongType", KeyAlias: []byte("KEY"),
				Columns: []schema.Column{{Name: []byte("\x00\x00\x00\x00\x00\x00\x00\x07"), Validator: "BooleanType"}},
			},
			{Keyspace: "Keyspace1", Name: "Counters", Comparator: "UTF8Type", DefaultValidator: "CounterColumnType"},
			{Keyspace: "Keyspace1", Name: "Pairs", Comparator: "CompositeType(LongType,AsciiType)"},
		},
	}
}

func lookup(t testing.TB) func(string) (*Family, error) {
	t.Helper()
	families := make(map[string]*Family)
	def := definitions()
	for i := range def.Families {
		f, err := NewFamily(&def.Families[i])
		if err != nil {
			t.Fatal(err)
		}
		families[f.Name] = f
	}
	return func(name string) (*Family, error) {
		if f := families[name]; f != nil {
			return f, nil
		}
		return nil, fmt.Errorf("no family %q", name)
	}
}

func TestLine(t *testing.T) {
	find := lookup(t)
	count := []byte{0, 0, 0, 0, 0, 0, 0, 5}
	for _, tt := range []struct {
		family string
		row    backend.Row
		want   string
	}{
		{
			"Users",
			backend.Row{Key: []byte("thobbs"), Columns: []backend.Column{
				{Name: []byte("age"), Value: []byte("\x00\x00\x00\x00\x00\x00\x00\x18"), Timestamp: 1354459123410932, TTL: 60},
				{Name: []byte("name"), Value: []byte("Tyler"), Timestamp: -1},
			}},
			`{"family":"Users","key":"thobbs","columns":[["age",24,1354459123410932,60],["name","Tyler",-1]]}`,
		},
		{
			"Super",
			backend.Row{Key: []byte("k\xff"), Supers: []backend.SuperColumn{
				{Name: []byte("a"), Columns: []backend.Column{{Name: count, Value: []byte("x"), Timestamp: 1}}},
				{Name: []byte("b"), Columns: []backend.Column{{Name: []byte("\x00\x00\x00\x00\x00\x00\x00\x07"), Value: []byte{1}, Timestamp: 2}}},
			}},
			`{"family":"Super","key":{"hex":"6bff"},"supers":[["a",[[5,"x",1]]],["b",[[7,true,2]]]]}`,
		},
		{
			"Counters",
			backend.Row{Key: []byte("k"), Columns: []backend.Column{{Name: []byte("n"), Value: count}}},
			`{"family":"Counters","key":"k","columns":[["n",5]]}`,
		},
		{
			"Pairs",
			backend.Row{Key: []byte("k"), Columns: []backend.Column{{Name: []byte("\x00\x08\x00\x00\x00\x00\x00\x00\x04\xd2\x00\x00\x03abc\x00"), Value: []byte("v"), Timestamp: 3}}},
			`{"family":"Pairs","key":"k","columns":[[[1234,"abc"],"v",3]]}`,
		},
	} {
		f, err := find(tt.family)
		if err != nil {
			t.Fatal(err)
		}
		line := string(f.AppendRow(nil, &tt.row))
		if line != tt.want+"\n" {
			t.Errorf("AppendRow = %swant %s", line, tt.want)
		}
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
		d := Decoder{Lookup: find, Timestamp: 99}
		rec, err := d.Decode([]byte(line))
		if err != nil {
			t.Errorf("Decode(%s): %v", line, err)
			continue
		}
		if diff := cmp.Diff(tt.row, rec.Row, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Decode(%s) (-want +got):\n%s", line, diff)
		}
	}
}

func TestDecode(t *testing.T) {
	d := Decoder{Lookup: lookup(t), Timestamp: 99}
	// Fields in any order, space everywhere, no timestamp.
	rec, err := d.Decode([]byte(" { \"columns\" : [ [ \"name\" , \"T\" ] ] , \"key\" : \"k\" , \"family\" : \"Users\" } \r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := backend.Row{Key: []byte("k"), Columns: []backend.Column{{Name: []byte("name"), Value: []byte("T"), Timestamp: 99}}}
	if diff := cmp.Diff(want, rec.Row, cmpopts.EquateEmpty()); diff != "" || rec.Columns != 1 {
		t.Errorf("%d columns, (-want +got):\n%s", rec.Columns, diff)
	}
}

func TestDecodeRefused(t *testing.T) {
	d := Decoder{Lookup: lookup(t)}
	for _, tt := range []struct{ line, want string }{
		{``, `want "{", have the end of the line`},
		{`[]`, `want "{", have an array`},
		{`{}`, `no field "family"`},
		{`{"family":"Users","columns":[]}`, `no field "key"`},
		{`{"family":"Users","key":"k"}`, `a row of Users has a field "columns"`},
		{`{"family":"Users","key":"k","supers":[]}`, `has a field "columns" and no "supers"`},
		{`{"family":"Super","key":"k","columns":[]}`, `has a field "supers"`},
		{`{"family":"None","key":"k","columns":[]}`, `no family "None"`},
		{`{"family":7,"key":"k","columns":[]}`, `want a string, have a number`},
		{`{"family":"Users","key":"k","key":"k","columns":[]}`, `field "key" occurs twice`},
		{`{"family":"Users","key":"k","colums":[]}`, `unknown field "colums"`},
		{`{"family":"Users","key":"k","columns":[]} x`, `want the end of the line`},
		{`{"family":"Users","key":"k","columns":[]}{}`, `want the end of the line`},
		{`{"family":"Users","key":"k","columns":[["age","x",1]]}`, `at byte 47: want a number, have a string`},
		{`{"family":"Users","key":"k","columns":[["age"]]}`, `want ","`},
		{`{"family":"Users","key":"k","columns":[["age",1,2,3,4]]}`, `want "]"`},
		{`{"family":"Users","key":"k","columns":[["age",1,2,0]]}`, `0 is not an integer from 1`},
		{`{"family":"Users","key":"k","columns":[["age",1,2.5]]}`, `2.5 is not an integer`},
		{`{"family":"Users","key":"k","columns":[["age",1],]}`, `want a value`},
		{`{"family":"Counters","key":"k","columns":[["n",1,2]]}`, `want "]"`},
		{`{"family":"Counters","key":"k","columns":[["n",null]]}`, `a count has 8 bytes`},
		{`{"schema":{"name":"k"},"key":"k"}`, `"schema" has no other field`},
		{`{"schema":{"name":"k","tables":[]}}`, `unknown field "tables"`},
		{`{"schema":{}}`, `no name`},
		{`{"schema":{"name":"k","cf_defs":[{"name":"f","column_metadata":[{"name":1}]}]}}`, `name: at byte 1: want a string`},
		{`{"schema":` + strings.Repeat("[", 1000), `levels deep`},
	} {
		rec, err := d.Decode([]byte(tt.line))
		if err == nil {
			t.Errorf("Decode(%.80s) = %+v, want an error", tt.line, rec)
		} else if !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Decode(%.80s): %q, want it to contain %q", tt.line, err, tt.want)
		}
	}
}

func TestSchemaLine(t *testing.T) {
	def := definitions()
	line, err := AppendKeyspace(nil, &def)
	if err != nil {
		t.Fatal(err)
	}
	if !IsSchema(line) || IsSchema([]byte(`{"family":"schema"}`)) || IsSchema([]byte("x")) {
		t.Error("IsSchema does not distinguish the lines")
	}
	for _, part := range []string{`"comparator_type":"UTF8Type"`, `{"name":"age","validation_class":"LongType","index_type":"KEYS","index_name":"by_age"}`, `{"name":7,`, `"key_alias":"KEY"`} {
		if !strings.Contains(string(line), part) {
			t.Errorf("line lacks %s: %s", part, line)
		}
	}
	rec, err := (&Decoder{}).Decode(line)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&def, rec.Schema); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReader(t *testing.T) {
	long := strings.Repeat("x", 300<<10) // more than the buffer
	r := NewReader(strings.NewReader("one\n\n"+long+"\nlast"), 0)
	for i, want := range []string{"one\n", "\n", long + "\n", "last"} {
		line, err := r.Next()
		if err != nil || string(line) != want || r.Number() != i+1 {
			t.Fatalf("line %d: %.20q, %v, number %d", i+1, line, err, r.Number())
		}
	}
	if line, err := r.Next(); err != io.EOF {
		t.Errorf("after the end: %q, %v", line, err)
	}
	if want := int64(3 + 1 + 1 + len(long) + 1 + 4); r.Offset() != want {
		t.Errorf("Offset() = %d, want %d", r.Offset(), want)
	}
}

func TestReaderTooLong(t *testing.T) {
	r := NewReader(strings.NewReader("a\n"+strings.Repeat("x", 600<<10)+"\nb\n"+strings.Repeat("y", 100)), 10)
	r.SetPosition(1000, 50)
	var got []string
	for {
		line, err := r.Next()
		if err == io.EOF {
			break
		}
		if errors.Is(err, ErrLineTooLong) {
			line = []byte("too long")
		} else if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d %s", r.Number(), strings.TrimSpace(string(line))))
	}
	want := []string{"51 a", "52 too long", "53 b", "54 too long"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzScan compares the text that the scanner accepts with the text that encoding/json accepts.
// encoding/json accepts more: invalid UTF-8, halves of surrogate pairs and deeper nesting.
func FuzzScan(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,"x\u00e9\n",true,false,null]}`, ` [ ] `, `"\ud83d\ude00"`, `01`, `{"a":1,}`, "\"\x00\"", `1 2`, `-`, `tru`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s := &scanner{text: text}
		_, err := s.skip()
		if err == nil {
			err = s.end()
		}
		valid := json.Valid(text)
		if err == nil && !valid {
			t.Fatalf("accepted, but not JSON: %q", text)
		}
		if err != nil && valid && utf8.Valid(text) && !strings.Contains(err.Error(), "surrogate") && !strings.Contains(err.Error(), "levels deep") {
			t.Fatalf("JSON, but refused: %q: %v", text, err)
		}
		if err == nil && len(text) > 0 {
			s := &scanner{text: text}
			if s.peek() == '"' {
				var want string
				got, _ := s.str()
				if err := json.Unmarshal(text, &want); err != nil || string(got) != want {
					t.Fatalf("%q: %q, want %q, %v", text, got, want, err)
				}
			}
		}
	})
}

// FuzzLine checks that any line is read without a panic. It also checks that a record
// is the same after it was written and read again.
func FuzzLine(f *testing.F) {
	for _, s := range []string{
		`{"family":"Users","key":"k","columns":[["age",24,1,60],["name","T",2],["x",{"hex":"ff"},-3]]}`,
		`{"family":"Super","key":"k","supers":[["a",[[5,"x",1],[7,true,2]]]]}`,
		`{"family":"Counters","key":"k","columns":[["n",-5]]}`,
		`{"family":"Pairs","key":"k","columns":[[[1,"a"],"v",3],[[1],"",4]]}`,
		`{"schema":{"name":"k","cf_defs":[{"name":"f","comparator_type":"LongType","column_metadata":[{"name":1,"validation_class":"UTF8Type"}]}]}}`,
	} {
		f.Add([]byte(s))
	}
	d := Decoder{Lookup: lookup(f), Timestamp: 7}
	f.Fuzz(func(t *testing.T, line []byte) {
		rec, err := d.Decode(line)
		if err != nil {
			return
		}
		if rec.Schema != nil {
			out, err := AppendKeyspace(nil, rec.Schema)
			if err != nil {
				t.Fatalf("%q is read but not written: %v", line, err)
			}
			again, err := d.Decode(out)
			if err != nil || cmp.Diff(rec.Schema, again.Schema, cmpopts.EquateEmpty()) != "" {
				t.Fatalf("%q is written %q and read %v, %v", line, out, again.Schema, err)
			}
			return
		}
		out := rec.Family.AppendRow(nil, &rec.Row)
		again, err := d.Decode(out)
		if err != nil {
			t.Fatalf("%q is written %q and not read: %v", line, out, err)
		}
		if diff := cmp.Diff(rec.Row, again.Row, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q is written %q and read (-first +second):\n%s", line, out, diff)
		}
	})
}

func BenchmarkLine(b *testing.B) {
	find := lookup(b)
	var line strings.Builder
	line.WriteString(`{"family":"Users","key":"thobbs","columns":[["age",24,1354459123410932]`)
	for i := range 99 {
		fmt.Fprintf(&line, `,["column%02d","some text of a usual length",1354459123410932]`, i)
	}
	line.WriteString("]}\n")
	text := []byte(line.String())
	d := Decoder{Lookup: find}
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := d.Decode(text); err != nil {
				b.Fatal(err)
			}
		}
	})
	rec, err := d.Decode(text)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("encode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(text)))
		var buf []byte
		for b.Loop() {
			buf = rec.Family.AppendRow(buf[:0], &rec.Row)
		}
	})
}
