package schema

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fill sets every field reachable from v, so that fields added later are tested too.
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

// scribble changes every field reachable from v, in place.
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
		t.Error("Column does not find c, or finds a missing column")
	}
}

// TestRebase makes two alterations of one definition, one after the other, as two clients do that
// do not know about each other.
func TestRebase(t *testing.T) {
	column := func(name, validator string) Column { return Column{Name: []byte(name), Validator: validator} }
	base := &Family{
		Keyspace: "ks", Name: "F", Comparator: "UTF8Type", Comment: "base", GCGraceSeconds: new(int32(5)),
		Columns: []Column{column("a", "LongType"), column("b", "LongType"), column("c", "LongType")},
	}
	now := base.Clone() // the definition after the first alteration
	now.Comment, now.SpeculativeRetry = "first", "99p"
	now.Columns = []Column{column("a", "LongType"), column("c", "UTF8Type"), column("d", "LongType")}
	second := base.Clone()
	second.GCGraceSeconds = new(int32(7))
	second.Columns = []Column{column("b", "LongType"), column("c", "LongType"), column("e", "LongType")}

	want := now.Clone()
	want.GCGraceSeconds = new(int32(7))
	want.Columns = []Column{column("c", "UTF8Type"), column("d", "LongType"), column("e", "LongType")}
	got := AlterFamily{Family: *second, Base: base, Whole: true}.Rebase(now)
	if diff := cmp.Diff(AlterFamily{Family: *want, Whole: true}, got); diff != "" {
		t.Errorf("Rebase (-want +got):\n%s", diff)
	}
	// If both alterations change one column, the second alteration wins.
	second.Columns = []Column{column("c", "BytesType")}
	want.Columns = []Column{column("c", "BytesType"), column("d", "LongType")}
	got = AlterFamily{Family: *second, Base: base}.Rebase(now)
	if diff := cmp.Diff(want.Columns, got.Family.Columns); diff != "" {
		t.Errorf("Rebase (-want +got):\n%s", diff)
	}
	whole := AlterFamily{Family: *second}
	if diff := cmp.Diff(whole, whole.Rebase(now)); diff != "" {
		t.Errorf("Rebase without a base (-want +got):\n%s", diff)
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
