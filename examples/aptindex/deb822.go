package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// paragraph is a list of fields.
type paragraph []field

type field struct{ name, value string }

func (p paragraph) get(name string) string {
	for _, f := range p {
		if strings.EqualFold(f.name, name) {
			return f.value
		}
	}
	return ""
}

// paragraphs reads paragraphs, which empty lines separate. A line that begins with
// a space continues the field before it.
func paragraphs(in io.Reader, each func(paragraph) error) error {
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, 64<<20)
	var p paragraph
	number := 0
	flush := func() error {
		if len(p) == 0 {
			return nil
		}
		if p.get("Package") == "" {
			return fmt.Errorf("line %d: the paragraph before it has no field Package", number)
		}
		err := each(p)
		p = p[:0]
		return err
	}
	for scanner.Scan() {
		number++
		text := scanner.Bytes()
		switch {
		case len(bytes.TrimSpace(text)) == 0:
			if err := flush(); err != nil {
				return err
			}
		case text[0] == ' ' || text[0] == '\t':
			if len(p) == 0 {
				return fmt.Errorf("line %d: a continuation line without a field before it", number)
			}
			p[len(p)-1].value += "\n" + strings.TrimSpace(string(text))
		default:
			name, value, ok := strings.Cut(string(text), ":")
			if !ok {
				return fmt.Errorf("line %d: no colon after a field's name", number)
			}
			p = append(p, field{name, strings.TrimSpace(value)})
		}
	}
	if err := scanner.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			err = fmt.Errorf("line %d: %w", number+1, err)
		}
		return err
	}
	return flush()
}

// column is a column of a row.
type column struct {
	name  [3]string // version, field, and item of the field's list
	value string
}

// columns returns the columns of a paragraph, in no particular order. The package is the row's key, not a column.
func (p paragraph) columns() []column {
	version := p.get("Version")
	var out []column
	for _, f := range p {
		add := func(item, value string) {
			out = append(out, column{[3]string{version, f.name, item}, value})
		}
		switch lower := strings.ToLower(f.name); {
		case lower == "package" || lower == "version":
		case lower == "binary":
			for _, name := range split(f.value, ",") {
				add(name, "")
			}
		case lower == "files" || strings.HasPrefix(lower, "checksums-"):
			// Each line has a digest, a size and a name.
			for _, l := range split(f.value, "\n") {
				parts := strings.Fields(l)
				add(parts[len(parts)-1], strings.Join(parts[:len(parts)-1], " "))
			}
		case lower == "package-list" || lower == "uploaders" && strings.Contains(f.value, ","):
			sep := "\n"
			if lower == "uploaders" {
				sep = ","
			}
			for _, l := range split(f.value, sep) {
				name, rest, _ := strings.Cut(l, " ")
				add(name, strings.TrimSpace(rest))
			}
		case strings.HasPrefix(lower, "build-depends") || strings.HasPrefix(lower, "build-conflicts"):
			for _, relation := range split(f.value, ",") {
				name, rest, _ := strings.Cut(relation, " ")
				add(name, strings.TrimSpace(rest))
			}
		default:
			add("", f.value)
		}
	}
	return out
}

// split splits text into its parts and leaves out empty parts.
func split(text, sep string) []string {
	parts := strings.Split(text, sep)
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}

// sorted sorts columns in the order of the family's comparator. It joins the values of columns
// of the same name.
func sorted(columns []column) []column {
	slices.SortStableFunc(columns, func(a, b column) int { return slices.Compare(a.name[:], b.name[:]) })
	var out []column
	for _, c := range columns {
		if n := len(out); n > 0 && out[n-1].name == c.name {
			out[n-1].value += ", " + c.value
			continue
		}
		out = append(out, c)
	}
	return out
}
