package widerowtest

import (
	"sync"
	"time"
)

// Epoch is the time at which a store's clock begins unless [StartAt] sets another one.
var Epoch = time.Date(2012, 12, 3, 0, 0, 0, 0, time.UTC)

// clock is a clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
