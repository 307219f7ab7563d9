package thriftwire

// Sink receives the rows of a reply while they are decoded, without intermediate structs of the interface. It is the
// client's counterpart of [Encoder]. The bytes that it receives alias the reply. The memory that it may allocate was
// charged to the decoder's [Memory] before.
type Sink interface {
	// Rows begins the reply, which has n rows.
	Rows(n int)
	// Row begins a row.
	Row()
	// Key gives the key of the row that began last, after its columns or before. A reply of get_slice has none.
	Key(key []byte)
	// Columns says that n columns or counters follow at most: of the super column that began last, or else of the row,
	// which has either columns or super columns.
	Columns(n int)
	Column(name, value []byte, timestamp int64, ttl int32)
	Counter(name []byte, count int64)
	// Supers announces at most n super columns. Super begins each of them; Name gives its name, before or after its
	// columns.
	Supers(n int)
	Super()
	Name(name []byte)
}

// The memory that a Sink may allocate for each row, column, super column and value of a counter.
const (
	SinkRow    = 72
	SinkColumn = 64
	SinkSuper  = 48
	SinkCount  = 8
)

// SinkResult returns a new result, for args, whose rows go into s. The method must be get_slice, multiget_slice,
// get_range_slices or get_indexed_slices.
func SinkResult(args Args, s Sink) Result { return &sunk{args: args, sink: s} }

// sunk is a result whose rows are passed to a sink. An exception is not passed to the sink.
type sunk struct {
	args Args
	sink Sink
	rest sunkRest // nil unless a field is no success
}

// sunkRest is the method's own result.
type sunkRest interface {
	Result
	decodeException(d *decoder, k uint32)
}

// Err returns the exception, or nil.
func (x *sunk) Err() error {
	if x.rest == nil {
		return nil
	}
	return x.rest.Err()
}

// Throw returns false, because the result can only be decoded.
func (x *sunk) Throw(error) bool { return false }

func (x *sunk) append(b []byte) []byte { return append(b, typeStop) }

func (x *sunk) decode(d *decoder) {
	field, rows := uint32(typeList<<16), d.sinkKeySlices
	switch x.args.Method() {
	case "get_slice":
		rows = d.sinkSlice
	case "multiget_slice":
		field, rows = typeMap<<16, d.sinkMap
	}
	var seen bool
	for k := d.field(); k != fieldStop; k = d.field() {
		if k == field {
			rows(x.sink)
			seen = true
			continue
		}
		if x.rest == nil {
			x.rest, _ = x.args.NewResult().(sunkRest)
		}
		if x.rest == nil {
			d.malformed("%s returns no rows", x.args.Method())
			return
		}
		x.rest.decodeException(d, k)
	}
	if !seen && x.Err() == nil {
		d.fail(missingResult(x.args.Method()))
	}
}

// sinkSlice decodes the result of get_slice: one row.
func (d *decoder) sinkSlice(s Sink) {
	if d.charge(SinkRow) {
		s.Rows(1)
		s.Row()
		d.sinkElements(s)
	}
}

// sinkMap decodes the result of multiget_slice: rows by key.
func (d *decoder) sinkMap(s Sink) {
	n := d.dict(typeString, typeList, 4+5)
	if !d.charge(int64(n) * SinkRow) {
		return
	}
	s.Rows(n)
	for range n {
		s.Row()
		s.Key(d.binary())
		if d.sinkElements(s); d.err != nil {
			return
		}
	}
}

// sinkKeySlices decodes a list of KeySlice.
func (d *decoder) sinkKeySlices(s Sink) {
	n := d.list(typeStruct, 1+3+4+3+5)
	if !d.charge(int64(n) * SinkRow) {
		return
	}
	s.Rows(n)
	for range n {
		s.Row()
		var seen uint32
		for k := d.field(); k != fieldStop; k = d.field() {
			switch {
			case k == typeString<<16|1:
				s.Key(d.binary())
				seen |= 1 << 0
			case k == typeList<<16|2 && seen&(1<<1) != 0:
				d.malformed("columns twice")
			case k == typeList<<16|2:
				d.sinkElements(s)
				seen |= 1 << 1
			default:
				d.skip(k)
			}
		}
		if seen != 1<<2-1 {
			d.missing(seen, 0b0, "KeySlice", "key", "columns")
		}
		if d.err != nil {
			return
		}
	}
}

// sinkElements decodes a list of ColumnOrSuperColumn. All of them must be columns or counters, or all super columns, as
// they are in every reply of Cassandra.
func (d *decoder) sinkElements(s Sink) {
	n := d.list(typeStruct, 1)
	var columns, supers bool // they were announced
	for range n {
		set := 0
		for k := d.field(); k != fieldStop; k = d.field() {
			switch k {
			case typeStruct<<16 | 1, typeStruct<<16 | 3:
				if !columns {
					if columns = d.charge(int64(n) * SinkColumn); !columns {
						return
					}
					s.Columns(n)
				}
				if k == typeStruct<<16|1 {
					d.sinkColumn(s)
				} else {
					d.sinkCounter(s)
				}
				set++
			case typeStruct<<16 | 2, typeStruct<<16 | 4:
				if !supers {
					if supers = d.charge(int64(n) * SinkSuper); !supers {
						return
					}
					s.Supers(n)
				}
				d.sinkSuper(s, k == typeStruct<<16|4)
				set++
			default:
				d.skip(k)
			}
		}
		if set > 1 || columns && supers {
			d.malformed("a row of columns and super columns")
		}
		if d.err != nil {
			return
		}
	}
}

func (d *decoder) sinkColumn(s Sink) {
	var c Column
	if c.decode(d); d.err == nil {
		s.Column(c.Name, c.Value, c.Timestamp.V, c.TTL.V)
	}
}

func (d *decoder) sinkCounter(s Sink) {
	var c CounterColumn
	if c.decode(d); d.err == nil && d.charge(SinkCount) {
		s.Counter(c.Name, c.Value)
	}
}

// sinkSuper decodes a SuperColumn or a CounterSuperColumn.
func (d *decoder) sinkSuper(s Sink, counters bool) {
	s.Super()
	var seen uint32
	for k := d.field(); k != fieldStop; k = d.field() {
		switch {
		case k == typeString<<16|1:
			s.Name(d.binary())
			seen |= 1 << 0
		case k == typeList<<16|2 && seen&(1<<1) != 0:
			d.malformed("columns twice")
		case k == typeList<<16|2:
			d.sinkColumns(s, counters)
			seen |= 1 << 1
		default:
			d.skip(k)
		}
	}
	if seen != 1<<2-1 {
		name := "SuperColumn"
		if counters {
			name = "CounterSuperColumn"
		}
		d.missing(seen, 0b0, name, "name", "columns")
	}
}

func (d *decoder) sinkColumns(s Sink, counters bool) {
	size := 1 + 3 + 4 // of a Column, at least
	if counters {
		size += 3 + 8
	}
	n := d.list(typeStruct, size)
	if n == 0 || !d.charge(int64(n)*SinkColumn) {
		return
	}
	s.Columns(n)
	for range n {
		if counters {
			d.sinkCounter(s)
		} else {
			d.sinkColumn(s)
		}
		if d.err != nil {
			return
		}
	}
}
