package interop

import (
	"path/filepath"
	"strings"
	"testing"
)

// installHector is the Java client that most programs used.
func installHector(t *testing.T) runner { return installJava(t, "hector") }

// installHadoop is Hadoop with its runner that needs no cluster, and the formats of input and output that
// Cassandra has for it.
func installHadoop(t *testing.T) runner { return installJava(t, "hadoop") }

// installJava is a library for Java. A script is a program, which is compiled together with what all share.
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
