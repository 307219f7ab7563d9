package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// draft is a new version of a file, written beside the old version. finish replaces the old version by the new one,
// which is whole by then. A nil draft stands for no file.
type draft struct {
	file *os.File
	name string // the name that finish gives the file
}

// createDraft makes a draft of the file name, or nil if name is empty.
func createDraft(name string) (*draft, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return nil, err
	}
	return &draft{file: f, name: name}, nil
}

// finish writes the file and gives it its name.
func (d *draft) finish(write func(io.Writer) error) error {
	if d == nil {
		return nil
	}
	err := errors.Join(write(d.file), d.file.Chmod(0o644), d.file.Close())
	if err == nil {
		err = os.Rename(d.file.Name(), d.name)
	}
	if err != nil {
		d.discard()
	}
	d.file = nil
	return err
}

// discard removes a draft that was not finished.
func (d *draft) discard() {
	if d != nil && d.file != nil {
		d.file.Close()
		os.Remove(d.file.Name())
		d.file = nil
	}
}
