package backendtest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/widerow/widerow/coltype"
)

func parseType(t testing.TB, class string) coltype.Type {
	t.Helper()
	typ, err := coltype.Parse(class)
	if err != nil {
		t.Fatal(err)
	}
	return typ
}

// read packs a literal, or returns the reason why the text is not a literal.
func read(text string, t coltype.Type) (b []byte, failure string) {
	defer func() {
		if e, ok := recover().(syntaxError); ok {
			failure = string(e)
		}
	}()
	l := &lexer{rest: text}
	b = l.literal().pack(t)
	l.end()
	return b, ""
}

func TestLiterals(t *testing.T) {
	for _, test := range []struct{ class, literal, want string }{
		{"UTF8Type", "'it''s'", "it's"},
		{"UTF8Type", "''", ""},
		{"UTF8Type", "'ab' * 3", "ababab"},
		{"BytesType", "x'00ff'", "\x00\xff"},
		{"LongType", "-2", "\xff\xff\xff\xff\xff\xff\xff\xfe"},
		{"ReversedType(Int32Type)", "258", "\x00\x00\x01\x02"},
		{"IntegerType", "128", "\x00\x80"},
		{"IntegerType", "-129", "\xff\x7f"},
		{"IntegerType", "-1", "\xff"},
		{"IntegerType", "-128", "\x80"},
		{"IntegerType", "0", "\x00"},
		{"DecimalType", "1.50", "\x00\x00\x00\x02\x00\x96"},
		{"BooleanType", "true", "\x01"},
		{"FloatType", "1", "\x3f\x80\x00\x00"},
		{"UUIDType", "00010203-0405-0607-0809-0a0b0c0d0e0f", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f"},
		{"InetAddressType", "'10.0.0.1'", "\x0a\x00\x00\x01"},
		{"LongType", "'abc'", "abc"}, // for the store to refuse
		{"CompositeType(UTF8Type,Int32Type)", "('a', 1)", "\x00\x01a\x00\x00\x04\x00\x00\x00\x01\x00"},
		{"CompositeType(UTF8Type,Int32Type)", "('a')+", "\x00\x01a\x01"},
		{"CompositeType(UTF8Type,Int32Type)", "('')-", "\x00\x00\xff"},
		{"DynamicCompositeType(s=>UTF8Type)", "(s:'a', UTF8Type:'b')", "\x80s\x00\x01a\x00\x00\x08UTF8Type\x00\x01b\x00"},
	} {
		got, failure := read(test.literal, parseType(t, test.class))
		if failure != "" || string(got) != test.want {
			t.Errorf("%s as %s = %q, %s, want %q", test.literal, test.class, got, failure, test.want)
		}
	}
}

func TestLiteralsThatAreNone(t *testing.T) {
	for _, test := range []struct{ class, literal string }{
		{"UTF8Type", "'open"},
		{"UTF8Type", "12"},
		{"UTF8Type", "('a')"},
		{"UTF8Type", "word"},
		{"UTF8Type", ""},
		{"BytesType", "x'0'"},
		{"LongType", "1.5"},
		{"LongType", "9223372036854775808"},
		{"IntegerType", "1.5"},
		{"LongType", "1 2"},
		{"DynamicCompositeType(s=>UTF8Type)", "(NoType(:'a')"},
	} {
		if got, failure := read(test.literal, parseType(t, test.class)); failure == "" {
			t.Errorf("%s as %s = %q, want a syntax error", test.literal, test.class, got)
		}
	}
}

// FuzzFormat checks that printed literals pack to the same bytes again.
func FuzzFormat(f *testing.F) {
	classes := []string{
		"UTF8Type", "AsciiType", "BytesType", "LongType", "Int32Type", "IntegerType", "DecimalType", "BooleanType",
		"DateType", "UUIDType", "InetAddressType", "CompositeType(UTF8Type,LongType)",
		"DynamicCompositeType(s=>UTF8Type,l=>LongType)", "ReversedType(LongType)",
	}
	f.Add(uint8(0), []byte("it's"))
	f.Add(uint8(5), []byte("\xff\x7f"))
	f.Add(uint8(11), []byte("\x00\x01a\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01\x00"))
	f.Add(uint8(12), []byte("\x80s\x00\x01a\x01"))
	// Found by fuzzing: an odd end of component, a scale of many digits, a number
	// that is too large for a float.
	f.Add(uint8(12), []byte("\x80s\x00\x00\x30"))
	f.Add(uint8(6), []byte("\x07\x07\x07\x07\x0750"))
	f.Add(uint8(5), bytes.Repeat([]byte("0"), 200))
	f.Fuzz(func(t *testing.T, class uint8, b []byte) {
		typ := parseType(t, classes[int(class)%len(classes)])
		text := format(typ, b)
		if strings.HasPrefix(text, "x'") {
			typ = coltype.Bytes
		}
		got, failure := read(text, typ)
		if failure != "" {
			t.Fatalf("%s of %x prints %s: %s", typ, b, text, failure)
		}
		// Numbers have other bytes as well that mean the same.
		if !bytes.Equal(got, b) && typ.Compare(got, b) != 0 {
			t.Errorf("%s of %x prints %s, which packs to %x", typ, b, text, got)
		}
	})
}

func TestParseScript(t *testing.T) {
	for _, test := range []struct{ name, text, fragment string }{
		{"output first", "  'a'\n", "output without a statement"},
		{"output apart", "get F['k']\n\n  'a'\n", "does not follow"},
		{"open batch", "begin batch\ninsert F['k']['a'] = 'v' @1\n", "a batch is not applied"},
		{"output in a batch", "begin batch\n  'a'\napply batch\n", "output without a statement"},
		{"feature", "needs: clock, teleport\n", "unknown feature"},
		{"partitioner of a section", "== part\npartitioner: random\n", "of a whole script"},
	} {
		if _, err := parseScript(test.name, test.text); err == nil || !strings.Contains(err.Error(), test.fragment) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.fragment)
		}
	}
}

func TestRewrite(t *testing.T) {
	text := "# Title\nneeds: clock\n\nget F['a']\n  old\n  older\n== part\nget F['b']\nget F['c']\n  same\n"
	script, err := parseScript("script", text)
	if err != nil {
		t.Fatal(err)
	}
	got := script.rewrite(map[int][]string{4: {"new"}, 8: {"one", "two"}})
	want := "# Title\nneeds: clock\n\nget F['a']\n  new\n== part\nget F['b']\n  one\n  two\nget F['c']\n  same\n"
	if got != want {
		t.Errorf("rewritten to\n%s\nwant\n%s", got, want)
	}
	if again := script.rewrite(nil); again != text {
		t.Errorf("rewritten to\n%s\nwant no change", again)
	}
}
