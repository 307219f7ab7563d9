package thriftclient

import (
	"context"
	"errors"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/thriftwire"
)

// fakeServer answers as a version of Cassandra, and counts the batches that it receives.
type fakeServer struct {
	interfaceVersion
	is3     bool
	batches int
}

func (s *fakeServer) version(context.Context) (interfaceVersion, error) {
	return s.interfaceVersion, nil
}

func (s *fakeServer) split(string, [][]byte) [][]int { return nil }

func (s *fakeServer) call(_ context.Context, _ route, args thriftwire.Args) (thriftwire.Result, error) {
	switch args := args.(type) {
	case *thriftwire.BatchMutateArgs:
		s.batches++
		return &thriftwire.BatchMutateResult{}, nil
	case *thriftwire.DescribeKeyspaceArgs:
		if s.is3 && args.Keyspace == "system_schema" {
			return &thriftwire.DescribeKeyspaceResult{}, nil
		}
		return nil, &backend.Error{Kind: backend.KindNotFound}
	}
	return nil, errors.New("not a call of this test")
}

func TestDeletingSlicesWithoutEnd(t *testing.T) {
	for _, test := range []struct {
		line    string
		version interfaceVersion
		is3     bool
		sent    bool
	}{
		{"1.2, which refuses it itself", interfaceVersion{19, 36, 2}, false, true},
		{"2.0 and 2.1", interfaceVersion{19, 39, 0}, false, false},
		{"2.2", interfaceVersion{20, 1, 0}, false, false},
		{"3.11", interfaceVersion{20, 1, 0}, true, true},
	} {
		t.Run(test.line, func(t *testing.T) {
			server := &fakeServer{interfaceVersion: test.version, is3: test.is3}
			opts, err := (*Options)(nil).normal()
			if err != nil {
				t.Fatal(err)
			}
			q := requests{via: server, opts: opts}
			del := func(finish string) error {
				return q.Mutate(t.Context(), &backend.MutateRequest{Keyspace: "K", Rows: []backend.RowMutation{{
					Family: "F", Key: []byte("k"), Mutations: []backend.Mutation{{
						Op: backend.Delete, Timestamp: 1, Columns: &backend.Predicate{Start: []byte("a"), Finish: []byte(finish)},
					}},
				}}})
			}
			if err := del("b"); err != nil || server.batches != 1 {
				t.Errorf("a slice with an end: %v, %d batches were sent", err, server.batches)
			}
			err = del("")
			if sent := server.batches == 2; sent != test.sent || sent == errors.Is(err, backend.ErrUnsupported) {
				t.Errorf("a slice without an end: error %v, sent %v, want %v", err, sent, test.sent)
			}
		})
	}
}
