package shell

import (
	"context"
	"errors"
	"net"
	"strings"

	"go.starlark.net/starlark"

	"github.com/widerow/widerow/backend"
)

// pycassa stores the classes of the pycassa package and of the modules that the package uses.
type pycassa struct {
	ordered, structTime *class

	times                                                                      datetimes
	uuid, decimal, decimalTuple, logger, pycassaLogger                         *class
	cassandraType, family, validators, mutator, cfMutator, pool, conn, manager *class
	interactive, familyMap, listener, statsLogger                              *class
	typeClasses                                                                map[string]*class
	thrift                                                                     map[string]*class
	loggers                                                                    map[string]Value
	timestamp                                                                  *native
	consts                                                                     map[string]Value
	// root is the module pycassa.
	root *module
	// shellPool is the pool of the session's keyspace, or nil.
	shellPool Value
}

func (s *Session) initPycassa() {
	s.py = &pycassa{thrift: map[string]*class{}, loggers: map[string]Value{}, consts: map[string]Value{}}
	s.initDatetime()
	s.initUUID()
	s.initDecimal()
	s.initLogging()
	s.initThriftExceptions()
	s.initThrift()
	s.initPycassaLogger()
	s.initCassandraTypes()
	s.initFamily()
	s.initBatch()
	s.initPool()
	s.initManager()
	s.initFamilyMap()
	s.initPycassaModules()
}

var (
	consistencyLevels = []string{"ONE", "QUORUM", "LOCAL_QUORUM", "EACH_QUORUM", "ALL", "ANY", "TWO", "THREE"}
	indexOperators    = []string{"EQ", "GTE", "GT", "LTE", "LT"}
)

// enum is a class whose attributes are numbers.
func (s *Session) enum(name string, first int, names ...string) *class {
	c := s.newClass(name, "pycassa.cassandra.ttypes")
	toName, toValue := s.newDict(), s.newDict()
	for i, n := range names {
		c.attrs.set(n, intValue(first+i))
		toName.put(s, intValue(first+i), str(n))
		toValue.put(s, str(n), intValue(first+i))
	}
	c.attrs.set("_VALUES_TO_NAMES", toName)
	c.attrs.set("_NAMES_TO_VALUES", toValue)
	s.py.thrift[name] = c
	return c
}

func (s *Session) initThrift() {
	t := s.py.thrift
	s.enum("ConsistencyLevel", 1, consistencyLevels...)
	s.enum("IndexOperator", 0, indexOperators...)
	s.enum("IndexType", 0, "KEYS", "CUSTOM", "COMPOSITES")
	define := func(name string, fields ...thriftField) { t[name] = s.thriftClass(name, s.types.object, fields...) }
	define("IndexExpression", nilFields("column_name op value")...)
	define("IndexClause", thriftField{"expressions", none}, thriftField{"start_key", none}, thriftField{"count", intValue(100)})
	define("ColumnDef", nilFields("name validation_class index_type index_name index_options")...)
	define("KsDef", append(nilFields("name strategy_class strategy_options replication_factor cf_defs"), thriftField{"durable_writes", vtrue})...)
	define("TokenRange", nilFields("start_token end_token endpoints rpc_endpoints endpoint_details")...)
	define("EndpointDetails", nilFields("host datacenter rack")...)
	define("Column", nilFields("name value timestamp ttl")...)
	define("CounterColumn", nilFields("name value")...)
	define("SuperColumn", nilFields("name columns")...)
	define("ColumnParent", nilFields("column_family super_column")...)
	define("ColumnPath", nilFields("column_family super_column column")...)
	define("SlicePredicate", nilFields("column_names slice_range")...)
	define("SliceRange", append(nilFields("start finish"), thriftField{"reversed", boolean(false)}, thriftField{"count", intValue(100)})...)
	define("KeyRange", append(nilFields("start_key end_key start_token end_token row_filter"), thriftField{"count", intValue(100)})...)
	fields := nilFields(familyFields)
	for i := range fields {
		switch fields[i].name {
		case "column_type":
			fields[i].value = str("Standard")
		case "comparator_type":
			fields[i].value = str("BytesType")
		case "caching":
			fields[i].value = str("keys_only")
		case "dclocal_read_repair_chance":
			fields[i].value = starlark.Float(0)
		}
	}
	define("CfDef", fields...)
}

func (s *Session) initPycassaModules() {
	p := s.py
	p.root = &module{name: "pycassa"}
	s.modules["pycassa"] = p.root
	add := func(name string, values map[string]Value, order ...string) *module {
		m := &module{name: name}
		for _, n := range order {
			m.attrs.set(n, values[n])
		}
		s.modules[name] = m
		return m
	}
	p.ordered = s.newClass("OrderedDict", "pycassa.util", s.types.ordered)
	public := map[string]Value{
		"ColumnFamily": p.family, "PooledColumnFamily": p.family, "gm_timestamp": p.timestamp, "ColumnFamilyMap": p.familyMap,
		"Mutator": p.mutator, "CfMutator": p.cfMutator, "ConnectionPool": p.pool, "QueuePool": p.pool, "PoolListener": p.listener,
		"ConnectionWrapper": p.conn, "SystemManager": p.manager, "PycassaLogger": p.pycassaLogger, "OrderedDict": p.ordered,
		"AllServersUnavailable": s.exc.AllServersUnavailable, "MaximumRetryException": s.exc.MaximumRetryException,
		"NoConnectionAvailable": s.exc.NoConnectionAvailable, "InvalidRequestError": s.exc.InvalidRequestError,
		"NotFoundException": s.exc.NotFoundException, "InvalidRequestException": s.exc.InvalidRequestException,
		"UnavailableException": s.exc.UnavailableException, "TimedOutException": s.exc.TimedOutException,
		"AuthenticationException": s.exc.AuthenticationException, "AuthorizationException": s.exc.AuthorizationException,
		"SchemaDisagreementException": s.exc.SchemaDisagreementException, "TApplicationException": s.exc.TApplicationException,
		"SIMPLE_STRATEGY": str("SimpleStrategy"), "NETWORK_TOPOLOGY_STRATEGY": str("NetworkTopologyStrategy"),
		"OLD_NETWORK_TOPOLOGY_STRATEGY": str("OldNetworkTopologyStrategy"), "KEYS_INDEX": intValue(0), "StatsLogger": p.statsLogger,
	}
	for name, c := range p.typeClasses {
		public[name] = c
	}
	public["CassandraType"] = p.cassandraType
	for name, c := range p.thrift {
		public[name] = c
	}
	for i, op := range indexOperators {
		public[op] = intValue(i)
	}
	types := []string{}
	for name, c := range map[string]string{
		"BYTES_TYPE": "BytesType", "LONG_TYPE": "LongType", "INT_TYPE": "IntegerType", "ASCII_TYPE": "AsciiType", "UTF8_TYPE": "UTF8Type",
		"TIME_UUID_TYPE": "TimeUUIDType", "LEXICAL_UUID_TYPE": "LexicalUUIDType", "COUNTER_COLUMN_TYPE": "CounterColumnType", "DOUBLE_TYPE": "DoubleType",
		"FLOAT_TYPE": "FloatType", "DECIMAL_TYPE": "DecimalType", "BOOLEAN_TYPE": "BooleanType", "DATE_TYPE": "DateType",
	} {
		v, err := s.call(p.typeClasses[c])
		if err != nil {
			panic(err)
		}
		public[name] = v
		types = append(types, name)
	}
	s.indexFunctions(public)
	s.utilFunctions(public)
	manager := append([]string{"SystemManager", "SIMPLE_STRATEGY", "NETWORK_TOPOLOGY_STRATEGY", "OLD_NETWORK_TOPOLOGY_STRATEGY", "KEYS_INDEX"}, types...)
	index := []string{"create_index_clause", "create_index_expression", "EQ", "GT", "GTE", "LT", "LTE"}
	pool := []string{"QueuePool", "ConnectionPool", "PoolListener", "ConnectionWrapper", "AllServersUnavailable", "MaximumRetryException", "NoConnectionAvailable", "InvalidRequestError"}
	families := []string{"gm_timestamp", "ColumnFamily", "PooledColumnFamily"}
	exceptions := []string{"AuthenticationException", "AuthorizationException", "InvalidRequestException", "NotFoundException", "UnavailableException", "TimedOutException"}
	ttypes := append([]string{"ConsistencyLevel", "IndexOperator", "IndexType", "IndexExpression", "IndexClause", "ColumnDef", "CfDef", "KsDef", "Column", "TokenRange", "SchemaDisagreementException"}, exceptions...)
	typeNames := []string{"CassandraType"}
	for name := range p.typeClasses {
		typeNames = append(typeNames, name)
	}
	for _, list := range [][]string{manager, index, pool, families, exceptions, {"ColumnFamilyMap", "PycassaLogger", "ConsistencyLevel"}} {
		for _, n := range list {
			p.root.attrs.set(n, public[n])
		}
	}
	p.root.attrs.set("__version__", str("1.11.1.post"))
	add("pycassa.columnfamily", public, append(families, "ConsistencyLevel", "NotFoundException")...)
	add("pycassa.columnfamilymap", public, "ColumnFamilyMap")
	add("pycassa.batch", public, "Mutator", "CfMutator")
	add("pycassa.pool", public, pool...)
	add("pycassa.index", public, index...)
	add("pycassa.system_manager", public, append(manager, "IndexType")...)
	add("pycassa.types", public, typeNames...)
	add("pycassa.util", public, "convert_time_to_uuid", "convert_uuid_to_time", "OrderedDict", "LOWEST_TIME_UUID", "HIGHEST_TIME_UUID")
	add("pycassa.cassandra", public)
	s.modules["pycassa.cassandra"].attrs.set("ttypes", add("pycassa.cassandra.ttypes", public, ttypes...))
	add("pycassa.logging", public)
	for name, class := range map[string]string{"pycassa_logger": "PycassaLogger", "pool_stats_logger": "StatsLogger"} {
		s.modules["pycassa.logging"].attrs.set(name, add("pycassa.logging."+name, public, class))
	}
	s.modules["pycassa.contrib"] = &module{name: "pycassa.contrib"}
	s.lazy["pycassa.contrib.stubs"] = s.stubsModule
	for _, n := range []string{"columnfamily", "columnfamilymap", "batch", "pool", "index", "system_manager", "types", "util", "cassandra", "logging", "contrib"} {
		p.root.attrs.set(n, s.modules["pycassa."+n])
	}
	// The names that pycassaShell defines without imports.
	for _, n := range manager {
		s.globals.vars[n] = public[n]
	}
	s.globals.vars["pycassa"] = p.root
	for _, list := range [][]string{index, pool, families, exceptions, typeNames, {
		"ColumnFamilyMap", "Mutator", "ConsistencyLevel", "IndexType", "convert_time_to_uuid", "convert_uuid_to_time", "OrderedDict", "PycassaLogger",
	}} {
		for _, n := range list {
			s.globals.vars[n] = public[n]
		}
	}
	s.modules["uuid"] = s.uuidModule()
	s.modules["uuid"].name = "uuid"
	s.builtins["datetime"], s.builtins["uuid"] = p.times.datetime, s.modules["uuid"]
	s.builtins["timedelta"], s.builtins["Decimal"] = p.times.timedelta, p.decimal
}

func (s *Session) indexFunctions(public map[string]Value) {
	public["create_index_clause"] = s.native("create_index_clause(expr_list, start_key='', count=100)", func(c *call) (Value, error) {
		return s.call(s.py.thrift["IndexClause"], c.args...)
	})
	public["create_index_expression"] = s.native("create_index_expression(column_name, value, op=0)", func(c *call) (Value, error) {
		return s.call(s.py.thrift["IndexExpression"], c.args[0], c.args[2], c.args[1])
	})
}

func (s *Session) utilFunctions(public map[string]Value) {
	public["convert_time_to_uuid"] = s.native("convert_time_to_uuid(time_arg, lowest_val=True, randomize=False)", func(c *call) (Value, error) {
		lowest, err := s.truth(c.args[1])
		if err != nil {
			return nil, err
		}
		random, err := s.truth(c.args[2])
		if err != nil {
			return nil, err
		}
		return s.timeUUID(c.args[0], lowest, random)
	})
	public["convert_uuid_to_time"] = s.native("convert_uuid_to_time(uuid_arg)", func(c *call) (Value, error) {
		u, ok := uuidOf(c.args[0])
		if !ok {
			return nil, s.raise(s.exc.AttributeError, "'%s' object has no attribute 'get_time'", s.typeName(c.args[0]))
		}
		return starlark.Float(uuidSeconds(u)), nil
	})
	lowest, highest := [16]byte{6: 0x10}, [16]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0xff, 0xbf}
	for i := 8; i < 16; i++ {
		lowest[i] = 0x80
		if i > 8 {
			highest[i] = 0x7f
		}
	}
	public["LOWEST_TIME_UUID"], public["HIGHEST_TIME_UUID"] = s.newUUID(lowest), s.newUUID(highest)
}

// thriftError turns a store's error into the exception that a Thrift client receives.
func (s *Session) thriftError(err error) error {
	var e *backend.Error
	var x *exception
	switch {
	case err == nil, errors.As(err, &x):
		return err
	case errors.Is(err, context.Canceled), s.interrupted() != nil:
		return errInterrupted
	case !errors.As(err, &e):
		return s.raise(s.exc.TTransportException, "%v", err)
	}
	why := e.Why
	if why == "" && e.Err != nil {
		why = e.Err.Error()
	}
	switch e.Kind {
	case backend.KindInvalidRequest, backend.KindTooMuch: // the server maps both kinds to this exception
		return s.thrown(s.exc.InvalidRequestException, str(why))
	case backend.KindNotFound:
		return s.thrown(s.exc.NotFoundException)
	case backend.KindUnavailable:
		var dial *net.OpError
		if errors.As(err, &dial) && dial.Op == "dial" && dial.Addr != nil {
			return s.raise(s.exc.AllServersUnavailable, "An attempt was made to connect to each of the servers twice, but none of the attempts succeeded. "+
				"The last failure was TTransportException: Could not connect to %s", dial.Addr)
		}
		return s.retried(s.thrown(s.exc.UnavailableException))
	case backend.KindTimedOut:
		return s.retried(s.thrown(s.exc.TimedOutException))
	case backend.KindAuthentication:
		return s.thrown(s.exc.AuthenticationException, str(why))
	case backend.KindAuthorization:
		return s.thrown(s.exc.AuthorizationException, str(why))
	case backend.KindSchemaDisagreement:
		return s.thrown(s.exc.SchemaDisagreementException)
	}
	return s.raise(s.exc.TApplicationException, "%s", strings.TrimPrefix(e.Error(), "widerow: "))
}

// retried returns the exception that pycassa's pool raises after its last retry. The store's client has already retried
// the call.
func (s *Session) retried(last error) error {
	var x *exception
	if !errors.As(last, &x) {
		return last
	}
	text, err := s.str(x.obj)
	if err != nil {
		return err
	}
	return s.raise(s.exc.MaximumRetryException, "Retried 6 times. Last failure was %s: %s", x.obj.class.name, text)
}
