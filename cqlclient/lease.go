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

// If different nodes receive changes of the schema at the same time, Cassandra applies the changes in any order; of two comments of a
// table only the last survives. Clients therefore take turns: a client that changes the schema holds a lease. A lease is a row that is
// written by lightweight transactions and that expires if its holder does not renew it.
const (
	ownKeyspace = "widerow_schema"
	leaseTable  = `"widerow_schema"."leases"`
	// leaseTableID is the same for all clients, so that two clients that create the table at the same time create one table.
	leaseTableID = "5d1e4a52-6f0b-4d2c-9b1e-77d5a3c0f6e1"

	schemaLease = "schema" // the lease for changes of the schema
	buildLease  = "index " // the lease for building the indexes of a family; the family's name follows

	// leaseTime is how long a lease lasts if it is not renewed. A client that crashed blocks the others for that time.
	leaseTime  = 30 * time.Second
	renewEvery = leaseTime / 4
)

// lease is a lease that this client holds until release. Its context ends when another client may hold the lease.
type lease struct {
	c      *Client
	name   string
	holder gocql.UUID

	cancel  context.CancelCauseFunc
	renewal sync.WaitGroup
	stop    chan struct{}
	// until is when the lease expires if it is not renewed.
	until atomic.Pointer[time.Time]
}

// leaseOf is the key under which a context stores the lease of its holder.
type leaseOf struct{}

// lasts returns an error if the lease in ctx has too little time left to begin a change. It does not rely on the end of ctx: if a process
// was stopped for long, its goroutines may continue before its timers fire.
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
		applied, err := c.leaseQuery("INSERT INTO "+leaseTable+" (name, holder) VALUES (?, ?) IF NOT EXISTS USING TTL "+leaseSeconds, name, holder[:]).
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
		// After a timeout the row may have been written. The next try finds out.
		if err := c.fail(ctx, err); !errors.Is(err, backend.ErrTimedOut) || time.Now().After(until) {
			if errors.Is(err, backend.ErrInvalidRequest) {
				c.leases.Store(false) // the table may have been dropped: the next call creates it
			}
			return nil, nil, err
		}
		// If connections fail, a try may end at once.
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return nil, nil, ctx.Err()
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
		// A renewal must end before the lease expires.
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

// release gives the lease back. If release fails, the lease expires.
func (l *lease) release() {
	close(l.stop)
	l.renewal.Wait()
	l.cancel(nil)
	ctx, cancel := context.WithTimeout(context.Background(), renewEvery)
	defer cancel()
	var other gocql.UUID
	l.c.leaseQuery("DELETE FROM "+leaseTable+" WHERE name = ? IF holder = ?", l.name, l.holder).ScanCASContext(ctx, &other)
}

// lost returns why the lease was lost, if it was lost, and otherwise the error of the call.
func lost(held context.Context, err error) error {
	if err == nil || held.Err() == nil {
		return err
	}
	if cause, ok := errors.AsType[*backend.Error](context.Cause(held)); ok {
		return cause
	}
	return err
}

// ensureLeases creates the table of leases if the cluster does not have it. It replicates the keyspace of the table to up to three nodes
// of each data centre. To choose another replication, an operator creates or alters the keyspace.
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

// ownVersions replaces each node's schema version by the version that the node itself reports. Other nodes may know an older version:
// after a change, a node that has not heard of the change believes that all nodes agree. If a node does not answer, ownVersions keeps
// the version that is known.
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

// agree waits until all reachable nodes have the same version of the schema.
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
