package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
)

type adoptCmd struct {
	Yes bool `help:"Change the table. Without it the statements are printed and nothing is changed."`

	Keyspace string `arg:"" help:"Keyspace of the table."`
	Family   string `arg:"" help:"Table, served as a column family."`
}

// Help is shown by widerow adopt --help.
func (c *adoptCmd) Help() string {
	return `Makes a table that another program made, on a cluster over CQL, one of widerow's own, in
place: the data stay where they are. Then the family can be altered and gets TTLs as they
were given. That is safe for a table that keeps one value in each of its rows, such as a family of
Thrift's after DROP COMPACT STORAGE; any other is refused with the reason, and stays served.

Programs that use the table through CQL must know that columns are renamed (to key and
column1) and that a column ttl is added. The statements are printed; read them first.

  widerow --store cql://cass1 adopt Blog Posts
  widerow --store cql://cass1 adopt --yes Blog Posts`
}

func (c *adoptCmd) Run(ctx context.Context, p *program, s *streams) (err error) {
	b, err := connect.Backend(ctx, p.Store, connect.Existing())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	adopter, ok := b.(backend.Adopter)
	if !ok {
		return errors.New("this store has no tables of others: give --store cql://…")
	}
	statements, err := adopter.Adopt(ctx, c.Keyspace, c.Family, c.Yes)
	if err != nil {
		return fmt.Errorf("adopt %s.%s: %w", c.Keyspace, c.Family, err)
	}
	for _, statement := range statements {
		fmt.Fprintln(s.out, statement+";")
	}
	switch {
	case len(statements) == 0:
		_, err = fmt.Fprintln(s.out, "the table is widerow's own already")
	case c.Yes:
		_, err = fmt.Fprintln(s.out, "the table is widerow's own now")
	default:
		_, err = fmt.Fprintln(s.out, "nothing was changed: run it again with --yes")
	}
	return err
}
