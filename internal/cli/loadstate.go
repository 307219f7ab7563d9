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

// headSize is how much of the input's beginning tells it from another.
const headSize = 64 << 10

// position is how far a load is: all lines before it are loaded or rejected.
type position struct {
	Offset   int64 `json:"offset"` // of the next line, in bytes
	Line     int   `json:"line"`   // number of lines before it
	Rows     int64 `json:"rows"`   // number of rows before it; in JSON Lines, of lines
	Columns  int64 `json:"columns"`
	Rejected int   `json:"rejected"`
	// Keyspace is the one of the input's first definition.
	Keyspace string `json:"keyspace,omitempty"`
	// Header is the first record of a CSV file, which says what the others mean.
	Header string `json:"header,omitempty"`
}

// stateOf is what a state file says of the load that it belongs to.
type stateOf struct {
	Store    string `json:"store"`
	Keyspace string `json:"keyspace,omitempty"`
	Family   string `json:"family,omitempty"`
	Format   string `json:"format"`
	// Timestamp is what columns without a timestamp get. It stays the same, so that a
	// line which is loaded twice does no harm.
	Timestamp int64 `json:"timestamp"`
}

// state notes how far a load is, so that it can go on after an interruption. It
// is behind what is loaded, never ahead of it. Its methods but openState's are for one
// goroutine.
type state struct {
	stateOf
	path string // empty: nothing is noted
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
		return nil, err // one after the head is met again
	}
	s := &state{stateOf: load, path: path, rest: buffered, head: append([]byte(nil), head...)}
	var text []byte
	if resume {
		text, err = os.ReadFile(path)
	}
	if !resume || errors.Is(err, fs.ErrNotExist) { // it was not begun, or it ended
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
		return nil, fmt.Errorf("state file %s is of a load into store %s, keyspace %q, column family %q, format %s: name the same ones, or load without --resume to start over",
			path, f.Load.Store, f.Load.Keyspace, f.Load.Family, f.Load.Format)
	}
	if f.HeadBytes < 0 || f.HeadBytes > len(s.head) || f.At.Offset < 0 || headHash(s.head[:f.HeadBytes]) != f.Head {
		return nil, fmt.Errorf("the input is not the one that state file %s is of: load without --resume to start over", path)
	}
	if s.rest, err = skip(in, buffered, f.At.Offset); err != nil {
		return nil, fmt.Errorf("the input ends before byte %d, where the interrupted load stopped: load without --resume to start over", f.At.Offset)
	}
	s.stateOf, s.at = f.Load, f.At
	return s, nil
}

// skip returns the input from an offset on. What can seek is not read up to there.
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

// save writes the state file. A crash leaves the old one or the new one.
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
