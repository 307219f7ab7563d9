package cqlclient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/widerow/widerow/backend"
	"github.com/widerow/widerow/coltype"
	"github.com/widerow/widerow/internal/catalog"
)

var _ backend.Adopter = (*Client)(nil)

// Adopt implements [backend.Adopter]. A table can be adopted if it has one CQL row for each column, like the tables that this
// client creates. Such a table lacks only the names of its CQL columns, the column of TTLs and the definition. See docs/cql.md.
func (c *Client) Adopt(ctx context.Context, keyspace, family string, do bool) (statements []string, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	defer func(start time.Time) { c.done(MethodAlter, start, err) }(time.Now())
	if !do {
		s, err := c.refresh(ctx)
		if err != nil {
			return nil, err
		}
		return s.adoption(keyspace, family)
	}
	l, held, err := c.takeLease(ctx, schemaLease)
	if err != nil {
		return nil, err
	}
	defer l.release()
	err = func() error {
		if err := c.agree(held); err != nil {
			return err
		}
		s, err := c.refresh(held)
		if err != nil {
			return err
		}
		if statements, err = s.adoption(keyspace, family); err != nil {
			return err
		}
		for _, statement := range statements {
			if err := c.define(held, statement); err != nil {
				return err
			}
		}
		_, err = c.refresh(held)
		return err
	}()
	return statements, lost(held, err)
}

// adoption returns the statements that turn a table into a table of ours.
func (s *snapshot) adoption(keyspace, family string) ([]string, error) {
	name := familyName{keyspace, family}
	if err := s.refused[name]; err != nil {
		return nil, err
	}
	f, err := s.cat.Family(keyspace, family)
	if err != nil {
		return nil, err
	}
	m := s.tables[name]
	t := tableOf(f)
	if _, d, _ := parseComment(m.Comment); d != nil {
		return nil, nil // the table is already one of ours
	}
	if err := adoptable(m, t); err != nil {
		return nil, err
	}
	table := tableName(f.Def)
	var statements []string
	rename := func(from, to string) {
		if from != quoteName(to) && from != to {
			statements = append(statements, "ALTER TABLE "+table+" RENAME "+from+" TO "+quoteName(to))
		}
	}
	if t.form != formOwn {
		rename(t.key[0].name, "key")
		rename(t.names[0].name, "column1")
		if !f.Counter && m.column("ttl") == nil {
			statements = append(statements, "ALTER TABLE "+table+` ADD "ttl" int`)
		}
	}
	comment, err := (&definition{Family: f.Def, Shadows: tableShadows(m, f)}).comment()
	if err != nil {
		return nil, err
	}
	return append(statements, "ALTER TABLE "+table+" WITH comment = "+quoteText(comment)), nil
}

// adoptable returns an error if a table cannot become one of ours in place. The error says why, and the way out.
func adoptable(m *tableMeta, t *table) error {
	no := func(why, way string) error {
		return &backend.Error{
			Kind: backend.KindUnsupported, Why: fmt.Sprintf("table %s.%s cannot be adopted: %s; %s", m.Keyspace, m.Name, why, way),
		}
	}
	const copyIt = "it stays served as it is, or copy it into a new family with widerow dump and load"
	switch {
	case t.form == formOwn:
		return nil // a table of ours that has lost its comment
	case m.compact():
		return no("it has COMPACT STORAGE", "run ALTER TABLE … DROP COMPACT STORAGE first (enable_drop_compact_storage in cassandra.yaml), once no program uses it through Thrift")
	case t.form == formMixed:
		return no("its described columns are static columns, whose values would have to move while others write", copyIt)
	case t.form != formDense || t.readOnly != "":
		return no("it does not keep one value in each of its rows", copyIt)
	case len(t.key) > 1:
		return no("its key is in several columns", copyIt)
	case len(t.names) > 1:
		return no("the components of its names are in several columns", copyIt)
	case t.value != quoteName("value"):
		return no("its values are in column "+t.value+", which CQL cannot rename to value", copyIt)
	}
	if c := m.column("ttl"); c != nil && (c.Kind != regularKind || c.Type != "int") {
		return no("its column ttl is of another kind", copyIt)
	}
	if name := t.key[0]; !coltype.Equal(name.t, classOf(declaredBlob(name.t))) {
		return no("its key is of a composite class", copyIt)
	}
	return nil
}

// classOf returns the class of a type in the form in which the type is declared.
func classOf(declared string) coltype.Type {
	t, err := parseColumnType(declared)
	if err != nil {
		return nil
	}
	return t.class
}

// fitsValues checks the definition of an adopted table. It returns an error if the definition's type of values is not the type of
// the values in CQL.
func (m *tableMeta) fitsValues(f *catalog.Family) error {
	value := m.column("value")
	if value == nil || value.Type == valueBlob || f.Counter {
		return nil
	}
	t, err := parseColumnType(value.Type)
	fits := err == nil && t.class != nil && coltype.Equal(t.class, f.DefaultValidator)
	for i := range f.Def.Columns {
		fits = fits && coltype.Equal(f.Validator(f.Def.Columns[i].Name), f.DefaultValidator)
	}
	if fits {
		return nil
	}
	return &backend.Error{
		Kind: backend.KindUnsupported, Why: "values of " + f.Def.Name + " stay of type " + value.Type,
		Err: errors.New("the table was adopted, and Cassandra alters the type of no column: copy it into a new family"),
	}
}
