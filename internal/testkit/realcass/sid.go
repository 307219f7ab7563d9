package realcass

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// keyring holds the keys of all of Debian's distributions. Debian installs it.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// sid downloads packages of Debian's unstable distribution. It keeps its own package lists and
// changes nothing in the system.
type sid struct {
	work    string
	options []string // options of apt-get
}

// newSid gets the list of packages from the first server in the system's apt configuration that has
// the distribution.
func newSid(ctx context.Context, work string) (*sid, error) {
	out, err := run(ctx, "", "apt-get", "indextargets", "--format", "$(REPO_URI)", "Identifier: Packages")
	if err != nil {
		return nil, err
	}
	servers := slices.Compact(strings.Fields(out))
	if len(servers) == 0 {
		return nil, errors.New("apt knows no server of packages")
	}
	s := &sid{work: work}
	source := filepath.Join(work, "sources.list")
	for name, value := range map[string]string{
		"Dir::Etc::sourcelist": source, "Dir::Etc::sourceparts": "-", "Dir::Etc::preferences": "-", "Dir::Etc::preferencesparts": "-",
		"Dir::State::Lists": filepath.Join(work, "lists"), "Dir::Cache": filepath.Join(work, "cache"), "Debug::NoLocking": "1",
		// The user with which apt downloads may have no access to the directory.
		"APT::Sandbox::User": "root",
	} {
		s.options = append(s.options, "-o", name+"="+value)
	}
	for _, dir := range []string{"lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(work, filepath.FromSlash(dir)), 0o777); err != nil {
			return nil, err
		}
	}
	var failed []error
	for _, server := range servers {
		line := fmt.Sprintf("deb [signed-by=%s] %s sid main\n", keyring, server)
		if err := os.WriteFile(source, []byte(line), 0o666); err != nil {
			return nil, err
		}
		_, err := s.get(ctx, work, "update", "--error-on=any")
		if err == nil {
			return s, nil
		}
		failed = append(failed, err)
	}
	return nil, fmt.Errorf("no server of packages has Debian sid: %w", errors.Join(failed...))
}

// unpack downloads packages and unpacks them into dir.
func (s *sid) unpack(ctx context.Context, dir string, packages ...string) error {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	debs, err := os.MkdirTemp(s.work, "deb-")
	if err != nil {
		return err
	}
	if _, err := s.get(ctx, debs, append([]string{"download"}, packages...)...); err != nil {
		return err
	}
	names, err := filepath.Glob(filepath.Join(debs, "*.deb"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := run(ctx, "", "dpkg", "-x", name, dir); err != nil {
			return err
		}
	}
	return nil
}

func (s *sid) get(ctx context.Context, dir string, args ...string) (string, error) {
	return run(ctx, dir, "apt-get", slices.Concat([]string{"-qq"}, s.options, args)...)
}
