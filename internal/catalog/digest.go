package catalog

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// digest stands for the content of definitions. The digest of several is the sum of theirs, so that a change
// costs as much as what it changes.
type digest [sha256.Size / 8]uint64

// digestOf returns the digest of one definition, which has its name in it.
func digestOf(def any) (d digest, err error) {
	content, err := json.Marshal(def)
	if err != nil {
		return d, fmt.Errorf("schema version: %w", err)
	}
	sum := sha256.Sum256(content)
	for i := range d {
		d[i] = binary.BigEndian.Uint64(sum[8*i:])
	}
	return d, nil
}

func (d *digest) add(other digest) {
	for i := range d {
		d[i] += other[i]
	}
}

func (d *digest) remove(other digest) {
	for i := range d {
		d[i] -= other[i]
	}
}

// String returns all of the digest.
func (d digest) String() string { return fmt.Sprintf("%016x", d[:]) }
