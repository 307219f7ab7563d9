package cli

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// open returns the destination of the dump. If the dump is resumed, open also returns the last line of the file.
func (c *dumpCmd) open(stdout io.Writer) (io.WriteCloser, []byte, error) {
	if c.Output == "-" {
		return writeCloser{stdout, func() error { return nil }}, nil, nil
	}
	flags := os.O_RDWR | os.O_CREATE
	switch {
	case c.Force:
		flags |= os.O_TRUNC
	case !c.Resume:
		flags |= os.O_EXCL
	}
	f, err := os.OpenFile(c.Output, flags, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, nil, errors.New("the file exists: give --resume to continue an interrupted dump, or --force to overwrite it")
	}
	if err != nil {
		return nil, nil, err
	}
	var last []byte
	if c.Resume {
		if last, err = cutToLastLine(f); err != nil {
			f.Close()
			return nil, nil, err
		}
	}
	return writeCloser{f, func() error { return errors.Join(f.Sync(), f.Close()) }}, last, nil
}

// cutToLastLine truncates the file after its last newline, seeks to its end and
// returns the last line, or nil if the file has no line.
func cutToLastLine(f *os.File) ([]byte, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	end, err := afterNewline(f, size)
	if err != nil || end == 0 {
		return nil, errors.Join(err, f.Truncate(0), seekStart(f, 0))
	}
	begin, err := afterNewline(f, end-1)
	if err != nil {
		return nil, err
	}
	line := make([]byte, end-begin)
	if _, err := f.ReadAt(line, begin); err != nil {
		return nil, err
	}
	if err := f.Truncate(end); err != nil {
		return nil, fmt.Errorf("cut off the unfinished last line: %w", err)
	}
	return line, seekStart(f, end)
}

func seekStart(f *os.File, offset int64) error {
	_, err := f.Seek(offset, io.SeekStart)
	return err
}

// afterNewline returns the offset after the last newline before end, or 0 if there is no newline.
func afterNewline(f io.ReaderAt, end int64) (int64, error) {
	buf := make([]byte, 64<<10)
	for end > 0 {
		n := min(end, int64(len(buf)))
		if _, err := f.ReadAt(buf[:n], end-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(buf[:n], '\n'); i >= 0 {
			return end - n + int64(i) + 1, nil
		}
		end -= n
	}
	return 0, nil
}

// compression returns the compression of a dump according to the flags and the name of the file.
func (c *dumpCmd) compression() string {
	switch {
	case c.Compress != "auto":
		return c.Compress
	case strings.HasSuffix(c.Output, ".gz"):
		return "gzip"
	case strings.HasSuffix(c.Output, ".zst"):
		return "zstd"
	}
	return "none"
}

// compress returns a writer that compresses to out. Its Close ends the compression and does not close out.
func compress(out io.Writer, compression string) (io.WriteCloser, error) {
	switch compression {
	case "gzip":
		return gzip.NewWriter(out), nil
	case "zstd":
		return zstd.NewWriter(out, zstd.WithEncoderConcurrency(1))
	}
	return writeCloser{out, func() error { return nil }}, nil
}
