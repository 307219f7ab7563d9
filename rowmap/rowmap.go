package rowmap

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/frontopt"
)

// Map stores values of the struct type T in a column family. It is safe for
// concurrent use.
type Map[T any] struct {
	family  *widerow.Family
	plan    *plan
	columns []*field // the columns that are read and written
	names   []any
	chosen  bool // whether Only chose them
	err     error
}

// New returns a map of T to family. If T's tags are invalid or do not fit the family's
// definition, New returns an error that names the field. The documentation of package
// rowmap has the rules. A type in a tag replaces the type in the family's definition. If the
// definition leaves the type open, the Go type of the field decides.
func New[T any](family *widerow.Family) (*Map[T], error) {
	if family == nil {
		return nil, fail(errors.New("the family is nil"))
	}
	p, err := parseStruct(reflect.TypeFor[T]())
	if err != nil {
		return nil, fail(err)
	}
	opts, err := p.bind(family)
	if err != nil {
		return nil, fail(err)
	}
	family, err = family.Using(opts...)
	if err != nil {
		return nil, fail(err)
	}
	m := &Map[T]{family: family, plan: p, columns: p.columns}
	m.names = names(m.columns)
	return m, nil
}

// Only returns a map that reads, writes and removes only these columns, which
// are named as in the tags. If no field has a name, every call returns an error.
func (m *Map[T]) Only(columns ...string) *Map[T] {
	if err := m.check(); err != nil {
		return &Map[T]{err: err}
	}
	only := &Map[T]{family: m.family, plan: m.plan, chosen: true, err: m.err}
	for _, name := range columns {
		i := slices.IndexFunc(m.columns, func(f *field) bool { return f.column == name })
		if i < 0 {
			only.err = failf("%s has no column %q", reflect.TypeFor[T](), name)
			break
		}
		only.columns = append(only.columns, m.columns[i])
	}
	only.names = names(only.columns)
	return only
}

// Family returns the family, with the types that the struct's fields have.
func (m *Map[T]) Family() *widerow.Family {
	if m == nil {
		return nil
	}
	return m.family
}

// check returns why the map cannot be used, or nil.
func (m *Map[T]) check() error {
	switch {
	case m == nil:
		return errNoMap()
	case m.err != nil:
		return m.err
	case m.family == nil:
		return errNoMap()
	}
	return nil
}

func errNoMap() error { return failf("the map is nil or zero: New returns one") }

// Get returns the struct of a row or, with [widerow.Super], of one super column.
// It fails with ErrNotFound if the row does not exist. Without options that select columns, it
// reads the columns of the struct, or the first 100 columns if there is a field for raw columns.
func (m *Map[T]) Get(ctx context.Context, key any, opts ...widerow.ReadOption) (v T, err error) {
	if err := m.check(); err != nil {
		return v, err
	}
	limit := 0
	if m.plan.super != nil {
		limit = 2 // enough to know that there are several
	}
	all, err := m.get(ctx, key, limit, opts)
	switch {
	case err != nil:
		return v, err
	case len(all) > 1:
		return v, failf("row %s has several super columns: say which one with widerow.Super, or use GetAll", widerow.Repr(key))
	}
	return all[0], nil
}

// GetAll returns the structs of a row. In a super family there is a struct for each super
// column, in the order of their names; [widerow.Names] and slices select super columns, and
// without them all are read, however many there are. In a standard family there is a single
// struct. GetAll fails with ErrNotFound if the row does not exist.
func (m *Map[T]) GetAll(ctx context.Context, key any, opts ...widerow.ReadOption) ([]T, error) {
	return m.get(ctx, key, widerow.Unlimited, opts)
}

func (m *Map[T]) get(ctx context.Context, key any, limit int, opts []widerow.ReadOption) ([]T, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	row, err := m.family.Get(ctx, key, append(defaults[widerow.ReadOption](m, limit), opts...)...)
	if err != nil {
		return nil, err
	}
	return m.values(nil, row)
}

// MultiGet returns the structs of several rows, in the order of keys. Rows that do not
// exist are left out.
func (m *Map[T]) MultiGet(ctx context.Context, keys []any, opts ...widerow.ReadOption) ([]T, error) {
	if err := m.check(); err != nil {
		return nil, err
	}
	rows, err := m.family.MultiGet(ctx, keys, append(defaults[widerow.ReadOption](m, 0), opts...)...)
	if err != nil {
		return nil, err
	}
	values := make([]T, 0, len(rows))
	for _, row := range rows {
		if values, err = m.values(values, row); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// Range iterates over the structs of consecutive rows, as [widerow.Family.Range]
// does.
func (m *Map[T]) Range(ctx context.Context, opts ...widerow.ScanOption) iter.Seq2[T, error] {
	return m.iterate(opts, func(opts []widerow.ScanOption) iter.Seq2[widerow.Row, error] { return m.family.Range(ctx, opts...) })
}

// Where iterates over the structs of the rows that an index finds, as
// [widerow.Family.Where] does.
func (m *Map[T]) Where(ctx context.Context, opts ...widerow.ScanOption) iter.Seq2[T, error] {
	return m.iterate(opts, func(opts []widerow.ScanOption) iter.Seq2[widerow.Row, error] { return m.family.Where(ctx, opts...) })
}

func (m *Map[T]) iterate(opts []widerow.ScanOption, rows func([]widerow.ScanOption) iter.Seq2[widerow.Row, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if err := m.check(); err != nil {
			yield(none, err)
			return
		}
		for row, err := range rows(append(defaults[widerow.ScanOption](m, 0), opts...)) {
			if err != nil {
				yield(none, err)
				return
			}
			values, err := m.values(nil, row)
			if err != nil {
				yield(none, err)
				return
			}
			for _, v := range values {
				if !yield(v, nil) {
					return
				}
			}
		}
	}
}

func (m *Map[T]) noValue(f *field) error {
	return failf("%s is nil", f.path)
}

// values appends the structs of a row.
func (m *Map[T]) values(dst []T, row widerow.Row) ([]T, error) {
	if m.plan.super == nil || row.Super != nil {
		var v T
		err := m.fill(&v, row.Key, row.Super, row.Columns)
		return append(dst, v), err
	}
	for _, super := range row.Columns {
		var v T
		if err := m.fill(&v, row.Key, super.Name, super.Columns); err != nil {
			return dst, err
		}
		dst = append(dst, v)
	}
	return dst, nil
}

func (m *Map[T]) fill(dst *T, key, super any, cols []widerow.Column) error {
	v := reflect.ValueOf(dst).Elem()
	err := m.plan.key.store(v, key)
	if err == nil && m.plan.super != nil {
		err = m.plan.super.store(v, super)
	}
	if err != nil {
		return fail(err)
	}
	for _, f := range m.columns {
		if f.fallback != nil {
			alloc(v, f.index).Set(f.fallback())
		}
	}
	for i := range cols {
		f := m.plan.byName[nameText(cols[i].Name)]
		if f == nil || m.chosen && !slices.Contains(m.columns, f) {
			continue
		}
		if err := f.store(v, cols[i].Value); err != nil {
			return failf("row %s: %w", widerow.Repr(key), err)
		}
	}
	if m.plan.raw != nil {
		alloc(v, m.plan.raw.index).Set(reflect.ValueOf(cols))
	}
	return nil
}

// defaults returns the options of every read. If the caller selects no columns, they select
// the columns of the struct, or the first columns up to limit if there is a raw field.
func defaults[O any, T any](m *Map[T], limit int) []O {
	names := m.names
	if m.plan.raw != nil && !m.chosen {
		names = nil
	}
	return []O{frontopt.Defaults(names, limit).(O)}
}

func names(fields []*field) []any {
	names := make([]any, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// fail makes err an ErrInvalidRequest: a struct type does not fit the family, or a value
// does not fit the struct.
func fail(err error) error {
	return fmt.Errorf("rowmap: %w", &backend.Error{Kind: backend.KindInvalidRequest, Err: err})
}

func failf(format string, args ...any) error { return fail(fmt.Errorf(format, args...)) }
