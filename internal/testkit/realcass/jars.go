package realcass

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// jars returns the directory of a version's jars.
func (c cache) jars(ctx context.Context, r release) (string, error) {
	dir, err := c.provide(ctx, "jars", r.String(), exists, func(ctx context.Context, dir string) error {
		if err := needMaven(ctx); err != nil {
			return err
		}
		pom, err := os.MkdirTemp("", "widerow-cassandra-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(pom)
		if err := os.WriteFile(filepath.Join(pom, "pom.xml"), []byte(project(r)), 0o666); err != nil {
			return err
		}
		_, err = run(ctx, pom, "mvn", "-q", "-B", "-U", "-Dstyle.color=never",
			"dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+dir)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("getting the jars of Cassandra %v: %w", r, err)
	}
	return dir, nil
}

// project returns a Maven project that depends on Cassandra, and on the libraries that Cassandra
// needs but does not declare.
func project(r release) string {
	var b strings.Builder
	b.WriteString("<project><modelVersion>4.0.0</modelVersion>" +
		"<groupId>widerow</groupId><artifactId>cassandra</artifactId><version>1</version><dependencies>")
	depend := func(group, artifact, version string) {
		fmt.Fprintf(&b, "<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>",
			group, artifact, version)
	}
	depend("org.apache.cassandra", "cassandra-all", r.String())
	if !r.atLeast(0, 8) {
		depend("log4j", "log4j", "1.2.17")
		depend("org.slf4j", "slf4j-log4j12", "1.6.1")
	}
	if r.atLeast(2, 1) {
		depend("org.slf4j", "slf4j-api", "1.7.25")
		depend("ch.qos.logback", "logback-core", "1.2.9")
		depend("ch.qos.logback", "logback-classic", "1.2.9")
	}
	if r.atLeast(3, 0) && r.thrift() {
		depend("org.apache.cassandra", "cassandra-thrift", r.String())
	}
	b.WriteString("</dependencies></project>")
	return b.String()
}

// needMaven installs Maven if it is missing and can be installed.
func needMaven(ctx context.Context) error {
	if _, err := exec.LookPath("mvn"); err == nil {
		return nil
	}
	_, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return errors.New("needs Maven: install it, so that mvn is in the PATH")
	}
	if _, err := run(ctx, "", "apt-get", "-qq", "update"); err != nil {
		return fmt.Errorf("installing Maven: %w", err)
	}
	_, err = run(ctx, "", "apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", "maven")
	if err == nil {
		_, err = exec.LookPath("mvn")
	}
	if err != nil {
		return fmt.Errorf("installing Maven: %w", err)
	}
	return nil
}
