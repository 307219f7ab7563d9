package bench

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// noiseSize is how many random bytes values are cut from. It is more than the blocks
// that stores compress, so that they gain little from the repetition.
const noiseSize = 1 << 20

// dataset knows what a row holds. It is safe for concurrent use.
type dataset struct {
	base      uint64 // from the seed
	noise     []byte
	valueSize int
	names     [][]byte // of columns, in order
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

// key sets the key of a row, in hexadecimal. Keys of rows in a row have no order, so
// that a store that keeps them by their bytes has no gain.
func (d *dataset) key(dst *[keySize]byte, row int64) {
	const digits = "0123456789abcdef"
	h := mix(d.base + uint64(row))
	for i := range dst {
		dst[i] = digits[h>>60]
		h <<= 4
	}
}

// value returns what a column of a row holds. It must not be changed.
func (d *dataset) value(row int64, column int) []byte {
	at := mix(d.base^mix(uint64(row))+uint64(column)) % noiseSize
	return d.noise[at : at+uint64(d.valueSize) : at+uint64(d.valueSize)]
}

// mix scatters numbers, no two to the same place: the last step of the
// generator SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
