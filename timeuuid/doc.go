// Package timeuuid makes UUIDs of version 1 from times and reads their times,
// for column names of type TimeUUIDType. Such columns are in the order of time, and two events of the same
// instant do not overwrite each other.
//
// To write an event, make its name with [Random], or with [FromTime] if you choose the clock sequence and the node
// yourself. To read a span of time, take [Lowest] and [Highest] as the ends of the slice: they bound all UUIDs of an
// instant.
//
//	from, to := timeuuid.Lowest(noon), timeuuid.Highest(noon.Add(time.Hour))
//
// [Time] reads the time of a UUID, and [Compare] orders UUIDs as Cassandra does.
//
// UUIDs count time in steps of 100 ns from 1582-10-15. The last time that a UUID can
// hold is in the year 5236. For Lowest and Highest an instant is a microsecond, because
// most clients write times in microseconds.
package timeuuid
