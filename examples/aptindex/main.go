// Command aptindex converts the index of source packages of Debian's package
// manager to lines that widerow load reads. It writes a row for each source
// package, and a column for each field, binary package, file and dependency.
//
//	aptindex Sources > sources.jsonl
//	widerow load sources.jsonl
//	widerow get --from '["12"]' --count 10 Debian Sources base-files
//
// If a dump writes each row in a single line, its sorted output equals the sorted
// output of aptindex byte for byte:
//
//	widerow dump --schema without --line-size 1000000 --line-bytes 1000000000 Debian
//
// The index is plain text in paragraphs of "Field: value" (the deb822 format). "-" means
// the standard input. A column's name is the version, the field and the item of the
// field's list. If the field is not a list, the item is empty.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

func main() {
	timestamp := flag.Int64("timestamp", 0, "timestamp of the columns, in `microseconds` (default: when the file was changed)")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: aptindex [--timestamp MICROSECONDS] FILE")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *timestamp, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "aptindex:", err)
		os.Exit(1)
	}
}

func run(name string, timestamp int64, out io.Writer) error {
	in := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	if timestamp == 0 {
		timestamp = time.Now().UnixMicro()
		if info, err := in.Stat(); err == nil && info.Mode().IsRegular() {
			timestamp = info.ModTime().UnixMicro()
		}
	}
	return convert(in, timestamp, out)
}

// schema is the line that defines the family of the rows.
const schema = `{"schema":{"name":"Debian","strategy_class":"SimpleStrategy","strategy_options":{"replication_factor":"1"},"cf_defs":[` +
	`{"name":"Sources","comment":"source packages","comparator_type":"CompositeType(UTF8Type,UTF8Type,UTF8Type)",` +
	`"key_validation_class":"UTF8Type","default_validation_class":"UTF8Type"}]}}` + "\n"

// line is a row in the format that load reads.
type line struct {
	Family  string   `json:"family"`
	Key     string   `json:"key"`
	Columns [][3]any `json:"columns"` // name, value, timestamp
}

// convert writes a row for each package. Consecutive paragraphs of one package are its
// versions and share the row.
func convert(in io.Reader, timestamp int64, out io.Writer) error {
	w := bufio.NewWriterSize(out, 1<<20)
	if _, err := w.WriteString(schema); err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	var row []column
	key := ""
	flush := func() error {
		if len(row) == 0 {
			return nil
		}
		l := line{Family: "Sources", Key: key}
		for _, c := range sorted(row) {
			l.Columns = append(l.Columns, [3]any{c.name, c.value, timestamp})
		}
		row = row[:0]
		return enc.Encode(l)
	}
	err := paragraphs(in, func(p paragraph) error {
		if p.get("Package") != key {
			if err := flush(); err != nil {
				return err
			}
			key = p.get("Package")
		}
		row = append(row, p.columns()...)
		return nil
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return err
	}
	return w.Flush()
}
