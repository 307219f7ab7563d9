package schema

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fill sets everything that v leads to, so that a field added later is tested too.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"a": "1"}))
	case reflect.String:
		v.SetString(string(rune('a' + *n%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(int64(*n))
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	case reflect.Float64:
		v.SetFloat(float64(*n))
	default:
		panic(v.Kind().String())
	}
}

// scribble changes everything that v leads to, in place.
func scribble(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		scribble(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			scribble(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			scribble(v.Index(i))
		}
	case reflect.Map:
		v.SetMapIndex(reflect.ValueOf("a"), reflect.ValueOf("changed"))
	default:
		v.SetZero()
	}
}

func TestCloneSharesNothing(t *testing.T) {
	var k, want Keyspace
	n := 0
	fill(reflect.ValueOf(&k).Elem(), &n)
	n = 0
	fill(reflect.ValueOf(&want).Elem(), &n)
	c := k.Clone()
	if diff := cmp.Diff(&want, c); diff != "" {
		t.Errorf("Clone differs (-want +got):\n%s", diff)
	}
	scribble(reflect.ValueOf(c))
	if diff := cmp.Diff(want, k); diff != "" {
		t.Errorf("changing the clone changed the original (-want +got):\n%s", diff)
	}
}

func TestCloneKeepsWhatIsNotSet(t *testing.T) {
	k := Keyspace{Name: "K", Families: []Family{{Name: "F"}}}
	if diff := cmp.Diff(&k, k.Clone()); diff != "" {
		t.Errorf("Clone differs (-want +got):\n%s", diff)
	}
}

func TestLookup(t *testing.T) {
	k := Keyspace{Families: []Family{{Name: "A"}, {Name: "B", Type: Super, Columns: []Column{{Name: []byte("c")}}}}}
	f := k.Family("B")
	if f != &k.Families[1] || !f.IsSuper() || k.Families[0].IsSuper() {
		t.Errorf("Family(B) = %v", f)
	}
	if k.Family("C") != nil {
		t.Error("Family(C) is not nil")
	}
	if f.Column([]byte("c")) != &f.Columns[0] || f.Column(nil) != nil {
		t.Error("Column does not find c, or finds what is not there")
	}
}

func TestIndexTypeString(t *testing.T) {
	for typ, want := range map[IndexType]string{
		NoIndex: "NONE", KeysIndex: "KEYS", CustomIndex: "CUSTOM", CompositesIndex: "COMPOSITES", 9: "UNKNOWN",
	} {
		if got := typ.String(); got != want {
			t.Errorf("IndexType(%d).String() = %q, want %q", typ, got, want)
		}
	}
}
