package archtest

import (
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/widerow/widerow"

// allowed lists, for each package, what it may import of this module outside its
// tests. "." is the front, at the module's root. A pattern that ends in "/..." stands for a
// whole tree. No arrow points up. Before you add an arrow, ask whether the code is in
// the right package.
var allowed = map[string][]string{
	// Leaves: data and types, no I/O.
	"schema":   {},
	"timeuuid": {},
	"coltype":  {"timeuuid"},

	// The seam, and the suite that every store passes.
	"backend":             {"schema"},
	"backend/backendtest": {"backend", "coltype", "schema", "internal/testkit/model", "internal/partitioner"},

	// Stores share these packages.
	"internal/ordered":       {"coltype"},
	"internal/partitioner":   {"internal/ordered"},
	"internal/paging":        {"backend", "internal/partitioner"},
	"internal/persist":       {},
	"internal/refusal":       {"backend"},
	"internal/catalog":       {"backend", "coltype", "schema", "internal/persist", "internal/refusal"},
	"internal/testkit/model": {"backend", "coltype", "schema", "internal/catalog", "internal/partitioner"},

	// Cassandra's Thrift interface on the wire, and the program that writes it.
	"internal/thriftwire":         {},
	"internal/thriftwire/gen":     {},
	"internal/thriftconv":         {"backend", "schema", "internal/refusal", "internal/thriftwire"},
	"internal/guard":              {},
	"internal/testkit/faultproxy": {},

	// Cassandra itself, for tests.
	"internal/testkit/realcass":     {"internal/thriftwire"},
	"internal/testkit/realcass/cmd": {"internal/testkit/realcass"},
	"internal/testkit/ringtest":     {"backend", "schema", "internal/testkit/realcass"},
	"internal/testkit/servertest":   {"backend", "thriftserver"},
	"internal/testkit/testcerts":    {},

	// The rules of a pool of connections, and its statistics.
	"pool": {"internal/guard"},

	// The stores. They know neither the front nor each other.
	"embedded": {"backend", "coltype", "schema", "internal/catalog", "internal/ordered", "internal/partitioner"},

	"thriftclient": {
		"backend", "schema", "internal/guard", "internal/partitioner", "internal/refusal", "pool", "internal/thriftconv", "internal/thriftwire",
	},

	"cqlclient": {"backend", "coltype", "schema", "internal/catalog", "internal/guard", "internal/partitioner", "internal/refusal"},

	// The server of any store. It knows none of them.
	"thriftserver": {
		"backend", "coltype", "schema", "timeuuid", "internal/catalog", "internal/guard", "internal/paging", "internal/refusal", "internal/thriftconv",
		"internal/thriftwire",
	},
	"thriftserver/users": {"backend", "thriftserver"},
	"metrics":            {"backend", "cqlclient", "pool", "thriftserver"},

	// The front, and packages that use the front.
	"internal/frontopt": {},
	".":                 {"backend", "coltype", "schema", "internal/frontopt", "internal/paging", "internal/refusal"},
	"rowmap":            {".", "backend", "coltype", "schema", "internal/frontopt"},
	"widerowtest":       {".", "backend", "schema", "embedded", "internal/refusal"},
	"connect":           {".", "backend", "cqlclient", "embedded", "internal/refusal", "pool", "thriftclient"},

	// The shell. It knows the stores only through the seam, and uses bytes as pycassa does.
	"shell": {"backend", "schema"},

	// The program.
	"internal/jsonlines":   {"backend", "coltype", "schema"},
	"internal/csvrows":     {"backend", "internal/jsonlines"},
	"internal/sstablejson": {"backend", "internal/jsonlines"},
	"internal/bench":       {"backend", "schema"},
	"internal/cli": {
		".", "connect", "backend", "coltype", "metrics", "schema", "thriftserver", "thriftserver/users", "internal/bench", "internal/csvrows", "internal/jsonlines", "internal/paging", "internal/sstablejson", "shell",
	},
	"cmd/widerow": {"internal/cli"},

	// Examples show what a user can do: public packages only.
	"examples/...": {".", "connect", "backend", "coltype", "pool", "schema", "timeuuid", "rowmap", "widerowtest"},

	// The manual: pages, and the tests that run their examples.
	"docs": {},

	"internal/testkit/archtest":     {},
	"internal/testkit/interop":      {},
	"internal/testkit/differential": {}, // tests only
}

// importers lists, for each module that we depend on outside tests, who may
// import it. A heavy module has a single importer, so that the module can be replaced, or
// left out of a program that does not need it.
var importers = map[string][]string{
	"github.com/cockroachdb/pebble/v2": {"embedded/..."},

	"github.com/apache/cassandra-gocql-driver/v2": {"cqlclient"},

	"github.com/alecthomas/kong":      {"internal/cli"},
	"github.com/vbauerster/mpb/v8":    {"internal/cli"},
	"golang.org/x/term":               {"internal/cli"},
	"go.starlark.net":                 {"shell"},
	"github.com/reeflective/readline": {"internal/cli"},
	"golang.org/x/crypto":             {"thriftserver/users", "examples/twissandra/..."},
	"gopkg.in/inf.v0":                 {"..."},
	"github.com/gofrs/uuid/v5":        {"..."},
	"golang.org/x/sync":               {"..."},
	"golang.org/x/sys":                {"embedded"},
	"github.com/google/go-cmp":        {"backend/backendtest"},
	"pgregory.net/rapid":              {"backend/backendtest"},

	"github.com/klauspost/compress":           {"internal/cli"}, // zstd
	"github.com/HdrHistogram/hdrhistogram-go": {"internal/bench"},
	"github.com/prometheus/client_golang":     {"metrics"},
}

// unreachable lists what a program that uses only a given package must not link.
var unreachable = map[string][]string{
	".":                   {"embedded", "github.com/cockroachdb/pebble/v2"},
	"thriftclient":        {"embedded", ".", "github.com/cockroachdb/pebble/v2"},
	"cqlclient":           {"embedded", ".", "github.com/cockroachdb/pebble/v2"},
	"thriftserver":        {"embedded", ".", "github.com/cockroachdb/pebble/v2"},
	"rowmap":              {"embedded", "github.com/cockroachdb/pebble/v2"},
	"shell":               {"embedded", ".", "github.com/cockroachdb/pebble/v2"},
	"backend/backendtest": {"embedded", ".", "github.com/cockroachdb/pebble/v2"},
	"embedded":            {"."},
}

func TestImportDirection(t *testing.T) {
	for _, p := range load(t) {
		rules, ok := allowedFor(p.dir)
		if !ok {
			t.Errorf("package %s is not in the table of allowed imports", p.dir)
			continue
		}
		for _, imp := range p.imports {
			if own, ok := inModule(imp); ok && !matchAny(rules, own) && !strings.HasPrefix(own, p.dir+"/internal/") {
				t.Errorf("%s imports %s: it may import %v of this module", p.dir, own, rules)
			}
		}
	}
}

func TestTableIsCurrent(t *testing.T) {
	packages := load(t)
	exists := func(pattern string) bool {
		return slices.ContainsFunc(packages, func(p *pkg) bool { return match(pattern, p.dir) })
	}
	for pattern := range allowed {
		if !exists(pattern) {
			t.Errorf("the table of allowed imports has %q, which does not exist", pattern)
		}
	}
}

// TestTableIsUsed checks that a package uses each arrow that the table allows.
func TestTableIsUsed(t *testing.T) {
	packages := load(t)
	for pattern, rules := range allowed {
		if pattern == "examples/..." {
			continue // the rules of this package list what a user may import
		}
		used := map[string]bool{}
		for _, p := range packages {
			if match(pattern, p.dir) || strings.HasPrefix(p.dir, pattern+"/internal/") {
				for _, imp := range p.imports {
					if own, ok := inModule(imp); ok {
						used[own] = true
					}
				}
			}
		}
		for _, rule := range rules {
			if !used[rule] {
				t.Errorf("the table allows %s to import %s, which it does not", pattern, rule)
			}
		}
	}
}

// TestDrawing compares the drawing of ARCHITECTURE.md with the table: every arrow that is
// drawn is allowed, and every package that others of the drawing import is in it.
func TestDrawing(t *testing.T) {
	_, rest, _ := strings.Cut(string(read(t, "ARCHITECTURE.md")), "## Layers")
	_, rest, _ = strings.Cut(rest, "```\n")
	drawing, _, ok := strings.Cut(rest, "```")
	if !ok {
		t.Fatal("ARCHITECTURE.md has no drawing under Layers")
	}
	drawn := map[string]bool{}
	for line := range strings.Lines(drawing) {
		var from []string
		for i, group := range strings.Split(strings.TrimSpace(line), " -> ") {
			group, _, _ = strings.Cut(group, " (")
			to := strings.Split(group, ", ")
			for j, name := range to {
				if name == "widerow" {
					to[j] = "."
				}
				drawn[to[j]] = true
			}
			for _, f := range from {
				for _, name := range to {
					if rules, _ := allowedFor(f); i > 0 && !matchAny(rules, name) {
						t.Errorf("ARCHITECTURE.md draws %s -> %s, which the table does not have", f, name)
					}
				}
			}
			from = to
		}
	}
	if len(drawn) < 10 {
		t.Errorf("the drawing has only %d packages", len(drawn))
	}
	for dir := range drawn {
		for _, name := range allowed[dir] {
			if !drawn[name] {
				t.Errorf("%s imports %s, which ARCHITECTURE.md does not draw", dir, name)
			}
		}
	}
}

func TestModuleImporters(t *testing.T) {
	for _, p := range load(t) {
		for _, imp := range p.imports {
			if _, own := inModule(imp); own || isStd(imp) {
				continue
			}
			who, ok := importersOf(imp)
			if !ok {
				t.Errorf("%s imports %s, which is of no module that the table of importers knows", p.dir, imp)
			} else if !matchAny(who, p.dir) {
				t.Errorf("%s imports %s: only %v may", p.dir, imp, who)
			}
		}
	}
}

func TestUnreachable(t *testing.T) {
	packages := load(t)
	for from, forbidden := range unreachable {
		reached := reach(packages, from)
		if len(reached) == 0 {
			t.Errorf("package %q has no imports at all: is the name right?", from)
		}
		for imp, by := range reached {
			for _, f := range forbidden {
				if imp == f || strings.HasPrefix(imp, f+"/") && f != "." {
					t.Errorf("a program that imports %q links %s (through %s)", from, imp, by)
				}
			}
		}
	}
}

func TestNobodyImportsPrograms(t *testing.T) {
	for _, p := range load(t) {
		for _, imp := range append(slices.Clone(p.imports), p.testImports...) {
			own, ok := inModule(imp)
			if !ok {
				continue
			}
			if own == "internal/cli" && p.dir != "cmd/widerow" && p.dir != "internal/cli" {
				t.Errorf("%s imports internal/cli: only cmd/widerow may", p.dir)
			}
			if strings.HasPrefix(own, "examples/") && own != p.dir && !strings.HasPrefix(own, p.dir+"/internal/") {
				t.Errorf("%s imports %s: examples are programs", p.dir, own)
			}
		}
	}
}

// reach returns all packages that from imports outside tests, directly or indirectly. It names
// packages of this module by directory and other packages by path. Each package is mapped to a
// package that imports it.
func reach(packages []*pkg, from string) map[string]string {
	byDir := make(map[string]*pkg)
	for _, p := range packages {
		byDir[p.dir] = p
	}
	reached := make(map[string]string)
	queue := []string{from}
	for len(queue) > 0 {
		p := byDir[queue[0]]
		queue = queue[1:]
		if p == nil {
			continue
		}
		for _, imp := range p.imports {
			own, ok := inModule(imp)
			if !ok {
				reached[imp] = p.dir
			} else if reached[own] == "" {
				reached[own] = p.dir
				queue = append(queue, own)
			}
		}
	}
	return reached
}

func allowedFor(dir string) ([]string, bool) {
	if rules, ok := allowed[dir]; ok {
		return rules, true
	}
	for pattern, rules := range allowed {
		if match(pattern, dir) {
			return rules, true
		}
	}
	// A package's own internal packages are a part of it.
	if owner, _, ok := strings.Cut(dir, "/internal/"); ok {
		return allowedFor(owner)
	}
	return nil, false
}

func importersOf(imp string) ([]string, bool) {
	for m, who := range importers {
		if imp == m || strings.HasPrefix(imp, m+"/") {
			return who, true
		}
	}
	return nil, false
}

func inModule(imp string) (dir string, ok bool) {
	if imp == module {
		return ".", true
	}
	return strings.CutPrefix(imp, module+"/")
}

func isStd(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return !strings.Contains(first, ".")
}

func matchAny(patterns []string, dir string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return match(p, dir) })
}

func match(pattern, dir string) bool {
	if pattern == "..." {
		return true
	}
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return dir == tree || strings.HasPrefix(dir, tree+"/")
	}
	return path.Clean(pattern) == dir
}
