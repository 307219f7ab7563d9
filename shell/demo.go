package shell

import _ "embed"

// DemoScript fills the keyspace [DemoKeyspace] with a small social network, unless it exists.
//
//go:embed demo.py
var DemoScript string

// DemoKeyspace is the keyspace of DemoScript.
const DemoKeyspace = "Demo"

// DemoHints lists statements to try in the keyspace DemoKeyspace.
const DemoHints = `
Try:
  USERS.get('ann')                                          a row
  USERS.insert('finn', {'name': 'Finn', 'city': 'Oslo'})    write one
  for key, user in USERS.get_range(): print key, user['name']
  TIMELINE.get('everyone', column_reversed=True, column_count=3)
  list(USERS.get_indexed_slices(create_index_clause([create_index_expression('city', 'Rome')])))
  VISITS.add('2024-03-01', 'home'); VISITS.get('2024-03-01')
  WEATHER.get('rome', column_start=('attic', 3), column_finish=('attic', 5))
  help(USERS.get)                                           how to call it; Tab completes
`
