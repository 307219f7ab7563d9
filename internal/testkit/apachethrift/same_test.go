//go:build apache

package apachethrift

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/apache/thrift/lib/go/thrift"

	"github.com/widerow/widerow/internal/thriftwire"
)

// same compares a value of ours with one of Apache's. It panics if their types differ in the
// interface. If mayBeNil, our value must be nil exactly when Apache's is.
func same(ours, theirs reflect.Value, mayBeNil bool) error {
	if ours.Kind() == reflect.Struct && ours.Type().NumField() == 2 && ours.Type().Field(1).Name == "Set" {
		if set := ours.Field(1).Bool(); !set || theirs.IsNil() {
			return present(set, !theirs.IsNil())
		}
		ours, mayBeNil = ours.Field(0), false
	}
	if mayBeNil {
		if ours.IsNil() || theirs.IsNil() {
			return present(!ours.IsNil(), !theirs.IsNil())
		}
	}
	ours, theirs = reflect.Indirect(ours), reflect.Indirect(theirs)
	switch ours.Kind() {
	case reflect.Bool:
		return equal(ours.Bool(), theirs.Bool())
	case reflect.Int32, reflect.Int64:
		return equal(ours.Int(), theirs.Int())
	case reflect.Float64:
		return equal(math.Float64bits(ours.Float()), math.Float64bits(theirs.Float()))
	case reflect.String:
		return equal(ours.String(), theirs.String())
	case reflect.Slice:
		return sameMany(ours, theirs)
	}
	return sameStruct(ours, theirs)
}

func equal[T comparable](ours, theirs T) error { return differ(ours == theirs, ours, theirs) }

func present(ours, theirs bool) error {
	if ours != theirs {
		return fmt.Errorf(" is present: %v, Apache has %v", ours, theirs)
	}
	return nil
}

func differ(same bool, ours, theirs any) error {
	if !same {
		return fmt.Errorf(" = %#v, Apache has %#v", ours, theirs)
	}
	return nil
}

// sameMany compares binaries, lists and maps.
func sameMany(ours, theirs reflect.Value) error {
	switch elem := ours.Type().Elem(); {
	case elem.Kind() == reflect.Uint8:
		var b []byte // Apache's code makes a string of a map's key
		if theirs.Kind() == reflect.String {
			b = []byte(theirs.String())
		} else {
			b = theirs.Bytes()
		}
		return equal(string(ours.Bytes()), string(b))
	case theirs.Kind() == reflect.Map:
		return sameMap(ours, theirs)
	}
	if ours.Len() != theirs.Len() {
		return fmt.Errorf(" has %d elements, Apache has %d", ours.Len(), theirs.Len())
	}
	for i := range ours.Len() {
		if err := same(ours.Index(i), theirs.Index(i), false); err != nil {
			return pathError(fmt.Sprintf("[%d]", i), err)
		}
	}
	return nil
}

// sameMap compares our list of entries with Apache's map. If several entries have the same key, the
// last counts, as in a map.
func sameMap(ours, theirs reflect.Value) error {
	last := map[string]reflect.Value{}
	for i := range ours.Len() {
		key := ours.Index(i).Field(0)
		if key.Kind() == reflect.Slice {
			last[string(key.Bytes())] = ours.Index(i).Field(1)
		} else {
			last[key.String()] = ours.Index(i).Field(1)
		}
	}
	if len(last) != theirs.Len() {
		return fmt.Errorf(" has %d keys, Apache has %d", len(last), theirs.Len())
	}
	for key, value := range last {
		v := theirs.MapIndex(reflect.ValueOf(key))
		if !v.IsValid() {
			return fmt.Errorf(" has a key %q, Apache has none", key)
		}
		if err := same(value, v, false); err != nil {
			return pathError(fmt.Sprintf("[%q]", key), err)
		}
	}
	return nil
}

// plainName reverts our generator's changes to names, except those of case.
var plainName = strings.NewReplacer("Supercolumn", "SuperColumn", "Millis", "Ms")

// sameStruct compares structs field by field. Both sides declare the fields in the order of the
// interface.
func sameStruct(ours, theirs reflect.Value) error {
	if ours.NumField() != theirs.NumField() {
		panic(fmt.Sprintf("%v has %d fields, Apache's %v has %d", ours.Type(), ours.NumField(), theirs.Type(), theirs.NumField()))
	}
	for i := range ours.NumField() {
		f, g := ours.Type().Field(i), theirs.Type().Field(i)
		if !strings.EqualFold(plainName.Replace(f.Name), strings.TrimSuffix(g.Name, "_")) {
			panic(fmt.Sprintf("%v has a field %s where Apache's has %s", ours.Type(), f.Name, g.Name))
		}
		nilable := f.Type.Kind() == reflect.Pointer || f.Type.Kind() == reflect.Slice
		if err := same(ours.Field(i), theirs.Field(i), optional(g) && nilable); err != nil {
			return pathError("."+f.Name, err)
		}
	}
	return nil
}

func sameArgs(ours thriftwire.Args, theirs thrift.TStruct) error {
	return sameStruct(reflect.ValueOf(ours).Elem(), reflect.ValueOf(theirs).Elem())
}

// sameResult compares results. A result is a value or an exception. If a result holds several
// exceptions, which only a broken server sends, either side may report any of them.
func sameResult(ours thriftwire.Result, theirs thrift.TStruct) error {
	result := reflect.ValueOf(theirs).Elem()
	thrown, value := exceptionsOf(result)
	if err := ours.Err(); err != nil {
		for _, e := range thrown {
			if typeName(e.Elem().Type()) == typeName(reflect.TypeOf(err).Elem()) {
				return pathError(typeName(e.Elem().Type()), sameStruct(reflect.ValueOf(err).Elem(), e.Elem()))
			}
		}
		return fmt.Errorf("the exception is %#v, Apache has %d others", err, len(thrown))
	}
	if len(thrown) > 0 {
		return errors.New("there is no exception, Apache has one")
	}
	if !value.IsValid() {
		return nil
	}
	return pathError("Success", same(reflect.ValueOf(ours).Elem().FieldByName("Success"), value, false))
}

// exceptionsOf returns the exceptions in a result of Apache's code, and the value if the method has
// one.
func exceptionsOf(result reflect.Value) (thrown []reflect.Value, value reflect.Value) {
	for i := range result.NumField() {
		switch f := result.Field(i); {
		case result.Type().Field(i).Name == "Success":
			value = f
		case !f.IsNil():
			thrown = append(thrown, f)
		}
	}
	return thrown, value
}
