package cqlclient

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
	"github.com/widerow/widerow/schema"
)

// definition is what the comment of a table holds.
type definition struct {
	Family  *schema.Family
	Shadows map[string]string // by the hex digits of the indexed column's name
}

const marker = "\n--widerow:"

// load reads the schema.
func (c *Client) load(ctx context.Context) (*snapshot, error) {
	var all []schema.Keyspace
	shadows := map[familyName]map[string]string{}
	iter := c.session.Query("SELECT keyspace_name, durable_writes, replication FROM system_schema.keyspaces").IterContext(ctx)
	var name string
	var durable bool
	var replication map[string]string
	for iter.Scan(&name, &durable, &replication) {
		if strings.HasPrefix(name, "system") {
			continue
		}
		k := schema.Keyspace{Name: name, Strategy: replication["class"], DurableWrites: &[]bool{durable}[0], StrategyOptions: replication}
		delete(replication, "class")
		replication = nil
		all = append(all, k)
	}
	if err := iter.Close(); err != nil {
		return nil, c.fail(ctx, err)
	}
	iter = c.session.Query("SELECT keyspace_name, table_name, comment FROM system_schema.tables").IterContext(ctx)
	var table, comment string
	for iter.Scan(&name, &table, &comment) {
		_, text, ok := strings.Cut(comment, marker)
		if !ok {
			continue
		}
		var d definition
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			continue
		}
		for i := range all {
			if all[i].Name == name {
				all[i].Families = append(all[i].Families, *d.Family)
			}
		}
		s := map[string]string{}
		for column, shadow := range d.Shadows {
			b, _ := hex.DecodeString(column)
			s[string(b)] = shadow
		}
		shadows[familyName{name, table}] = s
	}
	if err := iter.Close(); err != nil {
		return nil, c.fail(ctx, err)
	}
	cat, err := catalog.New(all)
	if err != nil {
		return nil, err
	}
	for k := range cat.AllKeyspaces() {
		for f := range cat.Families(k.Name) {
			f.Held = newOwnTable(f, shadows[familyName{k.Name, f.Def.Name}])
		}
	}
	return &snapshot{cat: cat}, nil
}

func classOf(t coltype.Type) string {
	for {
		r, ok := t.(*coltype.ReversedType)
		if !ok {
			break
		}
		t = r.Base()
	}
	if strings.HasSuffix(t.String(), ".DateType") {
		return "timestamp"
	}
	return quoteText(t.String())
}

func (c *Client) exec(ctx context.Context, statement string) error {
	return c.fail(ctx, c.session.Query(statement).ExecContext(ctx))
}

func (c *Client) create(ctx context.Context, f *catalog.Family) error {
	key := classOf(f.KeyValidator)
	if strings.Contains(key, "CompositeType") {
		key = "blob"
	}
	def := definition{Family: f.Def, Shadows: map[string]string{}}
	columns := []string{"key " + key, "column1 " + classOf(f.Comparator)}
	primary, order := "key, column1", "column1 ASC"
	if clusterBy("", f.Comparator).desc {
		order = "column1 DESC"
	}
	if f.Super {
		columns = append(columns, "column2 "+classOf(f.Subcomparator))
		primary += ", column2"
		if clusterBy("", f.Subcomparator).desc {
			order += ", column2 DESC"
		} else {
			order += ", column2 ASC"
		}
	}
	if f.Counter {
		columns = append(columns, "value counter")
	} else {
		columns = append(columns, "value blob", "ttl int")
	}
	for i := range f.Indexes {
		x := hex.EncodeToString(f.Indexes[i].Column)
		def.Shadows[x] = quoteName(fmt.Sprintf("ix_%s_%d", x, time.Now().UnixNano()))
		class := classOf(f.Indexes[i].Type)
		if strings.Contains(class, "CompositeType") {
			class = "blob"
		}
		columns = append(columns, def.Shadows[x]+" "+class+" static")
	}
	text, err := json.Marshal(def)
	if err != nil {
		return err
	}
	if err := c.exec(ctx, fmt.Sprintf("CREATE TABLE %s.%s (%s, PRIMARY KEY (%s)) WITH CLUSTERING ORDER BY (%s) AND gc_grace_seconds = %d AND comment = %s",
		quoteName(f.Def.Keyspace), quoteName(f.Def.Name), strings.Join(columns, ", "), primary, order, max(0, *f.Def.GCGraceSeconds), quoteText(f.Def.Comment+marker+string(text)))); err != nil {
		return err
	}
	for i := range f.Indexes {
		x := &f.Indexes[i]
		if err := c.exec(ctx, fmt.Sprintf("CREATE INDEX %s ON %s.%s (%s)", quoteName(x.Name), quoteName(f.Def.Keyspace), quoteName(f.Def.Name), def.Shadows[hex.EncodeToString(x.Column)])); err != nil {
			return err
		}
	}
	return nil
}

// Alter implements backend.Backend.
func (c *Client) Alter(ctx context.Context, change schema.Change) (string, error) {
	if err := c.enter(ctx); err != nil {
		return "", err
	}
	defer c.leave()
	next, err := c.snapshot().cat.Apply(change)
	if err != nil {
		return "", err
	}
	switch change := change.(type) {
	case schema.CreateKeyspace:
		k := next.Keyspace(change.Keyspace.Name)
		options := []string{"'class': " + quoteText(k.Strategy)}
		for o, v := range k.StrategyOptions {
			options = append(options, quoteText(o)+": "+quoteText(v))
		}
		err = c.exec(ctx, fmt.Sprintf("CREATE KEYSPACE %s WITH replication = {%s}", quoteName(k.Name), strings.Join(options, ", ")))
		for f := range next.Families(k.Name) {
			if err == nil {
				err = c.create(ctx, f)
			}
		}
	case schema.DropKeyspace:
		err = c.exec(ctx, "DROP KEYSPACE "+quoteName(change.Name))
	case schema.CreateFamily:
		f, _ := next.Family(change.Family.Keyspace, change.Family.Name)
		err = c.create(ctx, f)
	case schema.DropFamily:
		err = c.exec(ctx, "DROP TABLE "+quoteName(change.Keyspace)+"."+quoteName(change.Name))
	default:
		err = backend.ErrUnsupported
	}
	if err != nil {
		return "", err
	}
	schema, err := c.load(ctx)
	if err != nil {
		return "", err
	}
	c.schema.Store(schema)
	return schema.cat.Version(), nil
}

// Keyspaces implements backend.Backend.
func (c *Client) Keyspaces(ctx context.Context, names ...string) ([]schema.Keyspace, error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer c.leave()
	return c.snapshot().cat.Keyspaces(names...)
}

// SchemaVersion implements backend.SchemaVersioner.
func (c *Client) SchemaVersion() string { return c.snapshot().cat.Version() }

// Describe implements backend.Backend.
func (c *Client) Describe(ctx context.Context, r *backend.DescribeRequest) (*backend.Cluster, error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer c.leave()
	return &backend.Cluster{Partitioner: c.ring.Class()}, nil
}

// refresh reads the schema again.
func (c *Client) refresh(ctx context.Context) (*snapshot, error) {
	s, err := c.load(ctx)
	if err == nil {
		c.schema.Store(s)
	}
	return s, err
}
