package coltype_test

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/inf.v0"

	. "github.com/widerow/widerow/coltype"
)

type (
	userID int16
	title  string
	ratio  float32
	flag8  bool
	blob   []byte
)

// compared lets cmp compare unpacked values.
var compared = cmp.Options{
	cmp.Comparer(func(a, b *big.Int) bool { return a == nil && b == nil || a != nil && b != nil && a.Cmp(b) == 0 }),
	cmp.Comparer(func(a, b *inf.Dec) bool {
		return a == nil && b == nil || a != nil && b != nil && a.Cmp(b) == 0 && a.Scale() == b.Scale()
	}),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(Equal),
}

func bigInt(s string) *big.Int {
	n, ok := new(big.Int).SetString(s, 0)
	if !ok {
		panic(s)
	}
	return n
}

var (
	someUUID = uuid.Must(uuid.FromString("d2177dd0-eaa2-11de-a572-001b779c76e3"))
	someTime = time.Date(2012, 5, 6, 12, 30, 15, 123000000, time.UTC)
	tokyo    = time.FixedZone("JST", 9*3600)
)

func TestPack(t *testing.T) {
	tests := []struct {
		typ  Type
		in   any
		hex  string // the packed bytes in hex
		want any    // the unpacked value
	}{
		{Bytes, []byte{0, 0xff}, "00ff", []byte{0, 0xff}},
		{Bytes, "ab", "6162", []byte("ab")},
		{Bytes, [2]byte{1, 2}, "0102", []byte{1, 2}},
		{Bytes, blob{7}, "07", []byte{7}},
		{Bytes, []byte(nil), "", []byte{}},
		{ASCII, "abc", "616263", "abc"},
		{ASCII, title("t"), "74", "t"},
		{UTF8, "日本", "e697a5e69cac", "日本"},
		{UTF8, []byte("é"), "c3a9", "é"},
		{UTF8, "", "", ""},

		{Long, 1, "0000000000000001", int64(1)},
		{Long, userID(-2), "fffffffffffffffe", int64(-2)},
		{Long, uint64(math.MaxInt64), "7fffffffffffffff", int64(math.MaxInt64)},
		{Long, bigInt("-9223372036854775808"), "8000000000000000", int64(math.MinInt64)},
		{Long, nil, "", nil},
		{CounterColumn, uint8(255), "00000000000000ff", int64(255)},
		{Int32, math.MinInt32, "80000000", int32(math.MinInt32)},
		{Int32, uintptr(9), "00000009", int32(9)},

		// The wanted bytes are those of pycassa's IntegerType and Java's BigInteger.
		{Integer, 0, "00", bigInt("0")},
		{Integer, 127, "7f", bigInt("127")},
		{Integer, 128, "0080", bigInt("128")},
		{Integer, 255, "00ff", bigInt("255")},
		{Integer, 256, "0100", bigInt("256")},
		{Integer, -1, "ff", bigInt("-1")},
		{Integer, -128, "80", bigInt("-128")},
		{Integer, -129, "ff7f", bigInt("-129")},
		{Integer, -256, "ff00", bigInt("-256")},
		{Integer, uint64(math.MaxUint64), "00ffffffffffffffff", bigInt("0xffffffffffffffff")},
		{Integer, bigInt("-0x8000000000000000"), "8000000000000000", bigInt("-0x8000000000000000")},
		{Integer, bigInt("-0x8000000000000001"), "ff7fffffffffffffff", bigInt("-0x8000000000000001")},
		{Integer, bigInt("-0x800000000000000000"), "800000000000000000", bigInt("-0x800000000000000000")},
		{Integer, *bigInt("0x800000000000000000"), "00800000000000000000", bigInt("0x800000000000000000")},
		{Integer, (*big.Int)(nil), "", nil},

		{Double, 1.5, "3ff8000000000000", 1.5},
		{Double, ratio(0.5), "3fe0000000000000", 0.5},
		{Double, 1 << 53, "4340000000000000", float64(1 << 53)},
		{Double, math.Inf(-1), "fff0000000000000", math.Inf(-1)},
		{Float, 5.9, "40bccccd", float32(5.9)},
		{Float, math.Inf(1), "7f800000", float32(math.Inf(1))},
		{Boolean, true, "01", true},
		{Boolean, flag8(false), "00", false},

		{Decimal, inf.NewDec(-1250, 2), "00000002fb1e", inf.NewDec(-1250, 2)},
		{Decimal, "12.50", "0000000204e2", inf.NewDec(1250, 2)},
		{Decimal, "-1.5e-3", "00000004f1", inf.NewDec(-15, 4)},
		{Decimal, "1E+3", "fffffffd01", inf.NewDec(1, -3)},
		{Decimal, 7, "0000000007", inf.NewDec(7, 0)},
		{Decimal, 0.1, "0000000101", inf.NewDec(1, 1)},
		{Decimal, float32(0.1), "0000000101", inf.NewDec(1, 1)},
		{Decimal, "1e-2147483647", "7fffffff01", inf.NewDec(1, math.MaxInt32)},
		{Decimal, (*inf.Dec)(nil), "", nil},

		{Date, someTime, "000001372220f853", someTime},
		{Date, someTime.In(tokyo), "000001372220f853", someTime},
		{Date, someTime.Add(999 * time.Microsecond), "000001372220f853", someTime},
		{Date, 1336307415.123, "000001372220f853", someTime},
		{Date, 1, "00000000000003e8", time.Unix(1, 0).UTC()},
		{Date, time.Unix(0, -1), "ffffffffffffffff", time.UnixMilli(-1).UTC()},
		{Timestamp, time.Time{}, "ffffc77cedd32800", time.Time{}},
		{OldPycassaDate, someTime, "0004bf5d50ca0438", someTime},
		{IntermediateDate, someTime, "000001372220f853", someTime},

		{UUID, someUUID, "d2177dd0eaa211dea572001b779c76e3", someUUID},
		{LexicalUUID, [16]byte(someUUID), "d2177dd0eaa211dea572001b779c76e3", someUUID},
		{TimeUUID, someUUID.String(), "d2177dd0eaa211dea572001b779c76e3", someUUID},
		{TimeUUID, someUUID[:], "d2177dd0eaa211dea572001b779c76e3", someUUID},

		{InetAddress, netip.MustParseAddr("127.0.0.1"), "7f000001", netip.MustParseAddr("127.0.0.1")},
		{InetAddress, net.ParseIP("127.0.0.1"), "7f000001", netip.MustParseAddr("127.0.0.1")},
		{InetAddress, "::1", "00000000000000000000000000000001", netip.MustParseAddr("::1")},
		{Empty, nil, "", nil},
		{Unknown("com.example.Type"), "x", "78", []byte("x")},
		{Reversed(Long), 5, "0000000000000005", int64(5)},
	}
	for _, tt := range tests {
		got, err := Pack(tt.typ, tt.in)
		if err != nil || fmt.Sprintf("%x", got) != tt.hex {
			t.Errorf("Pack(%v, %T %v) = %x, %v, want %s", tt.typ, tt.in, tt.in, got, err, tt.hex)
			continue
		}
		if err := tt.typ.Validate(got); err != nil {
			t.Errorf("%v refuses what it packed, %x: %v", tt.typ, got, err)
		}
		back, err := tt.typ.Unpack(got)
		if diff := cmp.Diff(tt.want, back, compared); err != nil || diff != "" {
			t.Errorf("%v.Unpack(%x): %v, difference:\n%s", tt.typ, got, err, diff)
		}
		prefix := []byte("prefix")
		appended, err := tt.typ.Append(prefix[:6:6], tt.in)
		if err != nil || !bytes.Equal(appended, append([]byte("prefix"), got...)) {
			t.Errorf("%v.Append = %q, %v", tt.typ, appended, err)
		}
	}
}

func TestPackRefuses(t *testing.T) {
	tests := []struct {
		typ  Type
		in   any
		want string // a part of the error
	}{
		{Bytes, 5, "BytesType takes a []byte, a string or an array of byte, not int"},
		{Bytes, nil, "not nil"},
		{ASCII, "é", "Invalid byte for ascii: -61"},
		{UTF8, "\xff", "String didn't validate."},
		{Long, "5", "LongType takes an integer, not string"},
		{Long, 1.0, "not float64"},
		{Long, uint64(math.MaxInt64 + 1), "9223372036854775808 is out of range for LongType"},
		{Long, Exclusive(1), "only components of composites"},
		{Int32, math.MaxInt32 + 1, "2147483648 is out of range for Int32Type"},
		{Double, 1<<53 + 1, "cannot hold 9007199254740993 exactly"},
		{Double, int64(math.MaxInt64), "exactly"},
		{Float, math.MaxFloat64, "out of range for FloatType"},
		{Boolean, 1, "BooleanType takes a bool, not int"},
		{Decimal, "x", `invalid decimal number "x"`},
		{Decimal, "1e", "invalid decimal number"},
		{Decimal, "1e99999999999", "exponent"},
		{Decimal, "1e9223372036854775807", "exponent"},
		{Decimal, "1.5e-9223372036854775808", "exponent"},
		{Decimal, math.NaN(), "invalid decimal number"},
		{Date, "2012-05-06", "DateType takes a time or seconds since 1970, not string"},
		{Date, math.NaN(), "out of range"},
		{Date, int64(math.MaxInt64), "out of range"},
		{IntermediateDate, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "out of range"},
		{Long, new(big.Int).Lsh(bigInt("1"), 1<<20), "a number of 1048577 bits is out of range"},
		{OldPycassaDate, time.Date(300000, 1, 1, 0, 0, 0, 0, time.UTC), "out of range"},
		{TimeUUID, uuid.Must(uuid.FromString("d2177dd0-eaa2-41de-a572-001b779c76e3")), "Invalid version for TimeUUID type."},
		{TimeUUID, time.Time{}, "cannot hold the time"},
		{UUID, "d2177dd0", "pack UUIDType"},
		{UUID, make([]byte, 17), "pack UUIDType"},
		{LexicalUUID, time.Now(), "takes a UUID, not time.Time"},
		{InetAddress, "fe80::1%eth0", "zone"},
		{InetAddress, netip.Addr{}, "no address"},
		{InetAddress, nil, "not nil"},
		{InetAddress, "localhost", "pack InetAddressType"},
		{Empty, "x", "EmptyType takes nil or empty bytes"},
		{Composite(Long, ASCII), 5, "CompositeType takes a Tuple, not int"},
		{Composite(Long, ASCII), Tuple{1, "a", 2}, "component 2 of CompositeType: the type has no more"},
		{Composite(Long, ASCII), Tuple{1, 2}, "component 1 of CompositeType: AsciiType takes"},
		{Composite(Long, ASCII), Tuple{Exclusive(1)}, "not a name"},
		{Composite(Long, ASCII), Tuple{Edge{1, 1}, "a"}, "only the last"},
		{Composite(Bytes), Tuple{make([]byte, 1<<16)}, "65536 bytes are too long: the most is 65535"},
		{DynamicComposite(nil), Tuple{1}, "int is not a coltype.Part"},
		{DynamicComposite(nil), Tuple{Alias('a', 1)}, "no type has this alias"},
		{DynamicComposite(nil), Tuple{Part{Value: 1}}, "neither alias nor type"},
		{DynamicComposite(map[byte]Type{'a': Long}), Tuple{Part{'a', ASCII, "x"}}, "of type LongType, not AsciiType"},
		{Unknown("com.example.Type"), 5, "Type takes bytes"},
	}
	for _, tt := range tests {
		dst, err := tt.typ.Append([]byte("dst"), tt.in)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v.Append(%T): error %v, want %q", tt.typ, tt.in, err, tt.want)
		}
		if string(dst) != "dst" {
			t.Errorf("%v.Append(%T) = %q with an error", tt.typ, tt.in, dst)
		}
	}
}

func TestUnpackRefuses(t *testing.T) {
	for _, tt := range []struct {
		typ       Type
		hex, want string
	}{
		{Long, "00", "unpack LongType: Expected 8 or 0 byte long (1)"},
		{ASCII, "80", "unpack AsciiType: Invalid byte for ascii: -128"},
		{Decimal, "0000", "unpack DecimalType: a decimal has 4 bytes of scale"},
		{Decimal, "00000000", "unpack DecimalType: a decimal has a value after its scale"},
		{InetAddress, "-", "Expected 4 or 16 byte inetaddress; got "},
		{Composite(Long), "00080000", "Not enough bytes to read value of component 0"},
		{Composite(Long), "0001ff00", "component 0 of CompositeType: unpack LongType"},
		{DynamicComposite(nil), "80610000", "Cannot find comparator for component 0"},
	} {
		if v, err := tt.typ.Unpack(unhex(t, tt.hex)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v.Unpack(%s) = %v, %v, want %q", tt.typ, tt.hex, v, err, tt.want)
		}
	}
}

// TestIntermediateDate reads values written by each of the two other types.
func TestIntermediateDate(t *testing.T) {
	for _, typ := range []Type{Date, OldPycassaDate, IntermediateDate} {
		for _, want := range []time.Time{someTime, time.Date(1978, 1, 12, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)} {
			b, err := Pack(typ, want)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := IntermediateDate.Unpack(b); err != nil || !got.(time.Time).Equal(want) {
				t.Errorf("of %x, written for %v: %v, %v", b, want, got, err)
			}
		}
	}
}
