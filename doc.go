// Package widerow is the front of Cassandra's column-family ("wide-row") data
// model: sorted columns in rows, on an engine in the process or on a cluster.
//
// # Words
//
// A column has a name, a value and a timestamp. A row is a key with any number of columns, sorted by name: two, or
// ten million. A column family holds rows, as a table does, and a keyspace holds families. Rows of one family need not have
// the same columns.
//
// The definition of a family has three kinds of types. The key validator is the type of the row keys. The comparator is the type of
// the column names and sets their order. A validator is the type of the values of a column. In a counter family the values are
// counts, and programs increment them. In a super family a row holds super columns, which are named groups of columns.
//
// Every write has a timestamp. If two writes are to the same column, the write with the higher timestamp wins, whichever arrives first.
// A removal is a write, too: it leaves a tombstone, which hides older writes until the family's gc_grace has passed.
//
// A cluster keeps replicas of each row on several nodes. The consistency level of a call says how many of them must answer. The
// partitioner gives each key a token, its place on the ring of nodes, and rows are in the order of tokens: that of the keys, or that of
// hashes. An embedded store is a cluster of one node.
//
// pycassa is Cassandra's Python client, whose users find each of its calls in docs/pycassa.md.
//
// # Opening
//
// Package connect opens a store by its URL and returns a [DB]; [New] makes one
// of any [backend.Backend].
//
//	db, err := connect.Open(ctx, "embedded:data")
//	defer db.Close()
//
// A DB holds keyspaces, a [Keyspace] holds column families. [Keyspace.Family]
// reads a family's definition from the store; the [Family] that it returns packs
// and unpacks row keys, column names and values by the types of that definition.
//
//	users, err := db.Keyspace("Keyspace1").Family(ctx, "Users")
//
// # Schema
//
// [DB.System] returns the [SystemManager], which creates, alters and drops
// keyspaces, families and indexes. Package schema has the definitions.
//
//	sys := db.System()
//	err := sys.EnsureKeyspace(ctx, schema.NewKeyspace("Keyspace1", 1))
//	err = sys.EnsureFamily(ctx, schema.Family{
//		Keyspace: "Keyspace1", Name: "Users",
//		Comparator: schema.UTF8Type, KeyValidator: schema.UTF8Type, DefaultValidator: schema.UTF8Type,
//	}, widerow.ColumnDef{Name: "age", Validator: schema.LongType})
//
// # Writing
//
// [Family.Insert] writes columns, new or existing; [Family.BatchInsert] writes columns of
// several rows. [Family.Remove] removes a row or columns, and [Family.RemoveSlice] a slice.
// [Family.Add] adds to a counter. A [Batch] collects many writes and sends them in one call,
// and [InBatch] sends them in as many calls as necessary.
//
//	ts, err := users.Insert(ctx, "thobbs", widerow.Values{{"name", "Tyler"}, {"age", 24}})
//
// # Reading
//
// [Family.Get] reads a row, and [Family.MultiGet] several rows. [Family.Columns] iterates
// over a row of any length, and [Family.Page] reads a page of a row, with bookmarks for the
// pages around it. [Family.Range] reads consecutive rows, and [Family.Where] the rows that an
// index finds. [Family.Count] and [Family.MultiCount] count columns. Options select the
// columns, their direction and their number.
//
//	row, err := users.Get(ctx, "thobbs", widerow.Names("name", "age"))
//	row, err = users.Get(ctx, "row_key", widerow.Slice("7", "5"), widerow.Reversed())
//	for row, err := range users.Where(ctx, widerow.Eq("state", "Utah"), widerow.Gt("birthdate", 1970)) {
//		…
//	}
//
// Results are Go values of the types that package coltype documents. For example, text is a
// string and bytes are a []byte; a type that the definition leaves open is bytes. [Typed] is a
// view of a family in Go types of your choice, without boxing. With [Raw], all values stay
// bytes. Package rowmap stores structs as rows.
//
// # Errors
//
// Every error is an [*Error] with the operation and its target. Its kind is one of the Err
// values, for errors.Is: ErrNotFound, ErrTimedOut and so on. [SafeToRetry] reports whether
// the same call may be made again.
//
// # Concurrency
//
// Handles ([DB], [SystemManager], [Keyspace], [Family], [View]) and a [Batch] are safe for concurrent use. Results, such as a
// [Row], belong to the caller and are not safe for concurrent use.
package widerow
