package widerow

import (
	"cmp"
	"fmt"
	"math"
	"math/bits"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/internal/frontopt"
	"github.com/widerow/widerow/internal/paging"
	"github.com/widerow/widerow/internal/refusal"
)

// Unlimited is an argument of [Limit] and [RowLimit] that removes the limit, as every
// negative number does. Zero means the default, as in all settings of this module.
const Unlimited = -1

// Defaults of options.
const (
	// DefaultLimit is how many columns of a row Get, MultiGet, Range and Where
	// return if Limit is not given.
	DefaultLimit = 100
	// DefaultWhereRows is how many rows Where returns if RowLimit is not given.
	DefaultWhereRows = 100
	// DefaultBuffer is how many rows or columns a request fetches if neither the family
	// nor the call sets a number.
	DefaultBuffer = 1024
)

// noLimit is the limit of a request without a limit.
const noLimit = paging.NoLimit

// The groups of options of calls. An option of the wrong group does not compile. If a call
// does not use an option, if an option is given twice, or if two options contradict each
// other, the error is an ErrInvalidRequest that names them.
type (
	// ScanOption is an option of [Family.Range], [Family.RangePage] and [Family.Where]. An [Expression] is a ScanOption.
	ScanOption interface {
		apply(*call)
		scans()
	}
	// ReadOption is an option of [Family.Get], [Family.MultiGet], [Family.Columns],
	// [Family.Count], [Family.MultiCount] and [Family.Page]. It is an option of scans
	// too, and applies to each row that a scan reads.
	ReadOption interface {
		ScanOption
		reads()
	}
	// WriteOption is an option of the methods that write, of a [Family], a [View] or a
	// [Batch].
	WriteOption interface {
		apply(*call)
		writes()
	}
	// Option is an option of reads, scans and writes: [Level], [Names] and [Super].
	Option interface {
		ReadOption
		WriteOption
	}
)

// Level sets the consistency level of the call. The default is the family's or the DB's.
func Level(level Consistency) Option {
	return option(func(c *call) {
		c.give(optLevel)
		c.level = level
	})
}

// Names selects columns by name: super columns in a super family, or columns of
// the super column given with [Super]. Names that do not exist are left out. The result is
// in comparator order, whatever the order of names.
//
// Remove with Names removes the named columns; without any name it removes nothing.
func Names(names ...any) Option {
	return option(func(c *call) {
		c.give(optNames)
		c.names = names
	})
}

// Super restricts a call to the columns of one super column.
func Super(name any) Option {
	return option(func(c *call) {
		c.give(optSuper)
		if name == nil {
			c.fail("Super(nil): a super column needs a name")
		}
		c.super = name
	})
}

// Slice selects the columns from one name to another, both inclusive. A nil name
// leaves its end open. [Reversed] says which end is the start of a reversed slice. [After]
// and [Before] exclude an end.
func Slice(from, to any) ReadOption {
	return option(func(c *call) {
		c.give(optSlice)
		c.from, c.to = from, to
	})
}

// From selects the columns from a name on, inclusive.
func From(name any) ReadOption {
	return option(func(c *call) {
		c.give(optFrom)
		c.from = name
	})
}

// To selects the columns up to a name, inclusive.
func To(name any) ReadOption {
	return option(func(c *call) {
		c.give(optTo)
		c.to = name
	})
}

// After selects the columns after a name, without the name itself. It works with every
// comparator. For a composite, name may be the first components: After leaves out all names that begin with
// them. For time UUIDs, name may be a time: After leaves out all UUIDs of its microsecond.
func After(name any) ReadOption {
	return option(func(c *call) {
		c.give(optAfter)
		c.from = name
	})
}

// Before selects the columns before a name, without the name itself. Prefixes of composites and times
// work as in [After].
func Before(name any) ReadOption {
	return option(func(c *call) {
		c.give(optBefore)
		c.to = name
	})
}

// Reversed reads columns in descending order. It begins at the end of the row or, with [From], at that
// name. [From] is then the higher end and [To] the lower one.
func Reversed() ReadOption {
	return option(func(c *call) {
		c.give(optReversed)
		c.reversed = true
	})
}

// Limit sets the maximum number of columns that a read returns for each row. In a super family, it counts super
// columns unless [Super] is given. The default is [DefaultLimit] for Get, MultiGet, Page, Range and Where.
// Columns, Count and MultiCount have no limit by default; a count stops at the limit. Zero means the default,
// [Unlimited] no limit.
func Limit(n int) ReadOption {
	return option(func(c *call) {
		c.give(optLimit)
		c.limit = n
	})
}

// Buffer sets how many rows (MultiGet, MultiCount, Range, Where) or columns (Columns) one request
// fetches. It bounds the memory of a call and does not change its result. Zero means the family's number, see
// [RowBuffer] and [ColumnBuffer].
func Buffer(n int) ReadOption {
	return option(func(c *call) {
		c.give(optBuffer)
		if n < 0 {
			c.fail("Buffer(%d): must not be negative", n)
		}
		c.buffer = n
	})
}

// KeyRange restricts a scan to the rows from one key to another, both inclusive.
// A nil key leaves its end open. The rows between two keys follow each other only if the partitioner
// preserves order, as byteordered and orderpreserving do. The other partitioners order rows by a hash of the key, so that the
// rows between two keys are arbitrary. Then KeyRange is useful only to continue a scan from the last key that it returned.
func KeyRange(from, to any) ScanOption {
	return option(func(c *call) {
		c.give(optKeyRange)
		s := c.scanning()
		s.keyFrom, s.keyTo = from, to
	})
}

// StartKey is the first key that a scan returns, in the partitioner's order.
func StartKey(key any) ScanOption {
	return option(func(c *call) {
		c.give(optStartKey)
		c.scanning().keyFrom = key
	})
}

// Tokens restricts a scan to the rows whose token is greater than after and not greater than
// upTo. Tokens are in the partitioner's text form, as
// [SystemManager.Ring] returns them. If upTo is not greater than
// after, the scan wraps around the ring.
func Tokens(after, upTo string) ScanOption {
	return option(func(c *call) {
		c.give(optTokens)
		s := c.scanning()
		s.tokenFrom, s.tokenTo = after, upTo
	})
}

// RowLimit sets the maximum number of rows that a scan returns. The default is [DefaultWhereRows] for
// Where and RangePage; Range has no limit by default. Zero means the default, [Unlimited] no limit.
func RowLimit(n int) ScanOption {
	return option(func(c *call) {
		c.give(optRowLimit)
		c.scanning().rowLimit = n
	})
}

// KeepEmpty makes a scan also return rows without a selected column, such as rows that
// were deleted a short time ago ("range ghosts"). By default, a scan skips such rows, and
// [RowLimit] does not count them.
func KeepEmpty() ScanOption {
	return option(func(c *call) {
		c.give(optKeepEmpty)
		c.scanning().keepEmpty = true
	})
}

// At sets the timestamp of a write, by convention microseconds since 1970. If a column is
// written twice, the write with the higher timestamp wins. So a write with a lower timestamp
// than the stored column changes nothing. The default is the next timestamp of the family or
// the DB. A number that looks like seconds or milliseconds since 1970 is an invalid request;
// [AtTime] takes a time. Counters have no timestamp: At is an invalid request in an insert
// into a counter family.
func At(timestamp int64) WriteOption {
	return option(func(c *call) {
		c.give(optAt)
		if timestamp >= secondsOf2001 && timestamp < millisOf2286 {
			c.fail("At(%d): a timestamp counts microseconds, and this looks like seconds or milliseconds; use AtTime", timestamp)
		}
		c.timestamp = timestamp
	})
}

// AtTime is [At] with the microseconds from 1970 to t.
func AtTime(t time.Time) WriteOption {
	return option(func(c *call) {
		c.give(optAt)
		c.timestamp = t.UnixMicro()
	})
}

// TTL sets the time after which inserted columns expire: a number of whole seconds. Zero means
// the family's default. A negative TTL means that the columns never expire. Counters cannot
// have a TTL.
func TTL(d time.Duration) WriteOption {
	return option(func(c *call) {
		c.give(optTTL)
		if d > 0 && (d%time.Second != 0 || d/time.Second > math.MaxInt32) {
			c.fail("TTL(%v): must be whole seconds below 2^31", d)
			return
		}
		c.ttl = int32(max(d, 0) / time.Second)
		if d < 0 {
			c.ttl = backend.NoTTL
		}
	})
}

// Atomic makes BatchInsert, or each send of a batch, all-or-nothing: if one of its writes is applied,
// all are, eventually. It needs Cassandra 1.2 or later; stores without it fail with ErrUnsupported. The embedded
// engine is always atomic.
func Atomic() WriteOption {
	return option(func(c *call) {
		c.give(optAtomic)
		c.atomic = true
	})
}

// option is every option except Expression. A constructor returns a type that belongs only
// to the groups for which the option makes sense.
type option func(*call)

func (o option) apply(c *call) { o(c) }
func (option) scans()          {}
func (option) reads()          {}
func (option) writes()         {}

func init() {
	frontopt.Defaults = func(names []any, limit int) any {
		return option(func(c *call) { c.defaultNames, c.defaultLimit = names, limit })
	}
	frontopt.IgnoreTTL = func() any { return option(func(c *call) { c.ignored = optTTL }) }
}

// optionSet is a set of options, a bit for each.
type optionSet uint32

const (
	optLevel optionSet = 1 << iota
	optNames
	optSuper
	optSlice
	optFrom
	optTo
	optAfter
	optBefore
	optReversed
	optLimit
	optBuffer
	optKeyRange
	optStartKey
	optTokens
	optRowLimit
	optKeepEmpty
	optExpression
	optAt
	optTTL
	optAtomic
)

var optionNames = [...]string{
	"Level", "Names", "Super", "Slice", "From", "To", "After", "Before", "Reversed", "Limit", "Buffer", "KeyRange", "StartKey",
	"Tokens", "RowLimit", "KeepEmpty", "an expression", "At", "TTL", "Atomic",
}

// String returns the names of the options, such as "Names and Limit".
func (s optionSet) String() string {
	var names []string
	for ; s != 0; s &= s - 1 {
		names = append(names, optionNames[bits.TrailingZeros32(uint32(s))])
	}
	return strings.Join(names, " and ")
}

// The options that each verb uses.
const (
	forColumns = optSuper | optSlice | optFrom | optTo | optAfter | optBefore | optReversed | optLimit | optBuffer | optLevel
	forCounts  = forEach &^ (optAfter | optBefore)
	forCount   = forCounts &^ optBuffer
	forGet     = optNames | forColumns&^optBuffer
	forEach    = optNames | forColumns // of several rows
	forWhere   = forEach&^optSuper | optStartKey | optRowLimit | optExpression
	forRange   = forEach | optKeyRange | optStartKey | optTokens | optRowLimit | optKeepEmpty | optExpression
	forCell    = optSuper | optLevel // of one column that an argument names
	forInsert  = optLevel | optAt | optTTL
	forRemove  = optLevel | optAt | optSuper | optNames
	forSend    = optLevel | optAtomic
)

// contradictions are sets of options. A call may have only one option of a set.
var contradictions = []optionSet{
	optNames | optSlice, optNames | optFrom, optNames | optTo, optNames | optAfter, optNames | optBefore,
	optNames | optReversed, optNames | optLimit,
	optSlice | optFrom, optSlice | optTo, optSlice | optAfter, optSlice | optBefore, optFrom | optAfter, optTo | optBefore,
	optKeyRange | optTokens, optKeyRange | optStartKey, optTokens | optStartKey,
}

// A timestamp between these bounds looks like a time in seconds or in milliseconds. As
// microseconds it would be a time in the first months of 1970. Smaller numbers, such as 1,
// are accepted, because programs that count their writes use them.
const (
	secondsOf2001 = 1_000_000_000
	millisOf2286  = 10_000_000_000_000
)

// call has the settings that the options of one call set.
type call struct {
	given, ignored optionSet

	names []any
	// defaultNames and defaultLimit select columns if no option does.
	defaultNames []any
	defaultLimit int
	from, to     any
	reversed     bool
	limit        int
	super        any

	level     Consistency
	timestamp int64
	ttl       int32

	buffer int
	atomic bool
	scan   *scan // options of scans only; nil if none was given

	slice paging.Slice // the result of selection
	err   error
}

// scan has the settings that only options of scans set. It is not a part of call, because a
// larger call would make reads of one row slower.
type scan struct {
	keyFrom, keyTo     any
	tokenFrom, tokenTo string
	rowLimit           int
	keepEmpty          bool
	filter             []Expression
}

// scanning returns the settings of scans, for an option to change.
func (c *call) scanning() *scan {
	if c.scan == nil {
		c.scan = new(scan)
	}
	return c.scan
}

// options applies the options of a call. Only the allowed options may be given.
func options[O interface{ apply(*call) }](opts []O, allowed optionSet) (*call, error) {
	c := new(call)
	for _, o := range opts {
		if any(o) == nil {
			return c, refusal.NoOption()
		}
		o.apply(c)
	}
	return c, c.check(allowed)
}

// give notes that an option was given.
func (c *call) give(o optionSet) {
	if c.given&o != 0 && o != optExpression {
		c.fail("%s is given twice", o)
	}
	c.given |= o
}

func (c *call) has(o optionSet) bool { return c.given&o != 0 }

func (c *call) fail(format string, args ...any) {
	if c.err == nil {
		c.err = invalid("%s", fmt.Sprintf(format, args...))
	}
}

// check reports options that the call does not use or that contradict each other.
func (c *call) check(allowed optionSet) error {
	if useless := c.given &^ allowed &^ c.ignored; useless != 0 {
		c.fail("%s: this call has no use for it", useless)
	}
	if c.given&(c.given-1) == 0 {
		return c.err // a single option cannot contradict another
	}
	for _, both := range contradictions {
		if c.given&both == both {
			c.fail("%s contradict each other", both)
		}
	}
	return c.err
}

// selects reports whether an option of the call selects columns.
func (c *call) selects() bool {
	return c.has(optNames | optSlice | optFrom | optTo | optAfter | optBefore | optReversed | optLimit)
}

// limitOr returns the limit of columns; n is the default.
func (c *call) limitOr(n int) int { return limitOr(cmp.Or(c.limit, c.defaultLimit), n) }

// rowLimitOr returns the limit of rows; n is the default.
func (c *call) rowLimitOr(n int) int { return limitOr(c.scanning().rowLimit, n) }

func limitOr(limit, n int) int {
	switch {
	case limit == 0:
		return n
	case limit < 0:
		return noLimit
	}
	return min(limit, noLimit)
}

// Anys returns the elements of a slice as a []any, for [Names] and [Family.MultiGet]:
//
//	users.MultiGet(ctx, widerow.Anys(ids))
func Anys[T any](s []T) []any {
	out := make([]any, len(s))
	for i, v := range s {
		out[i] = v
	}
	return out
}
