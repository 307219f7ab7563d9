package backendtest

import (
	"fmt"
	"slices"
	"strings"
)

// script is a file of statements, each with its expected output.
type script struct {
	name        string
	lines       []string // of the file
	partitioner []string // runs on these only, by short name; on all if empty
	holds       conditions
	sections    []section
}

// section is a part of a script with a title of its own.
type section struct {
	title string
	holds conditions
	steps []step
}

// conditions say on which stores a script or section runs.
type conditions struct {
	since, until string // the first and last versions of Cassandra, "" for any
	needs        []Feature
}

// step is one statement with the lines that it should print. A batch is one statement
// of several lines.
type step struct {
	line      int // of the statement's first line, from 1
	statement []string
	want      []string // without the indentation
	first     int      // where want begins in the file's lines, from 0
}

const (
	beginBatch = "begin batch"
	applyBatch = "apply batch"
	indent     = "  "
)

// parseScript reads a script. See the package's documentation for its form.
func parseScript(name, text string) (*script, error) {
	s := &script{name: name, lines: strings.Split(strings.TrimRight(text, "\n"), "\n")}
	s.sections = []section{{title: "start"}}
	inBatch := false
	for i, line := range s.lines {
		current := &s.sections[len(s.sections)-1]
		last := len(current.steps) - 1
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "== "):
			s.sections = append(s.sections, section{title: strings.TrimSpace(line[3:])})
		case strings.HasPrefix(line, indent):
			if last < 0 || inBatch {
				return nil, fmt.Errorf("%s:%d: output without a statement", name, i+1)
			}
			step := &current.steps[last]
			if step.first+len(step.want) != i {
				return nil, fmt.Errorf("%s:%d: output that does not follow its statement", name, i+1)
			}
			step.want = append(step.want, line[len(indent):])
		case inBatch:
			step := &current.steps[last]
			step.statement = append(step.statement, line)
			step.first = i + 1
			inBatch = !strings.HasPrefix(line, applyBatch)
		default:
			if header, value, ok := strings.Cut(line, ":"); ok && len(current.steps) == 0 {
				known, err := s.header(current, header, strings.TrimSpace(value))
				if err != nil {
					return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
				}
				if known {
					continue
				}
			}
			current.steps = append(current.steps, step{line: i + 1, statement: []string{line}, first: i + 1})
			inBatch = strings.HasPrefix(line, beginBatch)
		}
	}
	if inBatch {
		return nil, fmt.Errorf("%s: a batch is not applied", name)
	}
	return s, nil
}

// header takes a line with a condition of the script or section.
func (s *script) header(current *section, name, value string) (known bool, err error) {
	whole := len(s.sections) == 1
	holds := &current.holds
	if whole {
		holds = &s.holds
	}
	switch name {
	case "needs":
		for f := range strings.SplitSeq(value, ",") {
			feature := Feature(strings.TrimSpace(f))
			if !slices.Contains(features, feature) {
				return false, fmt.Errorf("unknown feature %q", feature)
			}
			holds.needs = append(holds.needs, feature)
		}
	case "since":
		holds.since = value
	case "until":
		holds.until = value
	case "partitioner":
		if !whole {
			return false, fmt.Errorf("a partitioner is of a whole script")
		}
		for p := range strings.SplitSeq(value, ",") {
			s.partitioner = append(s.partitioner, strings.TrimSpace(p))
		}
	default:
		return false, nil
	}
	return true, nil
}

// rewrite returns the script's text with new output: got has the output of each
// statement that did not print the expected lines, by the statement's line.
func (s *script) rewrite(got map[int][]string) string {
	var out []string
	at := 0
	for _, section := range s.sections {
		for _, step := range section.steps {
			printed, changed := got[step.line]
			if !changed {
				continue
			}
			out = append(out, s.lines[at:step.first]...)
			for _, line := range printed {
				out = append(out, indent+line)
			}
			at = step.first + len(step.want)
		}
	}
	out = append(out, s.lines[at:]...)
	return strings.Join(out, "\n") + "\n"
}
