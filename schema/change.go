package schema

// Change is one change of the schema: one of the types below, by value.
type Change interface{ change() }

type (
	// CreateKeyspace creates a keyspace and the families in it.
	CreateKeyspace struct{ Keyspace Keyspace }
	// AlterKeyspace changes the attributes of a keyspace. Its Families are ignored.
	AlterKeyspace struct{ Keyspace Keyspace }
	// DropKeyspace drops a keyspace with all its data.
	DropKeyspace struct{ Name string }
	// CreateFamily creates a column family in the keyspace that it names.
	CreateFamily struct{ Family Family }
	// AlterFamily changes the attributes that are set in Family; other attributes stay.
	// It replaces the whole list of Columns: a column that is left out loses its
	// validator and its index. If Whole is set, attributes that are not set are reset to
	// their defaults, as in the Thrift call, except attributes that only CQL has. Base is
	// the definition that Family was made from. If Base is set, only the differences
	// between Base and Family are changed, so that changes by other clients since Base was
	// read stay. See [AlterFamily.Rebase].
	AlterFamily struct {
		Family Family
		Whole  bool
		Base   *Family
	}
	// DropFamily drops a column family with all its data.
	DropFamily struct{ Keyspace, Name string }
)

func (CreateKeyspace) change() {}
func (AlterKeyspace) change()  {}
func (DropKeyspace) change()   {}
func (CreateFamily) change()   {}
func (AlterFamily) change()    {}
func (DropFamily) change()     {}
