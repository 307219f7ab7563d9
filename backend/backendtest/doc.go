// Package backendtest is the conformance suite of package backend. It has scripts that
// define the semantics of Cassandra's column families, which every store passes, and
// random histories that compare a store with a model.
//
// # Testing a store
//
// The author of a backend calls the suite from a test of the backend, with a function
// that opens an empty store:
//
//	func open(t testing.TB, o backendtest.Options) backendtest.Target {
//		store, err := mystore.Open(t.TempDir(), o.Partitioner)
//		if err != nil {
//			t.Fatal(err)
//		}
//		t.Cleanup(func() { store.Close() })
//		return backendtest.Target{
//			Backend: store,
//			Lacks:   map[backendtest.Feature]string{backendtest.AtomicBatch: "there is no log"},
//		}
//	}
//
//	func TestConformance(t *testing.T) { backendtest.Run(t, open) }
//	func TestRandom(t *testing.T)      { backendtest.Random(t, open) }
//
// Scripts that need a feature which a [Target] lacks are skipped, by name and with the
// reason. A store behind a network needs an Advance that sleeps. Each script has a
// keyspace named bt_SCRIPT, which is created at its start and dropped at its end.
//
// # Scripts
//
// The scripts are the files of testdata. A line that is indented by two blanks is output
// of the statement above; a statement without such lines prints nothing. A line that
// begins with # is a comment. A line that begins with == is the title of a section. Each
// section is a subtest, and the sections share the script's data. The conditions of a
// script, or section, are before its first statement:
//
//	needs: clock, ghosts        features, see [Feature]
//	since: 1.1                  versions of Cassandra
//	until: 1.2
//	partitioner: random         of a whole script; else it runs with each
//
// Data is written and read by these statements:
//
//	insert Users['k']['a'] = 'v' @5           at timestamp 5
//	insert Users['k']: 'a' = 'v', 'b' = 'w' @5 ttl 10
//	insert Groups['k']['super']['a'] = 'v' @5
//	incr Counts['k']['a'] by -2
//	del Users['k'] @5                         a row
//	del Users['k']['a'] @5                    a column; of a super family, a super column
//	del Groups['k']['super']['a'] @5
//	del Users['k'] columns 'a', 'b' @5
//	del Users['k'] from 'a' to 'c' @5         a slice
//	begin batch [atomic] [in KEYSPACE]        then inserts, incrs and dels as above, then
//	apply batch
//	get Users['k', 'l'] [PREDICATE]           with ['super'] behind it, a super column's columns
//	count Users['k'] [PREDICATE]
//	range Users [RANGE] [filter EXPRESSIONS] [in 'super'] [PREDICATE]
//	range Users where EXPRESSIONS [RANGE] [PREDICATE]
//	list …                                    as range, but the rows are printed in order of their keys
//	truncate Users
//	advance 3s                                the clock
//	purge
//	reopen
//
// A PREDICATE is made of "columns 'a', 'b'", "no columns", "from 'a'", "to 'b'",
// "reversed" and "limit 5"; a RANGE of "keys from 'a'", "keys to 'b'", "tokens
// from '12'", "tokens to of 'b'" (the token of that key) and "rows 5". The limits
// are 100 if they are not given. EXPRESSIONS are such as 'state' = 'UT' and
// 'age' >= 21. Every request may end in "consistency QUORUM"; it is ONE otherwise.
//
// The schema is changed by create, alter and drop, and printed by describe:
//
//	create keyspace other with replication_factor=1 and durable_writes=false
//	create column family Users with comparator=UTF8Type and column 'age' LongType indexed
//	alter column family other.Users with comment=new
//	drop column family Users
//	describe column family Users
//	describe partitioner
//
// Values are 'text', numbers, true and false, UUIDs, bytes such as x'00ff', and
// composites such as ('a', 5). A value is packed by the type of the name, key or value
// that it is written for. ('a')+ and ('a')- are bounds after and before all names that
// begin with 'a'. In a dynamic composite each component has its alias or class:
// (s:'a', LongType:5). 'x' * 1000 is a repetition.
//
// An error prints as its kind and reason. A script may have a part of the reason, or
// several parts with | between them; the reason must contain one of the parts. Quotes and
// capitals are ignored, and a columnfamily or column family may also be a table. With
// -backendtest.rewrite=DIR, where DIR is the directory of the scripts, the output of the
// store replaces the expected output in the scripts, for review.
//
// # Random histories
//
// [Random] runs the same random statements on the store and on a model. A failure prints
// the shortest history that shows it. To run a history again, use the printed seed
// (-rapid.seed); to run more histories, use -rapid.checks. When the fault is found, put
// the history into a script.
package backendtest
