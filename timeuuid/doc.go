// Package timeuuid makes UUIDs of version 1 from times and reads their times,
// for names of type TimeUUIDType: events in the order of time, of which no two
// overwrite each other.
//
// [Random] makes a new one for a time, to write with; [FromTime] one with a
// given clock sequence and node. [Lowest] and [Highest] bound all UUIDs of an
// instant, to read a span of time with:
//
//	from, to := timeuuid.Lowest(noon), timeuuid.Highest(noon.Add(time.Hour))
//
// [Time] reads the time of a UUID, and [Compare] orders UUIDs as Cassandra does.
//
// UUIDs count time in steps of 100 ns from 1582-10-15; the last that they can
// hold is in the year 5236. An instant, for Lowest and Highest, is a
// microsecond, as most clients write it.
package timeuuid
