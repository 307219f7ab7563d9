package thriftserver

import (
	"container/list"
	"sync"
)

// strangers are the connections that have not logged in, on a server with users. If there are too many
// connections, the oldest of them makes room: who knows a password logs in at once.
type strangers struct {
	mu   sync.Mutex
	list list.List // of *conn, in the order of their arrival
}

// stranger is what strangers keep in a connection.
type stranger struct {
	element *list.Element // in the list, or nil
	evicted bool
	gone    chan struct{} // closed when the connection is refused
}

// add counts a connection as one that has not logged in.
func (s *strangers) add(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.stranger.element == nil && !c.stranger.evicted {
		c.stranger.element = s.list.PushBack(c)
	}
}

// remove is for a connection that has logged in, or has ended.
func (s *strangers) remove(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := c.stranger.element; e != nil {
		s.list.Remove(e)
		c.stranger.element = nil
	}
}

// evict removes the oldest connection that has not logged in and returns it, or nil.
func (s *strangers) evict() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.list.Front()
	if e == nil {
		return nil
	}
	c := s.list.Remove(e).(*conn)
	c.stranger.element, c.stranger.evicted = nil, true
	return c
}
