package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/zstd"
)

// zstdMemory bounds the window that a zstd file may request, and so the memory of decompression. The program zstd
// has the same limit unless it gets --long.
const zstdMemory = 128 << 20

// input is a file to load: its decompressed text, and the number of bytes read from the file.
type input struct {
	text  io.Reader // implements io.Seeker if the file can seek and is not compressed
	raw   *countedFile
	size  int64 // size of the file, 0 if not known
	close func() error
}

// openInput opens a file, or the standard input if path is "-". If the first bytes are those of gzip or zstd, text is
// decompressed.
func openInput(path string, stdin io.Reader) (*input, error) {
	in := &input{raw: &countedFile{r: stdin}, close: func() error { return nil }}
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		in.raw.r, in.close = f, f.Close
		info, err := f.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s is a directory", path)
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		in.size = info.Size()
	}
	if err := in.decompress(); err != nil {
		return nil, errors.Join(err, in.close())
	}
	return in, nil
}

func (in *input) decompress() error {
	head := make([]byte, 4)
	n, err := io.ReadFull(in.raw, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head = head[:n]
	whole := io.MultiReader(bytes.NewReader(head), in.raw)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bufio.NewReaderSize(whole, 256<<10))
		if err != nil {
			return fmt.Errorf("gzip: %w", err)
		}
		in.text = namedErrors{z, "gzip"}
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(bufio.NewReaderSize(whole, 256<<10), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdMemory))
		if err != nil {
			return fmt.Errorf("zstd: %w", err)
		}
		closeFile := in.close
		in.close = func() error { z.Close(); return closeFile() }
		in.text = namedErrors{z, "zstd"}
	default:
		if _, err := in.raw.Seek(0, io.SeekStart); err == nil {
			in.text = in.raw
			return nil
		}
		in.text = struct{ io.Reader }{whole}
	}
	return nil
}

// namedErrors adds the name of the compression to errors. A file that ends early is an error.
type namedErrors struct {
	io.Reader
	name string
}

func (r namedErrors) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%s: %w", r.name, err)
	}
	return n, err
}

// countedFile counts the bytes that are read from a file.
type countedFile struct {
	r    io.Reader
	n    int64            // offset: bytes read, or the target of the last Seek
	read func(size int64) // if not nil, called with the number of bytes of each read
}

func (c *countedFile) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.read != nil {
		c.read(int64(n))
	}
	return n, err
}

// Seek returns an error if the file cannot seek, such as a pipe.
func (c *countedFile) Seek(offset int64, whence int) (int64, error) {
	s, ok := c.r.(io.Seeker)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	at, err := s.Seek(offset, whence)
	if err == nil {
		c.n = at
	}
	return at, err
}

// Byte order marks, with which programs on Windows begin Unicode files.
var (
	utf8Mark  = []byte{0xef, 0xbb, 0xbf}
	utf16Mark = [][]byte{{0xff, 0xfe}, {0xfe, 0xff}}
)

// skipMark skips the byte order mark at the beginning of a text and returns its length. head is the beginning of the text.
func skipMark(text *bufio.Reader, head []byte) (int, error) {
	for _, mark := range utf16Mark {
		if bytes.HasPrefix(head, mark) {
			return 0, errors.New("the input is UTF-16: convert it to UTF-8 first, for example with iconv -f UTF-16 -t UTF-8")
		}
	}
	if !bytes.HasPrefix(head, utf8Mark) {
		return 0, nil
	}
	return text.Discard(len(utf8Mark))
}
