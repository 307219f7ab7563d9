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
	// AlterFamily replaces the attributes that are set (what is not set stays) and
	// the whole list of Columns: a column left out loses its validator and its
	// index. With Whole, what is not set goes back to its default, as in the Thrift call, except what
	// only CQL has. With Base, the definition that Family was made from, only what differs between the two is changed: what
	// another client has changed since Base was read stays. See [AlterFamily.Rebase].
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
