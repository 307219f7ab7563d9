package interop

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const (
	// installTimeout limits the download of a client and its dependencies.
	installTimeout = 10 * time.Minute
	// scriptTimeout limits the run of one script. It is long enough for slow machines.
	scriptTimeout = 2 * time.Minute
	// maxOutput is more than any script prints.
	maxOutput = 4 << 20
)

// jvmOptions make short programs start faster.
var jvmOptions = []string{"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Dfile.encoding=UTF-8"}

// program returns the path of a required program.
func program(t *testing.T, name, why string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is set and there is no %s, which %s: %v", variable, name, why, err)
	}
	return path
}

func java(t *testing.T) string {
	t.Helper()
	return program(t, "java", "runs the clients (Debian: apt-get install default-jdk-headless)")
}

// runJava runs a program for the JVM.
func runJava(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	return command(t, scriptTimeout, java(t), append(jvmOptions, args...)...)
}

// cacheFor returns the path in the user's cache of a file that is made from inputs.
func cacheFor(t *testing.T, name string, inputs ...[]byte) string {
	t.Helper()
	user, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(user, "widerow-clients")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(bytes.Join(inputs, []byte{0}))
	return filepath.Join(dir, name+"-"+hex.EncodeToString(sum[:6]))
}

// classpath lets Maven download the dependencies of testdata/NAME/pom.xml, and returns the jars. The jars
// stay in Maven's own repository. classpath caches their list, since Maven takes seconds to compute it.
func classpath(t *testing.T, name string) string {
	t.Helper()
	pom := filepath.Join("testdata", name, "pom.xml")
	text, err := os.ReadFile(pom)
	if err != nil {
		t.Fatal(err)
	}
	known := cacheFor(t, name, text)
	if list, err := os.ReadFile(known); err == nil && allExist(filepath.SplitList(string(list))) {
		return string(list)
	}
	mvn := program(t, "mvn", "gets the clients (Debian: apt-get install maven)")
	file := filepath.Join(t.TempDir(), "classpath")
	output(t, command(t, installTimeout, mvn, "-q", "-B", "-f", pom,
		"dependency:build-classpath", "-Dmdep.includeScope=runtime", "-Dmdep.outputFile="+file))
	list, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	list = bytes.TrimSpace(list)
	if err := os.WriteFile(known, list, 0o666); err != nil {
		t.Fatal(err)
	}
	return string(list)
}

func allExist(files []string) bool {
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			return false
		}
	}
	return len(files) > 0
}

// command returns a command that is killed after a timeout.
func command(t *testing.T, timeout time.Duration, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// output runs a program and returns all of its output. If the program fails, the test fails.
func output(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	var out limited
	cmd.Stdout, cmd.Stderr = &out, &out // the same writer: one pipe, in order
	if err := cmd.Run(); err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, out.end())
	}
	return out.String()
}

// limited is a buffer for up to maxOutput bytes. If a program prints more, the program fails.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxOutput {
		return 0, fmt.Errorf("printed more than %d bytes", maxOutput)
	}
	return l.Buffer.Write(p)
}

// end returns the last part of an output.
func (l *limited) end() []byte {
	b := l.Bytes()
	return b[max(0, len(b)-4096):]
}
