package interop

import (
	"path/filepath"
	"strings"
	"testing"
)

// installHector installs Hector, the Java client that most programs used.
func installHector(t *testing.T) runner { return installJava(t, "hector") }

// installHadoop installs Hadoop with its local runner, which needs no cluster, and with Cassandra's input
// and output formats.
func installHadoop(t *testing.T) runner { return installJava(t, "hadoop") }

// installJava installs a Java library. A script is a program. It is compiled together with the code that all scripts share.
func installJava(t *testing.T, name string) runner {
	dir, classes := filepath.Join("testdata", name), t.TempDir()
	jars := classes + string(filepath.ListSeparator) + classpath(t, name)
	javac := program(t, "javac", "compiles the programs (Debian: apt-get install default-jdk-headless)")
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
		return output(t, runJava(t, "-Djava.io.tmpdir="+t.TempDir(), "-cp", jars, class, addr))
	}
}
