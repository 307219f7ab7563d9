package coltype_test

import (
	"bytes"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/inf.v0"

	. "github.com/widerow/widerow/coltype"
)

// checkCodec compares a codec with the type's own Append, in both directions.
func checkCodec[T any](t *testing.T, typ Type, values ...T) {
	t.Helper()
	c, err := CodecOf[T](typ)
	if err != nil {
		t.Errorf("CodecOf: %v", err)
		return
	}
	for _, v := range values {
		want, err := Pack(typ, v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Append([]byte("x"), v)
		if err != nil || !bytes.Equal(got[1:], want) {
			t.Errorf("%T as %v: Append(%v) = %x, %v, want %x", v, typ, v, got, err, want)
		}
		back, err := c.Decode(want)
		if diff := cmp.Diff(v, back, compared); err != nil || diff != "" {
			t.Errorf("%T as %v: Decode(%x): %v, difference:\n%s", v, typ, want, err, diff)
		}
	}
}

func TestCodec(t *testing.T) {
	for _, typ := range []Type{Bytes, ASCII, UTF8, Unknown("X"), Reversed(UTF8)} {
		checkCodec(t, typ, "", "abc")
		checkCodec(t, typ, []byte("abc"))
	}
	for _, typ := range []Type{Long, Int32, Integer, CounterColumn, Reversed(Reversed(Long))} {
		checkCodec[int64](t, typ, 0, 1, -1, 127, 128, -129, math.MaxInt32, math.MinInt32)
		checkCodec[int](t, typ, 0, 1, -1, math.MaxInt32)
		checkCodec[int32](t, typ, 0, math.MinInt32)
	}
	checkCodec[int64](t, Long, math.MaxInt64, math.MinInt64)
	checkCodec[int64](t, Integer, math.MaxInt64, math.MinInt64)
	checkCodec(t, Integer, bigInt("0"), bigInt("-0x123456789abcdef0123456789"), nil)
	checkCodec(t, Double, 0, -1.5, math.Inf(1))
	checkCodec(t, Float, 0, -1.5, math.Inf(1))
	checkCodec[float32](t, Float, 0.1, math.MaxFloat32)
	checkCodec(t, Decimal, inf.NewDec(15, 1), nil)
	checkCodec(t, Boolean, true, false)
	for _, typ := range []Type{Date, Timestamp, OldPycassaDate, IntermediateDate} {
		checkCodec(t, typ, someTime)
	}
	for _, typ := range []Type{UUID, TimeUUID, LexicalUUID} {
		checkCodec(t, typ, someUUID)
	}
	checkCodec(t, InetAddress, netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("fe80::1"))
	checkCodec(t, Composite(Long, UTF8), Tuple{int64(1), "x"}, Tuple{int64(1)})
	checkCodec(t, DynamicComposite(nil), Tuple{As(Long, int64(1))})
	checkCodec[any](t, Long, int64(1), nil)
	checkCodec[any](t, Empty, nil)
	checkCodec(t, Type(intString{}), 12, -3)
}

// TestCodecOfDefinedTypes packs values of user-defined types.
func TestCodecOfDefinedTypes(t *testing.T) {
	type (
		id    string
		blob  []byte
		day   int64
		ratio float64
		flag  bool
	)
	checkCodec[id](t, UTF8, "", "x")
	checkCodec(t, Bytes, blob("x"))
	checkCodec[day](t, Long, 0, -5)
	checkCodec[day](t, Reversed(Integer), 7)
	checkCodec[ratio](t, Double, 1.5)
	checkCodec[flag](t, Boolean, true)
	checkCodec(t, TimeUUID, [16]byte(someUUID))
}

func TestCodecRefuses(t *testing.T) {
	if _, err := CodecOf[string](Long); err == nil || err.Error() != "values of LongType do not fit string: want int64, int, int32 or any" {
		t.Errorf("CodecOf[string](Long): %v", err)
	}
	if _, err := CodecOf[int64](UTF8); err == nil {
		t.Error("CodecOf[int64](UTF8): no error")
	}
	if _, err := CodecOf[float32](Double); err == nil {
		t.Error("CodecOf[float32](Double): no error")
	}
	if _, err := CodecOf[time.Time](TimeUUID); err == nil {
		t.Error("CodecOf[time.Time](TimeUUID): no error")
	}
	refusesEncoding[int64](t, Int32, 1<<31)
	refusesEncoding(t, Float, 1e300)
	refusesEncoding(t, UTF8, "\xff")
	refusesEncoding(t, ASCII, []byte{0x80})
	refusesEncoding(t, TimeUUID, uuid.Nil)
	refusesEncoding(t, InetAddress, netip.Addr{})
	refusesDecoding[int32](t, Long, []byte{0, 0, 0, 1, 0, 0, 0, 0}, "4294967296 is out of range for int32")
	refusesDecoding[int64](t, Integer, make9(), "4722366482869645213696 is out of range for int64")
	refusesDecoding[int64](t, Long, nil, "the value is empty")
	refusesDecoding[int](t, Long, []byte{1}, "Expected 8 or 0 byte long (1)")
	refusesDecoding[int](t, Int32, []byte{1}, "Expected 4 or 0 byte int (1)")
	refusesDecoding[int](t, Integer, nil, "the value is empty")
	refusesDecoding[float64](t, Double, []byte{1}, "for a double (1)")
	refusesDecoding[float32](t, Float, nil, "the value is empty")
	refusesDecoding[bool](t, Boolean, nil, "the value is empty")
	refusesDecoding[time.Time](t, Date, []byte{1}, "for date (1)")
	refusesDecoding[uuid.UUID](t, UUID, nil, "the value is empty")
	refusesDecoding[netip.Addr](t, InetAddress, nil, "Expected 4 or 16")
	refusesDecoding[string](t, UTF8, []byte{0xff}, "String didn't validate.")
	refusesDecoding[*inf.Dec](t, Decimal, []byte{1}, "4 bytes of scale")
}

// make9 returns 1<<72 as a varint, too long for 64 bits.
func make9() []byte { return append([]byte{1}, make([]byte, 9)...) }

func refusesEncoding[T any](t *testing.T, typ Type, v T) {
	t.Helper()
	c, err := CodecOf[T](typ)
	if err != nil {
		t.Fatal(err)
	}
	if dst, err := c.Append([]byte("dst"), v); err == nil || string(dst) != "dst" {
		t.Errorf("%T as %v: Append(%v) = %q, %v", v, typ, v, dst, err)
	}
}

func refusesDecoding[T any](t *testing.T, typ Type, b []byte, want string) {
	t.Helper()
	c, err := CodecOf[T](typ)
	if err != nil {
		t.Fatal(err)
	}
	if v, err := c.Decode(b); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%T as %v: Decode(%x) = %v, %v, want %q", v, typ, b, v, err, want)
	}
}

func TestCodecBounds(t *testing.T) {
	typ := Reversed(Composite(Long))
	c, err := CodecOf[Tuple](typ)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := PackBound(typ, Tuple{1}, Lower)
	if got, err := c.AppendBound(nil, Tuple{1}, Lower); err != nil || !bytes.Equal(got, want) {
		t.Errorf("AppendBound = %x, %v, want %x", got, err, want)
	}
}

// TestCodecAllocations checks that two operations do not allocate: packing into a buffer with room,
// and decoding to a value that aliases the bytes.
func TestCodecAllocations(t *testing.T) {
	allocates(t, UTF8, "a name")
	allocates(t, Bytes, []byte("a name"))
	allocates(t, Long, int64(1<<40))
	allocates(t, Integer, int64(-1<<40))
	allocates(t, Double, 1.5)
	allocates(t, Boolean, true)
	allocates(t, Date, someTime)
	allocates(t, TimeUUID, someUUID)
	allocates(t, InetAddress, netip.MustParseAddr("10.0.0.1"))
}

func allocates[T any](t *testing.T, typ Type, v T) {
	t.Helper()
	c, err := CodecOf[T](typ)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 0, 64)
	n := testing.AllocsPerRun(100, func() {
		b, err := c.Append(buf, v)
		if err == nil {
			_, err = c.Decode(b)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("%T as %v: %v allocations", v, typ, n)
	}
}

func benchmarkCodec[T any](b *testing.B, typ Type, v T) {
	c, err := CodecOf[T](typ)
	if err != nil {
		b.Fatal(err)
	}
	packed, err := c.Append(nil, v)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Append", func(b *testing.B) {
		b.ReportAllocs()
		buf := make([]byte, 0, 64)
		for b.Loop() {
			if _, err := c.Append(buf, v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Decode(packed); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Compare", func(b *testing.B) {
		b.ReportAllocs()
		other := bytes.Clone(packed)
		for b.Loop() {
			typ.Compare(packed, other)
		}
	})
}

func BenchmarkUTF8(b *testing.B)     { benchmarkCodec(b, UTF8, "a column name") }
func BenchmarkLong(b *testing.B)     { benchmarkCodec[int64](b, Long, 1<<40) }
func BenchmarkInteger(b *testing.B)  { benchmarkCodec[int64](b, Integer, 1<<40) }
func BenchmarkBig(b *testing.B)      { benchmarkCodec(b, Integer, new(big.Int).Lsh(big.NewInt(1), 100)) }
func BenchmarkDouble(b *testing.B)   { benchmarkCodec(b, Double, 1.5) }
func BenchmarkDecimal(b *testing.B)  { benchmarkCodec(b, Decimal, inf.NewDec(1250, 2)) }
func BenchmarkDate(b *testing.B)     { benchmarkCodec(b, Date, someTime) }
func BenchmarkTimeUUID(b *testing.B) { benchmarkCodec(b, TimeUUID, someUUID) }
func BenchmarkComposite(b *testing.B) {
	benchmarkCodec(b, Composite(Long, UTF8), Tuple{int64(1), "x"})
}

func BenchmarkDynamicComposite(b *testing.B) {
	typ := DynamicComposite(map[byte]Type{'l': Long})
	benchmarkCodec(b, typ, Tuple{Alias('l', int64(1)), As(UTF8, "x")})
}
