package cli

import (
	"context"
	"fmt"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
)

type checkpointCmd struct {
	Dir string `arg:"" help:"Folder for the copy. It must not exist."`
}

// Help is shown by widerow checkpoint --help.
func (c *checkpointCmd) Help() string {
	return `Writes a consistent copy of the whole store to a folder. The copy is a store of
its own; it shares unchanged files with the original where the disk can link them,
so that it takes little time and space.

One process at a time has an embedded store: a program that holds it open makes its
checkpoints itself (backend.Checkpointer).

  widerow checkpoint backup-monday
  widerow --store embedded:backup-monday describe`
}

func (c *checkpointCmd) Run(ctx context.Context, p *program, s *streams) error {
	b, err := connect.Backend(ctx, p.Store, connect.Existing())
	if err != nil {
		return err
	}
	defer b.Close()
	cp, ok := b.(backend.Checkpointer)
	if !ok {
		return fmt.Errorf("checkpoint: store %s cannot copy itself", connect.Redact(p.Store))
	}
	if err := cp.Checkpoint(ctx, c.Dir); err != nil {
		return fmt.Errorf("checkpoint to %s: %w", c.Dir, err)
	}
	_, err = fmt.Fprintf(s.out, "checkpoint of %s is in %s\n", connect.Redact(p.Store), c.Dir)
	return err
}
