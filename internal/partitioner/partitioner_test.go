package partitioner

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
)

var all = []Partitioner{ByteOrdered, OrderPreserving, Random, Murmur3}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.TrimPrefix(s, "-"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestCassandraTokens compares tokens with those of Cassandra's own partitioners.
func TestCassandraTokens(t *testing.T) {
	f, err := os.Open("testdata/tokens.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var (
		p        Partitioner
		previous []byte
		seen     = make(map[string]int)
	)
	for s := bufio.NewScanner(f); s.Scan(); {
		line := s.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		if header, ok := strings.CutPrefix(line, "partitioner "); ok {
			name, lowest, _ := strings.Cut(header, " min=")
			if p, err = ByClass(name); err != nil {
				t.Fatal(err)
			}
			if got := p.MinToken(); got != lowest {
				t.Errorf("%s.MinToken() = %q, want %q", name, got, lowest)
			}
			previous = nil
			continue
		}
		word, token, _ := strings.Cut(line, " ")
		key := unhex(t, word)
		if token == "-" {
			token = ""
		}
		if p == OrderPreserving {
			token = string(unhex(t, token))
		}
		if len(key) == 0 {
			token = p.MinToken()
		}
		if got := p.Token(key); got != token {
			t.Errorf("%s.Token(%x) = %q, want %q", p.Name(), key, got, token)
		}
		enc := p.AppendKey(nil, key)
		if previous != nil && bytes.Compare(previous, enc) >= 0 {
			t.Errorf("%s: the prefix of %x, %x, is not behind that of the key before it, %x", p.Name(), key, enc, previous)
		}
		previous = enc
		seen[p.Name()]++
	}
	for _, p := range all {
		if seen[p.Name()] < 50 {
			t.Errorf("testdata/tokens.txt has %d keys for %s", seen[p.Name()], p.Name())
		}
	}
}

func TestByClass(t *testing.T) {
	for _, p := range all {
		for _, name := range []string{p.Name(), p.Class(), strings.TrimPrefix(p.Class(), classPrefix)} {
			if got, err := ByClass(name); got != p || err != nil {
				t.Errorf("ByClass(%q) = %v, %v, want %s", name, got, err, p.Name())
			}
		}
	}
	if _, err := ByClass("LocalPartitioner"); err == nil || !strings.Contains(err.Error(), "murmur3") {
		t.Errorf(`ByClass("LocalPartitioner") fails with %v, want an error that names the others`, err)
	}
}

func TestPositions(t *testing.T) {
	for _, test := range []struct {
		p     Partitioner
		token string
		// Keys before, at and after the token, in hex.
		before, at, behind []string
	}{
		{ByteOrdered, "", nil, []string{"-"}, []string{"00", "0000", "ff"}},
		{ByteOrdered, "61", []string{"60ff", "-"}, []string{"61"}, []string{"6100", "610000", "61ff", "62"}},
		{ByteOrdered, "a61", []string{"0a60"}, []string{"0a61"}, []string{"0a6100"}},
		{ByteOrdered, "FFff", []string{"ff"}, []string{"ffff"}, []string{"ffff00", "ffffff"}},
		{OrderPreserving, "80", []string{"-", "37", "3830" + "2f"}[:2], []string{"3830", "80"}, []string{"383000", "3831", "81"}},
		{OrderPreserving, "\uffff", []string{"f48fbfbf", "ee8080"}, []string{"efbfbf"}, []string{"efbfbf00"}},
		{Random, "-1", nil, []string{"-"}, []string{"61"}},
		{Random, "16955237001963240173058271559858726497", nil, []string{"61"}, nil},
		{Random, "16955237001963240173058271559858726496", []string{"-"}, nil, []string{"61"}},
		{Random, "16955237001963240173058271559858726498", []string{"-", "61"}, nil, nil},
		{Random, "-99", nil, nil, []string{"-", "61"}},
		{Random, "999999999999999999999999999999999999999999999999", []string{"-", "61"}, nil, nil},
		{Murmur3, "-9223372036854775808", nil, []string{"-"}, []string{"61"}},
		{Murmur3, "-9223372036854775807", []string{"-"}, nil, []string{"61"}},
		{Murmur3, "-8839064797231613815", []string{"-"}, []string{"61"}, nil},
		{Murmur3, "9223372036854775807", []string{"-", "61"}, nil, nil},
	} {
		start, err := test.p.AppendToken([]byte("x"), test.token, false)
		if err != nil {
			t.Errorf("%s: %v", test.p.Name(), err)
			continue
		}
		end, err := test.p.AppendToken([]byte("x"), test.token, true)
		if err != nil {
			t.Errorf("%s: %v", test.p.Name(), err)
			continue
		}
		for i, keys := range [][]string{test.before, test.at, test.behind} {
			for _, key := range keys {
				enc := test.p.AppendKey([]byte("x"), unhex(t, key))
				if got, want := bytes.Compare(enc, start) >= 0, i > 0; got != want {
					t.Errorf("%s: key %s, %x, is at or behind the start %x of token %s: %v, want %v", test.p.Name(), key, enc, start, test.token, got, want)
				}
				if got, want := bytes.Compare(enc, end) >= 0, i > 1; got != want {
					t.Errorf("%s: key %s, %x, is behind the end %x of token %s: %v, want %v", test.p.Name(), key, enc, end, test.token, got, want)
				}
			}
		}
	}
}

func TestInvalidTokens(t *testing.T) {
	for _, test := range []struct {
		p      Partitioner
		tokens []string
	}{
		{ByteOrdered, []string{"0g", "x", "0x12"}},
		{OrderPreserving, []string{"\x80"}},
		{Random, []string{"", " 5", "5a", "0x5", "1_000", strings.Repeat("9", 1000)}},
		{Murmur3, []string{"", " 5", "5a", "9223372036854775808"}},
	} {
		for _, token := range test.tokens {
			if got, err := test.p.AppendToken([]byte("x"), token, false); err == nil || string(got) != "x" {
				t.Errorf("%s.AppendToken(%q) = %x, %v, want an error", test.p.Name(), token, got, err)
			}
			if _, err := test.p.CompareTokens(test.p.MinToken(), token); err == nil {
				t.Errorf("%s.CompareTokens(least, %q) succeeds", test.p.Name(), token)
			}
			if _, err := test.p.CompareTokens(token, test.p.MinToken()); err == nil {
				t.Errorf("%s.CompareTokens(%q, least) succeeds", test.p.Name(), token)
			}
		}
	}
}

func fuzz(f *testing.F, p Partitioner) {
	for _, s := range []string{"", "a", "a\x00", "ab", "80", "\x80", "é", "\uffff", "\U00010000", "\x00\xff", "0123456789abcdefg"} {
		f.Add([]byte(s), []byte("a\x00b"))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, y := p.AppendKey([]byte("x"), a), p.AppendKey([]byte("x"), b)
		tokens, err := p.CompareTokens(p.Token(a), p.Token(b))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := bytes.Compare(x, y), cmp.Or(tokens, bytes.Compare(a, b)); got != want {
			t.Errorf("%x and %x: prefixes %x and %x compare as %d, want %d", a, b, x, y, got, want)
		}
		if !bytes.Equal(a, b) && (bytes.HasPrefix(x, y) || bytes.HasPrefix(y, x)) {
			t.Errorf("%x and %x: one of the prefixes %x and %x begins with the other", a, b, x, y)
		}
		key, rest, err := p.DecodeKey([]byte("y"), append(x[1:], b...))
		if err != nil || string(key) != "y"+string(a) || !bytes.Equal(rest, b) {
			t.Errorf("DecodeKey(%x%x) = %x, %x, %v, want %x", x[1:], b, key, rest, err, a)
		}
		if rest, err := p.SkipKey(append(x[1:], b...)); err != nil || !bytes.Equal(rest, b) {
			t.Errorf("SkipKey(%x%x) = %x, %v", x[1:], b, rest, err)
		}
		for _, k := range [][]byte{a, b} {
			start, err1 := p.AppendToken([]byte("x"), p.Token(k), false)
			end, err2 := p.AppendToken([]byte("x"), p.Token(k), true)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			within := bytes.Compare(start, x) <= 0 && bytes.Compare(x, end) < 0
			if want := p.Token(k) == p.Token(a); within != want {
				t.Errorf("key %x is within token %s: %v, want %v", a, p.Token(k), within, want)
			}
		}
		// Decoding any bytes does not panic, and accepted bytes are the row prefix of a key.
		key, rest, err = p.DecodeKey(nil, a)
		switch {
		case err == nil:
			if again, _ := p.SkipKey(a); !bytes.Equal(again, rest) {
				t.Errorf("SkipKey(%x) = %x, DecodeKey leaves %x", a, again, rest)
			}
			p.AppendKey(nil, key)
		case !errors.Is(err, ErrCorrupt):
			t.Errorf("DecodeKey(%x) fails with %v, which is not ErrCorrupt", a, err)
		}
		_, _ = p.AppendToken(nil, string(a), len(b)%2 == 0)
	})
}

func FuzzByteOrdered(f *testing.F)     { fuzz(f, ByteOrdered) }
func FuzzOrderPreserving(f *testing.F) { fuzz(f, OrderPreserving) }
func FuzzRandom(f *testing.F)          { fuzz(f, Random) }
func FuzzMurmur3(f *testing.F)         { fuzz(f, Murmur3) }

func BenchmarkAppendKey(b *testing.B) {
	for _, p := range all {
		b.Run(p.Name(), func(b *testing.B) {
			b.ReportAllocs()
			dst, key := make([]byte, 0, 100), []byte("user:0123456789")
			for b.Loop() {
				dst = p.AppendKey(dst[:0], key)
			}
		})
	}
}

func BenchmarkDecodeKey(b *testing.B) {
	for _, p := range all {
		b.Run(p.Name(), func(b *testing.B) {
			b.ReportAllocs()
			dst, enc := make([]byte, 0, 100), p.AppendKey(nil, []byte("user:0123456789"))
			for b.Loop() {
				dst, _, _ = p.DecodeKey(dst[:0], enc)
			}
		})
	}
}
