package shell

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"strings"

	"github.com/gofrs/uuid/v5"
	"go.starlark.net/starlark"
)

// uuidData is the data of a UUID.
type uuidData struct{ id [16]byte }

func (s *Session) newUUID(id [16]byte) Value { return &object{class: s.py.uuid, data: &uuidData{id}} }

func uuidOf(v Value) (*uuidData, bool) {
	o, ok := v.(*object)
	if !ok {
		return nil, false
	}
	u, ok := o.data.(*uuidData)
	return u, ok
}

func (u *uuidData) int() *big.Int { return new(big.Int).SetBytes(u.id[:]) }

func (u *uuidData) toInt() *big.Int { return u.int() }

func (u *uuidData) hash() int64 { return hashInt(u.int()) }

func (u *uuidData) str(*object) string { return uuid.UUID(u.id).String() }

func (u *uuidData) repr(*Session, *object) (string, error) {
	return "UUID('" + uuid.UUID(u.id).String() + "')", nil
}

func (u *uuidData) compare(s *Session, self *object, other Value, onlyEqual bool) (int, error) {
	o, ok := uuidOf(other)
	if !ok {
		if onlyEqual {
			return 1, nil
		}
		return s.byType(self, other), nil
	}
	return bytes.Compare(u.id[:], o.id[:]), nil
}

// time is the timestamp of a version 1 UUID in units of 100 ns since 1582.
func (u *uuidData) time() int64 {
	return int64(binary.BigEndian.Uint16(u.id[6:])&0x0fff)<<48 | int64(binary.BigEndian.Uint16(u.id[4:]))<<32 | int64(binary.BigEndian.Uint32(u.id[0:]))
}

func (u *uuidData) version() Value {
	if u.id[8]&0xc0 != 0x80 {
		return none
	}
	return intValue(int(u.id[6] >> 4))
}

func (s *Session) initUUID() {
	c := s.newClass("UUID", "uuid")
	s.py.uuid = c
	s.constructor(c, "(hex=None, bytes=None, bytes_le=None, fields=None, int=None, version=None)", func(_ *class, c *call) (Value, error) {
		var id [16]byte
		switch {
		case c.args[0] != none:
			text, ok := textOf(c.args[0])
			if !ok {
				return nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute 'replace'", s.typeName(c.args[0]))
			}
			text = strings.ReplaceAll(strings.Trim(strings.NewReplacer("urn:", "", "uuid:", "").Replace(text), "{}"), "-", "")
			if len(text) != 32 {
				return nil, s.raise(s.exc.ValueError, "badly formed hexadecimal UUID string")
			}
			b, err := hex.DecodeString(text)
			if err != nil {
				return nil, s.raise(s.exc.ValueError, "invalid literal for long() with base 16: %s", reprStr(text))
			}
			copy(id[:], b)
		case c.args[1] != none:
			text, _ := textOf(c.args[1])
			if len(text) != 16 {
				return nil, s.raise(s.exc.ValueError, "bytes is not a 16-char string")
			}
			copy(id[:], text)
		case c.args[3] != none:
			f, err := s.collect(c.args[3])
			if err != nil || len(f) != 6 {
				return nil, s.raise(s.exc.ValueError, "fields is not a 6-tuple")
			}
			n := new(big.Int)
			for i, bits := range []uint{32, 16, 16, 8, 8, 48} {
				x, ok := bigOf(f[i])
				if !ok || x.Sign() < 0 || x.BitLen() > int(bits) {
					return nil, s.raise(s.exc.ValueError, "field %d out of range (need a %d-bit value)", i+1, bits)
				}
				n.Or(n.Lsh(n, bits), x)
			}
			n.FillBytes(id[:])
		case c.args[4] != none:
			n, ok := bigOf(c.args[4])
			if !ok || n.Sign() < 0 || n.BitLen() > 128 {
				return nil, s.raise(s.exc.ValueError, "int is out of range (need a 128-bit value)")
			}
			n.FillBytes(id[:])
		default:
			return nil, s.raise(s.exc.TypeError, "need one of hex, bytes, bytes_le, fields, or int")
		}
		if c.args[5] != none {
			v, ok := smallInt(c.args[5])
			if !ok || v < 1 || v > 5 {
				return nil, s.raise(s.exc.ValueError, "illegal version number")
			}
			id[6] = id[6]&0x0f | byte(v)<<4
			id[8] = id[8]&0x3f | 0x80
		}
		return s.newUUID(id), nil
	})
	prop := func(name string, get func(u *uuidData) Value) {
		c.prop(name, func(v Value) (Value, error) { u, _ := uuidOf(v); return get(u), nil }, func(_, _ Value) error {
			return s.raise(s.exc.TypeError, "UUID objects are immutable")
		})
	}
	prop("bytes", func(u *uuidData) Value { return str(u.id[:]) })
	prop("hex", func(u *uuidData) Value { return str(hex.EncodeToString(u.id[:])) })
	prop("int", func(u *uuidData) Value { return long{u.int()} })
	prop("urn", func(u *uuidData) Value { return str("urn:uuid:" + uuid.UUID(u.id).String()) })
	prop("version", (*uuidData).version)
	prop("variant", func(u *uuidData) Value {
		switch {
		case u.id[8]&0x80 == 0:
			return str("reserved for NCS compatibility")
		case u.id[8]&0x40 == 0:
			return str("specified in RFC 4122")
		case u.id[8]&0x20 == 0:
			return str("reserved for Microsoft compatibility")
		}
		return str("reserved for future definition")
	})
	part := func(lo, hi int) func(u *uuidData) Value {
		return func(u *uuidData) Value { return long{new(big.Int).SetBytes(u.id[lo:hi])} }
	}
	prop("time", func(u *uuidData) Value { return long{big.NewInt(u.time())} })
	prop("node", part(10, 16))
	prop("time_low", part(0, 4))
	prop("time_mid", part(4, 6))
	prop("time_hi_version", part(6, 8))
	prop("clock_seq_hi_variant", part(8, 9))
	prop("clock_seq_low", part(9, 10))
	prop("clock_seq", func(u *uuidData) Value {
		return long{big.NewInt(int64(u.id[8]&0x3f)<<8 | int64(u.id[9]))}
	})
	prop("fields", func(u *uuidData) Value {
		t := starlark.Tuple{}
		for _, p := range [][2]int{{0, 4}, {4, 6}, {6, 8}, {8, 9}, {9, 10}, {10, 16}} {
			t = append(t, part(p[0], p[1])(u))
		}
		return t
	})
	c.def("get_version(self)", func(c *call) (Value, error) { u, _ := uuidOf(c.args[0]); return u.version(), nil })
	c.def("get_time(self)", func(c *call) (Value, error) { u, _ := uuidOf(c.args[0]); return long{big.NewInt(u.time())}, nil })
}

func (s *Session) uuidModule() *module {
	m := &module{}
	m.attrs.set("UUID", s.py.uuid)
	m.fn(s, "uuid1()", func(*call) (Value, error) {
		id, err := uuid.NewV1()
		return s.newUUID(id), err
	})
	m.fn(s, "uuid4()", func(*call) (Value, error) {
		id, err := uuid.NewV4()
		return s.newUUID(id), err
	})
	hashed := func(fn func(uuid.UUID, string) uuid.UUID) func(*call) (Value, error) {
		return func(c *call) (Value, error) {
			ns, ok := uuidOf(c.args[0])
			name, ok2 := textOf(c.args[1])
			if !ok || !ok2 {
				return nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute 'bytes'", s.typeName(c.args[0]))
			}
			return s.newUUID(fn(ns.id, name)), nil
		}
	}
	m.fn(s, "uuid3(namespace, name)", hashed(uuid.NewV3))
	m.fn(s, "uuid5(namespace, name)", hashed(uuid.NewV5))
	m.attrs.set("NAMESPACE_DNS", s.newUUID(uuid.NamespaceDNS))
	m.attrs.set("NAMESPACE_URL", s.newUUID(uuid.NamespaceURL))
	return m
}

// uuidEpoch is the number of 100 ns intervals from 1582 to 1970.
const uuidEpoch = 0x01b21dd213814000

// timeUUID is pycassa's convert_time_to_uuid.
func (s *Session) timeUUID(v Value, lowest, randomize bool) (Value, error) {
	if _, ok := uuidOf(v); ok {
		return v, nil
	}
	var micros float64
	if m, ok := momentOf(v); ok && !m.onlyDate {
		micros = float64(m.t.UnixMicro())
	} else if f, ok := floatOf(v); ok && isNumber(v) {
		if _, isBool := v.(starlark.Bool); !isBool {
			micros = float64(int64(f * 1e6))
		} else {
			ok = false
		}
		if !ok {
			return nil, s.notTime()
		}
	} else {
		return nil, s.notTime()
	}
	if micros > 9e17 || micros < -9e17 {
		return nil, s.raise(s.exc.ValueError, "field 3 out of range (need a 16-bit value)")
	}
	ts := int64(micros*10) + uuidEpoch
	var id [16]byte
	binary.BigEndian.PutUint32(id[0:], uint32(ts))
	binary.BigEndian.PutUint16(id[4:], uint16(ts>>32))
	binary.BigEndian.PutUint16(id[6:], uint16(ts>>48)&0x0fff|0x1000)
	switch {
	case randomize:
		if _, err := rand.Read(id[8:]); err != nil {
			return nil, err
		}
		id[8] = id[8]&0x3f | 0x80
	case lowest:
		copy(id[8:], "\x80\x80\x80\x80\x80\x80\x80\x80")
	default:
		copy(id[8:], "\xbf\x7f\x7f\x7f\x7f\x7f\x7f\x7f")
	}
	return s.newUUID(id), nil
}

func (s *Session) notTime() error {
	return s.raise(s.exc.ValueError, "Argument for a v1 UUID column name or value was neither a UUID, a datetime, or a number")
}

// uuidSeconds is pycassa's convert_uuid_to_time.
func uuidSeconds(u *uuidData) float64 { return float64(u.time()-uuidEpoch) / 1e7 }
