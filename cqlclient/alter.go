package cqlclient

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/schema"
)

// Alter implements [backend.Backend]. Clients change the schema one at a time, in the order in which they get the schema lease.
// If the change adds an index, Alter fills the index after it has released the lease, so that a long fill blocks no other client.
// Alter returns when the index is built. If ctx ends earlier, any open client builds the index later.
func (c *Client) Alter(ctx context.Context, change schema.Change) (version string, err error) {
	if err := c.enter(ctx); err != nil {
		return "", err
	}
	defer func(start time.Time) { c.done(MethodAlter, start, err) }(time.Now())
	touched, err := c.alter(ctx, withSignedDates(change))
	if err != nil {
		return "", err
	}
	if touched != nil {
		if err := c.build(ctx, *touched); err != nil {
			return "", err
		}
	}
	return c.SchemaVersion(), nil
}

// alter makes the change under the lease. If indexes of a family must be filled after the change, alter returns that family.
func (c *Client) alter(ctx context.Context, change schema.Change) (fill *familyName, err error) {
	l, held, err := c.takeLease(ctx, schemaLease)
	if err != nil {
		return nil, err
	}
	defer l.release()
	fill, err = c.alterHeld(held, change)
	return fill, lost(held, err)
}

func (c *Client) alterHeld(ctx context.Context, change schema.Change) (fill *familyName, err error) {
	// A client that crashed may have stopped before the nodes agreed on its change.
	if err := c.agree(ctx); err != nil {
		return nil, err
	}
	if _, err := c.refresh(ctx); err != nil {
		return nil, err
	}
	old := c.snapshot()
	if alteration, ok := change.(schema.AlterFamily); ok {
		if f, err := old.cat.Family(alteration.Family.Keyspace, alteration.Family.Name); err == nil {
			change = alteration.Rebase(f.Def)
		}
	}
	next, err := old.cat.Apply(change)
	if err != nil {
		return nil, err
	}
	switch change := change.(type) {
	case schema.CreateKeyspace:
		err = c.createKeyspace(ctx, next, &change.Keyspace)
	case schema.AlterKeyspace:
		err = c.define(ctx, keyspaceStatement("ALTER", next.Keyspace(change.Keyspace.Name)))
	case schema.DropKeyspace:
		err = c.define(ctx, "DROP KEYSPACE "+quoteName(change.Name))
	case schema.CreateFamily:
		err = c.createFamily(ctx, next, &change.Family)
	case schema.AlterFamily:
		fill, err = c.alterFamily(ctx, old, next, &change.Family)
	case schema.DropFamily:
		err = c.define(ctx, "DROP TABLE "+tableName(&schema.Family{Keyspace: change.Keyspace, Name: change.Name}))
	}
	if err != nil {
		return nil, err
	}
	_, err = c.refresh(ctx)
	return fill, err
}

// withSignedDates replaces comparators that are dates by the type that Cassandra 3 and later use for them. See signedDates.
func withSignedDates(change schema.Change) schema.Change {
	fix := func(class *string) {
		if t, err := coltype.Parse(*class); err == nil && signedDates(t) != t {
			*class = signedDates(t).String()
		}
	}
	switch change := change.(type) {
	case schema.CreateKeyspace:
		change.Keyspace.Families = slices.Clone(change.Keyspace.Families)
		for i := range change.Keyspace.Families {
			f := &change.Keyspace.Families[i]
			fix(&f.Comparator)
			fix(&f.Subcomparator)
		}
		return change
	case schema.CreateFamily:
		fix(&change.Family.Comparator)
		fix(&change.Family.Subcomparator)
		return change
	case schema.AlterFamily:
		fix(&change.Family.Comparator)
		fix(&change.Family.Subcomparator)
		return change
	}
	return change
}

// createKeyspace creates a keyspace and its families. If it cannot create a family, it drops the new keyspace.
func (c *Client) createKeyspace(ctx context.Context, next *catalog.Catalog, asked *schema.Keyspace) error {
	if asked.Name == ownKeyspace {
		return backend.InvalidRequest("keyspace %s is where clients keep their leases", ownKeyspace)
	}
	if err := c.define(ctx, keyspaceStatement("CREATE", next.Keyspace(asked.Name))); err != nil {
		return err
	}
	for i := range asked.Families {
		f := asked.Families[i]
		if slices.ContainsFunc(asked.Families[i+1:], func(later schema.Family) bool { return later.Name == f.Name }) {
			continue // if two families have one name, the last is created
		}
		f.Keyspace = asked.Name
		if err := c.createFamily(ctx, next, &f); err != nil {
			undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewEvery)
			defer cancel()
			c.define(undo, "DROP KEYSPACE "+quoteName(asked.Name))
			return err
		}
	}
	return nil
}

// createFamily creates the table of a family and its indexes. The indexes need no filling, since the table is empty.
func (c *Client) createFamily(ctx context.Context, next *catalog.Catalog, asked *schema.Family) error {
	f, err := next.Family(asked.Keyspace, asked.Name)
	if err != nil {
		return err
	}
	shadows := map[string]string{}
	for i := range f.Indexes {
		shadows[string(f.Indexes[i].Column)] = shadowName(f.Indexes[i].Column, i+1)
	}
	release := c.snapshot().release
	statement, err := createTable(f, asked, shadows, release)
	if err != nil {
		return err
	}
	if err := c.define(ctx, statement); err != nil {
		return err
	}
	var names []string
	for i := range f.Indexes {
		x := &f.Indexes[i]
		if err := c.define(ctx, createIndex(f.Def, x.Name, shadows[string(x.Column)], release)); err != nil {
			return err
		}
		names = append(names, x.Name)
	}
	return c.awaitIndexes(ctx, f.Def.Keyspace, names)
}

// alterFamily changes a table of ours, or the options of another table. The order of the steps is: add new shadows; change the
// comment, which holds the definition; drop unused shadows. If an alteration stops between two steps, the next alteration completes it.
func (c *Client) alterFamily(ctx context.Context, old *snapshot, next *catalog.Catalog, asked *schema.Family) (fill *familyName, err error) {
	name := familyName{asked.Keyspace, asked.Name}
	m := old.tables[name]
	was, err := old.cat.Family(name.keyspace, name.family)
	if err != nil {
		return nil, err
	}
	f, err := next.Family(name.keyspace, name.family)
	if err != nil {
		return nil, err
	}
	options := tableOptions(f.Def, asked, was.Def, old.release)
	if tableOf(was).form != formOwn {
		return nil, c.alterForeign(ctx, f, was, options)
	}
	if err := unalterable(f, was); err != nil {
		return nil, err
	}
	if err := m.fitsValues(f); err != nil {
		return nil, err
	}
	plan := planShadows(m, f, was)
	if len(plan.added) > 0 {
		if err := c.define(ctx, "ALTER TABLE "+tableName(f.Def)+" ADD ("+strings.Join(plan.declarations(f), ", ")+")"); err != nil {
			return nil, err
		}
	}
	comment, err := (&definition{Family: f.Def, Shadows: plan.shadows}).comment()
	if err != nil {
		return nil, err
	}
	if comment != m.Comment {
		options = append(options, "comment = "+quoteText(comment))
	}
	if len(options) > 0 {
		if err := c.define(ctx, "ALTER TABLE "+tableName(f.Def)+" WITH "+strings.Join(options, " AND ")); err != nil {
			return nil, err
		}
	}
	if err := c.dropShadows(ctx, m, plan); err != nil {
		return nil, err
	}
	if len(plan.added)+len(plan.unbuilt) > 0 {
		fill = &name
	}
	return fill, nil
}

// alterForeign changes the options of a table that this package did not make. Such a table cannot store any other attribute.
func (c *Client) alterForeign(ctx context.Context, f, was *catalog.Family, options []string) error {
	if err := sameColumns(f, was); err != nil {
		return err
	}
	if f.Def.Comment != was.Def.Comment {
		if strings.Contains(f.Def.Comment, marker) {
			return backend.InvalidRequest("the comment of %s has a line that begins with --widerow:, which would be the definition of the table", f.Def.Name)
		}
		options = append(options, "comment = "+quoteText(f.Def.Comment))
	}
	if len(options) == 0 {
		return nil
	}
	return c.define(ctx, "ALTER TABLE "+tableName(f.Def)+" WITH "+strings.Join(options, " AND "))
}

// sameColumns refuses an alteration of types or descriptions of columns of a table that this package did not make.
func sameColumns(f, was *catalog.Family) error {
	same := f.Def.Comparator == was.Def.Comparator && f.Def.KeyValidator == was.Def.KeyValidator &&
		f.Def.DefaultValidator == was.Def.DefaultValidator && len(f.Def.Columns) == len(was.Def.Columns)
	for i := range f.Def.Columns {
		same = same && f.Def.Columns[i].Validator == was.Def.Columns[i].Validator && f.Def.Columns[i].Index == was.Def.Columns[i].Index &&
			string(f.Def.Columns[i].Name) == string(was.Def.Columns[i].Name)
	}
	if same {
		return nil
	}
	return &backend.Error{Kind: backend.KindUnsupported, Why: "the types and the described columns of " + f.Def.Name +
		" are those of its CQL table, which this client did not make: alter the table in CQL, or make it one of this client's with widerow adopt"}
}

// shadowPlan lists the changes that an alteration makes to the shadows of a table.
type shadowPlan struct {
	shadows map[string]string // after the alteration, by the indexed column
	added   []string          // indexed columns that get a new shadow
	unbuilt []string          // indexed columns whose shadow exists and has no index
	dropped []string          // unused shadows, including shadows that an earlier, interrupted alteration left
}

func planShadows(m *tableMeta, f, was *catalog.Family) shadowPlan {
	p := shadowPlan{shadows: map[string]string{}}
	have := tableShadows(m, was)
	generation := m.nextGeneration()
	for i := range f.Indexes {
		x := &f.Indexes[i]
		column := string(x.Column)
		shadow, ok := have[column]
		old := was.Indexed(x.Column)
		if !ok || old == nil || old.Name != x.Name || declaredBlob(old.Type) != declaredBlob(x.Type) {
			shadow = shadowName(x.Column, generation)
			generation++
			p.added = append(p.added, column)
		} else if m.indexOn(shadow) == nil {
			p.unbuilt = append(p.unbuilt, column)
		}
		p.shadows[column] = shadow
	}
	used := slices.Collect(maps.Values(p.shadows))
	for _, c := range m.kind(staticKind) {
		if generationOf(c.Name) > 0 && !slices.Contains(used, c.Name) {
			p.dropped = append(p.dropped, c.Name)
		}
	}
	return p
}

// tableShadows returns the shadows of a table without quotes.
func tableShadows(m *tableMeta, f *catalog.Family) map[string]string {
	shadows := map[string]string{}
	for column, quoted := range tableOf(f).shadows {
		for _, c := range m.columns {
			if quoteName(c.Name) == quoted {
				shadows[column] = c.Name
			}
		}
	}
	return shadows
}

// declarations returns the declarations of the new shadows for ALTER TABLE ADD.
func (p *shadowPlan) declarations(f *catalog.Family) []string {
	var list []string
	for _, column := range p.added {
		list = append(list, quoteName(p.shadows[column])+" "+declaredBlob(f.Validator([]byte(column)))+" static")
	}
	return list
}

// dropShadows drops shadows that the definition does not have any more. It drops their indexes at once, and their columns when no
// client writes them any more.
func (c *Client) dropShadows(ctx context.Context, m *tableMeta, plan shadowPlan) error {
	if len(plan.dropped) == 0 {
		return nil
	}
	var columns []string
	for _, shadow := range plan.dropped {
		if x := m.indexOn(shadow); x != nil {
			if err := c.define(ctx, "DROP INDEX IF EXISTS "+quoteName(m.Keyspace)+"."+quoteName(x.Name)); err != nil {
				return err
			}
		}
		columns = append(columns, quoteName(shadow))
	}
	if err := c.settle(ctx); err != nil {
		return err
	}
	return c.define(ctx, "ALTER TABLE "+quoteName(m.Keyspace)+"."+quoteName(m.Name)+" DROP ("+strings.Join(columns, ", ")+")")
}

// settle waits until every client knows the schema that the nodes now agree on. If the client is closed, settle ends at once: another
// client, or the next alteration, does the remaining steps.
func (c *Client) settle(ctx context.Context) error {
	select {
	case <-time.After(c.schema.settle):
		return nil
	case <-c.schema.closing:
		return &backend.Error{Kind: backend.KindClosed}
	case <-ctx.Done():
		return ctx.Err()
	}
}
