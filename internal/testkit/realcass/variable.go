package realcass

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
)

// Variable is the environment variable that names the versions of Cassandra for the tests. Its
// value is all, or a list separated by commas. An element is a version, a line such as 1.2, or
// version=host:port for a node that runs already.
const Variable = "WIDEROW_TEST_CASSANDRA"

// asked is one entry of the variable.
type asked struct {
	version string
	addr    string // the address of a running node
}

// Versions returns the versions that the environment names, in the same order. If wanted is
// given, only versions in wanted are returned; 1.2 means all versions of 1.2. If no version
// is left, the test is skipped.
func Versions(t testing.TB, wanted ...string) []string {
	t.Helper()
	list, err := parseVariable(os.Getenv(Variable))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Skipf("needs real Cassandra: set %s=%s, or all, to start nodes, or %[1]s=%[2]s=HOST:PORT to use one that runs",
			Variable, example(wanted))
	}
	var versions []string
	for _, a := range list {
		if len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return within(a.version, w) }) {
			versions = append(versions, a.version)
		}
	}
	if len(versions) == 0 {
		t.Skipf("needs Cassandra %s: %s=%s has none of it", strings.Join(wanted, " or "), Variable, os.Getenv(Variable))
	}
	return versions
}

func example(wanted []string) string {
	if len(wanted) > 0 {
		return wanted[0]
	}
	return "1.2"
}

func parseVariable(value string) ([]asked, error) {
	var list []asked
	for entry := range strings.SplitSeq(value, ",") {
		entry = strings.TrimSpace(entry)
		version, addr, running := strings.Cut(entry, "=")
		switch {
		case entry == "":
			continue
		case entry == "all":
			for _, r := range Releases {
				list = append(list, asked{version: r})
			}
			continue
		}
		r, err := parseRelease(version)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", Variable, err)
		}
		if running {
			if _, _, err := net.SplitHostPort(addr); err != nil {
				return nil, fmt.Errorf("%s: where Cassandra %s runs: %w", Variable, version, err)
			}
		}
		list = append(list, asked{r.String(), addr})
	}
	return list, nil
}

// elsewhere returns the address of the running node that the environment names for a version, or "".
func elsewhere(r release) (string, error) {
	list, err := parseVariable(os.Getenv(Variable))
	if err != nil {
		return "", err
	}
	for _, a := range list {
		if a.version == r.String() && a.addr != "" {
			return a.addr, nil
		}
	}
	return "", nil
}
