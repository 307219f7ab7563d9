//go:build apache

package apachethrift

import (
	"encoding/binary"
	"flag"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

var (
	seed   = flag.Uint64("seed", 20101124, "of the random values")
	values = flag.Int("values", 60, "random values of each method, side, direction and kind of message")
)

// A dice is a source of random choices.
type dice func() uint64

// newDice returns a dice seeded by the test's name and the flag -seed.
func newDice(t testing.TB) dice {
	t.Helper()
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], *seed)
	copy(key[8:], t.Name())
	t.Logf("-seed %d", *seed)
	return rand.NewChaCha8(key).Uint64
}

// diceOf returns a dice that reads its choices from b, and returns zeros after the end of b.
func diceOf(b []byte) dice {
	return func() uint64 {
		if len(b) == 0 {
			return 0
		}
		v := b[0]
		b = b[1:]
		return uint64(v)
	}
}

// n returns a number from 0 to n-1.
func (d dice) n(n int) int { return int(d() % uint64(n)) }

// long returns 64 bits.
func (d dice) long() uint64 {
	switch d.n(4) {
	case 0:
		return d()
	case 1:
		return -d()
	}
	return d()<<56 ^ d()<<42 ^ d()<<28 ^ d()<<14 ^ d()
}

// bytes returns random bytes: usually a few, at most some hundred.
func (d dice) bytes() []byte {
	n := d.n(6)
	if n == 5 {
		n = d.n(300)
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(d())
	}
	return b
}

// fill sets v, a zero value of a type of either side, to a random value. A required struct is never
// nil.
func (d dice) fill(v reflect.Value, required bool) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(d.n(2) == 1)
	case reflect.Int32:
		v.SetInt(int64(int32(d.long())))
	case reflect.Int64:
		n := int64(d.long())
		if v.Type().Name() != "int64" {
			n = int64(int32(n)) // an enum of Apache's code
		}
		v.SetInt(n)
	case reflect.Float64:
		v.SetFloat(math.Float64frombits(d.long()))
	case reflect.String:
		v.SetString(string(d.bytes()))
	case reflect.Pointer:
		if required || d.n(2) == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			d.fill(v.Elem(), true)
		}
	case reflect.Slice, reflect.Map:
		if d.n(4) != 1 {
			d.fillMany(v)
		}
	case reflect.Struct:
		d.fillStruct(v)
	default:
		panic("a value of type " + v.Type().String())
	}
}

func (d dice) fillMany(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(d.bytes())
		return
	}
	n := d.n(4)
	if v.Kind() == reflect.Map {
		v.Set(reflect.MakeMapWithSize(v.Type(), n))
		for range n {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			d.fill(key, true)
			d.fill(value, true)
			v.SetMapIndex(key, value)
		}
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		d.fill(v.Index(i), true)
	}
}

func (d dice) fillStruct(v reflect.Value) {
	if set, ok := v.Type().FieldByName("Set"); ok { // our type Optional
		if d.n(2) == 1 {
			v.FieldByIndex(set.Index).SetBool(true)
			d.fill(v.Field(0), true)
		}
		return
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() {
			d.fill(v.Field(i), !optional(f))
		}
	}
}

// optional reports whether a field may be absent. In our structs these fields are pointers; in
// Apache's they have a tag.
func optional(f reflect.StructField) bool {
	tag, theirs := f.Tag.Lookup("json")
	return !theirs || strings.HasSuffix(tag, ",omitempty")
}
