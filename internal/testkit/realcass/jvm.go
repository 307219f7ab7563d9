package realcass

import (
	"fmt"
	"path/filepath"
	"strings"
)

// command returns the JVM's arguments, including Cassandra's main class, that start a node.
func (p plan) command(n *Node, jars string) ([]string, error) {
	property := func(name, value string) string { return "-D" + name + "=" + value }
	heap := fmt.Sprintf("%dM", p.HeapMB)
	args := []string{
		"-Xms" + heap, "-Xmx" + heap, "-Xss512k", "-XX:-UsePerfData",
		property("java.net.preferIPv4Stack", "true"),
		property("java.io.tmpdir", n.dir),
		property("cassandra.config", "file://"+n.conf("cassandra.yaml")),
		property("log4j.configuration", "file://"+n.conf("log4j.properties")),
		property("logback.configurationFile", n.conf("logback.xml")),
		property("cassandra.storagedir", filepath.Join(n.dir, "data")),
		property("cassandra.logdir", filepath.Join(n.dir, "log")),
		property("cassandra-foreground", "yes"),
		// These delays give a node time to learn the ring. On one machine the ring is known at
		// once.
		property("cassandra.ring_delay_ms", "3000"),
		property("cassandra.skip_wait_for_gossip_to_settle", "0"),
		property("cassandra.superuser_setup_delay_ms", "0"),
	}
	if !p.Optimize {
		// These flags halve the processor time of a start.
		args = append(args, "-XX:TieredStopAtLevel=1", "-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote",
			"-XX:+UseSerialGC")
	}
	if p.atLeast(1, 2) {
		// Cassandra uses the agent to measure memory.
		agents, err := filepath.Glob(filepath.Join(jars, "jamm-*.jar"))
		if err != nil || len(agents) != 1 {
			return nil, fmt.Errorf("%s has %d jars of jamm, want 1", jars, len(agents))
		}
		args = append(args, "-javaagent:"+agents[0])
	}
	if p.java() > 8 {
		args = append(args, property("jdk.attach.allowAttachSelf", "true"))
		args = append(args, openModules("exports", exported)...)
		args = append(args, openModules("opens", opened)...)
	}
	args = append(args, p.Java...)
	main := "org.apache.cassandra.service.CassandraDaemon"
	if !p.atLeast(1, 2) {
		main = "org.apache.cassandra.thrift.CassandraDaemon"
	}
	return append(args, "-cp", n.conf()+":"+filepath.Join(jars, "*"), main), nil
}

// Cassandra 5.0 uses these internal packages of the JDK. Each entry has the module, then the
// packages.
const (
	exported = `
java.base jdk.internal.misc jdk.internal.ref sun.nio.ch java.lang.ref sun.rmi.registry
java.management.rmi com.sun.jmx.remote.internal.rmi
java.rmi sun.rmi.registry sun.rmi.server
java.sql java.sql
jdk.unsupported sun.misc`
	opened = `
java.base java.io java.lang java.lang.module java.lang.reflect java.nio java.util java.util.concurrent java.util.concurrent.atomic jdk.internal.loader jdk.internal.math jdk.internal.module jdk.internal.ref jdk.internal.reflect jdk.internal.util.jar sun.nio.ch
jdk.management com.sun.management.internal`
)

func openModules(how, list string) []string {
	var args []string
	for line := range strings.Lines(list) {
		fields := strings.Fields(line)
		for i := 1; i < len(fields); i++ {
			args = append(args, "--add-"+how, fields[0]+"/"+fields[i]+"=ALL-UNNAMED")
		}
	}
	return args
}

// Logs go to log/system.log: up to 2.0 by log4j, later by logback.
const (
	log4j = `log4j.rootLogger=INFO,R
log4j.appender.R=org.apache.log4j.FileAppender
log4j.appender.R.File=%s
log4j.appender.R.layout=org.apache.log4j.PatternLayout
log4j.appender.R.layout.ConversionPattern=%%5p [%%t] %%d{ISO8601} %%F %%m%%n
`
	logback = `<configuration>
  <appender name="F" class="ch.qos.logback.core.FileAppender">
    <file>%s</file>
    <encoder><pattern>%%-5level [%%thread] %%date{ISO8601} %%F:%%L - %%msg%%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="F"/></root>
</configuration>
`
)
