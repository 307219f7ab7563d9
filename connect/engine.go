package connect

import (
	"fmt"
	"strconv"
	"strings"

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
		known = append(known, "durability", "readonly")
	}
	if err := t.check(append(known, "cache", "memtable")...); err != nil {
		return nil, err
	}
	opts := &embedded.Options{Logger: s.logger, Partitioner: t.params.Get("partitioner"), Existing: s.must, MaxOpenTables: s.tables}
	if s.front != nil {
		opts.Now = s.front.Now
	}
	var err error
	if opts.Durability, err = embedded.ParseDurability(t.params.Get("durability")); err != nil {
		return nil, err
	}
	if opts.CacheSize, err = t.size("cache", s.cache); err != nil {
		return nil, err
	}
	memTable, err := t.size("memtable", s.memTable)
	if err != nil {
		return nil, err
	}
	if memTable < 0 {
		return nil, backend.InvalidRequest("the size of the memtable must not be negative, as %d is", memTable)
	}
	opts.MemTableSize = uint64(memTable)
	if t.scheme == "embedded" {
		opts.ReadOnly = s.readOnly
		if text := t.params.Get("readonly"); text != "" {
			if err := setSwitch(&opts.ReadOnly, text, false); err != nil {
				return nil, fmt.Errorf("readonly: %w", err)
			}
		}
	}
	return opts, opts.Validate()
}

// size reads a parameter that is a number of bytes, such as 32MiB or 1048576.
func (t *target) size(name string, unless int64) (int64, error) {
	text := t.params.Get(name)
	if text == "" {
		return unless, nil
	}
	number, shift := text, 0
	for unit, bits := range map[string]int{"KiB": 10, "MiB": 20, "GiB": 30} {
		if n, ok := strings.CutSuffix(text, unit); ok {
			number, shift = n, bits
		}
	}
	n, err := strconv.ParseUint(number, 10, 31)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%s: invalid size %q: write a number of bytes such as 33554432, or 32MiB", name, text)
	}
	return int64(n) << shift, nil
}
