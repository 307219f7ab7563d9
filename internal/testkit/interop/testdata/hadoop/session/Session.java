package session;

import java.nio.ByteBuffer;
import java.util.*;

import org.apache.cassandra.hadoop.ColumnFamilyInputFormat;
import org.apache.cassandra.hadoop.ConfigHelper;
import org.apache.cassandra.thrift.*;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.mapreduce.Job;
import org.apache.log4j.Level;
import org.apache.log4j.Logger;
import org.apache.log4j.varia.NullAppender;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TFramedTransport;
import org.apache.thrift.transport.TSocket;

/** What the programs share: a connection, jobs that read a family, and a place for what they find. */
public class Session {
    public static final String KEYSPACE = "HadoopJobs";
    public final Cassandra.Client client;
    private final String host;
    private final int port;

    /** Lines of the jobs, which run in this process, in the order of text. */
    public static final SortedSet<String> found = Collections.synchronizedSortedSet(new TreeSet<String>());

    public Session(String address) throws Exception {
        Logger.getRootLogger().addAppender(new NullAppender());
        Logger.getRootLogger().setLevel(Level.OFF);
        int colon = address.lastIndexOf(':');
        host = address.substring(0, colon);
        port = Integer.parseInt(address.substring(colon + 1));
        TFramedTransport transport = new TFramedTransport(new TSocket(host, port));
        client = new Cassandra.Client(new TBinaryProtocol(transport));
        transport.open();
    }

    /** Creates the keyspace with these families, in place of one that is there. */
    public void create(CfDef... families) throws Exception {
        for (KsDef k : client.describe_keyspaces())
            if (k.getName().equals(KEYSPACE))
                client.system_drop_keyspace(KEYSPACE);
        KsDef def = new KsDef(KEYSPACE, "org.apache.cassandra.locator.SimpleStrategy", Arrays.asList(families));
        def.setStrategy_options(Collections.singletonMap("replication_factor", "1"));
        client.system_add_keyspace(def);
        client.set_keyspace(KEYSPACE);
    }

    public static CfDef family(String name, String comparator, String values) {
        CfDef f = new CfDef(KEYSPACE, name);
        f.setComparator_type(comparator);
        f.setKey_validation_class("UTF8Type");
        f.setDefault_validation_class(values);
        return f;
    }

    public void insert(String family, String key, ByteBuffer name, ByteBuffer value) throws Exception {
        client.insert(bytes(key), new ColumnParent(family), new Column(name).setValue(value).setTimestamp(1), ConsistencyLevel.ONE);
    }

    /** A job that reads a family by a predicate, in splits of so many rows. */
    public Job job(String name, String family, boolean wide, SlicePredicate predicate) throws Exception {
        Configuration conf = new Configuration();
        conf.set("hadoop.tmp.dir", System.getProperty("java.io.tmpdir") + "/hadoop");
        Job job = new Job(conf, name);
        job.setJarByClass(Session.class);
        job.setInputFormatClass(ColumnFamilyInputFormat.class);
        Configuration c = job.getConfiguration();
        ConfigHelper.setInputInitialAddress(c, host);
        ConfigHelper.setInputRpcPort(c, "" + port);
        ConfigHelper.setInputPartitioner(c, "RandomPartitioner");
        ConfigHelper.setInputColumnFamily(c, KEYSPACE, family, wide);
        ConfigHelper.setInputSlicePredicate(c, predicate);
        ConfigHelper.setInputSplitSize(c, 128);
        ConfigHelper.setRangeBatchSize(c, 7);
        ConfigHelper.setOutputInitialAddress(c, host);
        ConfigHelper.setOutputRpcPort(c, "" + port);
        ConfigHelper.setOutputPartitioner(c, "RandomPartitioner");
        return job;
    }

    /** Runs a job and prints what its tasks found. */
    public static void run(Job job) throws Exception {
        found.clear();
        job.submit();
        while (!job.isComplete())
            Thread.sleep(20);
        System.out.println("== " + job.getJobName() + (job.isSuccessful() ? "" : " FAILED"));
        for (String line : found)
            System.out.println(line);
    }

    /** Prints the rows of a family in the order of their keys. */
    public void print(String family) throws Exception {
        KeyRange range = new KeyRange(10000);
        range.setStart_key(new byte[0]);
        range.setEnd_key(new byte[0]);
        SortedSet<String> lines = new TreeSet<String>();
        for (KeySlice row : client.get_range_slices(new ColumnParent(family), all(), range, ConsistencyLevel.ONE)) {
            StringBuilder line = new StringBuilder(text(ByteBuffer.wrap(row.getKey())));
            for (ColumnOrSuperColumn c : row.getColumns())
                line.append(' ').append(text(c.column.name)).append('=').append(text(c.column.value));
            lines.add(line.toString());
        }
        for (String line : lines)
            System.out.println(line);
    }

    public static SlicePredicate all() {
        return new SlicePredicate().setSlice_range(new SliceRange(bytes(""), bytes(""), false, Integer.MAX_VALUE));
    }

    public static SlicePredicate names(String... names) {
        List<ByteBuffer> list = new ArrayList<ByteBuffer>();
        for (String n : names)
            list.add(bytes(n));
        return new SlicePredicate().setColumn_names(list);
    }

    public static ByteBuffer bytes(String s) {
        return ByteBufferUtil.bytes(s);
    }

    public static String text(ByteBuffer b) throws java.io.IOException {
        return ByteBufferUtil.string(b);
    }

    public static String number(ByteBuffer b) {
        return "" + ByteBufferUtil.toLong(b);
    }
}
