package thriftwire

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// methodNames returns the names of all methods of the interface, read from the generated source.
func methodNames(t *testing.T) (names []string) {
	t.Helper()
	source, err := os.ReadFile("methods_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(source)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), `case "`); ok {
			names = append(names, strings.TrimSuffix(strings.TrimSpace(name), `":`))
		}
	}
	if len(names) < 40 {
		t.Fatalf("%d methods", len(names))
	}
	return names
}

// shapes calls visit with v filled in many ways. For each pointer, slice and optional field within
// v, it sets that field alone: to the minimum that the wire allows, then to a slice of n elements,
// then the same within the elements.
func shapes(v reflect.Value, n, depth int, visit func()) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				shapes(f, n, depth, visit)
				f.SetZero()
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		visit()
		if depth > 0 {
			shapes(v.Elem(), n, depth-1, visit)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		visit()
		if depth == 0 || v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		// Try one element that holds many, and many elements that hold one each.
		for _, outer := range []int{1, n} {
			v.Set(reflect.MakeSlice(v.Type(), outer, outer))
			shapes(v.Index(0), n/outer, depth-1, func() {
				for i := range outer {
					v.Index(i).Set(v.Index(0))
				}
				visit()
			})
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// allocatedBeyond returns the number of bytes that f allocates, or 0 if that number is at most
// most. Other goroutines allocate too, so a larger number is confirmed by a second run of f.
func allocatedBeyond(most int, f func()) (n int) {
	for range 3 {
		if n = allocated(f); n <= most {
			return 0
		}
	}
	return n
}

// mostMemory returns the bytes that decoding a message may allocate: the documented bound, plus the
// decoder itself, an error and the test's own counters.
func mostMemory(message []byte) int { return MemoryFactor*len(message) + MemoryBase + 32<<10 }

// The test decodes the messages that need the most memory for their length: for every method, and
// for every container and pointer in its arguments and result, alone and as a repeated field.
func TestMemoryOfEveryMethod(t *testing.T) {
	const length = 100 << 10 // the approximate length of a message
	tried, refused, worst := 0, 0, 0.0
	for _, method := range methodNames(t) {
		for _, body := range []Body{newArgs([]byte(method)), newArgs([]byte(method)).NewResult()} {
			try := func(fields []byte) {
				h := appendI32(appendString(binaryVersion(Reply), method), 1)
				message := append(append(h, fields...), typeStop)
				var err error
				n := allocated(func() {
					if _, ok := body.(Args); ok {
						_, _, err = DecodeCall(message)
					} else {
						err = DecodeReply(message, method, 1, newArgs([]byte(method)).NewResult())
					}
				})
				if n > mostMemory(message) {
					t.Errorf("%T: %d bytes allocated for a message of %d, %.40x (%v)", body, n, len(message), fields, err)
				}
				tried++
				worst = max(worst, float64(n)/float64(len(message)))
				if err != nil && strings.Contains(err.Error(), ErrMemory.Error()) {
					refused++
				}
			}
			shapes(reflect.ValueOf(body).Elem(), 3000, 3, func() {
				b := body.append(nil)
				fields := b[:len(b)-1]
				if len(fields) > 4*length {
					return // the elements are too long on the wire
				}
				try(fields)
				try([]byte(strings.Repeat(string(fields), max(1, min(20000, length/max(1, len(fields)))))))
			})
		}
	}
	t.Logf("%d messages, %d refused, at most %.1f bytes for a byte", tried, refused, worst)
	if refused == 0 || refused == tried {
		t.Error("no message was near the bound")
	}
}

// Messages that real clients send stay far below the bound and are never refused.
func TestMemoryOfOrdinaryMessages(t *testing.T) {
	const n = 20000
	names := make([][]byte, n)
	mutations, deletions := make([]Mutation, n), make([]Mutation, n)
	columns, counters := make([]ColumnOrSuperColumn, n), make([]ColumnOrSuperColumn, n)
	rows, empty := make([]KeySlice, n), make([]Entry[[]byte, []ColumnOrSuperColumn], n)
	families := make([]CfDef, n/10)
	for i := range n {
		names[i] = fmt.Appendf(nil, "%02d", i%100)
		columns[i].Column = &Column{Name: names[i], Value: []byte{}, Timestamp: Some(int64(1))}
		counters[i].CounterColumn = &CounterColumn{Name: names[i], Value: 1}
		mutations[i].ColumnOrSupercolumn = &columns[i]
		deletions[i].Deletion = &Deletion{Timestamp: Some(int64(1)), Predicate: &SlicePredicate{ColumnNames: names[i : i+1]}}
		rows[i] = KeySlice{Key: names[i], Columns: columns[i : i+1]}
		empty[i] = Entry[[]byte, []ColumnOrSuperColumn]{Key: names[i], Value: []ColumnOrSuperColumn{}}
	}
	for i := range families {
		families[i] = CfDef{
			Keyspace: "keyspace", Name: fmt.Sprintf("family%d", i), ColumnType: Some("Standard"),
			ComparatorType: Some("UTF8Type"), DefaultValidationClass: Some("BytesType"),
		}
	}
	batch := func(m []Mutation) Body {
		return &BatchMutateArgs{MutationMap: []Entry[[]byte, []Entry[string, []Mutation]]{{[]byte("k"), []Entry[string, []Mutation]{{"f", m}}}}}
	}
	for name, body := range map[string]Body{
		"names":     &GetSliceArgs{Predicate: SlicePredicate{ColumnNames: names}},
		"keys":      &MultigetSliceArgs{Keys: names},
		"writes":    batch(mutations),
		"deletions": batch(deletions),
		"columns":   &GetSliceResult{Success: columns},
		"counters":  &GetSliceResult{Success: counters},
		"rows":      &GetRangeSlicesResult{Success: rows},
		"no rows":   &MultigetSliceResult{Success: empty},
		"families":  &SystemAddKeyspaceArgs{KsDef: KsDef{CfDefs: families}},
	} {
		var message []byte
		var err error
		args, isCall := body.(Args)
		if isCall {
			message = AppendMessage(nil, Header{Method: args.Method(), Type: Call}, body)
		} else {
			message = AppendMessage(nil, Header{Method: "m", Type: Reply}, body)
		}
		n := allocated(func() {
			if isCall {
				_, _, err = DecodeCall(message)
			} else {
				err = DecodeReply(message, "m", 0, reflect.New(reflect.TypeOf(body).Elem()).Interface().(Result))
			}
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %.1f bytes for a byte", name, float64(n)/float64(len(message)))
	}
}

func TestMemoryIsAskedFor(t *testing.T) {
	message := reply(100, 100)
	for _, tt := range []struct {
		name string
		most int
		m    Memory
		want error
	}{
		{"enough", 0, Memory{}, nil},
		{"a limit", 0, Memory{Limit: 100 << 10}, ErrMemory},
		{"Take fails", 200 << 10, Memory{}, errors.New("no room")},
	} {
		taken := 0
		tt.m.Take = func(n int) error {
			if taken += n; tt.most > 0 && taken > tt.most {
				return tt.want
			}
			return nil
		}
		var err error
		n := allocated(func() { err = tt.m.DecodeReply(message, "multiget_slice", 0, new(MultigetSliceResult)) })
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if n > taken+MemoryBase+32<<10 {
			t.Errorf("%s: %d bytes allocated, %d were asked for", tt.name, n, taken)
		}
		if tt.want == nil && taken > 2*n {
			t.Errorf("%s: %d bytes asked for, and %d allocated", tt.name, taken, n)
		}
	}
}
