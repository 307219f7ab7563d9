package cqlclient

import (
	"bytes"
	"encoding/binary"
)

// arguments makes the values that statements bind, in few allocations. Every value is the bytes of its CQL type on the wire, so
// that the driver converts nothing. The values alias the bytes from which they were made.
type arguments struct {
	cells   []raw
	numbers []byte
	values  []any
	first   int // index in values of the first value of the current statement
}

// newArguments returns arguments with room for n values. Further values take further allocations.
func newArguments(n int) *arguments {
	return &arguments{cells: make([]raw, 0, n), values: make([]any, 0, n)}
}

// add adds a value. A nil value is empty, not null.
func (a *arguments) add(value []byte) { a.addNullable(notNull(value)) }

// addNullable adds a value. A nil value is null.
func (a *arguments) addNullable(value []byte) {
	if len(a.cells) == cap(a.cells) {
		a.cells = make([]raw, 0, 2*cap(a.cells)+8) // the driver holds pointers to the earlier cells
	}
	a.cells = append(a.cells, value)
	a.values = append(a.values, &a.cells[len(a.cells)-1])
}

// addInt32 adds the value of an int column, or a limit.
func (a *arguments) addInt32(n int32) {
	a.number(4)
	from := len(a.numbers)
	a.numbers = binary.BigEndian.AppendUint32(a.numbers, uint32(n))
	a.add(a.numbers[from:])
}

// addInt64 adds the value of a bigint column, or a timestamp.
func (a *arguments) addInt64(n int64) {
	a.number(8)
	from := len(a.numbers)
	a.numbers = binary.BigEndian.AppendUint64(a.numbers, uint64(n))
	a.add(a.numbers[from:])
}

// number makes sure that a.numbers has room for size bytes.
func (a *arguments) number(size int) {
	if len(a.numbers)+size > cap(a.numbers) {
		a.numbers = make([]byte, 0, 64)
	}
}

// addList adds the value of a list<…>, which IN ? takes.
func (a *arguments) addList(items [][]byte) {
	size := 4
	for _, item := range items {
		size += 4 + len(item)
	}
	list := binary.BigEndian.AppendUint32(make([]byte, 0, size), uint32(len(items)))
	for _, item := range items {
		list = binary.BigEndian.AppendUint32(list, uint32(len(item)))
		list = append(list, item...)
	}
	a.add(list)
}

// take returns the values that were added since the last call.
func (a *arguments) take() []any {
	values := a.values[a.first:len(a.values):len(a.values)]
	a.first = len(a.values)
	return values
}

// cloneValues returns copies of values. The copies share no memory with the values.
func cloneValues(values []any) []any {
	clones := make([]any, len(values))
	for i, v := range values {
		cell := bytes.Clone(*v.(*raw))
		clones[i] = (*raw)(&cell)
	}
	return clones
}
