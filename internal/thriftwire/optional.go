package thriftwire

import "fmt"

// Optional is a field that may be absent.
type Optional[T any] struct {
	V   T
	Set bool
}

// Some returns a present field.
func Some[T any](v T) Optional[T] { return Optional[T]{v, true} }

// Maybe returns a field that is present if p is not nil.
func Maybe[T any](p *T) Optional[T] {
	if p == nil {
		return Optional[T]{}
	}
	return Some(*p)
}

// Ptr returns a pointer to a copy of the field, or nil if it is absent.
func (o Optional[T]) Ptr() *T {
	if !o.Set {
		return nil
	}
	return new(o.V)
}

// Entry is an entry of a map. A map on the wire may repeat a key.
type Entry[K, V any] struct {
	Key   K
	Value V
}

func unknownEnum(name string, v int32) string { return fmt.Sprintf("%s(%d)", name, v) }
