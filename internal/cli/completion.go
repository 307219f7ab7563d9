package cli

import (
	_ "embed"
	"fmt"
)

//go:embed completion/widerow.bash
var bashCompletion string

//go:embed completion/widerow.zsh
var zshCompletion string

//go:embed completion/widerow.fish
var fishCompletion string

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: bash, zsh or fish."`
}

// Help is shown by widerow completion --help.
func (c *completionCmd) Help() string {
	return `Prints a script that lets a shell complete commands, flags and values. For the running shell:

  bash:  source <(widerow completion bash)
  zsh:   source <(widerow completion zsh)      after compinit
  fish:  widerow completion fish | source

To load it in every shell:

  bash:  widerow completion bash > /etc/bash_completion.d/widerow
  zsh:   widerow completion zsh > "${fpath[1]}/_widerow"
  fish:  widerow completion fish > ~/.config/fish/completions/widerow.fish`
}

func (c *completionCmd) Run(s *streams) error {
	script := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[c.Shell]
	_, err := fmt.Fprint(s.out, script)
	return err
}
