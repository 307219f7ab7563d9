package bench

import (
	"fmt"
	"slices"
	"testing"
)

// The seed determines the content of the store. If a version computed it differently, that version
// could not read data of earlier versions, and its runs could not be compared with earlier runs.
func TestDatasetStaysAsItIs(t *testing.T) {
	d := newDataset(&Params{Columns: 3, Wide: 2, ValueSize: 6, Seed: 1})
	var key [keySize]byte
	d.key(&key, 5)
	got := fmt.Sprintf("%s %s %x", key, d.names[2], d.value(5, 2))
	if want := "7716da39cba275b2 c000002 70946ee2dd06"; got != want || len(d.names) != 3 {
		t.Errorf("row 5 has %s and %d columns, want %s and 3", got, len(d.names), want)
	}
}

func TestDatasetDiffersByRowColumnAndSeed(t *testing.T) {
	const rows = 2000
	keys, values := make(map[string]bool), make(map[string]bool)
	for _, seed := range []uint64{1, 2, 1 << 63} {
		d := newDataset(&Params{Columns: 10, ValueSize: 16, Seed: seed})
		var previous [keySize]byte
		ascending := 0
		for row := range int64(rows) {
			var key [keySize]byte
			d.key(&key, row)
			keys[string(key[:])] = true
			if slices.Compare(previous[:], key[:]) < 0 {
				ascending++
			}
			previous = key
			for column := range 10 {
				values[string(d.value(row, column))] = true
			}
		}
		if ascending < rows*4/10 || ascending > rows*6/10 {
			t.Errorf("of %d keys, %d come after the one before: they have an order", rows, ascending)
		}
	}
	if len(keys) != 3*rows {
		t.Errorf("%d keys, want %d", len(keys), 3*rows)
	}
	// Values are cut from the same megabyte, so that a few are equal.
	if len(values) < 3*rows*10*97/100 {
		t.Errorf("%d values, want nearly %d", len(values), 3*rows*10)
	}
}
