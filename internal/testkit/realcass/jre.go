package realcass

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// jre is the major version of a Java runtime from the packages of Debian sid, which still has the
// versions that Debian's releases have dropped. Its programs need the C library of sid, so install
// patches them to use a copy of that library beside them.
type jre int

// library is the directory of the C library.
const library = "libc"

// install installs a JRE in dir. It works in a directory beside dir, but writes paths below dir
// into the programs.
func (j jre) install(ctx context.Context, dir string) error {
	for _, program := range []string{"apt-get", "dpkg"} {
		if _, err := exec.LookPath(program); err != nil {
			return fmt.Errorf("this is not a Debian system: %w", err)
		}
	}
	work, err := os.MkdirTemp("", "widerow-java-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	sid, err := newSid(ctx, work)
	if err != nil {
		return err
	}
	root := filepath.Join(work, "jre")
	if err := sid.unpack(ctx, root, fmt.Sprintf("openjdk-%d-jre-headless", j)); err != nil {
		return err
	}
	libc := filepath.Join(work, library)
	if err := sid.unpack(ctx, libc, "libc6", "libgcc-s1", "libstdc++6", "zlib1g", "patchelf"); err != nil {
		return err
	}
	return j.assemble(ctx, root, libc, dir)
}

// assemble fills dir from the unpacked packages.
func (j jre) assemble(ctx context.Context, root, libc, dir string) error {
	home, err := findHome(root)
	if err != nil {
		return err
	}
	if err := copyTree(home, dir, root); err != nil {
		return err
	}
	libs := filepath.Join(dir, library)
	if err := os.Mkdir(libs, 0o777); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(libc, "usr", "lib", "*-linux-*", "*.so*"))
	if err != nil {
		return err
	}
	more, err := filepath.Glob(filepath.Join(libc, "lib*", "*-linux-*", "*.so*"))
	if err != nil {
		return err
	}
	for _, name := range append(found, more...) {
		if err := copyTree(name, filepath.Join(libs, filepath.Base(name)), libc); err != nil {
			return err
		}
	}
	loaders, err := filepath.Glob(filepath.Join(libs, "ld-linux*.so*"))
	if err != nil || len(loaders) != 1 {
		return fmt.Errorf("package libc6 has %d loaders: %w", len(loaders), err)
	}
	return patch(ctx, dir, loaders[0], filepath.Join(libc, "usr", "bin", "patchelf"))
}

// findHome returns the directory with bin/java and lib.
func findHome(root string) (string, error) {
	var home string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.HasSuffix(name, filepath.Join("", "bin", "java")) {
			home = filepath.Dir(filepath.Dir(name))
		}
		return err
	})
	if err == nil && home == "" {
		err = errors.New("the package of the JRE has no bin/java")
	}
	return home, err
}

// patch makes java load its libraries from dir. It uses patchelf, which itself may need loader. The
// programs get paths of dir's final name, which differs from its current name.
func patch(ctx context.Context, dir, loader, patchelf string) error {
	final := strings.TrimSuffix(dir, unfinished)
	var programs []string // the files to patch
	var path []string     // directories of libraries, by their final names
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Dir(name) == filepath.Join(dir, library) {
			return err
		}
		directory := filepath.Dir(name)
		if strings.HasSuffix(name, ".so") {
			programs = append(programs, name)
			path = append(path, final+strings.TrimPrefix(directory, dir))
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(path)
	path = append(slices.Compact(path), filepath.Join(final, library))
	rpath := []string{"--force-rpath", "--set-rpath", strings.Join(path, ":")}
	start := []string{"--library-path", filepath.Dir(loader), patchelf}
	for _, name := range programs {
		if _, err := run(ctx, "", loader, slices.Concat(start, rpath, []string{name})...); err != nil {
			return err
		}
	}
	interpreter := []string{"--set-interpreter", filepath.Join(final, library, filepath.Base(loader))}
	_, err = run(ctx, "", loader, slices.Concat(start, interpreter, rpath, []string{filepath.Join(dir, "bin", "java")})...)
	return err
}

// copyTree copies a file or a directory. It follows links to absolute paths within root, as if the
// packages were installed, and leaves out links whose target is missing.
func copyTree(from, to, root string) error {
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	switch {
	case info.IsDir():
		if err := os.MkdirAll(to, 0o777); err != nil {
			return err
		}
		entries, err := os.ReadDir(from)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := copyTree(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()), root); err != nil {
				return err
			}
		}
		return nil
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(from)
		if err != nil {
			return err
		}
		if !filepath.IsAbs(target) {
			return os.Symlink(target, to)
		}
		if !exists(filepath.Join(root, target)) {
			return nil
		}
		return copyTree(filepath.Join(root, target), to, root)
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, info.Mode().Perm())
}
