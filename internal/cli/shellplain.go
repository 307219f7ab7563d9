package cli

import (
	"bufio"
	"io"

	"github.com/widerow/widerow/shell"
)

// newPlainReader reads statements after simple prompts, for a terminal that cannot edit lines.
func newPlainReader(s *streams) func() (string, error) {
	in := bufio.NewReader(s.in)
	return func() (string, error) {
		block := ""
		for {
			p := ">>> "
			if block != "" {
				p = "... "
			}
			if _, err := io.WriteString(s.out, p); err != nil {
				return "", err
			}
			line, err := in.ReadString('\n')
			if err != nil && (err != io.EOF || block+line == "") {
				return "", err
			}
			block += line
			if err == io.EOF || !shell.NeedsMore(block) {
				return block, nil
			}
		}
	}
}
