package bench

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// noiseSize is the number of random bytes from which values are cut. It is larger than the
// blocks that stores compress, so that compression gains little from repeated values.
const noiseSize = 1 << 20

// dataset computes the content of rows. It is safe for concurrent use.
type dataset struct {
	base      uint64 // derived from the seed
	noise     []byte
	valueSize int
	names     [][]byte // names of columns, in order
}

func newDataset(p *Params) *dataset {
	d := &dataset{base: mix(p.Seed), valueSize: p.ValueSize, noise: make([]byte, noiseSize+p.ValueSize)}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], p.Seed)
	_, _ = rand.NewChaCha8(key).Read(d.noise) // it never fails
	for i := range max(p.Columns, p.Wide) {
		d.names = append(d.names, fmt.Appendf(nil, "c%06d", i))
	}
	return d
}

// keySize is the length of a row key.
const keySize = 16

// key sets the key of a row, in hexadecimal. Keys of consecutive rows are not in order, so
// that a store that sorts rows by their keys has no advantage.
func (d *dataset) key(dst *[keySize]byte, row int64) {
	const digits = "0123456789abcdef"
	h := mix(d.base + uint64(row))
	for i := range dst {
		dst[i] = digits[h>>60]
		h <<= 4
	}
}

// value returns the value of a column of a row. The caller must not change it.
func (d *dataset) value(row int64, column int) []byte {
	at := mix(d.base^mix(uint64(row))+uint64(column)) % noiseSize
	return d.noise[at : at+uint64(d.valueSize) : at+uint64(d.valueSize)]
}

// mix maps numbers to pseudo-random numbers, and no two numbers to the same one. It is the
// last step of the generator SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
