package interop

import (
	"net"
	"os"
	"regexp"
	"strings"
	"testing"
)

// prompt is the text that cassandra-cli prints when it waits for a statement.
var prompt = regexp.MustCompile(`\[default@\w+\] `)

// installCLI installs cassandra-cli, Cassandra's own command-line client. The tests use it
// interactively, as a person does, because its batch mode ends at the first error.
func installCLI(t *testing.T) runner {
	jars := classpath(t, "cassandra-cli")
	return func(t *testing.T, script, addr string) string {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		cmd := runJava(t, "-Djline.terminal=jline.UnsupportedTerminal", "-Duser.home="+t.TempDir(),
			"-cp", jars, "org.apache.cassandra.cli.CliMain", "-h", host, "-p", port)
		list := statements(string(text))
		cmd.Stdin = strings.NewReader(typed(list))
		return session(t, list, output(t, cmd))
	}
}

// A statement is a statement of a script with the comments and empty lines before it.
type statement struct{ comment, text string }

// statements splits a script. Comments are lines that begin with --. A statement ends with a
// line that ends with a semicolon, or is a question mark.
func statements(script string) []statement {
	var list []statement
	var s statement
	for line := range strings.Lines(script) {
		trimmed := strings.TrimSpace(line)
		if s.text == "" && (trimmed == "" || strings.HasPrefix(trimmed, "--")) {
			s.comment += line
			continue
		}
		s.text += line
		if strings.HasSuffix(trimmed, ";") || trimmed == "?" {
			list = append(list, s)
			s = statement{}
		}
	}
	return list
}

// typed returns the input of a person: each statement on a line, and quit at the end. Without quit,
// the client waits for further statements forever.
func typed(statements []statement) string {
	var b strings.Builder
	for _, s := range statements {
		b.WriteString(strings.Join(strings.Fields(s.text), " ") + "\n")
	}
	return b.String() + "quit;\n"
}

// session inserts the statements behind the prompts, as a terminal shows them.
func session(t *testing.T, statements []statement, printed string) string {
	t.Helper()
	prompts := prompt.FindAllString(printed, -1)
	if len(prompts) != len(statements)+1 {
		t.Fatalf("%d statements and %d prompts, want one more:\n%s", len(statements), len(prompts), printed)
	}
	answers := prompt.Split(printed, -1)
	var b strings.Builder
	b.WriteString(answers[0])
	for i, s := range statements {
		b.WriteString(s.comment + prompts[i] + s.text + answers[i+1])
	}
	return b.String()
}
