package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// headSize is the number of bytes at the beginning of the input whose hash identifies the input.
const headSize = 64 << 10

// position is the progress of a load: all lines before it are loaded or rejected.
type position struct {
	Offset   int64 `json:"offset"` // offset of the next line, in bytes
	Line     int   `json:"line"`   // number of lines before it
	Rows     int64 `json:"rows"`   // number of rows before it; in JSON Lines, of lines
	Columns  int64 `json:"columns"`
	Rejected int   `json:"rejected"`
	// Keyspace is the keyspace of the first definition in the input.
	Keyspace string `json:"keyspace,omitempty"`
	// Header is the first record of a CSV file. It defines the meaning of the other records.
	Header string `json:"header,omitempty"`
}

// stateOf is the part of a state file that identifies its load.
type stateOf struct {
	Store    string `json:"store"`
	Keyspace string `json:"keyspace,omitempty"`
	Family   string `json:"family,omitempty"`
	Format   string `json:"format"`
	// Timestamp is the timestamp of columns that have no timestamp in the input. A resumed load
	// uses it again, so that a line may be loaded twice.
	Timestamp int64 `json:"timestamp"`
}

// state stores the position of a load in a file, so that the load can continue after an interruption.
// The position may be behind the loaded lines, and is never ahead of them. The methods of state must not
// be called concurrently.
type state struct {
	stateOf
	path string // path of the state file; if it is empty, nothing is stored
	at   position
	rest io.Reader // the input from at.Offset on
	head []byte    // the beginning of the input
}

type stateFile struct {
	Load stateOf  `json:"load"`
	At   position `json:"at"`
	// Head is the SHA-256 of the input's first HeadBytes bytes.
	Head      string `json:"head"`
	HeadBytes int    `json:"head_bytes"`
}

// openState prepares to read the input from its start, or from where an earlier
// load of it stopped.
func openState(path string, in io.Reader, resume bool, load stateOf) (*state, error) {
	buffered := bufio.NewReaderSize(in, headSize)
	head, err := buffered.Peek(headSize)
	if len(head) == 0 && err != nil && !errors.Is(err, io.EOF) {
		return nil, err // an error after the head occurs again when the text is read
	}
	s := &state{stateOf: load, path: path, rest: buffered, head: append([]byte(nil), head...)}
	var text []byte
	if resume {
		text, err = os.ReadFile(path)
	}
	if !resume || errors.Is(err, fs.ErrNotExist) { // the load did not begin, or it ended
		mark, err := skipMark(buffered, s.head)
		s.at.Offset = int64(mark)
		return s, err
	}
	if err != nil {
		return nil, err
	}
	var f stateFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("state file %s cannot be read (%w): load without --resume to start over", path, err)
	}
	if load.Timestamp = f.Load.Timestamp; f.Load != load {
		return nil, fmt.Errorf("state file %s belongs to a load into store %s, keyspace %q, column family %q, format %s: name the same ones, or load without --resume to start over",
			path, f.Load.Store, f.Load.Keyspace, f.Load.Family, f.Load.Format)
	}
	if f.HeadBytes < 0 || f.HeadBytes > len(s.head) || f.At.Offset < 0 || headHash(s.head[:f.HeadBytes]) != f.Head {
		return nil, fmt.Errorf("state file %s belongs to another input: load without --resume to start over", path)
	}
	if s.rest, err = skip(in, buffered, f.At.Offset); err != nil {
		return nil, fmt.Errorf("the input ends before byte %d, where the interrupted load stopped: load without --resume to start over", f.At.Offset)
	}
	s.stateOf, s.at = f.Load, f.At
	return s, nil
}

// skip returns the input from an offset on. If the input can seek, the bytes before the offset are not read.
func skip(in io.Reader, buffered *bufio.Reader, offset int64) (io.Reader, error) {
	if f, ok := in.(io.Seeker); ok {
		size, err := f.Seek(0, io.SeekEnd)
		if err == nil && size < offset {
			return nil, io.ErrUnexpectedEOF
		}
		if err == nil {
			_, err = f.Seek(offset, io.SeekStart)
			return in, err
		}
	}
	_, err := io.CopyN(io.Discard, buffered, offset)
	return buffered, err
}

func headHash(head []byte) string {
	sum := sha256.Sum256(head)
	return hex.EncodeToString(sum[:])
}

// save writes the state file. After a crash the file has its old or its new content.
func (s *state) save() error {
	if s.path == "" {
		return nil
	}
	head := s.head[:min(int64(len(s.head)), s.at.Offset)]
	text, err := json.Marshal(stateFile{Load: s.stateOf, At: s.at, Head: headHash(head), HeadBytes: len(head)})
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(s.path), filepath.Base(s.path)+".*")
	if err != nil {
		return fmt.Errorf("note how far the load is: %w", err)
	}
	_, err = tmp.Write(append(text, '\n'))
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), s.path)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return fmt.Errorf("note how far the load is: %w", err)
	}
	return nil
}

// remove removes the state file after the load's end.
func (s *state) remove() error {
	if s.path == "" {
		return nil
	}
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
