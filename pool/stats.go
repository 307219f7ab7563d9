package pool

import "sync"

// Stats counts the events of one or more pools, as pycassa's StatsLogger does.
// The zero value is ready for use, and safe for concurrent use.
//
//	var stats pool.Stats
//	p.Listen(stats.Events())
type Stats struct {
	mu     sync.Mutex
	counts Counts
}

// Counts are numbers of events since the start or the last Reset.
type Counts struct {
	CheckedOut, CheckedIn int64
	// Created counts connections that were opened, and dials that failed.
	Created Outcomes
	// Disposed counts connections that were closed, and those whose Close returned an error.
	Disposed Outcomes
	// Opened is how many connections are open.
	Opened Level
	// Failed counts failures of dials and of calls.
	Failed   int64
	Recycled int64
	// ServerLists counts the lists of servers that were obtained.
	ServerLists   int64
	PoolsDisposed int64
	// AtMax counts callers that got no connection.
	AtMax int64
	// HostsDown and HostsUp count how often a host was set aside and returned.
	HostsDown, HostsUp int64
}

// Outcomes count successes and failures.
type Outcomes struct{ Success, Failure int64 }

// Level is a number that rises and falls: its value now, and its highest value so far.
type Level struct{ Current, Max int64 }

// Events returns the functions that count.
func (s *Stats) Events() Events {
	count := func(change func(*Counts)) {
		s.mu.Lock()
		defer s.mu.Unlock()
		change(&s.counts)
	}
	return Events{
		CheckedOut: func(ConnEvent) { count(func(c *Counts) { c.CheckedOut++ }) },
		CheckedIn:  func(ConnEvent) { count(func(c *Counts) { c.CheckedIn++ }) },
		Created: func(ConnEvent) {
			count(func(c *Counts) {
				c.Created.Success++
				c.Opened.Current++
				c.Opened.Max = max(c.Opened.Max, c.Opened.Current)
			})
		},
		Disposed: func(e DisposedEvent) {
			count(func(c *Counts) {
				if e.Err == nil {
					c.Disposed.Success++
				} else {
					c.Disposed.Failure++
				}
				c.Opened.Current--
			})
		},
		Recycled: func(RecycledEvent) { count(func(c *Counts) { c.Recycled++ }) },
		Failed: func(e FailedEvent) {
			count(func(c *Counts) {
				c.Failed++
				if e.Conn.ID == 0 {
					c.Created.Failure++
				}
			})
		},
		ServerList:   func(ServerListEvent) { count(func(c *Counts) { c.ServerLists++ }) },
		PoolDisposed: func(Info) { count(func(c *Counts) { c.PoolsDisposed++ }) },
		PoolAtMax:    func(AtMaxEvent) { count(func(c *Counts) { c.AtMax++ }) },
		HostDown:     func(HostEvent) { count(func(c *Counts) { c.HostsDown++ }) },
		HostUp:       func(HostEvent) { count(func(c *Counts) { c.HostsUp++ }) },
	}
}

// Counts returns the present numbers.
func (s *Stats) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Reset sets all numbers to zero, except the number of open connections.
func (s *Stats) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := s.counts.Opened.Current
	s.counts = Counts{Opened: Level{Current: open, Max: open}}
}
