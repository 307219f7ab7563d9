package pool_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/widerow/widerow/pool"
)

// model counts a pool's connections: idle, in use, and callers that wait. It checks the counts
// after each step, whatever the order of steps. Other tests check which caller gets which
// connection.
type model struct {
	size, overflow    int
	idle, out, waited int
}

// settle gives free connections to waiting callers.
func (m *model) settle() {
	for m.waited > 0 && (m.idle > 0 || m.idle+m.out < m.size+m.overflow) {
		if m.idle > 0 {
			m.idle--
		}
		m.out++
		m.waited--
	}
}

// take models Get, at once or after a wait. It reports whether Get returned a connection.
func (m *model) take() bool {
	switch {
	case m.idle > 0:
		m.idle--
		m.out++
		if m.idle+m.out < m.size {
			m.idle++ // the pool opens a connection
		}
	case m.idle+m.out < m.size+m.overflow:
		m.out++
	default:
		return false
	}
	return true
}

func (m *model) put(dead bool) {
	m.out--
	full := m.idle >= m.size || m.idle+m.out+1 > m.size+m.overflow
	if !dead && !full {
		m.idle++
	}
	m.settle()
}

func TestAgainstModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// rapid gets only testing.TB, because its Deadline does not work in a bubble.
		rapid.Check(struct{ testing.TB }{t}, func(rt *rapid.T) { steps(t, rt) })
	})
}

func steps(t *testing.T, rt *rapid.T) {
	m := model{size: rapid.IntRange(1, 4).Draw(rt, "size"), overflow: rapid.IntRange(0, 3).Draw(rt, "overflow")}
	c := newCluster(names(rapid.IntRange(1, 3).Draw(rt, "servers"))...)
	prefill := rapid.Bool().Draw(rt, "prefill")
	recycle := rapid.SampledFrom([]int{1, 3, pool.Unlimited}).Draw(rt, "recycle")
	var stats pool.Stats
	p := c.pool(t, pool.Options{
		Settings: pool.Settings{
			Size: m.size, MaxOverflow: m.overflow, WaitTimeout: time.Hour,
			Recycle: recycle,
		},
		NoPrefill: !prefill,
		Events:    stats.Events(),
	})
	if prefill {
		m.idle = m.size
	}
	var held []pool.Lease[*conn]
	got := make(chan pool.Lease[*conn], 100)
	collect := func() {
		synctest.Wait()
		for len(got) > 0 {
			held = append(held, <-got)
		}
	}
	giveBack := func(rt *rapid.T, err error) {
		if len(held) == 0 {
			rt.Skip()
		}
		i := rapid.IntRange(0, len(held)-1).Draw(rt, "lease")
		l := held[i]
		held = append(held[:i], held[i+1:]...)
		if err := l.Release(err); err != nil {
			rt.Fatal(err)
		}
		if err := l.Release(nil); !errors.Is(err, pool.ErrReleased) {
			rt.Fatalf("second Release: %v", err)
		}
	}
	rt.Repeat(map[string]func(*rapid.T){
		"get": func(rt *rapid.T) {
			prefer := rapid.SliceOfN(rapid.SampledFrom(names(3)), 0, 2).Draw(rt, "prefer")
			if m.waited > 0 || !m.take() {
				m.waited++
			}
			go func() {
				l, err := p.Get(t.Context(), prefer)
				if err == nil {
					got <- l
				} else if !errors.Is(err, pool.ErrClosed) {
					t.Errorf("Get: %v", err)
				}
			}()
		},
		"put":  func(rt *rapid.T) { giveBack(rt, nil); m.put(false) },
		"busy": func(rt *rapid.T) { giveBack(rt, errBusy); m.put(false) },
		"lose": func(rt *rapid.T) {
			giveBack(rt, errBroken)
			m.put(true)
			// If a replacement was waiting for the connection, it takes the connection's slot.
			synctest.Wait()
			if recycle > 0 && m.idle+m.out < m.size && p.CheckedIn() == m.idle+1 {
				m.idle++
			}
		},
		"fill": func(rt *rapid.T) {
			if err := p.Fill(t.Context()); err != nil {
				rt.Fatal(err)
			}
			m.idle += max(m.size-m.idle-m.out, 0)
		},
		"resize": func(rt *rapid.T) {
			m.size, m.overflow = rapid.IntRange(1, 4).Draw(rt, "size"), rapid.IntRange(0, 3).Draw(rt, "overflow")
			if err := p.Configure(func(s *pool.Settings) { s.Size, s.MaxOverflow = m.size, m.overflow }); err != nil {
				rt.Fatal(err)
			}
			for m.idle > 0 && (m.idle > m.size || m.idle+m.out > m.size+m.overflow) {
				m.idle--
			}
			m.settle()
		},
		"": func(rt *rapid.T) {
			collect()
			s := p.State()
			if s.CheckedIn != m.idle || s.CheckedOut != m.out || s.Waiting != m.waited || s.Dialing != 0 {
				rt.Fatalf("%+v, want %+v", s, m)
			}
			if len(held) != m.out {
				rt.Fatalf("%d leases are held, %d are in use", len(held), m.out)
			}
			if s.Overflow != max(m.idle+m.out-m.size, 0) {
				rt.Fatalf("overflow %d, want %d", s.Overflow, max(m.idle+m.out-m.size, 0))
			}
			open := 0
			for _, h := range s.Hosts {
				open += h.Open
			}
			// The replacement of a connection in use waits until that connection is returned.
			if n := c.total(); n != open || open < m.idle+m.out || open > m.idle+2*m.out {
				rt.Fatalf("%d connections are open, the hosts have %d, the pool %d", n, open, m.idle+m.out)
			}
			if n := stats.Counts(); n.Opened.Current != int64(c.total()) || n.CheckedOut-n.CheckedIn < int64(m.out) {
				rt.Fatalf("%+v, but %d are open and %d in use", n, c.total(), m.out)
			}
			seen := map[*conn]bool{}
			for _, l := range held {
				if seen[l.Conn()] || l.Conn().closed {
					rt.Fatal("a connection is closed, or with two callers")
				}
				seen[l.Conn()] = true
			}
		},
	})
	p.Dispose()
	collect()
	for _, l := range held {
		_ = l.Release(nil)
	}
	if n := c.total(); n != 0 {
		rt.Fatalf("%d connections are open after Dispose", n)
	}
}
