package connect

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
)

// openEngine opens a store of the embedded engine.
func openEngine(t *target, s *settings) (backend.Backend, error) {
	opts, err := engineOptions(t, s)
	if err != nil {
		return nil, fmt.Errorf("open store %q: %w", Redact(t.url), err)
	}
	var store *embedded.Store
	if t.scheme == "memory" {
		store, err = embedded.OpenMemory(opts)
	} else {
		store, err = embedded.Open(t.path, opts)
	}
	if err != nil {
		return nil, err
	}
	return store, nil
}

func engineOptions(t *target, s *settings) (*embedded.Options, error) {
	known := []string{"partitioner"}
	if t.scheme == "embedded" {
		known = append(known, "durability")
	}
	if err := t.check(known...); err != nil {
		return nil, err
	}
	opts := &embedded.Options{Logger: s.logger, Partitioner: t.params.Get("partitioner")}
	if s.front != nil {
		opts.Now = s.front.Now
	}
	var err error
	if opts.Durability, err = embedded.ParseDurability(t.params.Get("durability")); err != nil {
		return nil, err
	}
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	if s.must && t.scheme == "embedded" {
		err = exists(t.path)
	}
	return opts, err
}

// exists reports an error if the folder holds nothing.
func exists(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &backend.Error{Kind: backend.KindNotFound, Why: "there is no folder " + dir}
	case err != nil:
		return err
	case len(entries) == 0:
		return &backend.Error{Kind: backend.KindNotFound, Why: "there is no store in the folder " + dir}
	}
	return nil
}
