package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// installPycassa installs pycassa on Jython, since pycassa needs a version of Python that current systems
// do not have. Jython's pip installs pycassa from PyPI into the user's cache.
func installPycassa(t *testing.T) runner {
	dir, err := filepath.Abs(filepath.Join("testdata", "pycassa"))
	if err != nil {
		t.Fatal(err)
	}
	jython := classpath(t, "pycassa")
	packages := pythonPackages(t, jython, filepath.Join(dir, "requirements.txt"))
	return func(t *testing.T, script, addr string) string {
		cmd := runJava(t, "-Dpython.console.encoding=UTF-8", "-jar", jython, script, addr)
		path := packages + string(filepath.ListSeparator) + filepath.Join(dir, "session")
		cmd.Env = append(cmd.Env, "JYTHONPATH="+path)
		return output(t, cmd)
	}
}

// pythonPackages returns the directory of the packages that a requirements file lists.
func pythonPackages(t *testing.T, jython, requirements string) string {
	t.Helper()
	list, err := os.ReadFile(requirements)
	if err != nil {
		t.Fatal(err)
	}
	dir := cacheFor(t, "python", list, []byte(filepath.Base(jython)))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), "work-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(work)
	run := jythonAt(t, work, jython)
	output(t, command(t, installTimeout, run, "-m", "ensurepip"))
	packages := filepath.Join(work, "packages")
	output(t, command(t, installTimeout, run, "-m", "pip", "-q", "install", "--target", packages, "-r", requirements))
	if err := os.Rename(packages, dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// jythonAt returns the path of an executable that starts Jython in home. Jython's pip needs a writable home, and an executable that starts
// Jython.
func jythonAt(t *testing.T, home, jython string) string {
	t.Helper()
	script := fmt.Sprintf("#!/bin/sh\nexec '%s' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dpython.home='%s' -Dpython.executable=\"$0\" -cp '%s' org.python.util.jython \"$@\"\n",
		java(t), home, jython)
	path := filepath.Join(home, "bin", "jython")
	if err := os.Mkdir(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	return path
}
