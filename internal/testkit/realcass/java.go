package realcass

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// java returns the program java of a major version. It looks, in this order, at the environment, the cache
// and the machine. If it finds no program, it downloads one.
func (c cache) java(ctx context.Context, major int) (string, error) {
	variable := "WIDEROW_JAVA" + strconv.Itoa(major)
	if home := os.Getenv(variable); home != "" {
		program := filepath.Join(home, "bin", "java")
		found, err := javaVersion(ctx, program)
		if err == nil && found != major {
			err = fmt.Errorf("it is Java %d", found)
		}
		if err != nil {
			return "", fmt.Errorf("%s=%s: %w", variable, home, err)
		}
		return program, nil
	}
	// A directory that was moved does not run, because its programs contain the paths of their libraries.
	runs := func(dir string) bool {
		_, err := javaVersion(ctx, filepath.Join(dir, "bin", "java"))
		return err == nil
	}
	if !runs(c.path("java", strconv.Itoa(major))) {
		if program := installedJava(ctx, major); program != "" {
			return program, nil
		}
	}
	dir, err := c.provide(ctx, "java", strconv.Itoa(major), runs, jre(major).install)
	if err != nil {
		return "", fmt.Errorf("there is no Java %d here and getting one failed "+
			"(install one and set %s to the directory above its bin/java): %w", major, variable, err)
	}
	return filepath.Join(dir, "bin", "java"), nil
}

// installedJava looks for a Java in the usual directories of Linux distributions and users.
func installedJava(ctx context.Context, major int) string {
	homes, _ := filepath.Glob("/usr/lib/jvm/*")
	if home := os.Getenv("JAVA_HOME"); home != "" {
		homes = append(homes, home)
	}
	var programs []string
	if path, err := exec.LookPath("java"); err == nil {
		programs = append(programs, path)
	}
	for _, home := range homes {
		programs = append(programs, filepath.Join(home, "bin", "java"), filepath.Join(home, "jre", "bin", "java"))
	}
	for _, program := range programs {
		if found, err := javaVersion(ctx, program); err == nil && found == major {
			return program
		}
	}
	return ""
}

// versionLine is in what java -version prints: "1.8.0_462", "17.0.15", "25".
var versionLine = regexp.MustCompile(`version "(?:1\.)?(\d+)`)

func javaVersion(ctx context.Context, program string) (int, error) {
	if !exists(program) {
		return 0, fmt.Errorf("there is no %s", program)
	}
	out, err := exec.CommandContext(ctx, program, "-version").CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%s -version: %w\n%s", program, err, out)
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return 0, errors.New(program + " -version does not say its version")
	}
	return strconv.Atoi(string(m[1]))
}
