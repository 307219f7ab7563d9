package thriftwire

import "encoding/binary"

// Encoder is a result that is written directly from the rows of a store, without an
// intermediate struct for each column. It is a [Body] that can only be sent.
type Encoder struct {
	size int
	fill func(b []byte) []byte
}

// Encode returns an Encoder of a result that is at most size bytes long. The function appends the result's fields and
// [AppendStop].
func Encode(size int, fill func(b []byte) []byte) Encoder { return Encoder{size, fill} }

// Sized returns an Encoder of a result that is at most size bytes long.
func Sized(r Result, size int) Encoder { return Encoder{size, r.append} }

// Size returns an upper bound of the number of bytes of the result.
func (e Encoder) Size() int { return e.size }

func (e Encoder) append(b []byte) []byte { return e.fill(b) }

func (Encoder) decode(d *decoder) { d.malformed("a result that is sent only") }

// The functions below append parts of results that contain columns. Each function appends
// the head of its field first. The content of a struct or list must follow its head.

// AppendStop ends a struct: a result, a KeySlice or a super column.
func AppendStop(b []byte) []byte { return append(b, typeStop) }

// AppendSuccess begins a result that is a struct.
func AppendSuccess(b []byte) []byte { return appendField(b, typeStruct, 0) }

// AppendSuccessList begins a result that is a list of n structs.
func AppendSuccessList(b []byte, n int) []byte {
	return appendList(appendField(b, typeList, 0), typeStruct, n)
}

// AppendSuccessMap begins a result that is a map of n lists by key.
func AppendSuccessMap(b []byte, n int) []byte {
	return appendMap(appendField(b, typeMap, 0), typeString, typeList, n)
}

// AppendMapEntry begins an entry of such a map: the key, and a list of n structs.
func AppendMapEntry(b, key []byte, n int) []byte {
	return appendList(appendBinary(b, key), typeStruct, n)
}

// AppendKeySlice begins a KeySlice of n columns, which [AppendStop] ends.
func AppendKeySlice(b, key []byte, n int) []byte {
	b = appendBinary(appendField(b, typeString, 1), key)
	return appendList(appendField(b, typeList, 2), typeStruct, n)
}

// AppendColumn appends a ColumnOrSuperColumn that is a column. A ttl of 0 means no TTL.
func AppendColumn(b, name, value []byte, timestamp int64, ttl int32) []byte {
	b = append(b, typeStruct, 0, 1)
	return append(AppendSubcolumn(b, name, value, timestamp, ttl), typeStop)
}

// AppendSubcolumn appends a Column, such as those in a super column.
func AppendSubcolumn(b, name, value []byte, timestamp int64, ttl int32) []byte {
	b = binary.BigEndian.AppendUint32(append(b, typeString, 0, 1), uint32(len(name)))
	b = append(append(b, name...), typeString, 0, 2)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(value))), value...)
	b = binary.BigEndian.AppendUint64(append(b, typeI64, 0, 3), uint64(timestamp))
	if ttl != 0 {
		b = binary.BigEndian.AppendUint32(append(b, typeI32, 0, 4), uint32(ttl))
	}
	return append(b, typeStop)
}

// AppendCounter appends a ColumnOrSuperColumn that is a counter.
func AppendCounter(b, name []byte, count int64) []byte {
	b = append(b, typeStruct, 0, 3)
	return append(AppendSubcounter(b, name, count), typeStop)
}

// AppendSubcounter appends a CounterColumn, such as those in a super column.
func AppendSubcounter(b, name []byte, count int64) []byte {
	b = binary.BigEndian.AppendUint32(append(b, typeString, 0, 1), uint32(len(name)))
	b = append(append(b, name...), typeI64, 0, 2)
	return append(binary.BigEndian.AppendUint64(b, uint64(count)), typeStop)
}

// AppendSuper begins a ColumnOrSuperColumn that is a super column of n columns
// or counters. [AppendStop] ends it, twice.
func AppendSuper(b, name []byte, counters bool, n int) []byte {
	field := uint16(2)
	if counters {
		field = 4
	}
	b = appendField(b, typeStruct, field)
	b = appendBinary(appendField(b, typeString, 1), name)
	return appendList(appendField(b, typeList, 2), typeStruct, n)
}

// ColumnSize is the maximal number of bytes that AppendColumn appends, without name and value.
const ColumnSize = 3 + 7 + 7 + 11 + 7 + 1 + 1
