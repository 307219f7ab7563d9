package thriftconv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// readers lists the methods whose results are rows. Each has a function that returns the rows of a result decoded into
// structs.
var readers = []struct {
	args thriftwire.Args
	rows func(thriftwire.Result) []backend.Row
}{
	{&thriftwire.GetSliceArgs{}, func(r thriftwire.Result) []backend.Row {
		rows := make([]backend.Row, 1)
		rowOf(&rows[0], r.(*thriftwire.GetSliceResult).Success)
		return rows
	}},
	{&thriftwire.MultigetSliceArgs{}, func(r thriftwire.Result) []backend.Row {
		var rows []backend.Row
		for _, e := range r.(*thriftwire.MultigetSliceResult).Success {
			rows = append(rows, backend.Row{Key: e.Key})
			rowOf(&rows[len(rows)-1], e.Value)
		}
		return rows
	}},
	{&thriftwire.GetRangeSlicesArgs{}, func(r thriftwire.Result) []backend.Row {
		return keySlices(r.(*thriftwire.GetRangeSlicesResult).Success)
	}},
	{&thriftwire.GetIndexedSlicesArgs{}, func(r thriftwire.Result) []backend.Row {
		return keySlices(r.(*thriftwire.GetIndexedSlicesResult).Success)
	}},
}

func keySlices(list []thriftwire.KeySlice) (rows []backend.Row) {
	for _, s := range list {
		rows = append(rows, backend.Row{Key: s.Key})
		rowOf(&rows[len(rows)-1], s.Columns)
	}
	return rows
}

// rowOf fills a row with the columns of a reply that was decoded into the interface's structs. Read does the same without
// these structs.
func rowOf(row *backend.Row, reply []thriftwire.ColumnOrSuperColumn) {
	columns, supers, counters := 0, 0, 0
	for i := range reply {
		switch c := &reply[i]; {
		case c.Column != nil:
			columns++
		case c.CounterColumn != nil:
			columns++
			counters++
		case c.SuperColumn != nil:
			supers++
		case c.CounterSuperColumn != nil:
			supers++
			counters += len(c.CounterSuperColumn.Columns)
		}
	}
	if columns > 0 {
		row.Columns = make([]backend.Column, 0, columns)
	}
	if supers > 0 {
		row.Supers = make([]backend.SuperColumn, 0, supers)
	}
	values := make([]byte, 0, 8*counters)
	counter := func(c *thriftwire.CounterColumn) backend.Column {
		n := len(values)
		values = binary.BigEndian.AppendUint64(values, uint64(c.Value))
		return backend.Column{Name: c.Name, Value: values[n:len(values):len(values)]}
	}
	for i := range reply {
		switch c := &reply[i]; {
		case c.Column != nil:
			row.Columns = append(row.Columns, CellFromThrift(c.Column))
		case c.CounterColumn != nil:
			row.Columns = append(row.Columns, counter(c.CounterColumn))
		case c.SuperColumn != nil:
			s := backend.SuperColumn{Name: c.SuperColumn.Name}
			if n := len(c.SuperColumn.Columns); n > 0 {
				s.Columns = CellsFromThrift(make([]backend.Column, 0, n), c.SuperColumn.Columns)
			}
			row.Supers = append(row.Supers, s)
		case c.CounterSuperColumn != nil:
			s := backend.SuperColumn{Name: c.CounterSuperColumn.Name}
			for j := range c.CounterSuperColumn.Columns {
				s.Columns = append(s.Columns, counter(&c.CounterSuperColumn.Columns[j]))
			}
			row.Supers = append(row.Supers, s)
		}
	}
}

// reply returns the reply of a method with a body.
func reply(method string, body thriftwire.Body) []byte {
	return thriftwire.AppendMessage(nil, thriftwire.Header{Method: method, Type: thriftwire.Reply}, body)
}

func TestRead(t *testing.T) {
	for _, tt := range replies {
		k := Columns{Counters: tt.counters}
		for _, reader := range readers {
			method := reader.args.Method()
			t.Run(tt.name+"/"+method, func(t *testing.T) {
				rows, body := tt.rows, thriftwire.Body(k.RangeReply(tt.rows))
				switch method {
				case "get_slice":
					rows, body = tt.rows[:1], k.SliceReply(&tt.rows[0])
				case "multiget_slice":
					body = k.MultigetReply(tt.rows)
				}
				read := NewRead(reader.args)
				for range 2 { // as when a call is retried
					if err := thriftwire.DecodeReply(reply(method, body), method, 0, read.NewResult()); err != nil {
						t.Fatal(err)
					}
				}
				ignoreKey := cmp.FilterPath(func(p cmp.Path) bool { return method == "get_slice" && p.Last().String() == ".Key" }, cmp.Ignore())
				if diff := cmp.Diff(rows, read.Rows(), ignoreKey); diff != "" {
					t.Errorf("rows differ (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestReadException(t *testing.T) {
	for _, reader := range readers {
		method := reader.args.Method()
		result := reader.args.NewResult()
		result.Throw(&thriftwire.InvalidRequestException{Why: "so"})
		got := NewRead(reader.args).NewResult()
		if err := thriftwire.DecodeReply(reply(method, result), method, 0, got); err != nil {
			t.Fatal(err)
		}
		if e, ok := got.Err().(*thriftwire.InvalidRequestException); !ok || e.Why != "so" {
			t.Errorf("%s: %v, want the exception", method, got.Err())
		}
		empty := thriftwire.Encode(0, thriftwire.AppendStop)
		var missing *thriftwire.ApplicationException
		if err := thriftwire.DecodeReply(reply(method, empty), method, 0, NewRead(reader.args).NewResult()); !errors.As(err, &missing) {
			t.Errorf("%s without a result: %v, want an application exception", method, err)
		}
	}
}

// A row of columns and super columns, which no Cassandra sends, is refused.
func TestReadMixed(t *testing.T) {
	column, super := thriftwire.Column{Name: []byte("a")}, thriftwire.SuperColumn{Name: []byte("s"), Columns: []thriftwire.Column{}}
	for name, list := range map[string][]thriftwire.ColumnOrSuperColumn{
		"in one element": {{Column: &column, SuperColumn: &super}},
		"in one row":     {{Column: &column}, {SuperColumn: &super}},
	} {
		message := reply("get_slice", &thriftwire.GetSliceResult{Success: list})
		err := thriftwire.DecodeReply(message, "get_slice", 0, NewRead(&thriftwire.GetSliceArgs{}).NewResult())
		if !errors.Is(err, thriftwire.ErrMalformed) {
			t.Errorf("%s: %v, want ErrMalformed", name, err)
		}
	}
}

// The decoder charges for the memory that a sink allocates.
func TestSinkSizes(t *testing.T) {
	for _, tt := range []struct{ size, want uintptr }{
		{unsafe.Sizeof(backend.Row{}), thriftwire.SinkRow},
		{unsafe.Sizeof(backend.Column{}), thriftwire.SinkColumn},
		{unsafe.Sizeof(backend.SuperColumn{}), thriftwire.SinkSuper},
	} {
		if tt.size > tt.want {
			t.Errorf("%d bytes, and the decoder charges %d", tt.size, tt.want)
		}
	}
}

// Both ways of decoding a reply give the same rows. Only Read refuses rows with columns and super columns.
func FuzzRead(f *testing.F) {
	for _, tt := range replies {
		k := Columns{Counters: tt.counters}
		f.Add(uint8(0), reply("get_slice", k.SliceReply(&tt.rows[0])))
		f.Add(uint8(1), reply("multiget_slice", k.MultigetReply(tt.rows)))
		f.Add(uint8(2), reply("get_range_slices", k.RangeReply(tt.rows)))
	}
	f.Fuzz(func(t *testing.T, which uint8, message []byte) {
		reader := &readers[int(which)%len(readers)]
		method := reader.args.Method()
		read, structs := NewRead(reader.args), reader.args.NewResult()
		sunk := read.NewResult()
		err, wantErr := thriftwire.DecodeReply(message, method, 0, sunk), thriftwire.DecodeReply(message, method, 0, structs)
		if (err == nil) != (wantErr == nil) {
			if err == nil && !errors.Is(wantErr, thriftwire.ErrMemory) {
				t.Fatalf("no error, want %v", wantErr)
			}
			return // it holds less memory, or the row is mixed, or has a field twice
		}
		if err != nil || structs.Err() != nil {
			if (sunk.Err() == nil) != (structs.Err() == nil) {
				t.Fatalf("exception %v, want %v", sunk.Err(), structs.Err())
			}
			return
		}
		if diff := cmp.Diff(reader.rows(structs), read.Rows(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("rows differ (-want +got):\n%s", diff)
		}
	})
}

// BenchmarkRead decodes a reply of get_slice into the seam's types, and into structs of the interface first.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		row := backend.Row{}
		for i := range n {
			row.Columns = append(row.Columns, backend.Column{Name: fmt.Appendf(nil, "column%010d", i), Value: make([]byte, 100), Timestamp: int64(i)})
		}
		message := reply("get_slice", Columns{}.SliceReply(&row))
		b.Run(fmt.Sprintf("columns=%d/direct", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read := NewRead(&thriftwire.GetSliceArgs{})
				if err := thriftwire.DecodeReply(message, "get_slice", 0, read.NewResult()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("columns=%d/structs", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				args := &thriftwire.GetSliceArgs{}
				result := args.NewResult()
				if err := thriftwire.DecodeReply(message, "get_slice", 0, result); err != nil {
					b.Fatal(err)
				}
				readers[0].rows(result)
			}
		})
	}
}
