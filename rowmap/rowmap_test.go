package rowmap_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/uuid/v5"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"gopkg.in/inf.v0"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/rowmap"
	"github.com/widerow/widerow/schema"
	"github.com/widerow/widerow/widerowtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type user struct {
	Key    uuid.UUID `widerow:",key"`
	Name   string    `widerow:"name"`
	Age    int       `widerow:"age"`
	Height float32   `widerow:"height"`
	Score  float64   `widerow:"score,default=0.5"`
	Joined time.Time `widerow:"joined"`
	cached string
	Skip   chan int `widerow:"-"`
}

var joined = time.Date(2012, 12, 3, 10, 0, 0, 0, time.UTC)

func usersFamily(s *widerowtest.Store) *widerow.Family {
	return s.Family(
		schema.Family{Name: "Users", Comparator: schema.UTF8Type, KeyValidator: schema.LexicalUUIDType},
		widerow.ColumnDef{Name: "age", Validator: schema.IntegerType, Index: schema.KeysIndex},
		widerow.ColumnDef{Name: "height", Validator: schema.DoubleType},
	)
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func collect[T any](t testing.TB, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var all []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

func diff(t testing.TB, what string, got, want any) {
	t.Helper()
	opts := cmp.Options{
		cmp.Comparer(func(a, b user) bool { a.cached, b.cached = "", ""; return a == b }),
		cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 }),
		cmp.Comparer(func(a, b *inf.Dec) bool { return a.Cmp(b) == 0 && a.Scale() == b.Scale() }),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	}
	if d := cmp.Diff(want, got, opts); d != "" {
		t.Errorf("%s: (-want +got)\n%s", what, d)
	}
}

func TestMap(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	family := usersFamily(s)
	users := must(rowmap.New[user](family))(t)
	john := user{Key: uuid.Must(uuid.NewV4()), Name: "John", Age: 18, Height: 5.9, Score: 2, Joined: joined, cached: "x"}
	before := s.Timestamp()
	if ts := must(users.Insert(ctx, john))(t); ts <= before {
		t.Errorf("timestamp %d", ts)
	}
	diff(t, "Get", must(users.Get(ctx, john.Key))(t), john)

	// Other readers see the columns with the types of the schema, or those of Go.
	row := must(family.Get(ctx, john.Key, widerow.Names("age", "height")))(t)
	if got := row.String(); !strings.HasPrefix(got, "{'age': 18, 'height': 5.9") {
		t.Errorf("row %s", got)
	}

	// A missing column gets the default. A column without a field is ignored.
	must(family.Remove(ctx, john.Key, widerow.Names("score", "name")))(t)
	must(family.Insert(ctx, john.Key, widerow.Values{{"other", "x"}}))(t)
	want := john
	want.Name, want.Score = "", 0.5
	diff(t, "defaults", must(users.Get(ctx, john.Key))(t), want)
	diff(t, "with a slice", must(users.Get(ctx, john.Key, widerow.From("age"), widerow.To("age")))(t),
		user{Key: john.Key, Age: 18, Score: 0.5})
	diff(t, "with names", must(users.Get(ctx, john.Key, widerow.Names("age")))(t), user{Key: john.Key, Age: 18, Score: 0.5})

	// Read chosen columns only.
	age := users.Only("age")
	must(age.Insert(ctx, user{Key: john.Key, Age: 19, Name: "not written"}))(t)
	want.Age = 19
	diff(t, "after Only.Insert", must(users.Get(ctx, john.Key))(t), want)
	diff(t, "Only.Get", must(age.Get(ctx, john.Key))(t), user{Key: john.Key, Age: 19})
	must(age.Remove(ctx, john))(t)
	want.Age = 0
	diff(t, "after Only.Remove", must(users.Get(ctx, john.Key))(t), want)
	nope := users.Only("age", "nope").Only("age")
	if _, err := nope.Get(ctx, john.Key); err == nil || !strings.Contains(err.Error(), `rowmap_test.user has no column "nope"`) {
		t.Errorf("Only of a column that does not exist: %v", err)
	}
	if _, err := nope.Insert(ctx, john); err == nil {
		t.Error("Insert after such an Only")
	}
	if _, err := nope.Remove(ctx, john); err == nil {
		t.Error("Remove after such an Only")
	}
	for _, err := range nope.Range(ctx) {
		if err == nil {
			t.Error("Range after such an Only")
		}
	}

	bob := user{Key: uuid.Must(uuid.NewV4()), Name: "Bob", Age: 18, Joined: joined, Score: 1}
	alex := user{Key: uuid.Must(uuid.NewV4()), Name: "Alex", Age: 20, Joined: joined, Score: 1}
	must(users.BatchInsert(ctx, []user{bob, alex}, widerow.TTL(time.Minute)))(t)
	diff(t, "MultiGet", must(users.MultiGet(ctx, []any{alex.Key, uuid.Must(uuid.NewV4()), bob.Key}))(t), []user{alex, bob})
	if n := len(collect(t, users.Range(ctx, widerow.RowLimit(2), widerow.Buffer(2)))); n != 2 {
		t.Errorf("Range: %d", n)
	}
	diff(t, "Where", collect(t, users.Where(ctx, widerow.Eq("age", 20))), []user{alex})
	must(users.Remove(ctx, alex))(t)
	if _, err := users.Get(ctx, alex.Key); !errors.Is(err, widerow.ErrNotFound) {
		t.Errorf("a row that was removed: %v", err)
	}
	s.Advance(time.Minute)
	if _, err := users.Get(ctx, bob.Key); !errors.Is(err, widerow.ErrNotFound) {
		t.Errorf("a row that expired: %v", err)
	}
	for range users.Range(ctx) {
		break
	}
	s.FailNext(widerowtest.Range, "Users", widerow.ErrTimedOut)
	for _, err := range users.Range(ctx) {
		if !errors.Is(err, widerow.ErrTimedOut) {
			t.Errorf("Range fails: %v", err)
		}
	}
}

type letters struct {
	Row   string `widerow:",key"`
	Case  string `widerow:",super"`
	A, B  string
	Count *int `widerow:"count"`
}

func TestSuper(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	family := s.Family(schema.Family{Name: "Letters", Type: schema.Super})
	m := must(rowmap.New[letters](family))(t)
	n := 3
	lower := letters{Row: "k", Case: "lower", A: "a", B: "b", Count: &n}
	upper := letters{Row: "k", Case: "upper", A: "A", B: "B"}
	other := letters{Row: "l", Case: "lower", A: "x"}
	must(m.BatchInsert(ctx, []letters{upper, lower, other}))(t)
	diff(t, "GetAll", must(m.GetAll(ctx, "k"))(t), []letters{lower, upper})
	diff(t, "GetAll with names", must(m.GetAll(ctx, "k", widerow.Names("upper")))(t), []letters{upper})
	diff(t, "Get with Super", must(m.Get(ctx, "k", widerow.Super("lower")))(t), lower)
	diff(t, "Get of one", must(m.Get(ctx, "l"))(t), other)
	diff(t, "chosen columns", must(m.Get(ctx, "k", widerow.Super("lower"), widerow.Names("A")))(t), letters{Row: "k", Case: "lower", A: "a"})
	diff(t, "Only", must(m.Only("B").GetAll(ctx, "k"))(t), []letters{{Row: "k", Case: "lower", B: "b"}, {Row: "k", Case: "upper", B: "B"}})
	if _, err := m.Get(ctx, "k"); err == nil || !strings.Contains(err.Error(), "has several super columns") {
		t.Errorf("Get of a row with two: %v", err)
	}
	diff(t, "MultiGet", must(m.MultiGet(ctx, []any{"l", "k"}))(t), []letters{other, lower, upper})
	diff(t, "Range", collect(t, m.Range(ctx)), []letters{lower, upper, other})
	diff(t, "Range with Super", collect(t, m.Range(ctx, widerow.Super("lower"))), []letters{lower, other})
	must(m.Remove(ctx, upper))(t)
	must(m.Only("B").Remove(ctx, lower))(t)
	lower.B = ""
	diff(t, "after removals", must(m.GetAll(ctx, "k"))(t), []letters{lower})
}

type Base struct {
	Name string `widerow:"name"`
}

type Deep struct {
	Level int16 `widerow:"level,default=7"`
}

type kind string

type all struct {
	ID uint32 `widerow:",key"`
	Base
	*Deep
	Kind  kind             `widerow:"kind,omitempty"`
	Blob  []byte           `widerow:"blob"`
	Big   *big.Int         `widerow:"big"`
	Dec   *inf.Dec         `widerow:"dec"`
	Addr  netip.Addr       `widerow:"addr"`
	UUID  uuid.UUID        `widerow:"uuid,type=LexicalUUIDType"`
	Flag  *bool            `widerow:"flag"`
	At    *time.Time       `widerow:"at"`
	Max   uint64           `widerow:"max"`
	Small int8             `widerow:"small"`
	Text  string           `widerow:"text,type=AsciiType,default=a, b"`
	Pair  coltype.Tuple    `widerow:"pair,type=CompositeType(LongType,UTF8Type),omitempty"`
	Raw   []widerow.Column `widerow:",raw"`
}

func TestFields(t *testing.T) {
	ctx := t.Context()
	s := widerowtest.New(t)
	family := s.Family(schema.Family{Name: "All", Comparator: schema.UTF8Type})
	m := must(rowmap.New[all](family))(t)
	flag, at := true, joined
	v := all{
		ID: 1 << 31, Base: Base{"n"}, Deep: &Deep{5}, Kind: "k", Blob: []byte{1}, Big: big.NewInt(1 << 50), Dec: inf.NewDec(10, 1),
		Addr: netip.MustParseAddr("10.1.2.3"), UUID: uuid.Must(uuid.NewV4()), Flag: &flag, At: &at, Max: 1<<64 - 1, Small: -8,
		Text: "t", Pair: coltype.Tuple{int64(1), "x"},
	}
	must(m.Insert(ctx, v))(t)
	must(m.Family().Insert(ctx, v.ID, widerow.Values{{"extra", "e"}}))(t)
	got := must(m.Get(ctx, v.ID))(t)
	if len(got.Raw) != 15 {
		t.Errorf("%d raw columns: %v", len(got.Raw), got.Raw)
	}
	extra := false
	for _, c := range got.Raw {
		extra = extra || c.Name == "extra" && string(c.Value.([]byte)) == "e"
	}
	if !extra {
		t.Error("the raw columns lack the one that no field has")
	}
	got.Raw = nil
	diff(t, "all fields", got, v)

	must(m.Insert(ctx, all{ID: 2, UUID: v.UUID, Addr: v.Addr}))(t)
	if n := must(m.Family().Count(ctx, 2, widerow.Names("kind", "flag", "at", "big", "dec", "pair", "level")))(t); n != 0 {
		t.Errorf("%d nil or empty columns were written", n)
	}
	got = must(m.Get(ctx, 2))(t)
	if got.Deep == nil || got.Level != 7 || got.Flag != nil || got.Text != "" {
		t.Errorf("got %+v", got)
	}
	must(m.Family().Remove(ctx, 2, widerow.Names("text")))(t)
	if got = must(m.Get(ctx, 2))(t); got.Text != "a, b" {
		t.Errorf("default %q", got.Text)
	}

	// The value does not fit its field.
	must(m.Family().Insert(ctx, 3, widerow.Values{{"small", 200}}))(t)
	_, err := m.Get(ctx, 3)
	if err == nil || !errors.Is(err, widerow.ErrInvalidRequest) || !strings.Contains(err.Error(), "row 3: all.Small: 200 does not fit a int8") {
		t.Errorf("a value that does not fit: %v", err)
	}
}

func TestDefaults(t *testing.T) {
	type defaults struct {
		K string     `widerow:",key"`
		A string     `widerow:"a,default=x"`
		B bool       `widerow:"b,default=true"`
		C *int       `widerow:"c,default=-3"`
		D float32    `widerow:"d,default=1.5"`
		E []byte     `widerow:"e,default=0xff00"`
		F []byte     `widerow:"f,default=text"`
		G time.Time  `widerow:"g,default=2012-12-03T10:00:00Z"`
		H uuid.UUID  `widerow:"h,default=13814000-1dd2-11b2-8080-808080808080"`
		I netip.Addr `widerow:"i,default=::1"`
		J *inf.Dec   `widerow:"j,default=1.50"`
		L *big.Int   `widerow:"l,default=99999999999999999999"`
		M uint8      `widerow:"m,default=255"`
		N kind       `widerow:"n,default=k"`
	}
	ctx := t.Context()
	s := widerowtest.New(t)
	f := s.Family(schema.Family{Name: "F", Comparator: schema.UTF8Type})
	m := must(rowmap.New[defaults](f))(t)
	must(f.Insert(ctx, "k", widerow.Values{{"a", "set"}}))(t)
	minus := -3
	large, _ := new(big.Int).SetString("99999999999999999999", 10)
	diff(t, "defaults", must(m.Get(ctx, "k"))(t), defaults{
		K: "k", A: "set", B: true, C: &minus, D: 1.5, E: []byte{0xff, 0}, F: []byte("text"), G: joined,
		H: uuid.Must(uuid.FromString("13814000-1dd2-11b2-8080-808080808080")), I: netip.MustParseAddr("::1"),
		J: inf.NewDec(150, 2), L: large, M: 255, N: "k",
	})
	// Rows do not share a default that is a pointer.
	one, two := must(m.Get(ctx, "k"))(t), must(m.Get(ctx, "k"))(t)
	*one.C = 4
	if *two.C != -3 {
		t.Error("two structs share the default")
	}
}

func TestNamesOfNumbers(t *testing.T) {
	type numbered struct {
		K string `widerow:",key"`
		A string `widerow:"42"`
	}
	ctx := context.Background()
	s := widerowtest.New(t)
	f := s.Family(schema.Family{Name: "F", Comparator: schema.LongType})
	m := must(rowmap.New[numbered](f))(t)
	must(m.Insert(ctx, numbered{"k", "x"}))(t)
	if got := must(f.Get(ctx, "k"))(t).String(); got != "{42: 'x'}" {
		t.Errorf("row %s", got)
	}
	if got := must(m.Get(ctx, "k"))(t); got.A != "x" {
		t.Errorf("got %+v", got)
	}
}

func TestBadStructs(t *testing.T) {
	s := widerowtest.New(t)
	f := s.Family(schema.Family{Name: "F", Comparator: schema.UTF8Type}, widerow.ColumnDef{Name: "n", Validator: schema.LongType})
	long := s.Family(schema.Family{Name: "L", Comparator: schema.LongType})
	sf := s.Family(schema.Family{Name: "S", Type: schema.Super})
	try := func(_ any, err error) error { return err }
	type wrong struct {
		K string    `widerow:",key"`
		N time.Time `widerow:"n"`
	}
	for want, err := range map[string]error{
		"int is not a struct": try(rowmap.New[int](f)),
		"has no key":          try(rowmap.New[struct{ A string }](f)),
		"has no columns": try(rowmap.New[struct {
			K string `widerow:",key"`
		}](f)),
		"has tag option key already": try(rowmap.New[struct {
			K string `widerow:",key"`
			L string `widerow:",key"`
		}](f)),
		`unknown tag option "pk"`: try(rowmap.New[struct {
			K string `widerow:",pk"`
		}](f)),
		`has the column "a" already`: try(rowmap.New[struct {
			K string `widerow:",key"`
			A string `widerow:"a"`
			B string `widerow:"a"`
		}](f)),
		"tag options key and raw contradict": try(rowmap.New[struct {
			K string `widerow:",key,raw"`
		}](f)),
		`takes no column name, but there is "k"`: try(rowmap.New[struct {
			K string `widerow:"k,key"`
		}](f)),
		"are for columns, not for the key": try(rowmap.New[struct {
			K string `widerow:",key,omitempty"`
		}](f)),
		"must be a []widerow.Column, not a string": try(rowmap.New[struct {
			K string `widerow:",key"`
			R string `widerow:",raw"`
		}](f)),
		"type is not for the raw columns": try(rowmap.New[struct {
			K string           `widerow:",key"`
			R []widerow.Column `widerow:",raw,type=LongType"`
		}](f)),
		`default=x: "x" is not an integer`: try(rowmap.New[struct {
			K string `widerow:",key"`
			A int    `widerow:"a,default=x"`
		}](f)),
		"default=300: 300 does not fit a uint8": try(rowmap.New[struct {
			K string `widerow:",key"`
			A uint8  `widerow:"a,default=300"`
		}](f)),
		"is tagged but not exported": try(rowmap.New[struct {
			K string `widerow:",key"`
			a string `widerow:"a"`
		}](f)),
		"no type for Go's map[string]int": try(rowmap.New[struct {
			K string         `widerow:",key"`
			A map[string]int `widerow:"a"`
		}](f)),
		"type=CompositeType(: ": try(rowmap.New[struct {
			K string `widerow:",key"`
			A string `widerow:"a,type=CompositeType("`
		}](f)),
		`column name "A"`: try(rowmap.New[struct {
			K string `widerow:",key"`
			A string
		}](long)),
		"field wrong.N is a time.Time, and the type of its values is LongType: use int64 or another integer type": try(rowmap.New[wrong](f)),
		".N is a string, and the type of its values is LongType: use int64 or another integer type": try(rowmap.New[struct {
			K string `widerow:",key"`
			N string `widerow:"n"`
		}](f)),
		".N is a chan int, and the type of its values is LongType: use int64": try(rowmap.New[struct {
			K string   `widerow:",key"`
			N chan int `widerow:"n"`
		}](f)),
		"S is a super family": try(rowmap.New[struct {
			K string `widerow:",key"`
			A string
		}](sf)),
		"F is not a super family": try(rowmap.New[struct {
			K string `widerow:",key"`
			S string `widerow:",super"`
			A string
		}](f)),
	} {
		if !errors.Is(err, widerow.ErrInvalidRequest) || !strings.HasPrefix(err.Error(), "rowmap: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want an error about: %s", err, want)
		}
	}
}

func ExampleMap() {
	store, err := widerowtest.Open()
	if err != nil {
		panic(err)
	}
	defer store.Close()
	family := store.Family(schema.Family{Name: "Users", Comparator: schema.UTF8Type, KeyValidator: schema.UTF8Type})

	type User struct {
		Key   string  `widerow:",key"`
		Name  string  `widerow:"name"`
		Age   int     `widerow:"age"`
		Score float64 `widerow:"score,default=0.5"`
	}
	users, err := rowmap.New[User](family)
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	if _, err := users.Insert(ctx, User{Key: "john", Name: "John", Age: 18, Score: 2}); err != nil {
		panic(err)
	}
	if _, err := users.Only("name").Insert(ctx, User{Key: "bob", Name: "Bob"}); err != nil {
		panic(err)
	}
	for user, err := range users.Range(ctx) {
		if err != nil {
			panic(err)
		}
		fmt.Printf("%+v\n", user)
	}
	// Output:
	// {Key:bob Name:Bob Age:0 Score:0.5}
	// {Key:john Name:John Age:18 Score:2}
}
