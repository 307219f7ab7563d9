package thriftwire

import (
	"encoding/binary"
	"math"
)

// The types of the binary protocol.
const (
	typeStop   = 0
	typeBool   = 2
	typeByte   = 3
	typeDouble = 4
	typeI16    = 6
	typeI32    = 8
	typeI64    = 10
	typeString = 11
	typeStruct = 12
	typeMap    = 13
	typeSet    = 14
	typeList   = 15
)

func appendField(b []byte, typ byte, id uint16) []byte {
	return append(b, typ, byte(id>>8), byte(id))
}

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendI32(b []byte, v int32) []byte { return binary.BigEndian.AppendUint32(b, uint32(v)) }

func appendI64(b []byte, v int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(v)) }

func appendDouble(b []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(b, math.Float64bits(v))
}

// If a length needs more than 31 bits, Framing.Append refuses the message.

func appendString(b []byte, v string) []byte { return append(appendI32(b, int32(len(v))), v...) }

func appendBinary(b, v []byte) []byte { return append(appendI32(b, int32(len(v))), v...) }

func appendList(b []byte, elem byte, n int) []byte { return appendI32(append(b, elem), int32(n)) }

func appendMap(b []byte, key, value byte, n int) []byte {
	return appendI32(append(b, key, value), int32(n))
}
