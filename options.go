package widerow

import (
	"fmt"
	"math"
	"time"
)

// Unlimited is the argument of [Limit] and [Rows] that lifts the limit.
const Unlimited = math.MaxInt32

// Defaults of options.
const (
	// DefaultLimit is how many columns of a row Get, MultiGet, Range and Where
	// return if Limit is not given.
	DefaultLimit = 100
	// DefaultWhereRows is how many rows Where returns if Rows is not given.
	DefaultWhereRows = 100
	// DefaultBuffer is how many rows or columns are fetched at once, unless the
	// family or the call says otherwise.
	DefaultBuffer = 1024
)

// The options of each verb. An option that makes no sense for a verb does not
// compile there; two that contradict each other are an ErrInvalidRequest that
// names both.
type (
	// GetOption is an option of [Family.Get].
	GetOption interface {
		MultiGetOption
		forGet()
	}
	// MultiGetOption is an option of [Family.MultiGet].
	MultiGetOption interface {
		apply(*call)
		forMultiGet()
	}
	// ColumnsOption is an option of [Family.Columns].
	ColumnsOption interface {
		apply(*call)
		forColumns()
	}
	// CountOption is an option of [Family.Count].
	CountOption interface {
		MultiCountOption
		forCount()
	}
	// MultiCountOption is an option of [Family.MultiCount].
	MultiCountOption interface {
		apply(*call)
		forMultiCount()
	}
	// RangeOption is an option of [Family.Range].
	RangeOption interface {
		apply(*call)
		forRange()
	}
	// WhereOption is an option of [Family.Where], such as an [Expression].
	WhereOption interface {
		apply(*call)
		forWhere()
	}
	// InsertOption is an option of [Family.Insert] and [Family.BatchInsert], and
	// of a batch's Insert.
	InsertOption interface {
		apply(*call)
		forInsert()
	}
	// AddOption is an option of [Family.Add] and [Family.RemoveCounter].
	AddOption interface {
		apply(*call)
		forAdd()
	}
	// RemoveOption is an option of [Family.Remove], and of a batch's Remove.
	RemoveOption interface {
		apply(*call)
		forRemove()
	}
	// RemoveSliceOption is an option of [Family.RemoveSlice], and of a batch's RemoveSlice.
	RemoveSliceOption interface {
		apply(*call)
		forRemoveSlice()
	}
	// BatchOption is an option of [Family.Batch] and [Keyspace.Batch].
	BatchOption interface {
		apply(*call)
		forBatch()
	}
	// SendOption is an option of a batch's Send.
	SendOption interface {
		apply(*call)
		forSend()
	}
)

// The sets of verbs that an option can be given to.
type (
	// ReadOption is an option of every read.
	ReadOption interface {
		GetOption
		ColumnsOption
		CountOption
		RangeOption
		WhereOption
	}
	// NamesOption is what [Names] returns.
	NamesOption interface {
		GetOption
		CountOption
		RangeOption
		WhereOption
		RemoveOption
	}
	// SuperOption is what [Super] returns.
	SuperOption interface {
		GetOption
		ColumnsOption
		CountOption
		RangeOption
		AddOption
		RemoveOption
		RemoveSliceOption
	}
	// LevelOption is what [With] returns: an option of every verb.
	LevelOption interface {
		ReadOption
		InsertOption
		AddOption
		RemoveOption
		RemoveSliceOption
		BatchOption
		SendOption
	}
	// TimestampOption is what [At] returns.
	TimestampOption interface {
		InsertOption
		RemoveOption
		RemoveSliceOption
	}
	// BufferOption is what [Buffer] returns.
	BufferOption interface {
		MultiGetOption
		ColumnsOption
		MultiCountOption
		RangeOption
		WhereOption
	}
	// RowsOption is what [Rows] and [FromKey] return.
	RowsOption interface {
		RangeOption
		WhereOption
	}
)

// Names selects columns by name: super columns in a super family, or columns of
// the super column given with [Super]. Names that do not exist are left out; the
// result is in comparator order all the same.
//
// For Remove they are what is removed; without any name nothing is.
func Names(names ...any) NamesOption {
	return option(func(c *call) { c.names, c.hasNames = names, true })
}

// NamesOf is [Names] of a slice.
func NamesOf[N any](names []N) NamesOption {
	return Names(anys(names)...)
}

// DefaultNames selects columns by name as [Names] does, unless another option of
// the call selects some. It does not select super columns: without [Super] it has
// no effect in a super family. It is for wrappers, whose callers give options too.
func DefaultNames(names ...any) ReadOption {
	return option(func(c *call) { c.defaultNames = names })
}

// Slice selects the columns from one name to another, both inclusive. Nil
// leaves that end open. See [Reversed] for which end is which.
func Slice(from, to any) ReadOption {
	return option(func(c *call) { c.from, c.to = from, to })
}

// From selects the columns from a name on, inclusive.
func From(name any) ReadOption { return option(func(c *call) { c.from = name }) }

// To selects the columns up to a name, inclusive.
func To(name any) ReadOption { return option(func(c *call) { c.to = name }) }

// Reversed reads backwards: from the end of the row or, with [From], from that
// name down; [To] is then the lower end.
func Reversed() ReadOption { return option(func(c *call) { c.reversed = true }) }

// Limit is the most columns of a row (super columns in a super family, unless
// [Super] is given) that are returned. The default is [DefaultLimit] for Get,
// MultiGet, Range and Where, and none for Columns. For counts it is the highest
// count, by default without a limit.
func Limit(n int) ReadOption {
	return option(func(c *call) {
		if n < 0 {
			c.fail("Limit(%d): must not be negative", n)
		}
		c.limit, c.hasLimit = min(n, Unlimited), true
	})
}

// Super restricts a call to the columns of one super column.
func Super(name any) SuperOption {
	return option(func(c *call) {
		if name == nil {
			c.fail("Super(nil): a super column needs a name")
		}
		c.super, c.hasSuper = name, true
	})
}

// With sets the consistency level of the call.
func With(level Consistency) LevelOption { return option(func(c *call) { c.level = level }) }

// At sets the timestamp of a write, by convention microseconds since 1970. The
// default is the family's or the DB's source of timestamps. Counters have none: to
// insert into a counter family with it is an invalid request.
func At(timestamp int64) TimestampOption {
	return option(func(c *call) { c.timestamp, c.hasTimestamp = timestamp, true })
}

// TTL sets how long inserted columns live, in whole seconds. Zero means for ever.
// Counters cannot have one.
func TTL(d time.Duration) InsertOption {
	return option(func(c *call) {
		if d < 0 || d%time.Second != 0 || d/time.Second > math.MaxInt32 {
			c.fail("TTL(%v): must be whole seconds, not negative and below 2^31", d)
			return
		}
		c.ttl = int32(d / time.Second)
	})
}

// Buffer is how many rows (of MultiGet, MultiCount, Range, Where) or columns
// (of Columns) are fetched at once. The default is the family's.
func Buffer(n int) BufferOption {
	return option(func(c *call) {
		if n < 1 {
			c.fail("Buffer(%d): must be positive", n)
		}
		c.buffer = n
	})
}

// Keys restricts a range to the rows from one key to another, both inclusive.
// Nil leaves that end open. Only partitioners that preserve order have a use
// for it beyond paging.
func Keys(from, to any) RangeOption {
	return option(func(c *call) { c.keyFrom, c.keyTo, c.hasKeys = from, to, true })
}

// Tokens restricts a range to the rows whose token is above one and not above
// the other. Tokens are in the partitioner's text form, as
// [SystemManager.DescribeRing] prints them. A range whose end is not above its
// start wraps around the ring.
func Tokens(after, upTo string) RangeOption {
	return option(func(c *call) { c.tokenFrom, c.tokenTo, c.hasTokens = after, upTo, true })
}

// Rows is the most rows that are returned. The default is [DefaultWhereRows]
// for Where, and none for Range.
func Rows(n int) RowsOption {
	return option(func(c *call) {
		if n < 0 {
			c.fail("Rows(%d): must not be negative", n)
		}
		c.rows, c.hasRows = n, true
	})
}

// FromKey is the first key that is returned, in the partitioner's order.
func FromKey(key any) RowsOption { return option(func(c *call) { c.startKey = key }) }

// KeepEmpty also returns the rows that have none of the selected columns. Among
// them are rows that were deleted a short time ago ("range ghosts"). By default
// they are skipped, and not counted as one of [Rows].
func KeepEmpty() RangeOption { return option(func(c *call) { c.keepEmpty = true }) }

// QueueSize is how many operations a batch gathers before it sends them by
// itself. The default is 100; 0 means that only Send sends.
func QueueSize(n int) BatchOption {
	return option(func(c *call) {
		if n < 0 {
			c.fail("QueueSize(%d): must not be negative", n)
		}
		c.queue, c.hasQueue = n, true
	})
}

// Atomic makes each sending of a batch apply as a whole in the end, if any of
// it does (Cassandra 1.2 and later; ErrUnsupported on stores that cannot).
func Atomic() BatchOption { return option(func(c *call) { c.atomic = true }) }

// option is every option but Expression. The markers say which verbs it is for;
// the type that a constructor returns lets through only those that make sense.
type option func(*call)

func (o option) apply(c *call) { o(c) }
func (option) forGet()         {}
func (option) forMultiGet()    {}
func (option) forColumns()     {}
func (option) forCount()       {}
func (option) forMultiCount()  {}
func (option) forRange()       {}
func (option) forWhere()       {}
func (option) forInsert()      {}
func (option) forAdd()         {}
func (option) forRemove()      {}
func (option) forRemoveSlice() {}
func (option) forBatch()       {}
func (option) forSend()        {}

// call is what the options of one call say.
type call struct {
	names    []any
	hasNames bool
	// defaultNames select if nothing else does.
	defaultNames []any
	from, to     any
	reversed     bool
	limit        int
	hasLimit     bool

	super    any
	hasSuper bool

	level        Consistency
	timestamp    int64
	hasTimestamp bool
	ttl          int32

	buffer             int
	keyFrom, keyTo     any
	hasKeys            bool
	tokenFrom, tokenTo string
	hasTokens          bool
	startKey           any
	rows               int
	hasRows            bool
	keepEmpty          bool
	filter             []Expression

	queue    int
	hasQueue bool
	atomic   bool

	err error
}

// options gathers options of any verb.
func options[O interface{ apply(*call) }](opts []O) (*call, error) {
	c := new(call)
	for _, o := range opts {
		o.apply(c)
	}
	if c.err == nil {
		c.check()
	}
	return c, c.err
}

func (c *call) fail(format string, args ...any) {
	if c.err == nil {
		c.err = invalid("%s", fmt.Sprintf(format, args...))
	}
}

// check reports options that contradict each other.
func (c *call) check() {
	switch {
	case c.hasNames && (c.from != nil || c.to != nil):
		c.fail("Names and Slice, From or To contradict each other")
	case c.hasNames && c.reversed:
		c.fail("Names and Reversed contradict each other")
	case c.hasNames && c.hasLimit:
		c.fail("Names and Limit contradict each other")
	case c.hasTokens && c.hasKeys:
		c.fail("Keys and Tokens contradict each other")
	case c.startKey != nil && c.hasKeys:
		c.fail("Keys and FromKey contradict each other")
	case c.startKey != nil && c.hasTokens:
		c.fail("Tokens and FromKey contradict each other")
	}
}

// selects reports whether the call says which columns it is about.
func (c *call) selects() bool {
	return c.hasNames || c.from != nil || c.to != nil || c.reversed || c.hasLimit
}

// limitOr returns the limit that was given, or another.
func (c *call) limitOr(n int) int {
	if c.hasLimit {
		return c.limit
	}
	return n
}

func anys[T any](s []T) []any {
	out := make([]any, len(s))
	for i, v := range s {
		out[i] = v
	}
	return out
}
