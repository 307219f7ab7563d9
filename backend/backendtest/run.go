package backendtest

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
	"github.com/widerow/widerow/schema"
)

//go:embed testdata/*.txt
var testdata embed.FS

var rewriteDir = flag.String("backendtest.rewrite", "",
	"write what the store printed into the conformance scripts in this `directory`")

// Run runs all scripts of this package against the stores that open returns,
// for each of Cassandra's partitioners, as subtests named by partitioner, script
// and section, such as byteordered/slices/reversed. A script or section that needs a
// feature which the store lacks is skipped, with the reason. The last subtests check the
// other promises of a backend, and close the store.
func Run(t *testing.T, open Opener) {
	scripts := loadScripts(t)
	for _, p := range partitioners() {
		t.Run(p.Name(), func(t *testing.T) {
			target := open(t, Options{Partitioner: p.Class()})
			if target.Backend == nil {
				t.Fatal("the store that was opened has no backend")
			}
			for _, script := range scripts {
				if len(script.partitioner) > 0 && !slices.Contains(script.partitioner, p.Name()) {
					continue
				}
				t.Run(script.name, func(t *testing.T) { target.run(t, script, p) })
			}
			t.Run("contract", func(t *testing.T) { target.contract(t, p) })
		})
	}
}

// actsAs is the version of Cassandra whose semantics the scripts define.
const actsAs = "1.2.19"

func partitioners() []partitioner.Partitioner {
	return []partitioner.Partitioner{
		partitioner.ByteOrdered, partitioner.OrderPreserving, partitioner.Random, partitioner.Murmur3,
	}
}

func loadScripts(t testing.TB) []*script {
	files, err := fs.Glob(testdata, "testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var scripts []*script
	for _, file := range files {
		text, err := testdata.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		script, err := parseScript(strings.TrimSuffix(path.Base(file), ".txt"), string(text))
		if err != nil {
			t.Fatal(err)
		}
		scripts = append(scripts, script)
	}
	return scripts
}

// run runs a script in a keyspace of its own, which it drops in the end.
func (target *Target) run(t *testing.T, script *script, p partitioner.Partitioner) {
	target.skip(t, script.holds)
	s := newSession(target, p, script.name)
	ctx := t.Context()
	if err := s.start(ctx); err != nil {
		t.Fatal(err)
	}
	// The test's context has ended when its cleanups run.
	t.Cleanup(func() {
		if err := s.finish(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})

	got := map[int][]string{}
	for _, section := range script.sections {
		t.Run(section.title, func(t *testing.T) {
			target.skip(t, section.holds)
			for _, step := range section.steps {
				s.check(t, script, &step, got)
			}
		})
	}
	if *rewriteDir != "" && len(got) > 0 {
		file := filepath.Join(*rewriteDir, script.name+".txt")
		if err := os.WriteFile(file, []byte(script.rewrite(got)), 0o666); err != nil {
			t.Error(err)
		}
	}
}

// check runs a step and compares its output with the expected output. If they differ,
// check stores the output in got.
func (s *session) check(t *testing.T, script *script, step *step, got map[int][]string) {
	t.Helper()
	printed, failed, err := s.run(t.Context(), step.statement)
	if err != nil {
		t.Fatalf("%s.txt:%d: %s: %v", script.name, step.line, step.statement[0], err)
	}
	if slices.Equal(printed, step.want) || failed && len(step.want) == 1 && sameFailure(step.want[0], printed[0]) {
		return
	}
	got[step.line] = printed
	if *rewriteDir == "" {
		t.Errorf("%s.txt:%d: %s\nprints:%s\nwant:%s", script.name, step.line,
			strings.Join(step.statement, "\n"), lines(printed), lines(step.want))
	}
}

func lines(list []string) string {
	if len(list) == 0 {
		return " nothing"
	}
	return "\n" + indent + strings.Join(list, "\n"+indent)
}

// sameFailure reports whether an error is of the kind that a script expects, and its
// reason contains the expected text, or one of the texts if versions word the reason
// differently. Quotes, capitals and the word for a column family are ignored, since they
// change from version to version.
func sameFailure(want, got string) bool {
	kind, why, _ := strings.Cut(want, ": ")
	gotKind, gotWhy, _ := strings.Cut(got, ": ")
	return kind == gotKind && slices.ContainsFunc(strings.Split(why, " | "), func(w string) bool {
		return strings.Contains(plain(gotWhy), plain(w))
	})
}

var sameWords = strings.NewReplacer("'", "", `"`, "", "columnfamily", "table", "column family", "table")

// plain returns a reason without quotes and capitals, and with "table" for a column
// family, as in Cassandra since 2.2.
func plain(why string) string { return sameWords.Replace(strings.ToLower(why)) }

// start creates the script's keyspace. If an interrupted run has left the keyspace
// behind, start drops it first.
func (s *session) start(ctx context.Context) error {
	b := s.target.Backend
	_, err := b.Alter(ctx, schema.DropKeyspace{Name: s.keyspace})
	if err != nil && !errors.Is(err, backend.ErrInvalidRequest) && !errors.Is(err, backend.ErrNotFound) {
		return err
	}
	_, err = b.Alter(ctx, schema.CreateKeyspace{Keyspace: schema.Keyspace{
		Name: s.keyspace, Strategy: schema.SimpleStrategy,
		StrategyOptions: map[string]string{"replication_factor": "1"},
	}})
	if err == nil {
		s.keyspaces = append(s.keyspaces, s.keyspace)
	}
	return err
}

// finish drops the keyspaces that the script created.
func (s *session) finish(ctx context.Context) error {
	var errs []error
	for _, k := range s.keyspaces {
		_, err := s.target.Backend.Alter(ctx, schema.DropKeyspace{Name: k})
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// skip skips the test if the store does not meet the conditions.
func (target *Target) skip(t testing.TB, c conditions) {
	t.Helper()
	version := cmp.Or(target.Version, actsAs)
	if c.since != "" && compareVersions(version, c.since) < 0 {
		t.Skipf("holds since Cassandra %s, this is %s", c.since, version)
	}
	if c.until != "" && compareVersions(version, c.until) > 0 {
		t.Skipf("holds until Cassandra %s, this is %s", c.until, version)
	}
	for _, f := range c.needs {
		if why, lacks := target.lacks(f); lacks {
			t.Skipf("the store lacks %s: %s", f, why)
		}
	}
}

func (target *Target) lacks(f Feature) (why string, lacks bool) {
	if why, lacks = target.Lacks[f]; lacks {
		return why, true
	}
	switch {
	case f == Clock && target.Advance == nil:
		return "no Advance", true
	case f == FarClock && (target.Advance == nil || target.Waits):
		return "no Advance without waiting", true
	case f == Purge && target.Purge == nil:
		return "no Purge", true
	case f == Reopen && target.Reopen == nil:
		return "no Reopen", true
	}
	return "", false
}

// compareVersions orders version numbers such as "1.2.19".
func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		an, _ := strconv.Atoi(as[i])
		bn, _ := strconv.Atoi(bs[i])
		if c := cmp.Compare(an, bn); c != 0 {
			return c
		}
	}
	return 0 // 1.2 is any 1.2
}
