package shell

import "strings"

// Pasted returns the typed lines of a text that was copied from a screen or from the manual. The typed lines follow the
// prompts ">>>" and "...". Pasted removes the prompts and the printed lines. A text that does not begin with a
// prompt is returned unchanged.
func Pasted(text string) string {
	first, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	if !isPrompt(first, ">>>") {
		return text
	}
	var typed strings.Builder
	printed := true // the line before was printed, so "..." in this line is not a prompt
	for line := range strings.Lines(text) {
		printed = !isPrompt(line, ">>>") && (printed || !isPrompt(line, "..."))
		if !printed {
			typed.WriteString(strings.TrimPrefix(line[len(">>>"):], " "))
		}
	}
	return typed.String()
}

// isPrompt reports whether a line is a prompt alone, or begins with a prompt and a space.
func isPrompt(line, prompt string) bool {
	rest, ok := strings.CutPrefix(line, prompt)
	return ok && (strings.HasPrefix(rest, " ") || strings.TrimRight(rest, "\r\n") == "")
}
