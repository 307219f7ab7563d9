package widerow

import (
	"context"
	"encoding/base64"
	"encoding/binary"

	"github.com/widerow/widerow/backend"
)

// RangePage is a page of the rows of a range.
type RangePage struct {
	Rows []Row
	// Next and Prev are the bookmarks of the pages after and before this one. They are empty
	// if there is no such page. A bookmark is text that needs no escaping in a URL. It names
	// keys and not a number of rows, so it stays right if rows are written or removed.
	Next, Prev string
}

// RangePage returns a page of the rows that [Family.Range] iterates over. An empty
// bookmark means the first page. Next and Prev are the bookmarks of the pages around a page. [RowLimit] is the
// number of rows of a page, by default [DefaultWhereRows]. The other options must be the
// same for all pages.
//
// Stores read rows in one direction only, so a bookmark lists the first keys of the earlier
// pages. It lists at most 2 KiB of keys. On the earliest page that it lists, Prev leads to
// the first page.
func (f *Family) RangePage(ctx context.Context, bookmark string, opts ...ScanOption) (RangePage, error) {
	page, err := f.rangePage(ctx, bookmark, opts)
	return page, f.fail("get page of", nil, err)
}

func (f *Family) rangePage(ctx context.Context, bookmark string, opts []ScanOption) (page RangePage, err error) {
	c, err := begin(ctx, f, opts, forRange&^optTokens)
	if err != nil {
		return page, err
	}
	starts, err := parseStarts(bookmark)
	if err != nil {
		return page, err
	}
	t := f.types.Load()
	sel, err := t.selection(c, DefaultLimit)
	if err != nil {
		return page, err
	}
	super, err := t.packSuper(c)
	if err != nil {
		return page, err
	}
	limit := c.rowLimitOr(DefaultWhereRows)
	rows, err := f.rangePages(t, c, sel.Peek(), min(limit, noLimit-1)+1)
	if err != nil {
		return page, err
	}
	if len(starts) > 0 {
		rows.Behind(starts[len(starts)-1])
		page.Prev = starts[:len(starts)-1].String()
		if page.Prev == "" {
			page.Prev = firstPage
		}
	}
	var last *backend.Row
	for r, err := range rows.all(ctx) {
		if err != nil {
			return page, err
		}
		if len(page.Rows) == limit {
			page.Next = append(starts, last.Key).String()
			break
		}
		row, err := t.row(r, super, sel)
		if err != nil {
			return page, err
		}
		page.Rows, last = append(page.Rows, row), r
	}
	return page, nil
}

// starts are the keys after which pages begin, in order: the keys of the earlier pages, and
// last the key of the bookmark's own page. If starts is empty, the page is the first page.
type starts [][]byte

// firstPage is the value of Prev if the page before is the first page. An empty Prev means
// that there is no page before.
const firstPage = "AA"

const maxStarts = 2 << 10 // bytes of a bookmark's keys, except that there is at least one

func (s starts) String() string {
	if len(s) == 0 {
		return ""
	}
	size, first := 0, len(s)
	for first > 0 && (first == len(s) || size+len(s[first-1]) <= maxStarts) {
		first--
		size += len(s[first])
	}
	b := []byte{1}
	for _, key := range s[first:] {
		b = append(binary.AppendUvarint(b, uint64(len(key))), key...)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseStarts(bookmark string) (starts, error) {
	if bookmark == "" || bookmark == firstPage {
		return nil, nil
	}
	if len(bookmark) > maxBookmark {
		return nil, invalid("the bookmark is too long")
	}
	b, err := base64.RawURLEncoding.DecodeString(bookmark)
	if err != nil || len(b) < 2 || b[0] != 1 {
		return nil, invalid("%q is not a bookmark of rows", bookmark)
	}
	var s starts
	for b = b[1:]; len(b) > 0; {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, invalid("%q is not a bookmark of rows", bookmark)
		}
		s = append(s, b[size:size+int(n)])
		b = b[size+int(n):]
	}
	return s, nil
}
