package cqlclient

import (
	"maps"
	"sync"
	"sync/atomic"
)

// texts caches the statements of a table by their shapes, so that the text of each statement is made once.
type texts struct {
	known atomic.Pointer[map[any]string]
	mu    sync.Mutex
}

// text returns the statement of a shape. Shapes must be comparable.
func text[S interface {
	comparable
	write(t *table) string
}](t *table, shape S) string {
	if known := t.texts.known.Load(); known != nil {
		if s, ok := (*known)[shape]; ok {
			return s
		}
	}
	t.texts.mu.Lock()
	defer t.texts.mu.Unlock()
	next := map[any]string{}
	if known := t.texts.known.Load(); known != nil {
		next = maps.Clone(*known)
	}
	next[shape] = shape.write(t)
	t.texts.known.Store(&next)
	return next[shape]
}
