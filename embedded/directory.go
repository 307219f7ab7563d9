package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
)

// formatVersion is the version of the on-disk format that this package writes, and
// the newest that it reads.
const formatVersion = 2

// pebbleFormats maps a version of the on-disk format to the format of Pebble's files. A later version of Pebble
// does not upgrade the files of a store by itself.
var pebbleFormats = [formatVersion + 1]pebble.FormatMajorVersion{
	1: pebble.FormatValueSeparation,
	2: pebble.FormatValueSeparation,
}

const defaultPartitioner = "byteordered"

// The store's own files, beside Pebble's.
const (
	// formatFile marks the directory as a store and holds its format. It is
	// written once, after all other files of a new store.
	formatFile = "FORMAT"
	// creatingFile exists until formatFile is written.
	creatingFile = "CREATING"
	// holderFile names the process that holds the lock.
	holderFile = "HOLDER"
	// closedFile lists all files with their sizes and checksums. Tables are listed without
	// a checksum, since their blocks have checksums of their own. Close writes it and Open
	// removes it, so that damage or loss between Close and Open is detected even if it looks
	// like the result of a crash.
	closedFile = "CLOSED"
)

// unfinished is the suffix of a file that is being written.
const unfinished = ".new"

// directory is the directory of a store. The store holds its lock.
type directory struct {
	fs       vfs.FS
	path     string
	lock     *pebble.Lock
	held     io.Closer // the same lock, if it is a file's
	readOnly bool
	made     []string // directories that Open created, innermost first
}

type formatRecord struct {
	Format      int    `json:"format"`
	Partitioner string `json:"partitioner"`
}

// checkExists refuses an empty directory.
func (d *directory) checkExists() error {
	names, err := d.fs.List(d.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &backend.Error{Kind: backend.KindNotFound, Why: "no such directory: " + d.path}
	case err == nil && !slices.ContainsFunc(names, func(name string) bool { return !passed(name) }):
		return &backend.Error{Kind: backend.KindNotFound, Why: "no store found in the directory " + d.path}
	}
	return err
}

// make creates the directory if it does not exist.
func (d *directory) make() (err error) {
	d.made, err = makeDir(d.fs, d.path)
	return err
}

// checkForeign refuses a directory that holds files of something else.
func (d *directory) checkForeign() error {
	names, err := d.fs.List(d.path)
	if err != nil {
		return err
	}
	if slices.Contains(names, formatFile) || slices.Contains(names, creatingFile) {
		return nil
	}
	for _, name := range names {
		// The files that an interrupted creation may have left.
		if !passed(name) && name != "LOCK" && strings.TrimSuffix(name, unfinished) != holderFile && name != creatingFile+unfinished {
			return d.notStore(names, name)
		}
	}
	return nil
}

// passed reports whether a directory that contains the name still counts as empty: the name is a
// hidden file, or one that an operating system creates by itself, such as lost+found.
func passed(name string) bool {
	switch strings.ToLower(name) {
	case "lost+found", "system volume information", "$recycle.bin", "thumbs.db", "desktop.ini",
		"aquota.user", "aquota.group", "@eadir", "#snapshot", "#recycle":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// notStore returns the error for a directory that has files but no formatFile.
func (d *directory) notStore(names []string, first string) error {
	isTree := func(name string) bool { return strings.HasPrefix(name, "marker.manifest.") }
	if slices.ContainsFunc(names, isTree) {
		return corrupt("file "+formatFile+" is missing: it was removed, or this is a checkpoint that was not finished", nil)
	}
	return fmt.Errorf("the directory is not empty and holds no store (it has %s)", first)
}

// markCreating writes creatingFile and syncs it, so that it survives a power loss.
func (d *directory) markCreating() error {
	if err := syncAbove(d.fs, d.path, len(d.made)); err != nil {
		return err
	}
	return d.write(creatingFile, nil)
}

// readFormat returns the format record, or nil if the creation of the store was interrupted.
func (d *directory) readFormat() (*formatRecord, error) {
	b, err := d.read(formatFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeFormat(b)
}

func decodeFormat(b []byte) (*formatRecord, error) {
	var r formatRecord
	if err := json.Unmarshal(b, &r); err != nil {
		return nil, corrupt("file "+formatFile, err)
	}
	return &r, checkFormat(r.Format)
}

// checkFormat refuses a store that was written by a newer version.
func checkFormat(v int) error {
	switch {
	case v > formatVersion:
		return &backend.Error{
			Kind: backend.KindUnsupported,
			Why:  fmt.Sprintf("store format %d was written by a newer widerow; this one knows up to %d", v, formatVersion),
		}
	case v < 1:
		return corrupt(fmt.Sprintf("unknown store format %d", v), nil)
	}
	return nil
}

// checkPebbleFormat refuses a store whose files are in a format of Pebble that is newer than this version's, or too old.
func (d *directory) checkPebbleFormat() error {
	text, err := atomicfs.ReadMarker(d.fs, d.path, "format-version")
	if err != nil {
		return openError(err)
	}
	if text == "" {
		return nil // Pebble reports other missing files
	}
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return corrupt("the format of Pebble's files", err)
	}
	var why string
	switch newest := pebbleFormats[formatVersion]; {
	case v > uint64(newest):
		why = fmt.Sprintf("Pebble format %d was written by a newer widerow; this one knows up to %d", v, newest)
	case v < uint64(pebble.FormatMinSupported):
		why = fmt.Sprintf("Pebble format %d was written by an older widerow; this one knows from %d on", v, pebble.FormatMinSupported)
	default:
		return nil
	}
	return &backend.Error{Kind: backend.KindUnsupported, Why: why}
}

func (d *directory) writeFormat(format int, class string) error {
	b, err := json.Marshal(formatRecord{format, class})
	if err != nil {
		return err
	}
	if err := d.write(formatFile, append(b, '\n')); err != nil {
		return err
	}
	if err := d.fs.Remove(d.join(creatingFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// choosePartitioner returns the store's partitioner. The two files that name it must agree,
// and the options must not contradict them.
func (d *directory) choosePartitioner(asked string, created *formatRecord, class string) (partitioner.Partitioner, error) {
	if created != nil && created.Partitioner != class {
		return nil, corrupt(fmt.Sprintf("file %s names partitioner %q, the schema record %q", formatFile, created.Partitioner, class), nil)
	}
	p, err := partitioner.ByClass(class)
	if err != nil {
		return nil, corrupt("the schema record", err)
	}
	if asked != "" {
		a, err := partitioner.ByClass(asked)
		if err != nil {
			return nil, err
		}
		if a.Class() != p.Class() {
			return nil, backend.InvalidRequest("the store has partitioner %s, not %s; that cannot be changed once it is created", p.Name(), a.Name())
		}
	}
	return p, nil
}

// closedRecord is the content of closedFile.
type closedRecord struct {
	Files map[string]fileRecord `json:"files"`
}

type fileRecord struct {
	Size     int64   `json:"size"`
	Checksum *uint32 `json:"crc32c,omitempty"`
}

// files returns the name, size and checksum of each of Pebble's files.
func (d *directory) files() (map[string]fileRecord, error) {
	names, err := d.fs.List(d.path)
	if err != nil {
		return nil, err
	}
	files := map[string]fileRecord{}
	for _, name := range names {
		if !isPebbleFile(name) {
			continue
		}
		info, err := d.fs.Stat(d.join(name))
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			continue
		}
		r := fileRecord{Size: info.Size()}
		if !strings.HasSuffix(name, ".sst") {
			if r.Checksum, err = d.checksum(name); err != nil {
				return nil, err
			}
		}
		files[name] = r
	}
	return files, nil
}

// isPebbleFile reports whether Pebble names files like this.
func isPebbleFile(name string) bool {
	switch filepath.Ext(name) {
	case ".sst", ".log", ".blob":
		return true
	}
	for _, prefix := range []string{"MANIFEST-", "OPTIONS-", "marker."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func (d *directory) checksum(name string) (*uint32, error) {
	f, err := d.fs.Open(d.join(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	return new(h.Sum32()), nil
}

// markClosed writes closedFile after the store was closed without an error.
func (d *directory) markClosed() error {
	files, err := d.files()
	if err != nil {
		return err
	}
	b, err := json.Marshal(closedRecord{files})
	if err != nil {
		return err
	}
	return d.write(closedFile, b)
}

// checkClosed compares the files with closedFile and returns an error if any has changed since the store was closed.
func (d *directory) checkClosed() error {
	b, err := d.read(closedFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the store was not closed: the process crashed
	}
	if err != nil {
		return err
	}
	var r closedRecord
	if err := json.Unmarshal(b, &r); err != nil {
		return corrupt("file "+closedFile, err)
	}
	files, err := d.files()
	if err != nil {
		return err
	}
	for name, was := range r.Files {
		is, ok := files[name]
		switch {
		case !ok:
			return corrupt("file "+name+" is missing since the store was closed", nil)
		case is.Size != was.Size:
			return corrupt(fmt.Sprintf("file %s had %d bytes when the store was closed and has %d now", name, was.Size, is.Size), nil)
		case was.Checksum != nil && is.Checksum != nil && *was.Checksum != *is.Checksum:
			return corrupt("file "+name+" is not what it was when the store was closed", nil)
		}
	}
	return nil
}

// markOpen removes closedFile before the first write.
func (d *directory) markOpen() error {
	if d.readOnly {
		return nil
	}
	err := d.fs.Remove(d.join(closedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.sync()
}

func (d *directory) join(name string) string { return d.fs.PathJoin(d.path, name) }

// maxOwnFile is the most bytes that are read from one of the store's own small files.
const maxOwnFile = 64 << 20

func (d *directory) read(name string) ([]byte, error) {
	f, err := d.fs.Open(d.join(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxOwnFile))
}

// write creates or replaces a file atomically and syncs it.
func (d *directory) write(name string, b []byte) error {
	tmp := d.join(name + unfinished)
	f, err := d.fs.Create(tmp, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := d.fs.Rename(tmp, d.join(name)); err != nil {
		return err
	}
	return d.sync()
}

func (d *directory) sync() error { return syncDir(d.fs, d.path) }

func syncDir(fsys vfs.FS, path string) error {
	dir, err := fsys.OpenDir(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// openError distinguishes damage that Pebble found while it opened an existing store from
// an operating system that refused a file.
func openError(err error) error {
	if isSystem(err) && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return corrupt("the store's files", err)
}
