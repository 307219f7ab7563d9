package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/widerow/widerow/backend"
)

// completeCommand is the command that the scripts of the shells call. Its arguments are the words of the command line,
// and the last word must be completed. The answer has one line for each candidate, followed by a tab and a description
// if the candidate has a description. The line :file or :dir stands for names of files or directories.
const completeCommand = "__complete"

const (
	completeFiles = ":file"
	completeDirs  = ":dir"
)

// complete prints the candidates for the last of words.
func complete(words []string, out, errs io.Writer) int {
	parser, err := newParser(new(program), out, errs)
	if err != nil {
		fmt.Fprintln(errs, "widerow:", err)
		return exitFailed
	}
	w := bufio.NewWriter(out)
	for _, c := range candidates(parser.Model, words) {
		fmt.Fprintln(w, c)
	}
	if err := w.Flush(); err != nil {
		return exitFailed
	}
	return exitDone
}

// completer walks over the words of a command line.
type completer struct {
	app  *kong.Application
	node *kong.Node
	// flag waits for its value, or is nil.
	flag       *kong.Flag
	positional int
	// onlyArguments is set after the word --.
	onlyArguments bool
	// lost is set after a word that names no command: no word can follow it.
	lost bool
}

// candidates returns the candidates for the last of words.
func candidates(app *kong.Application, words []string) []string {
	words = joinAssignments(words)
	if len(words) == 0 {
		words = []string{""}
	}
	c := &completer{app: app, node: app.Node}
	for _, word := range words[:len(words)-1] {
		c.take(word)
	}
	return c.complete(words[len(words)-1])
}

// joinAssignments removes the = of --flag=value, because bash passes the = as a separate word.
func joinAssignments(words []string) []string {
	var out []string
	for i, word := range words {
		if word == "=" && i > 0 && strings.HasPrefix(words[i-1], "--") {
			if i == len(words)-1 {
				out = append(out, "")
			}
			continue
		}
		out = append(out, word)
	}
	return out
}

// take consumes a whole word.
func (c *completer) take(word string) {
	name, _, assigned := strings.Cut(word, "=")
	switch {
	case c.flag != nil:
		c.flag = nil
	case c.onlyArguments || word == "-" || !strings.HasPrefix(word, "-"):
		if child := c.child(word); child != nil && !c.onlyArguments {
			c.node, c.positional = child, 0
			return
		}
		c.lost = c.lost || len(c.node.Children) > 0
		c.positional++
	case word == "--":
		c.onlyArguments = true
	default:
		if flag := c.find(name); flag != nil && !assigned && !flag.IsBool() {
			c.flag = flag
		}
	}
}

func (c *completer) child(name string) *kong.Node {
	for _, child := range c.node.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

// find returns the flag that a word names.
func (c *completer) find(word string) *kong.Flag {
	for _, group := range c.node.AllFlags(true) {
		for _, flag := range group {
			if word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short) {
				return flag
			}
		}
	}
	return nil
}

func (c *completer) complete(word string) []string {
	name, begun, assigned := strings.Cut(word, "=")
	switch {
	case c.lost:
		return nil
	case c.flag != nil:
		return matching(c.values(c.flag.Value), "", word)
	case assigned && strings.HasPrefix(word, "--"):
		if flag := c.find(name); flag != nil {
			return matching(c.values(flag.Value), name+"=", begun)
		}
		return nil
	case strings.HasPrefix(word, "-") && !c.onlyArguments:
		return matching(c.flags(), "", word)
	case len(c.node.Children) > 0:
		var list []string
		for _, child := range c.node.Children {
			list = append(list, child.Name+"\t"+child.Help)
		}
		return matching(list, "", word)
	case len(c.node.Positional) > 0:
		last := len(c.node.Positional) - 1
		if c.positional > last && !c.node.Positional[last].IsSlice() {
			return nil
		}
		return matching(c.values(c.node.Positional[min(c.positional, last)]), "", word)
	}
	return nil
}

func (c *completer) flags() []string {
	var list []string
	for _, group := range c.node.AllFlags(true) {
		for _, flag := range group {
			list = append(list, "--"+flag.Name+"\t"+flag.Help)
		}
	}
	return list
}

// matching returns the candidates that begin with word, each after prefix. The shell itself matches names of files.
func matching(list []string, prefix, begun string) []string {
	var out []string
	for _, c := range list {
		switch {
		case c == completeFiles || c == completeDirs:
			out = append(out, c)
		case strings.HasPrefix(c, begun):
			out = append(out, prefix+c)
		}
	}
	return out
}

// values returns the values of a flag or an argument that its tag complete lists or names. Values that depend on the
// store are not known.
func (c *completer) values(v *kong.Value) []string {
	switch what := v.Tag.Get("complete"); {
	case what == "file" || what == "" && v.Flag != nil && v.Flag.PlaceHolder == "FILE":
		return []string{completeFiles}
	case what == "dir":
		return []string{completeDirs}
	case what == "consistency":
		var list []string
		for level := backend.One; level <= backend.LocalOne; level++ {
			list = append(list, level.String())
		}
		return list
	case what == "command":
		var list []string
		for _, child := range c.app.Children {
			list = append(list, child.Name+"\t"+child.Help)
		}
		return list
	case what != "":
		return strings.Split(what, ",")
	case v.Enum != "":
		return v.EnumSlice()
	}
	return nil
}
