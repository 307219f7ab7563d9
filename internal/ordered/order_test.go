package ordered

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/widerow/widerow/coltype"
)

// ranking is a type and its values in their order. Values of the same rank compare
// as equal.
type ranking struct {
	class string
	ranks [][][]byte
}

// rankings reads the order that Cassandra's own comparators gave to lists of values.
func rankings(t testing.TB) []ranking {
	t.Helper()
	f, err := os.Open("testdata/order.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []ranking
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		if class, ok := strings.CutPrefix(line, "type "); ok {
			all = append(all, ranking{class: class})
			continue
		}
		var rank [][]byte
		for _, word := range strings.Fields(line) {
			value, err := hex.DecodeString(strings.TrimPrefix(word, "-"))
			if err != nil {
				t.Fatal(err)
			}
			rank = append(rank, value)
		}
		last := &all[len(all)-1]
		last.ranks = append(last.ranks, rank)
	}
	if len(all) < 30 {
		t.Fatalf("testdata/order.txt has %d types", len(all))
	}
	return all
}

func mustCodec(t testing.TB, class string) (*Codec, coltype.Type) {
	t.Helper()
	typ, err := coltype.Parse(class)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(typ)
	if err != nil {
		t.Fatal(err)
	}
	return c, typ
}

func TestCassandraOrder(t *testing.T) {
	for _, r := range rankings(t) {
		t.Run(r.class, func(t *testing.T) {
			c, typ := mustCodec(t, r.class)
			type encoded struct {
				rank       int
				value, enc []byte
			}
			var all []encoded
			for i, rank := range r.ranks {
				for _, value := range rank {
					enc, _, err := c.Append(nil, value)
					if err != nil {
						t.Fatalf("Append(%x): %v", value, err)
					}
					all = append(all, encoded{i, value, enc})
				}
			}
			for _, a := range all {
				for _, b := range all {
					want := cmp.Compare(a.rank, b.rank)
					if got := bytes.Compare(a.enc, b.enc); got != want {
						t.Errorf("%x and %x: encodings %x and %x compare as %d, want %d", a.value, b.value, a.enc, b.enc, got, want)
					}
					if got := cmp.Compare(typ.Compare(a.value, b.value), 0); got != want {
						t.Errorf("%s.Compare(%x, %x) = %d, want %d", r.class, a.value, b.value, got, want)
					}
				}
				checkRoundTrip(t, c, typ, a.value)
			}
		})
	}
}

// checkRoundTrip checks that the encoding of value decodes to value or, if it is not
// exact, to an equal value. It also checks that decoding stops at the end of the encoding.
func checkRoundTrip(t *testing.T, c *Codec, typ coltype.Type, value []byte) {
	t.Helper()
	prefix, suffix := []byte("prefix"), []byte{0, 0xff, 0, 1}
	enc, exact, err := c.Append(bytes.Clone(prefix), value)
	if err != nil {
		t.Fatalf("Append(%x): %v", value, err)
	}
	if !bytes.HasPrefix(enc, prefix) {
		t.Fatalf("Append(%x) changed the bytes before its result", value)
	}
	enc = append(enc[len(prefix):], suffix...)
	got, rest, err := c.Decode(bytes.Clone(prefix), enc)
	if err != nil {
		t.Fatalf("Decode(%x): %v", enc, err)
	}
	if !bytes.HasPrefix(got, prefix) {
		t.Fatalf("Decode(%x) changed the bytes before its result", enc)
	}
	got = got[len(prefix):]
	if !bytes.Equal(rest, suffix) {
		t.Errorf("Decode(%x) leaves %x, want %x", enc, rest, suffix)
	}
	if bytes.Equal(got, value) != exact && (exact || !inexactByNature(typ)) {
		t.Errorf("Append(%x) says exact = %v, but Decode gives %x", value, exact, got)
	}
	if typ.Compare(got, value) != 0 {
		t.Errorf("Decode of the encoding of %x is %x, which is not equal", value, got)
	}
	rest, err = c.Skip(enc)
	if err != nil || !bytes.Equal(rest, suffix) {
		t.Errorf("Skip(%x) = %x, %v, want %x", enc, rest, err, suffix)
	}
}

// inexactByNature reports whether Append of a type never returns an exact encoding.
func inexactByNature(t coltype.Type) bool {
	switch t := t.(type) {
	case *coltype.DynamicCompositeType:
		return true
	case *coltype.ReversedType:
		return inexactByNature(t.Base())
	case *coltype.CompositeType:
		for _, c := range t.Components() {
			if inexactByNature(c) {
				return true
			}
		}
	}
	return false
}
