package widerow

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/schema"
)

// EnsureKeyspace creates a keyspace, with the families in it, if it does not exist. If
// it exists, each attribute that ks sets must have the same value in the store, and each
// family of ks must pass [SystemManager.EnsureFamily]. If there is a difference, the error
// is an ErrExists that names it. Several processes may ensure the same keyspace at the same
// time.
func (s *SystemManager) EnsureKeyspace(ctx context.Context, ks schema.Keyspace) error {
	err := s.CreateKeyspace(ctx, ks)
	if !errors.Is(err, ErrExists) {
		return err
	}
	have, err := s.database().keyspace(ctx, ks.Name)
	if err == nil {
		want := ks.Clone()
		want.Families = nil
		err = difference(want, have)
	}
	if err != nil {
		return opError("ensure keyspace", ks.Name, err)
	}
	for _, f := range ks.Families {
		f.Keyspace = ks.Name
		if err := s.EnsureFamily(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// EnsureFamily creates a column family if it does not exist. If it exists, each attribute
// and column that the definition sets must be the same in the store. If there is a
// difference, the error is an ErrExists that names it. Several processes may ensure the same
// family at the same time.
func (s *SystemManager) EnsureFamily(ctx context.Context, def schema.Family, columns ...ColumnDef) error {
	err := s.CreateFamily(ctx, def, columns...)
	if !errors.Is(err, ErrExists) {
		return err
	}
	want := def.Clone()
	have, err := s.database().family(ctx, def.Keyspace, def.Name)
	if err == nil {
		err = mergeColumns(want, want, columns)
	}
	if err == nil {
		err = difference(want, have)
	}
	return opError("ensure column family", familyName(&def), err)
}

// explain converts the invalid request of a creation to ErrExists if the keyspace, or the
// family if one is named, exists. It converts the invalid request of a drop to ErrNotFound if
// the keyspace or family does not exist.
func (s *SystemManager) explain(ctx context.Context, err error, keyspace, family string, creation bool) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || !errors.Is(err, ErrInvalidRequest) {
		return err
	}
	ks, lookup := s.database().keyspace(ctx, keyspace)
	exists := lookup == nil && (family == "" || ks.Family(family) != nil)
	switch {
	case creation && exists:
		return &Error{Op: e.Op, Target: e.Target, Err: &backend.Error{Kind: backend.KindExists, Err: e.Err}}
	case !creation && !exists && (lookup == nil || errors.Is(lookup, ErrNotFound)):
		return &Error{Op: e.Op, Target: e.Target, Err: &backend.Error{Kind: backend.KindNotFound, Err: e.Err}}
	}
	return err
}

// difference reports the first attribute that is set in the definition want and differs in
// have.
func difference[T schema.Keyspace | schema.Family](want, have *T) error {
	w, h := reflect.ValueOf(want).Elem(), reflect.ValueOf(have).Elem()
	for i := range w.NumField() {
		name, wanted, is := w.Type().Field(i).Name, w.Field(i), h.Field(i)
		if wanted.IsZero() || name == "Keyspace" || name == "ID" {
			continue
		}
		if !sameAttribute(wanted.Interface(), is.Interface()) {
			return &backend.Error{
				Kind: backend.KindExists,
				Why:  fmt.Sprintf("%s is %s, not %s", name, attributeText(is), attributeText(wanted)),
			}
		}
	}
	return nil
}

func attributeText(v reflect.Value) string {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	return fmt.Sprintf("%+v", v.Interface())
}

// sameAttribute compares one attribute. Class names may be short or full, and a store may
// have more options and columns than are wanted.
func sameAttribute(want, have any) bool {
	switch want := want.(type) {
	case string:
		return sameClass(want, have.(string))
	case schema.FamilyType:
		return want == have.(schema.FamilyType)
	case map[string]string:
		for k, v := range want {
			if !sameClass(v, have.(map[string]string)[k]) {
				return false
			}
		}
		return true
	case []schema.Column:
		return !slices.ContainsFunc(want, func(c schema.Column) bool {
			is := (&schema.Family{Columns: have.([]schema.Column)}).Column(c.Name)
			return is == nil || c.Validator != "" && !sameClass(c.Validator, is.Validator) || c.Index != schema.NoIndex && c.Index != is.Index
		})
	}
	return reflect.DeepEqual(want, have)
}

func sameClass(want, have string) bool {
	if want == have || schema.ShortClass(want) == schema.ShortClass(have) {
		return true
	}
	w, err := coltype.Parse(want)
	if err != nil {
		return false
	}
	h, err := coltype.Parse(have)
	return err == nil && coltype.Equal(w, h)
}
