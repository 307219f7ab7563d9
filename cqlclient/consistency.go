package cqlclient

import (
	gocql "github.com/apache/cassandra-gocql-driver/v2"

	"github.com/widerow/widerow/backend"
)

var consistencies = map[backend.Consistency]gocql.Consistency{
	0:                   gocql.One,
	backend.One:         gocql.One,
	backend.Two:         gocql.Two,
	backend.Three:       gocql.Three,
	backend.Quorum:      gocql.Quorum,
	backend.All:         gocql.All,
	backend.Any:         gocql.Any,
	backend.LocalOne:    gocql.LocalOne,
	backend.LocalQuorum: gocql.LocalQuorum,
	backend.EachQuorum:  gocql.EachQuorum,
	backend.Serial:      gocql.Serial,
	backend.LocalSerial: gocql.LocalSerial,
}
