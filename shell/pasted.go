package shell

import "strings"

// Pasted returns what a user typed of a text that was copied from a screen or from the manual: the lines behind the
// prompts ">>>" and "...", without the prompts and without what was printed. A text that does not begin with a prompt is
// returned as it is.
func Pasted(text string) string {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	if !isPrompt(first, ">>>") {
		return text
	}
	var typed strings.Builder
	printed := true // the line before was not typed, so this one cannot go on with its statement
	for line := range strings.Lines(text) {
		printed = !isPrompt(line, ">>>") && (printed || !isPrompt(line, "..."))
		if !printed {
			typed.WriteString(strings.TrimPrefix(line[len(">>>"):], " "))
		}
	}
	return typed.String()
}

// isPrompt reports whether a line is a prompt, alone or with text behind a space.
func isPrompt(line, prompt string) bool {
	rest, ok := strings.CutPrefix(line, prompt)
	return ok && (strings.HasPrefix(rest, " ") || strings.TrimRight(rest, "\r\n") == "")
}
