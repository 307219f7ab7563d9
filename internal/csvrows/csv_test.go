package csvrows

import (
	"bytes"
	"encoding/csv"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/jsonlines"
	"github.com/widerow/widerow/schema"
)

func family(t testing.TB, def schema.Family) *jsonlines.Family {
	t.Helper()
	f, err := jsonlines.NewFamily(&def)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

var (
	users = schema.Family{Name: "Users", Comparator: "UTF8Type", KeyValidator: "UTF8Type", DefaultValidator: "UTF8Type", Columns: []schema.Column{{Name: []byte("age"), Validator: "LongType"}}}
	hits  = schema.Family{Name: "Hits", Comparator: "UTF8Type", DefaultValidator: "CounterColumnType"}
	super = schema.Family{Name: "Super", Type: schema.Super, Comparator: "LongType", Subcomparator: "CompositeType(LongType,UTF8Type)", DefaultValidator: "DoubleType"}
)

func TestDecode(t *testing.T) {
	age := []byte{0, 0, 0, 0, 0, 0, 0, 24}
	for _, tt := range []struct {
		def            schema.Family
		header, record string
		want           backend.Row
	}{
		{
			users, "key,age,full name\r\n", "ann,24,\"Ann \"\"A\"\",\r\nB\"\r\n",
			backend.Row{Key: []byte("ann"), Columns: []backend.Column{{Name: []byte("age"), Value: age, Timestamp: 9}, {Name: []byte("full name"), Value: []byte("Ann \"A\",\r\nB"), Timestamp: 9}}},
		},
		{ // the first field is the key; an empty field means no column, an empty quoted field is a column
			users, "id,age,name,city", "ann,,\"\",", backend.Row{Key: []byte("ann"), Columns: []backend.Column{{Name: []byte("name"), Value: []byte{}, Timestamp: 9}}},
		},
		{users, "age,key", "24,ann", backend.Row{Key: []byte("ann"), Columns: []backend.Column{{Name: []byte("age"), Value: age, Timestamp: 9}}}},
		{
			users, "timestamp,key,column,value,ttl\n", "-7,ann,age,24,60\n",
			backend.Row{Key: []byte("ann"), Columns: []backend.Column{{Name: []byte("age"), Value: age, Timestamp: -7, TTL: 60}}},
		},
		{users, "key,column,value,timestamp", "ann,x,,", backend.Row{Key: []byte("ann"), Columns: []backend.Column{{Name: []byte("x"), Value: []byte{}, Timestamp: 9}}}},
		{hits, "key,n", "k,24", backend.Row{Key: []byte("k"), Columns: []backend.Column{{Name: []byte("n"), Value: age}}}},
		{
			super, "key,super,column,value", `k,24,"[24,""x""]",NaN`,
			backend.Row{Key: []byte("k"), Supers: []backend.SuperColumn{{Name: age, Columns: []backend.Column{{
				Name: []byte("\x00\x08\x00\x00\x00\x00\x00\x00\x00\x18\x00\x00\x01x\x00"), Value: []byte{0x7f, 0xf8, 0, 0, 0, 0, 0, 0}, Timestamp: 9,
			}}}}},
		},
	} {
		table, err := NewTable([]byte(tt.header), family(t, tt.def), 9)
		if err != nil {
			t.Errorf("%q: %v", tt.header, err)
			continue
		}
		rec, err := table.Decode([]byte(tt.record))
		if diff := cmp.Diff(tt.want, rec.Row, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("%q, %q: %v (-want +got):\n%s", tt.header, tt.record, err, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		def                  schema.Family
		header, record, want string
	}{
		{users, "key,age,age", "", `header: field "age" occurs twice`},
		{users, "key,\"age", "", "header: field 2: the quotation mark at its end is missing"},
		{users, "key,super,column,value", "", `header: a super column family needs a field "super"`},
		{super, "key,column,value", "", `header: a super column family needs a field "super"`},
		{super, "key,1,2", "", "header: Super is a super column family: the fields must be key, super"},
		{hits, "key,column,value,timestamp", "", "header: counters have no timestamp"},
		{schema.Family{Name: "Longs", Comparator: "LongType"}, "key,1,x", "", `header: name "x": at byte 1: want a number`},
		{users, "key,age", "ann", "1 fields, and the header has 2"},
		{users, "key,age", "ann,old", "field 2: at byte 1: want a number"},
		{users, "key,age", "ann,\"24\"x", "field 2: text after the quotation mark"},
		{users, "key,age", "a\"nn,24", "field 1: a quotation mark in a field"},
		{users, "key,age", "\xff,24", "not UTF-8"},
		{users, "key,column,value,timestamp", "ann,age,24,soon", `timestamp: "soon" is not an integer`},
		{users, "key,column,value,ttl", "ann,age,24,0", `ttl: "0" is not an integer from 1`},
		{hits, "key,n", "k,\"\"", "a count has 8 bytes, have 0"},
	} {
		table, err := NewTable([]byte(tt.header), family(t, tt.def), 9)
		if err == nil {
			_, err = table.Decode([]byte(tt.record))
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q, %q: %v, want %q", tt.header, tt.record, err, tt.want)
		}
	}
	for text, want := range map[string]string{
		"a,\"b\nc\nd": "line 1: the input ends in a quoted field",
		"a\n\"" + strings.Repeat("x", 100) + "\n\"\n": "line 2: a record of more than 50 bytes",
	} {
		r := NewReader(strings.NewReader(text), 0, 0, 0, 50)
		var err error
		for err == nil {
			_, err = r.Next()
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := NewReader(strings.NewReader(""), 0, 0, 0, 0).Header(); err == nil {
		t.Error("an empty input has a header")
	}
}

// FuzzReader compares the fields with those of encoding/csv. It also begins reading at every record.
func FuzzReader(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\"\"b\",\"c\nd\"\n\n,,\n", "a\r\n\"b\"\r\n", "\"", "a\"b,\"c\"d\n", "x,\"\",\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		oracle := csv.NewReader(strings.NewReader(text))
		oracle.FieldsPerRecord = -1
		want, wantErr := oracle.ReadAll()
		var got [][]string
		var gotErr error
		r := NewReader(strings.NewReader(text), 0, 0, 0, 0)
		for {
			offset, lines, rows := r.Offset(), r.Number(), r.Rows()
			record, err := r.Next()
			if err == io.EOF {
				break
			}
			if gotErr = err; err != nil {
				break
			}
			again := NewReader(strings.NewReader(text[offset:]), offset, lines, rows, 0)
			if same, err := again.Next(); err != nil || !bytes.Equal(same, record) || again.Offset() != r.Offset() || again.Number() != r.Number() {
				t.Fatalf("from byte %d on: %q, %v, want %q", offset, same, err, record)
			}
			list, err := fields(record)
			if gotErr = err; err != nil {
				break
			}
			if strings.Trim(string(record), "\r\n") == "" {
				continue
			}
			var texts []string
			for _, f := range list {
				// encoding/csv turns \r\n within quotation marks into \n.
				texts = append(texts, strings.ReplaceAll(string(f.text), "\r\n", "\n"))
			}
			got = append(got, texts)
		}
		if (wantErr == nil) != (gotErr == nil) {
			t.Fatalf("%q: error %v, encoding/csv has %v", text, gotErr, wantErr)
		}
		if wantErr == nil && !strings.Contains(text, "\r") {
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%q (-encoding/csv +ours):\n%s", text, diff)
			}
		}
	})
}

// FuzzRow checks that a row is the same after it was written and read.
func FuzzRow(f *testing.F) {
	f.Add([]byte("k"), []byte("name"), []byte("v"), int64(1), int32(0))
	f.Add([]byte(" k\"\r\n"), []byte(`{"hex":"00"}`), []byte("\x80\x00\x00\x00\x00\x00\x00\x00"), int64(-1), int32(60))
	classes := []string{"BytesType", "UTF8Type", "LongType", "DoubleType", "DateType", "DecimalType", "IntegerType", "BooleanType", "InetAddressType", "CompositeType(UTF8Type,LongType)", "com.example.Own"}
	var families []*jsonlines.Family
	for _, class := range classes {
		families = append(families, family(f, schema.Family{Name: "F", Comparator: class, KeyValidator: class, DefaultValidator: class}))
	}
	f.Fuzz(func(t *testing.T, key, name, value []byte, timestamp int64, ttl int32) {
		row := backend.Row{Key: key, Columns: []backend.Column{{Name: name, Value: value, Timestamp: timestamp, TTL: max(ttl, 0)}}}
		for i, f := range families {
			text := AppendRow(AppendHeader(nil, f), f, &row)
			r := NewReader(bytes.NewReader(text), 0, 0, 0, 0)
			header, err := r.Header()
			if err != nil {
				t.Fatal(err)
			}
			record, err := r.Next()
			if err != nil {
				t.Fatalf("%s: %q: %v", classes[i], text, err)
			}
			table, err := NewTable(header, f, 0)
			if err != nil {
				t.Fatal(err)
			}
			rec, err := table.Decode(record)
			if diff := cmp.Diff(row, rec.Row, cmpopts.EquateEmpty()); err != nil || diff != "" {
				t.Fatalf("%s: %q: %v (-want +got):\n%s", classes[i], text, err, diff)
			}
		}
	})
}
