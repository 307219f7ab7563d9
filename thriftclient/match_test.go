package thriftclient

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftconv"
	"github.com/widerow/widerow/internal/thriftwire"
)

// indexServer has one row, "k", with a = 1 and i = x. It returns the columns that a predicate
// names, or all columns.
type indexServer struct {
	interfaceVersion
	calls []string
}

func (s *indexServer) version(context.Context) (interfaceVersion, error) {
	return s.interfaceVersion, nil
}

func (s *indexServer) split(string, [][]byte) [][]int { return nil }

func (s *indexServer) call(_ context.Context, _ route, args thriftwire.Args) (thriftwire.Result, error) {
	read, ok := args.(*thriftconv.Read)
	if !ok {
		return nil, errors.New("not a call of this test")
	}
	var reply thriftwire.Result
	switch args := read.Args.(type) {
	case *thriftwire.GetIndexedSlicesArgs:
		reply = &thriftwire.GetIndexedSlicesResult{Success: []thriftwire.KeySlice{{
			Key: []byte("k"), Columns: s.columns("index", &args.ColumnPredicate),
		}}}
	case *thriftwire.GetRangeSlicesArgs:
		reply = &thriftwire.GetRangeSlicesResult{Success: []thriftwire.KeySlice{{
			Key: []byte("k"), Columns: s.columns("range", &args.Predicate),
		}}}
	case *thriftwire.GetSliceArgs:
		reply = &thriftwire.GetSliceResult{Success: s.columns("slice", &args.Predicate)}
	}
	message := thriftwire.AppendMessage(nil, thriftwire.Header{Method: args.Method(), Type: thriftwire.Reply}, reply)
	result := args.NewResult()
	return result, thriftwire.DecodeReply(message, args.Method(), 0, result)
}

func (s *indexServer) columns(method string, p *thriftwire.SlicePredicate) []thriftwire.ColumnOrSuperColumn {
	for _, name := range p.ColumnNames {
		method += " " + string(name)
	}
	s.calls = append(s.calls, method)
	var list []thriftwire.ColumnOrSuperColumn
	for _, name := range []string{"a", "i"} {
		if p.ColumnNames == nil || has(p.ColumnNames, []byte(name)) {
			list = append(list, thriftwire.ColumnOrSuperColumn{
				Column: &thriftwire.Column{Name: []byte(name)},
			})
		}
	}
	return list
}

func TestMatch(t *testing.T) {
	old, v2, v3 := interfaceVersion{19, 36, 2}, interfaceVersion{19, 39, 0}, interfaceVersion{20, 1, 0}
	named := backend.Predicate{Names: [][]byte{[]byte("a")}}
	whole := backend.Predicate{Count: 100}
	ended := backend.Predicate{Start: []byte("a"), Count: 100}
	backwards := backend.Predicate{Reversed: true, Count: 100}
	for _, test := range []struct {
		name      string
		version   interfaceVersion
		filter    bool // the clause filters a range and is no index clause
		predicate backend.Predicate
		calls     []string
		columns   string
	}{
		{"names, before they hide rows", v2, false, named, []string{"index a"}, "a"},
		{"names", v3, false, named, []string{"index a i"}, "a"},
		{"a whole row", v3, false, whole, []string{"index"}, "ai"},
		{"a slice, before it hides rows", v2, false, ended, []string{"index"}, "ai"},
		{"a slice", v3, false, ended, []string{"index i", "slice"}, "ai"},
		{"a reversed slice", old, false, backwards, []string{"index i", "slice"}, "ai"},
		{"a filter and a slice", v2, true, whole, []string{"range i", "slice"}, "ai"},
		{"a filter and names", old, true, named, []string{"range a i"}, "a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := &indexServer{interfaceVersion: test.version}
			q := requests{via: server}
			expressions := []backend.Expression{{Name: []byte("i"), Value: []byte("x")}}
			parent := backend.Parent{Keyspace: "K", Family: "F"}
			var rows []backend.Row
			var err error
			if test.filter {
				rows, err = q.Range(t.Context(), &backend.RangeRequest{
					Parent: parent, Range: backend.KeyRange{Count: 10}, Filter: expressions, Predicate: test.predicate,
				})
			} else {
				rows, err = q.Index(t.Context(), &backend.IndexRequest{
					Parent: parent, Expressions: expressions, Count: 10, Predicate: test.predicate,
				})
			}
			if err != nil || len(rows) != 1 || string(rows[0].Key) != "k" {
				t.Fatalf("rows %v, error %v", rows, err)
			}
			columns := ""
			for _, c := range rows[0].Columns {
				columns += string(c.Name)
			}
			if columns != test.columns {
				t.Errorf("the columns are %q, want %q", columns, test.columns)
			}
			if diff := cmp.Diff(test.calls, server.calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}
