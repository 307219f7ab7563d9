package coltype_test

import (
	"bufio"
	"encoding/hex"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/widerow/widerow/coltype"
)

var answers = flag.String("answers", "testdata/cassandra-1.2.19.txt", "answers of Cassandra to check against")

// TestCassandra compares the types with answers of Cassandra's own classes.
func TestCassandra(t *testing.T) {
	f, err := os.Open(*answers)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	checked := 0
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		checked++
		field := strings.Split(lines.Text(), "\t")
		want := field[len(field)-1]
		typ, err := coltype.Parse(field[1])
		if field[0] == "P" {
			checkParse(t, field[1], want, typ, err)
			continue
		}
		if err != nil {
			t.Fatalf("Parse(%q): %v", field[1], err)
		}
		var got string
		switch field[0] {
		case "V":
			got = "ok"
			if err := typ.Validate(unhex(t, field[2])); err != nil {
				got = "refused " + err.Error()
			}
		case "C":
			a, b := unhex(t, field[2]), unhex(t, field[3])
			got = strconv.Itoa(typ.Compare(a, b))
			if got != want && (typ.Validate(a) != nil || typ.Validate(b) != nil) {
				// Invalid bytes may have any order: Cassandra's own order of them contradicts
				// itself.
				continue
			}
		default:
			t.Fatalf("unknown line %q", lines.Text())
		}
		if got != want {
			t.Errorf("%s: got %s", lines.Text(), got)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if checked < 3900 {
		t.Errorf("only %d answers were checked", checked)
	}
}

// checkParse checks the class name that Cassandra printed. It ignores the order of aliases.
func checkParse(t *testing.T, class, want string, typ coltype.Type, err error) {
	name, ok := strings.CutPrefix(want, "ok ")
	if !ok {
		if err == nil {
			t.Errorf("Parse(%q) = %v; Cassandra %s", class, typ, want)
		}
		return
	}
	if err != nil {
		t.Errorf("Parse(%q): %v", class, err)
		return
	}
	again, err := coltype.Parse(name)
	if err != nil {
		t.Errorf("Parse(%q): %v", name, err)
		return
	}
	if !coltype.Equal(typ, again) || typ.String() != again.String() || len(typ.String()) != len(name) {
		t.Errorf("Parse(%q) = %v, want %v", class, typ, name)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	if s == "-" {
		return []byte{}
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
