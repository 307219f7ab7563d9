package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/widerow/widerow/thriftserver/users"
)

type usersCmd struct {
	File  string `default:"widerow.users" placeholder:"FILE" help:"File of users (default: widerow.users)."`
	Group string `placeholder:"GROUP" help:"Group of the server, by name or number. From now on the group may read the file."`

	Add    usersAddCmd    `cmd:"" help:"Add a user, or change a user's password and rights."`
	Remove usersRemoveCmd `cmd:"" help:"Remove a user."`
	List   usersListCmd   `cmd:"" help:"List the users and their rights."`
}

// Help is shown by widerow users --help.
func (c *usersCmd) Help() string {
	return `Manages the file of users for widerow serve --users. The file stores passwords as bcrypt
hashes. A server reads the file when it starts, and again on SIGHUP.

A new file is readable by its owner only. A changed file keeps its mode, owner and group. If root
manages the file and the server runs as another user, name the server's group once:

  widerow users --file /etc/widerow/users --group widerow add admin '*=rw'`
}

// update changes the list in the file. If a group is named, update lets the group read the file.
func (c *usersCmd) update(ctx context.Context, change func(*users.List) error) error {
	gid, err := groupID(c.Group)
	if err != nil {
		return err
	}
	return users.Update(ctx, c.File, func(list *users.List) error {
		list.SetGroup(gid)
		return change(list)
	})
}

// groupID returns the number of the group with a name or a number, or -1 for "".
func groupID(group string) (int, error) {
	if group == "" {
		return -1, nil
	}
	if gid, err := strconv.ParseUint(group, 10, 31); err == nil {
		return int(gid), nil
	}
	g, err := user.LookupGroup(group)
	if err != nil {
		return 0, err
	}
	gid, err := strconv.Atoi(g.Gid)
	if err != nil {
		return 0, fmt.Errorf("group %s: files have no groups on this system", group)
	}
	return gid, nil
}

type usersAddCmd struct {
	Name   string   `arg:"" help:"Name of the user."`
	Rights []string `arg:"" optional:"" help:"Rights, such as *=rw (everywhere), app=r (a keyspace) or app.Users=rw (a column family)."`
}

// Help is shown by widerow users add --help.
func (c *usersAddCmd) Help() string {
	return `Asks for the password. If the standard input is no terminal, the password is its first line.
A right allows a user to read (r), to write (w) or both (rw). A user who may write to a keyspace may
also change its schema. The new rights replace all rights of the user.

  widerow users add admin '*=rw'
  widerow users --file /etc/widerow/users add app shop=rw stats=r`
}

func (c *usersAddCmd) Run(ctx context.Context, parent *usersCmd, s *streams) error {
	rights, err := users.ParseRights(strings.Join(c.Rights, ","))
	if err != nil {
		return usagef("%v", err)
	}
	password, err := readPassword(s, c.Name)
	if err != nil {
		return err
	}
	if err := parent.update(ctx, func(list *users.List) error { return list.Set(c.Name, password, rights) }); err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s may %s\n", c.Name, rightsText(rights))
	return err
}

// readPassword asks for a password twice. If the input is no terminal, it reads one line.
func readPassword(s *streams, name string) (string, error) {
	f, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(s.in).ReadString('\n')
		if err != nil && !(errors.Is(err, io.EOF) && line != "") {
			return "", fmt.Errorf("no password on the input: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	var answers [2]string
	for i, prompt := range []string{"Password for " + name + ": ", "The same again: "} {
		fmt.Fprint(s.err, prompt)
		b, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(s.err)
		if err != nil {
			return "", err
		}
		answers[i] = string(b)
	}
	if answers[0] != answers[1] {
		return "", errors.New("the passwords differ")
	}
	return answers[0], nil
}

func rightsText(rights []users.Right) string {
	if len(rights) == 0 {
		return "log in, and read or write nothing"
	}
	return users.FormatRights(rights)
}

type usersRemoveCmd struct {
	Name string `arg:"" help:"Name of the user."`
}

func (c *usersRemoveCmd) Run(ctx context.Context, parent *usersCmd, s *streams) error {
	err := parent.update(ctx, func(list *users.List) error {
		if !list.Remove(c.Name) {
			if _, err := loadUsers(parent.File, "--file"); err != nil {
				return err
			}
			return fmt.Errorf("user %q not found in %s", c.Name, parent.File)
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s is removed\n", c.Name)
	return err
}

// loadUsers reads a users file that a flag names.
func loadUsers(path, flag string) (*users.List, error) {
	list, err := users.Load(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("users file %s not found: name another with %s, or create it with widerow users --file %[1]s add NAME", path, flag)
	}
	return list, err
}

type usersListCmd struct{}

func (c *usersListCmd) Run(parent *usersCmd, s *streams) error {
	list, err := loadUsers(parent.File, "--file")
	if err != nil {
		return err
	}
	for _, u := range list.Users() {
		if _, err := fmt.Fprintf(s.out, "%s\t%s\n", u.Name, users.FormatRights(u.Rights)); err != nil {
			return err
		}
	}
	return nil
}
