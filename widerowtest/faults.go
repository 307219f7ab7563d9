package widerowtest

import (
	"context"
	"slices"
	"sync"

	"github.com/widerow/widerow"
	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/embedded"
	"github.com/widerow/widerow/schema"
)

// Verb is a kind of call that the front makes to a store.
type Verb string

// The verbs, with the methods of the front that use each.
const (
	AnyVerb   Verb = ""
	Slice     Verb = "slice"     // Get, MultiGet, Columns
	Count     Verb = "count"     // Count, MultiCount
	Range     Verb = "range"     // Range
	Index     Verb = "index"     // Where
	Mutate    Verb = "mutate"    // Insert, Add, Remove, RemoveSlice, RemoveCounter, a batch's Send
	Compare   Verb = "compare"   // CompareAndSet
	Truncate  Verb = "truncate"  // Truncate
	Keyspaces Verb = "keyspaces" // Family, Reload, the SystemManager's reads
	Alter     Verb = "alter"     // the SystemManager's changes
	Describe  Verb = "describe"  // the SystemManager's Ring, Version and so on
)

// Call is one call of a store.
type Call struct {
	Verb     Verb
	Keyspace string
	// Families are the families that the call is about. Mutate may have several
	// families; calls about the schema or the cluster have none.
	Families []string
	// Request is the request that package backend defines for the verb, such as a
	// *backend.SliceRequest, or nil. It must not be changed.
	Request any
}

// Fault says which calls fail and how.
type Fault struct {
	// Verb is the kind of call that fails. The default is every kind.
	Verb Verb
	// Family is the family whose calls fail. The default is every family.
	Family string
	// If Match is not nil, only calls for which it returns true fail. Match is called
	// with the store locked.
	Match func(Call) bool

	// Skip is the number of matching calls that succeed before the first that fails.
	Skip int
	// Times is how many calls fail. The default is one. A negative number means all.
	Times int

	// Err is the error of the calls that fail. The default is ErrUnavailable.
	Err error
	// Applied executes the call before it fails. This simulates a write that times
	// out after it has reached a replica.
	Applied bool
}

// Injection is a fault in force. [Store.Fail] makes an Injection; a nil or zero Injection must not be used.
type Injection struct {
	faults *faults
	fault  Fault

	// The lock of faults protects these fields.
	seen, hits int
	stopped    bool
}

// Hits returns how many calls the fault has failed so far.
func (i *Injection) Hits() int {
	i.faults.mu.Lock()
	defer i.faults.mu.Unlock()
	return i.hits
}

// Stop ends the fault.
func (i *Injection) Stop() {
	i.faults.mu.Lock()
	defer i.faults.mu.Unlock()
	i.stopped = true
}

// Fail makes calls fail from now on. If several faults match a call, the
// oldest one that is still in force applies.
func (s *Store) Fail(f Fault) *Injection {
	if f.Times == 0 {
		f.Times = 1
	}
	if f.Err == nil {
		f.Err = widerow.ErrUnavailable
	}
	i := &Injection{faults: s.faults, fault: f}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.injections = append(s.faults.injections, i)
	return i
}

// FailNext makes the next call of that verb fail with err, which should be an Err
// value of package widerow. An empty family means any family.
func (s *Store) FailNext(verb Verb, family string, err error) *Injection {
	return s.Fail(Fault{Verb: verb, Family: family, Err: err})
}

// Calls returns how many calls of the verb were made on the family, including failed
// calls. AnyVerb counts the calls of every verb, and an empty family the calls on every
// family.
func (s *Store) Calls(verb Verb, family string) int {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	return s.faults.calls[tally{verb, family}]
}

// is reports whether the call is of that verb and family; empty means any.
func (c Call) is(verb Verb, family string) bool {
	return (verb == AnyVerb || c.Verb == verb) && (family == "" || slices.Contains(c.Families, family))
}

// faults is the engine, with calls that can be made to fail. Other methods of the engine are passed through.
type faults struct {
	*embedded.Store

	mu         sync.Mutex
	injections []*Injection
	calls      map[tally]int
}

// tally is the key by which calls are counted. An empty field means any.
type tally struct {
	verb   Verb
	family string
}

// do makes a call. If a fault matches, do fails instead of the call, or after it.
func (b *faults) do(c Call, call func() error) error {
	fault := b.next(c)
	switch {
	case fault == nil:
		return call()
	case fault.Applied:
		if err := call(); err != nil {
			return err
		}
	}
	return fault.Err
}

func (b *faults) next(c Call) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls[tally{}]++
	b.calls[tally{verb: c.Verb}]++
	for _, family := range c.Families {
		b.calls[tally{family: family}]++
		b.calls[tally{c.Verb, family}]++
	}
	for _, i := range b.injections {
		f := &i.fault
		if i.stopped || f.Times >= 0 && i.hits >= f.Times || !c.is(f.Verb, f.Family) || f.Match != nil && !f.Match(c) {
			continue
		}
		if i.seen++; i.seen > f.Skip {
			i.hits++
			return f
		}
	}
	return nil
}

func (b *faults) Slice(ctx context.Context, r *backend.SliceRequest) (rows []backend.Row, err error) {
	err = b.do(Call{Slice, r.Keyspace, []string{r.Family}, r}, func() error {
		rows, err = b.Store.Slice(ctx, r)
		return err
	})
	return rows, err
}

func (b *faults) Count(ctx context.Context, r *backend.SliceRequest) (counts []int, err error) {
	err = b.do(Call{Count, r.Keyspace, []string{r.Family}, r}, func() error {
		counts, err = b.Store.Count(ctx, r)
		return err
	})
	return counts, err
}

func (b *faults) Range(ctx context.Context, r *backend.RangeRequest) (rows []backend.Row, err error) {
	err = b.do(Call{Range, r.Keyspace, []string{r.Family}, r}, func() error {
		rows, err = b.Store.Range(ctx, r)
		return err
	})
	return rows, err
}

func (b *faults) Index(ctx context.Context, r *backend.IndexRequest) (rows []backend.Row, err error) {
	err = b.do(Call{Index, r.Keyspace, []string{r.Family}, r}, func() error {
		rows, err = b.Store.Index(ctx, r)
		return err
	})
	return rows, err
}

func (b *faults) Mutate(ctx context.Context, r *backend.MutateRequest) error {
	var families []string
	for i := range r.Rows {
		if !slices.Contains(families, r.Rows[i].Family) {
			families = append(families, r.Rows[i].Family)
		}
	}
	return b.do(Call{Mutate, r.Keyspace, families, r}, func() error { return b.Store.Mutate(ctx, r) })
}

func (b *faults) CompareAndSet(ctx context.Context, r *backend.CompareRequest) (result *backend.CompareResult, err error) {
	err = b.do(Call{Compare, r.Keyspace, []string{r.Family}, r}, func() error {
		result, err = b.Store.CompareAndSet(ctx, r)
		return err
	})
	return result, err
}

func (b *faults) Truncate(ctx context.Context, keyspace, family string) error {
	return b.do(Call{Truncate, keyspace, []string{family}, nil}, func() error {
		return b.Store.Truncate(ctx, keyspace, family)
	})
}

func (b *faults) Keyspaces(ctx context.Context, names ...string) (ks []schema.Keyspace, err error) {
	err = b.do(Call{Verb: Keyspaces}, func() error {
		ks, err = b.Store.Keyspaces(ctx, names...)
		return err
	})
	return ks, err
}

func (b *faults) Alter(ctx context.Context, change schema.Change) (version string, err error) {
	err = b.do(Call{Verb: Alter, Request: change}, func() error {
		version, err = b.Store.Alter(ctx, change)
		return err
	})
	return version, err
}

func (b *faults) Describe(ctx context.Context, r *backend.DescribeRequest) (c *backend.Cluster, err error) {
	err = b.do(Call{Verb: Describe, Keyspace: r.Keyspace, Request: r}, func() error {
		c, err = b.Store.Describe(ctx, r)
		return err
	})
	return c, err
}
