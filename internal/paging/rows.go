package paging

import (
	"bytes"
	"context"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/partitioner"
)

// Rows reads rows page by page.
type Rows struct {
	// fetch reads up to n rows. They are the first rows or, if after is set, the rows from the key after on, inclusive.
	fetch func(ctx context.Context, after []byte, n int) ([]backend.Row, error)
	after []byte // key of the last row, or nil
	done  bool
}

// Index returns a reader of the rows that an index clause finds. After the call, only the reader may use the request.
func Index(b backend.Backend, r *backend.IndexRequest) Rows {
	return Rows{fetch: func(ctx context.Context, after []byte, n int) ([]backend.Row, error) {
		if after != nil {
			r.StartKey = after
		}
		r.Count = n
		return b.Index(ctx, r)
	}}
}

// Range returns a reader of the rows in a range of keys or of tokens. After the call, only the reader
// may use the request. The caller may change the predicate between pages.
func Range(b backend.Backend, r *backend.RangeRequest) Rows {
	if k := &r.Range; k.StartKey == nil && k.EndKey == nil && (k.StartToken != "" || k.EndToken != "") {
		return Rows{fetch: (&tokenRange{backend: b, request: r, start: k.StartToken, end: k.EndToken}).fetch}
	}
	return Rows{fetch: func(ctx context.Context, after []byte, n int) ([]backend.Row, error) {
		if after != nil {
			r.Range.StartKey = after
		}
		r.Range.Count = n
		return b.Range(ctx, r)
	}}
}

// Behind lets the next page begin after a row.
func (r *Rows) Behind(key []byte) { r.after = key }

// Next returns the next rows, at most limit of them. After the last row it returns no rows. It requests at most page
// rows from the store, or 2 if page is less.
func (r *Rows) Next(ctx context.Context, limit, page int) ([]backend.Row, error) {
	if r.done || limit <= 0 {
		return nil, nil
	}
	page = max(page, 2)
	want := min(page, limit)
	if r.after != nil {
		want = min(page-1, limit) + 1
	}
	rows, err := r.fetch(ctx, r.after, want)
	if err != nil {
		return nil, err
	}
	r.done = len(rows) < want
	// // The last row may have been removed since the previous page.
	if len(rows) > 0 && r.after != nil && bytes.Equal(rows[0].Key, r.after) {
		rows = rows[1:]
	}
	if len(rows) > 0 {
		r.after = rows[len(rows)-1].Key
	}
	return rows, nil
}

// tokenRange reads pages of a range of tokens. The first page is requested by tokens, and each later page
// from a key to a token. If the range wraps around the ring, the key of a page before the wrap is after the
// end token, and stores refuse such a request. So the page is read up to the end of the ring, and
// the next page begins at the beginning of the ring.
type tokenRange struct {
	backend    backend.Backend
	request    *backend.RangeRequest
	start, end string
	located    bool   // end and rest are those of pages that begin at a key
	rest       string // end token of the part after the wrap, if that part has not begun
}

func (t *tokenRange) fetch(ctx context.Context, after []byte, n int) ([]backend.Row, error) {
	if after == nil {
		return t.read(ctx, backend.KeyRange{StartToken: t.start, EndToken: t.end, Count: n})
	}
	if !t.located {
		if err := t.locate(ctx, after); err != nil {
			return nil, err
		}
		t.located = true
	}
	rows, err := t.read(ctx, backend.KeyRange{StartKey: after, EndToken: t.end, Count: n})
	if err != nil || t.rest == "" || len(rows) == n {
		return rows, err
	}
	t.end, t.rest = t.rest, ""
	behind, err := t.read(ctx, backend.KeyRange{StartKey: []byte{}, EndToken: t.end, Count: n - len(rows)})
	return append(rows, behind...), err
}

func (t *tokenRange) read(ctx context.Context, k backend.KeyRange) ([]backend.Row, error) {
	t.request.Range = k
	return t.backend.Range(ctx, t.request)
}

// locate decides, with the store's partitioner, whether the wrap is after a row.
func (t *tokenRange) locate(ctx context.Context, key []byte) error {
	c, err := t.backend.Describe(ctx, &backend.DescribeRequest{Facts: backend.FactPartitioner})
	if err != nil || c == nil {
		return err
	}
	p, err := partitioner.ByClass(c.Partitioner)
	if err != nil {
		return nil // the partitioner is unknown: the store refuses the next page of a range that wraps
	}
	order, err := p.CompareTokens(t.start, t.end)
	if err != nil || order < 0 {
		return err
	}
	toEnd, err := p.CompareTokens(t.end, p.MinToken())
	if err != nil {
		return err
	}
	if toEnd <= 0 { // as an end, the lowest token and the tokens before it mean the end of the ring
		t.end = ""
		return nil
	}
	behindStart, err := p.CompareTokens(p.Token(key), t.start)
	if behindStart > 0 {
		t.end, t.rest = "", t.end
	}
	return err
}
