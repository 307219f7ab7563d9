package widerow

import (
	"context"
	"encoding/base64"
	"slices"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/paging"
)

// Page is a page of the columns of a row.
type Page struct {
	Row
	// Next and Prev are the bookmarks of the pages after and before this one, in the order
	// in which the columns are read. They are empty if there is no such page. A bookmark is
	// short text that needs no escaping in a URL. It names a position in the row and not a
	// number of columns, so it stays right if columns are written or removed.
	Next, Prev string
}

// Page returns a page of a row's columns. An empty bookmark means the first page. [Page.Next] and
// [Page.Prev] are the bookmarks of the pages after and before a page. [Limit] is the number of columns
// of a page, by default [DefaultLimit]. The other options select columns as for [Family.Get]
// and must be the same for all pages. A row that does not exist has one empty page.
//
//	page, err := timeline.Page(ctx, "ann", request.FormValue("page"), widerow.Reversed(), widerow.Limit(20))
//
// A bookmark may be untrusted input. If it is damaged, the error is ErrInvalidRequest.
func (f *Family) Page(ctx context.Context, key any, bookmark string, opts ...ReadOption) (Page, error) {
	page, err := f.page(ctx, key, bookmark, opts)
	return page, f.fail("get page of", key, err)
}

func (f *Family) page(ctx context.Context, key any, bookmark string, opts []ReadOption) (page Page, err error) {
	c, err := begin(ctx, f, opts, forColumns&^optBuffer)
	if err != nil {
		return page, err
	}
	t := f.types.Load()
	sel, err := t.selection(c, DefaultLimit)
	if err != nil {
		return page, err
	}
	place, err := parsePlace(bookmark)
	if err != nil {
		return page, err
	}
	r, err := f.sliceRequest(t, c, sel)
	if err != nil {
		return page, err
	}
	packed, err := t.packKey(key)
	if err != nil {
		return page, err
	}
	r.Keys = [][]byte{packed}
	p := &pageReader{backend: f.db.backend, request: r, first: sel}
	row, err := p.read(ctx, place)
	if err != nil {
		return page, err
	}
	row.Key = packed
	page.Row, err = t.row(row, r.Super, &paging.Slice{Limit: noLimit})
	page.Next, page.Prev = p.next.String(), p.prev.String()
	page.More = page.Next != ""
	return page, err
}

// pageReader reads one page of a row.
type pageReader struct {
	backend    backend.Backend
	request    *backend.SliceRequest
	first      *paging.Slice // the selection that reads the first page
	next, prev place
}

func (p *pageReader) read(ctx context.Context, at place) (*backend.Row, error) {
	if at.back {
		row, more, err := p.slice(ctx, p.backwards(at))
		if err != nil || paging.Len(row) == p.first.Limit {
			slices.Reverse(row.Columns)
			slices.Reverse(row.Supers)
			return p.between(row, at, more, !at.with), err
		}
		// The page would begin at the first column and be too short, so return the first page.
		at = place{}
	}
	sel := *p.first
	if at.name != nil {
		sel.Start, sel.After = at.name, at.name
	}
	row, more, err := p.slice(ctx, &sel)
	return p.between(row, at, at.name != nil, more), err
}

// backwards returns the selection that reads from a place to the first column.
func (p *pageReader) backwards(at place) *paging.Slice {
	sel := *p.first
	sel.Reversed = !sel.Reversed
	sel.Start, sel.Finish = at.name, p.first.Start
	sel.After, sel.Before = at.name, p.first.After
	if at.with {
		sel.After = nil
	}
	return &sel
}

func (p *pageReader) slice(ctx context.Context, sel *paging.Slice) (row *backend.Row, more bool, err error) {
	p.request.Predicate = sel.Peek().Request()
	row, err = paging.Row(ctx, p.backend, p.request)
	sel.Exclude(row)
	return row, sel.Cut(row), err
}

// between sets the bookmarks of a page that was read at a place.
func (p *pageReader) between(row *backend.Row, at place, before, behind bool) *backend.Row {
	n := paging.Len(row)
	switch {
	case n == 0 && before:
		// All columns after the bookmark were removed. The previous page ends with the bookmark,
		// inclusive.
		p.prev = place{name: at.name, back: true, with: true}
	case n > 0:
		if before {
			p.prev = place{name: paging.NameAt(row, 0), back: true}
		}
		if behind {
			p.next = place{name: paging.NameAt(row, n-1)}
		}
	}
	return row
}

// place is the position in a bookmark: a page begins after a name, or ends before it.
type place struct {
	name []byte // as packed; nil for the first page
	back bool   // the page ends before the name
	with bool   // the page ends with the name, inclusive
}

// The first byte of a bookmark.
const (
	placeBehind = iota + 1
	placeBefore
	placeUpTo
)

// maxBookmark bounds a bookmark: a name has at most 65,535 bytes.
const maxBookmark = 90_000

func (p place) String() string {
	if p.name == nil {
		return ""
	}
	kind := byte(placeBehind)
	if p.back {
		kind = placeBefore
	}
	if p.with {
		kind = placeUpTo
	}
	return base64.RawURLEncoding.EncodeToString(append([]byte{kind}, p.name...))
}

func parsePlace(bookmark string) (place, error) {
	if bookmark == "" {
		return place{}, nil
	}
	if len(bookmark) > maxBookmark {
		return place{}, invalid("the bookmark is too long")
	}
	b, err := base64.RawURLEncoding.DecodeString(bookmark)
	if err != nil || len(b) < 2 || b[0] < placeBehind || b[0] > placeUpTo {
		return place{}, invalid("%q is not a bookmark", bookmark)
	}
	return place{name: b[1:], back: b[0] != placeBehind, with: b[0] == placeUpTo}, nil
}
