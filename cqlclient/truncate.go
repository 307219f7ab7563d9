package cqlclient

import (
	"context"
	"time"

	"github.com/widerow/widerow/internal/catalog"
)

// Truncate implements backend.Backend.
func (c *Client) Truncate(ctx context.Context, keyspace, family string) (err error) {
	if err := c.enter(ctx); err != nil {
		return err
	}
	defer func(start time.Time) { c.done(MethodTruncate, start, err) }(time.Now())
	_, err = again(ctx, c, keyspace, func() []string { return []string{family} }, func(s *snapshot) (f *catalog.Family, err error) {
		if f, err = s.cat.CheckTruncate(keyspace, family); err != nil {
			return nil, err
		}
		return f, c.fail(ctx, c.session.Query("TRUNCATE "+tableOf(f).name).ExecContext(ctx))
	})
	return err
}
