package interop

import (
	"path/filepath"
	"strings"
	"testing"
)

// installHector is the Java client that most programs used. A script is a program, which is compiled
// together with what all share.
func installHector(t *testing.T) runner {
	dir, classes := filepath.Join("testdata", "hector"), t.TempDir()
	jars := classes + string(filepath.ListSeparator) + classpath(t, "hector")
	javac := program(t, "javac", "compiles the programs for Hector (Debian: apt-get install default-jdk-headless)")
	args := []string{"-nowarn", "-encoding", "UTF-8", "-d", classes, "-cp", jars}
	for _, pattern := range []string{"session/*.java", "*.java"} {
		sources, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, sources...)
	}
	output(t, command(t, scriptTimeout, javac, args...))
	return func(t *testing.T, script, addr string) string {
		class := strings.TrimSuffix(filepath.Base(script), ".java")
		return output(t, runJava(t, "-cp", jars, class, addr))
	}
}
