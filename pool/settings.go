package pool

import (
	"fmt"
	"log/slog"
	"math"
	"time"
)

// Special values of settings. In settings, 0 means the default.
const (
	// Unlimited as a number means no limit.
	Unlimited = -1
	// None stands for the number 0 in a setting.
	None = -2
	// Forever as a duration means no limit.
	Forever time.Duration = -1
	// NoWait as a duration means 0.
	NoWait time.Duration = -2
)

// Settings are the settings that [Pool.Configure] can change while the pool is in use.
// Zero values mean the defaults.
type Settings struct {
	// Name identifies the pool in events and logs. Default: "pool-" and a number
	// that is unique in the process.
	Name string
	// Size is how many connections the pool keeps. Default 5. A multiple of the
	// number of servers spreads load evenly.
	Size int
	// MaxOverflow is how many more connections may be opened while all are in use.
	// They are closed when they are given back to a pool that has Size idle
	// connections. Default 0. May be Unlimited.
	MaxOverflow int
	// WaitTimeout is how long a caller waits for a connection while Size+MaxOverflow
	// connections are in use. Default 30 s. May be NoWait or Forever. The context of
	// the caller ends the wait in any case.
	WaitTimeout time.Duration
	// MaxWaiters is how many callers may wait at once. The next caller fails at once
	// with [ErrNoConnectionAvailable]. Default 10,000. May be Unlimited or None.
	MaxWaiters int
	// Recycle is the number of operations after which a connection is replaced.
	// Default 10,000. If Recycle is Unlimited, connections are never replaced.
	Recycle int
	// MaxRetries is how many times Do retries a call that failed. Default 5. May be None or Unlimited.
	MaxRetries int
	// Backoff is the unit of the pause before a retry. The pause before retry n is
	// Backoff × 2^n, but at most MaxBackoff. Default 10 ms.
	Backoff time.Duration
	// MaxBackoff bounds the pause before a retry. Default 1 s.
	MaxBackoff time.Duration
	// DialTimeout bounds one dial as a whole: connecting and logging in. Default 2 s.
	// May be Forever.
	DialTimeout time.Duration
	// MinAside is how long a host that failed is left alone before it is dialed in the
	// background. The time doubles with each failure. Default 100 ms.
	MinAside time.Duration
	// MaxAside bounds the time between these dials. Default 1 s.
	MaxAside time.Duration
	// Sweep is how often idle connections are checked for being alive. Default 10 s.
	// If Sweep is Forever, they are checked only before they are used. A change takes
	// effect after the current period.
	Sweep time.Duration
}

// Options configure [New]. The zero value, or nil, means the defaults.
type Options struct {
	Settings
	// NoPrefill makes New open no connections: each is opened at its first use. By default
	// New opens Size connections and fails if no server answers.
	NoPrefill bool
	// Classify returns the meaning of an error of a call. Default: [NetworkFault].
	Classify func(error) Fault
	// Events are functions that the pool calls at its events. [Pool.Listen] adds more.
	Events Events
	// Logger receives the events. By default they are not logged.
	Logger *slog.Logger
	// Shuffle permutes the list of servers. Default: at random.
	Shuffle func(servers []string)
}

// normal returns the settings with the defaults filled in, or an error that names the
// invalid setting.
func (s Settings) normal() (Settings, error) {
	for _, f := range []struct {
		name     string
		value    *int
		def, min int
	}{
		{"Size", &s.Size, 5, 1},
		{"MaxOverflow", &s.MaxOverflow, 0, Unlimited},
		{"MaxWaiters", &s.MaxWaiters, 10_000, None},
		{"Recycle", &s.Recycle, 10_000, Unlimited},
		{"MaxRetries", &s.MaxRetries, 5, None},
	} {
		if *f.value == 0 {
			*f.value = f.def
		}
		if *f.value < f.min {
			return s, fmt.Errorf("pool: %s is %d, want at least %d", f.name, *f.value, f.min)
		}
	}
	for _, f := range []struct {
		name     string
		value    *time.Duration
		def, min time.Duration
	}{
		{"WaitTimeout", &s.WaitTimeout, 30 * time.Second, NoWait},
		{"Backoff", &s.Backoff, 10 * time.Millisecond, 0},
		{"MaxBackoff", &s.MaxBackoff, time.Second, 0},
		{"DialTimeout", &s.DialTimeout, 2 * time.Second, Forever},
		{"MinAside", &s.MinAside, 100 * time.Millisecond, 0},
		{"MaxAside", &s.MaxAside, time.Second, 0},
		{"Sweep", &s.Sweep, 10 * time.Second, Forever},
	} {
		if *f.value == 0 {
			*f.value = f.def
		}
		if *f.value < f.min {
			return s, fmt.Errorf("pool: %s is %v, want at least %v", f.name, *f.value, f.min)
		}
	}
	if s.MinAside > s.MaxAside {
		return s, fmt.Errorf("pool: MinAside is %v, more than MaxAside, which is %v", s.MinAside, s.MaxAside)
	}
	return s, nil
}

// limit is how many connections may be open at once.
func (s *Settings) limit() int {
	if s.MaxOverflow == Unlimited || s.MaxOverflow > math.MaxInt-s.Size {
		return math.MaxInt
	}
	return s.Size + s.MaxOverflow
}

// maxWaiters is how many callers may wait.
func (s *Settings) maxWaiters() int {
	switch s.MaxWaiters {
	case Unlimited:
		return math.MaxInt
	case None:
		return 0
	}
	return s.MaxWaiters
}

// maxRetries is how many times a call may be retried.
func (s *Settings) maxRetries() int {
	switch s.MaxRetries {
	case Unlimited:
		return math.MaxInt
	case None:
		return 0
	}
	return s.MaxRetries
}

// pause is the time to wait before the nth retry, counted from 1.
func (s *Settings) pause(n int) time.Duration {
	for d := s.Backoff; ; d *= 2 {
		if d >= s.MaxBackoff {
			return s.MaxBackoff
		}
		if n == 0 {
			return d
		}
		n--
	}
}
