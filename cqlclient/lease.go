package cqlclient

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

// Cassandra applies changes of the schema that come to different nodes at the same time in any order, and takes the last of two
// comments of a table. So clients take turns: who changes the schema holds a lease, a row that is written by lightweight
// transactions and expires if its holder does not renew it.
const (
	ownKeyspace = "widerow_schema"
	leaseTable  = `"widerow_schema"."leases"`
	// leaseTableID is the same for all who create the table, so that two that do at the same time make one table.
	leaseTableID = "5d1e4a52-6f0b-4d2c-9b1e-77d5a3c0f6e1"

	schemaLease = "schema" // of changes of the schema
	buildLease  = "index " // of building the indexes of the family that is named behind it

	// leaseTime is how long a lease lasts that is not renewed: as long a client that crashed blocks the others.
	leaseTime  = 30 * time.Second
	renewEvery = leaseTime / 4
)

// lease is held until release. Its context ends when it may be another's.
type lease struct {
	c      *Client
	name   string
	holder gocql.UUID

	cancel  context.CancelCauseFunc
	renewal sync.WaitGroup
	stop    chan struct{}
	// until is when it expires, if it is not renewed.
	until atomic.Pointer[time.Time]
}

// leaseOf is the key of a lease in the context of its holder.
type leaseOf struct{}

// lasts returns an error if the lease that ctx is held by has too little time left to begin a change. That its context has not ended
// does not say so: a process that was stopped for long goes on before its timers do.
func lasts(ctx context.Context) error {
	l, ok := ctx.Value(leaseOf{}).(*lease)
	if !ok || time.Until(*l.until.Load()) > renewEvery {
		return nil
	}
	return &backend.Error{Kind: backend.KindUnavailable, Err: errLeaseLost}
}

var errLeaseLost = errors.New("the lease expired, since the cluster did not renew it in time")

// errLeaseHeld is returned by tryLease if another client holds it.
var errLeaseHeld = errors.New("another client holds the lease")

// takeLease waits for a lease. The context that it returns ends with ctx and when the lease is lost.
func (c *Client) takeLease(ctx context.Context, name string) (*lease, context.Context, error) {
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		l, held, err := c.tryLease(ctx, name)
		if !errors.Is(err, errLeaseHeld) {
			return l, held, err
		}
		select {
		case <-time.After(wait/2 + rand.N(wait)):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		}
	}
}

// tryLease takes a lease that nobody holds.
func (c *Client) tryLease(ctx context.Context, name string) (*lease, context.Context, error) {
	if err := c.ensureLeases(ctx); err != nil {
		return nil, nil, err
	}
	holder, err := gocql.RandomUUID()
	if err != nil {
		return nil, nil, err
	}
	l := &lease{c: c, name: name, holder: holder, stop: make(chan struct{})}
	until := time.Now().Add(leaseTime)
	for {
		var other gocql.UUID
		applied, err := c.leaseQuery("INSERT INTO "+leaseTable+" (name, holder) VALUES (?, ?) IF NOT EXISTS USING TTL "+leaseSeconds, name, holder).
			ScanCASContext(ctx, nil, &other)
		switch {
		case err == nil && !applied && other != holder:
			return nil, nil, errLeaseHeld
		case err == nil:
			held, cancel := context.WithCancelCause(context.WithValue(ctx, leaseOf{}, l))
			l.cancel = cancel
			l.until.Store(&until)
			l.renewal.Go(func() { l.renew(held) })
			return l, held, nil
		}
		// After a timeout the row may be there. Asking again tells.
		if err := c.fail(ctx, err); !errors.Is(err, backend.ErrTimedOut) || time.Now().After(until) {
			return nil, nil, err
		}
	}
}

var leaseSeconds = strconv.Itoa(int(leaseTime / time.Second))

// leaseQuery is a lightweight transaction.
func (c *Client) leaseQuery(statement string, args ...any) *gocql.Query {
	return c.session.Query(statement, args...).Consistency(gocql.Quorum).SerialConsistency(gocql.Serial)
}

// renew renews the lease until it is released or lost.
func (l *lease) renew(held context.Context) {
	again := time.NewTicker(renewEvery)
	defer again.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-again.C:
		}
		began, until := time.Now(), *l.until.Load()
		// A renewal must be over while the lease still lasts.
		ctx, cancel := context.WithDeadline(context.WithoutCancel(held), until)
		var other gocql.UUID
		applied, err := l.c.leaseQuery("UPDATE "+leaseTable+" USING TTL "+leaseSeconds+" SET holder = ? WHERE name = ? IF holder = ?", l.holder, l.name, l.holder).
			ScanCASContext(ctx, &other)
		cancel()
		switch {
		case err == nil && applied:
			until := began.Add(leaseTime)
			l.until.Store(&until)
		case err == nil, time.Now().Add(renewEvery).After(until):
			l.cancel(&backend.Error{Kind: backend.KindUnavailable, Err: errLeaseLost})
			return
		}
	}
}

// release gives the lease back. If that fails it expires.
func (l *lease) release() {
	close(l.stop)
	l.renewal.Wait()
	l.cancel(nil)
	ctx, cancel := context.WithTimeout(context.Background(), renewEvery)
	defer cancel()
	var other gocql.UUID
	l.c.leaseQuery("DELETE FROM "+leaseTable+" WHERE name = ? IF holder = ?", l.name, l.holder).ScanCASContext(ctx, &other)
}

// lost replaces the error of a call by why the lease was lost, if it was.
func lost(held context.Context, err error) error {
	if err == nil || held.Err() == nil {
		return err
	}
	if cause, ok := errors.AsType[*backend.Error](context.Cause(held)); ok {
		return cause
	}
	return err
}

// ensureLeases creates the table of leases if the cluster does not have it. The keyspace is then replicated to up to three nodes of
// each data centre; whoever wants it otherwise creates or alters it.
func (c *Client) ensureLeases(ctx context.Context) error {
	if c.leases.Load() {
		return nil
	}
	var name string
	err := c.session.Query("SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = 'leases'", ownKeyspace).ScanContext(ctx, &name)
	if errors.Is(err, gocql.ErrNotFound) {
		err = c.createLeases(ctx)
	}
	if err == nil {
		c.leases.Store(true)
		return nil
	}
	err = c.fail(ctx, err)
	if errors.Is(err, backend.ErrAuthorization) {
		return &backend.Error{Kind: backend.KindAuthorization, Err: err, Why: "changes of the schema need the table widerow_schema.leases: " +
			"let an administrator change the schema once, or create the table, and grant SELECT and MODIFY on it"}
	}
	return err
}

func (c *Client) createLeases(ctx context.Context) error {
	nodes, err := c.nodes(ctx)
	if err != nil {
		return err
	}
	perDC := map[string]int{}
	for i := range nodes {
		perDC[nodes[i].Datacenter]++
	}
	replication := map[string]string{"class": "NetworkTopologyStrategy"}
	for dc, n := range perDC {
		replication[dc] = strconv.Itoa(min(n, 3))
	}
	for _, statement := range []string{
		"CREATE KEYSPACE IF NOT EXISTS " + quoteName(ownKeyspace) + " WITH replication = " + mapLiteral(replication),
		"CREATE TABLE IF NOT EXISTS " + leaseTable + " (name text PRIMARY KEY, holder uuid) WITH id = '" + leaseTableID +
			"' AND comment = 'Who changes the schema through widerow, or fills an index. Rows expire.'",
	} {
		if err := c.define(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// define sends a statement that changes the schema, and waits until the reachable nodes agree on it.
func (c *Client) define(ctx context.Context, statement string) error {
	if err := lasts(ctx); err != nil {
		return err
	}
	if err := c.session.Query(statement).ExecContext(ctx); err != nil {
		return c.fail(ctx, err)
	}
	return c.agree(ctx)
}

// ownVersions puts the version that each node itself reports in place of what another node has heard of it, which may be older: after
// a change, a node that has not heard of the change believes that all agree. A node that does not answer keeps what it has.
func (c *Client) ownVersions(ctx context.Context, nodes []node) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.ConnectTimeout)
	defer cancel()
	_ = c.each(ctx, len(nodes), func(ctx context.Context, i int) error {
		var version gocql.UUID
		if nodes[i].up {
			err := c.session.Query("SELECT schema_version FROM system.local").SetHostID(nodes[i].ID).ScanContext(ctx, &version)
			if err == nil {
				nodes[i].Version = version.String()
			}
		}
		return nil
	})
}

// agree waits until the nodes that are reachable have one version of the schema.
func (c *Client) agree(ctx context.Context) error {
	deadline := time.Now().Add(c.opts.SchemaTimeout)
	for {
		nodes, err := c.nodes(ctx)
		if err != nil && (ctx.Err() != nil || c.closed.Load()) {
			return err
		}
		c.ownVersions(ctx, nodes)
		versions := map[string][]string{}
		for i := range nodes {
			if n := &nodes[i]; n.up && n.Version != "" {
				versions[n.Version] = append(versions[n.Version], n.Host)
			}
		}
		if err == nil && len(versions) <= 1 {
			return nil
		}
		if time.Now().After(deadline) {
			if err != nil {
				return err
			}
			var parts []string
			for version, hosts := range versions {
				parts = append(parts, version+" at "+strings.Join(hosts, ", "))
			}
			return &backend.Error{
				Kind: backend.KindSchemaDisagreement,
				Why:  fmt.Sprintf("after %v the nodes still have versions %s", c.opts.SchemaTimeout, strings.Join(parts, " and ")),
			}
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
