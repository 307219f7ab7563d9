package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/connect"
)

type adoptCmd struct {
	Yes bool `help:"Change the table. Without --yes, adopt prints the statements and changes nothing."`

	Keyspace string `arg:"" help:"Keyspace of the table."`
	Family   string `arg:"" help:"Table, served as a column family."`
}

// Help is shown by widerow adopt --help.
func (c *adoptCmd) Help() string {
	return `Converts a table of a cluster over CQL, which another program created, to one of widerow's own
tables. The data stay in place. After that the family can be altered, and its TTLs are reported
as they were given. The conversion is safe for a table that stores one value in each of its rows,
such as a Thrift family after DROP COMPACT STORAGE. Any other table is refused with the reason, and
widerow still serves it.

Programs that use the table through CQL must know that adopt renames columns (to key and
column1) and adds a column ttl. Without --yes, adopt only prints the statements: read them first.

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
		return errors.New("this store has no tables of other programs: give --store cql://…")
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
