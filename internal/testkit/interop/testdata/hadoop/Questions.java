import java.nio.ByteBuffer;
import java.util.*;

import org.apache.cassandra.thrift.*;

import session.Session;

/** The questions that the input format of Hadoop and Pig's CassandraStorage ask by CQL, as they ask them, and their answers. */
public class Questions {
    static final String FAMILY = "WHERE keyspace_name = 'HadoopJobs'   AND columnfamily_name = '%s' ";

    static void ask(Session s, String question) throws Exception {
        System.out.println("== " + question);
        CqlResult r = s.client.execute_cql3_query(Session.bytes(question), Compression.NONE, ConsistencyLevel.ONE);
        System.out.println(r.type + ", names are " + r.schema.default_name_type + ", values are " + r.schema.default_value_type);
        for (Map.Entry<ByteBuffer, String> e : new TreeMap<ByteBuffer, String>(r.schema.name_types).entrySet())
            System.out.println("  " + Session.text(e.getKey()) + ": " + e.getValue() + ", " + r.schema.value_types.get(e.getKey()));
        for (CqlRow row : r.rows) {
            System.out.println("row '" + Session.text(ByteBuffer.wrap(row.getKey())) + "'");
            for (Column c : row.columns)
                System.out.println("  " + Session.text(c.name) + " = " + (c.value == null ? "absent" : Session.text(c.value))
                    + (c.isSetTimestamp() || c.isSetTtl() ? " with a time" : ""));
        }
    }

    public static void main(String[] args) throws Exception {
        Session s = new Session(args[0]);
        CfDef users = Session.family("Users", "UTF8Type", "UTF8Type");
        users.addToColumn_metadata(new ColumnDef(Session.bytes("state"), "UTF8Type").setIndex_type(IndexType.KEYS).setIndex_name("users_state"));
        users.addToColumn_metadata(new ColumnDef(Session.bytes("born"), "LongType"));
        users.setKey_alias(Session.bytes("user \"name\""));
        users.setComment("it's <a> \"comment\"");
        CfDef groups = Session.family("Groups", "CompositeType(UTF8Type,ReversedType(LongType))", "CounterColumnType");
        CfDef supers = Session.family("Supers", "BytesType", "UTF8Type");
        supers.setColumn_type("Super");
        supers.setSubcomparator_type("LongType");
        supers.addToColumn_metadata(new ColumnDef(ByteBuffer.wrap(new byte[] {0, 0, 0, 0, 0, 0, 0, 9}), "AsciiType"));
        CfDef bytes = Session.family("Bytes", "BytesType", "BytesType");
        bytes.addToColumn_metadata(new ColumnDef(ByteBuffer.wrap(new byte[] {0, 1, (byte) 0xff}), "AsciiType"));
        s.create(users, groups, supers, bytes);
        for (String family : new String[] {"Users", "Groups", "Supers", "Bytes", "None"}) {
            String where = String.format(FAMILY, family);
            // ColumnFamilyRecordReader
            ask(s, "SELECT comparator,       subcomparator FROM system.schema_columnfamilies " + where);
            // AbstractCassandraStorage
            ask(s, "SELECT type,       comparator,       subcomparator,       default_validator,       key_validator,       key_aliases FROM system.schema_columnfamilies " + where);
            ask(s, "SELECT column_name,        validator,        index_type FROM system.schema_columns " + where.trim());
            // CqlStorage, of families that were not made by CQL
            ask(s, "SELECT key_aliases,        column_aliases,        key_validator,        comparator,        keyspace_name,        value_alias,        default_validator FROM system.schema_columnfamilies " + where);
            // CqlRecordWriter and CqlPagingRecordReader
            ask(s, "SELECT key_validator,       key_aliases,       column_aliases FROM system.schema_columnfamilies WHERE keyspace_name='HadoopJobs' and columnfamily_name='" + family + "'");
            ask(s, "select key_aliases,column_aliases, key_validator, comparator from system.schema_columnfamilies where keyspace_name='HadoopJobs' and columnfamily_name='" + family + "'");
        }
        ask(s, "SELECT caching, comment, compaction_strategy_class, compaction_strategy_options, compression_parameters, id, key_alias FROM system.schema_columnfamilies WHERE keyspace_name = 'HadoopJobs'");
        ask(s, "SELECT * FROM system.schema_columns WHERE keyspace_name = 'HadoopJobs'");
    }
}
