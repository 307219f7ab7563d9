import static me.prettyprint.hector.api.factory.HFactory.*;
import static session.Session.*;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import me.prettyprint.cassandra.model.BasicColumnDefinition;
import me.prettyprint.cassandra.model.BasicColumnFamilyDefinition;
import me.prettyprint.cassandra.serializers.StringSerializer;
import me.prettyprint.cassandra.service.ThriftCfDef;
import me.prettyprint.cassandra.service.ThriftKsDef;
import me.prettyprint.hector.api.ddl.*;
import session.Session;

/** Who is there, and definitions of keyspaces and column families. */
final class Schema {
    static final StringSerializer text = StringSerializer.get();

    public static void main(String[] args) {
        try (Session s = new Session(args, "HectorSchema")) {
            title("the cluster");
            print("name", s.cluster.describeClusterName());
            print("version", s.cluster.describeThriftVersion());
            print("partitioner", s.cluster.describePartitioner());
            print("schema versions", s.cluster.describeSchemaVersions().size());
            print("hosts", s.cluster.getKnownPoolHosts(true).size());

            title("a keyspace with all");
            s.create(full());
            print("keyspace", keyspace(s));
            print("ring", s.cluster.describeRing(s.name).size() + " range, of "
                    + s.cluster.describeRing(s.name).get(0).getEndpoints());
            s.cluster.addColumnFamily(createColumnFamilyDefinition(s.name, "Later", ComparatorType.LONGTYPE), true);
            print("keyspace", keyspace(s));

            title("changes");
            BasicColumnFamilyDefinition changed = new BasicColumnFamilyDefinition(family(s, "Full"));
            changed.setComment("changed");
            changed.setGcGraceSeconds(0);
            BasicColumnDefinition column = new BasicColumnDefinition();
            column.setName(text.toByteBuffer("added"));
            column.setValidationClass("BytesType");
            column.setIndexName("by_added");
            column.setIndexType(ColumnIndexType.KEYS);
            changed.addColumnDefinition(column);
            s.cluster.updateColumnFamily(new ThriftCfDef(changed), true);
            print("keyspace", keyspace(s));
            ThriftKsDef wider = new ThriftKsDef(
                    s.name, "org.apache.cassandra.locator.SimpleStrategy", 3, Arrays.<ColumnFamilyDefinition>asList());
            s.cluster.updateKeyspace(wider, true);
            print("replication", s.cluster.describeKeyspace(s.name).getReplicationFactor());
            s.cluster.dropColumnFamily(s.name, "Later", true);
            print("families", s.cluster.describeKeyspace(s.name).getCfDefs().size());

            title("refused");
            print("absent keyspace", s.cluster.describeKeyspace("HectorNothing"));
            refused("the keyspace again", () -> s.cluster.addKeyspace(createKeyspaceDefinition(s.name), true));
            refused("a family again", () -> s.cluster.addColumnFamily(full(), true));
            refused("a family of no keyspace", () -> s.cluster.addColumnFamily(
                    createColumnFamilyDefinition("HectorNothing", "F"), true));
            refused("a family with a dash", () -> s.cluster.addColumnFamily(
                    createColumnFamilyDefinition(s.name, "a-b"), true));
            refused("an unknown type", () -> s.cluster.addColumnFamily(createColumnFamilyDefinition(
                    s.name, "F", ComparatorType.getByClassName("org.apache.cassandra.db.marshal.NoType")), true));
            refused("dropping no family", () -> s.cluster.dropColumnFamily(s.name, "Nothing", true));
            refused("dropping no keyspace", () -> s.cluster.dropKeyspace("HectorNothing", true));
        }
    }

    static ColumnFamilyDefinition full() {
        BasicColumnFamilyDefinition f = new BasicColumnFamilyDefinition();
        f.setKeyspaceName("HectorSchema");
        f.setName("Full");
        f.setColumnType(ColumnType.STANDARD);
        f.setComparatorType(ComparatorType.UTF8TYPE);
        f.setKeyValidationClass("UTF8Type");
        f.setDefaultValidationClass("LongType");
        f.setComment("all that there is");
        f.setReadRepairChance(0.5);
        f.setGcGraceSeconds(1000);
        f.setMinCompactionThreshold(6);
        f.setMaxCompactionThreshold(20);
        f.setReplicateOnWrite(true);
        f.setCompactionStrategy("LeveledCompactionStrategy");
        f.setCompactionStrategyOptions(Map.of("sstable_size_in_mb", "20"));
        f.setCompressionOptions(Map.of("sstable_compression", "SnappyCompressor", "chunk_length_kb", "32"));
        BasicColumnDefinition column = new BasicColumnDefinition();
        column.setName(text.toByteBuffer("state"));
        column.setValidationClass("UTF8Type");
        column.setIndexName("by_state");
        column.setIndexType(ColumnIndexType.KEYS);
        f.addColumnDefinition(column);
        return new ThriftCfDef(f);
    }

    static ColumnFamilyDefinition family(Session s, String name) {
        for (ColumnFamilyDefinition f : s.cluster.describeKeyspace(s.name).getCfDefs()) {
            if (f.getName().equals(name)) {
                return f;
            }
        }
        throw new AssertionError("no family " + name);
    }

    static String keyspace(Session s) {
        KeyspaceDefinition k = s.cluster.describeKeyspace(s.name);
        StringBuilder b = new StringBuilder(k.getName() + " " + k.getStrategyClass() + " " + k.getStrategyOptions());
        TreeMap<String, String> families = new TreeMap<>();
        for (ColumnFamilyDefinition f : k.getCfDefs()) {
            families.put(f.getName(), family(f));
        }
        families.values().forEach(b::append);
        return b.toString();
    }

    static String family(ColumnFamilyDefinition f) {
        TreeMap<String, String> columns = new TreeMap<>();
        for (ColumnDefinition c : f.getColumnMetadata()) {
            String name = text.fromByteBuffer(c.getName());
            columns.put(name, "\n    " + name + " " + c.getValidationClass() + " " + c.getIndexName() + " " + c.getIndexType());
        }
        return "\n  " + f.getName() + " " + f.getColumnType() + " '" + f.getComment() + "'"
                + "\n    " + f.getKeyValidationClass() + " / " + f.getComparatorType().getClassName() + " / "
                + f.getDefaultValidationClass()
                + "\n    gc_grace " + f.getGcGraceSeconds() + ", read repair " + f.getReadRepairChance()
                + ", compaction " + f.getMinCompactionThreshold() + " to " + f.getMaxCompactionThreshold()
                + " by " + f.getCompactionStrategy() + " " + new TreeMap<>(f.getCompactionStrategyOptions())
                + "\n    compression " + new TreeMap<>(f.getCompressionOptions())
                + ", replicate on write " + f.isReplicateOnWrite()
                + String.join("", columns.values());
    }
}
