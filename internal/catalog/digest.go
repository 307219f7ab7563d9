package catalog

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// digest is a hash of the content of definitions. The digest of several definitions is the sum of their digests, so that
// the cost of a change depends only on the changed definitions.
type digest [sha256.Size / 8]uint64

// digestOf returns the digest of one definition. The definition contains its name.
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

// String returns the whole digest as text.
func (d digest) String() string { return fmt.Sprintf("%016x", d[:]) }
