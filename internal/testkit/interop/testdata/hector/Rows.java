import static me.prettyprint.hector.api.factory.HFactory.*;
import static session.Session.*;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.prettyprint.cassandra.serializers.LongSerializer;
import me.prettyprint.cassandra.serializers.StringSerializer;
import me.prettyprint.cassandra.service.ColumnSliceIterator;
import me.prettyprint.cassandra.service.KeyIterator;
import me.prettyprint.cassandra.service.template.ColumnFamilyResult;
import me.prettyprint.cassandra.service.template.ColumnFamilyTemplate;
import me.prettyprint.cassandra.service.template.ColumnFamilyUpdater;
import me.prettyprint.cassandra.service.template.ThriftColumnFamilyTemplate;
import me.prettyprint.hector.api.beans.HColumn;
import me.prettyprint.hector.api.ddl.ComparatorType;
import me.prettyprint.hector.api.mutation.Mutator;
import me.prettyprint.hector.api.query.RangeSlicesQuery;
import me.prettyprint.hector.api.query.SliceQuery;
import session.Session;

/** Columns: batches, slices in both directions, many rows, ranges, TTLs, deletions, many threads. */
final class Rows {
    static final StringSerializer text = StringSerializer.get();
    static final LongSerializer number = LongSerializer.get();
    static Session s;

    public static void main(String[] args) throws Exception {
        try (Session session = new Session(args, "HectorRows")) {
            s = session;
            s.create(createColumnFamilyDefinition("HectorRows", "Text", ComparatorType.UTF8TYPE),
                    createColumnFamilyDefinition("HectorRows", "Numbers", ComparatorType.LONGTYPE));
            batches();
            slices();
            manyRows();
            expiring();
            deletions();
            templates();
            threads();
            refusals();
        }
    }

    static void batches() {
        title("a batch over rows and families");
        Mutator<String> m = createMutator(s.keyspace, text);
        for (String row : List.of("one", "two", "three")) {
            for (String name : List.of("a", "b", "c", "d", "e")) {
                m.addInsertion(row, "Text", createColumn(name, row + "-" + name, text, text));
            }
        }
        for (long i = -3; i <= 3; i++) {
            m.addInsertion("numbers", "Numbers", createColumn(i, i * i, number, number));
        }
        print("pending", m.getPendingMutationCount());
        m.execute();
        print("column", column(createStringColumnQuery(s.keyspace)
                .setColumnFamily("Text").setKey("one").setName("b").execute().get()));
        print("no column", column(createStringColumnQuery(s.keyspace)
                .setColumnFamily("Text").setKey("one").setName("nothing").execute().get()));
        print("a late write of an older time", "");
        createMutator(s.keyspace, text).insert("one", "Text", createColumn("b", "older", 1L, text, text));
        print("column", column(createStringColumnQuery(s.keyspace)
                .setColumnFamily("Text").setKey("one").setName("b").execute().get()));
    }

    static SliceQuery<String, String, String> query(String row) {
        return createSliceQuery(s.keyspace, text, text, text).setColumnFamily("Text").setKey(row);
    }

    static SliceQuery<String, Long, Long> numbers() {
        return createSliceQuery(s.keyspace, text, number, number).setColumnFamily("Numbers").setKey("numbers");
    }

    static void slices() {
        title("slices");
        print("all", slice(query("one").setRange(null, null, false, 100).execute().get()));
        print("from b to d", slice(query("one").setRange("b", "d", false, 100).execute().get()));
        print("from b", slice(query("one").setRange("b", null, false, 100).execute().get()));
        print("to b", slice(query("one").setRange(null, "b", false, 100).execute().get()));
        print("two", slice(query("one").setRange(null, null, false, 2).execute().get()));
        print("reversed", slice(query("one").setRange(null, null, true, 100).execute().get()));
        print("reversed from d to b", slice(query("one").setRange("d", "b", true, 100).execute().get()));
        print("reversed, two", slice(query("one").setRange(null, null, true, 2).execute().get()));
        print("between names", slice(query("one").setRange("aa", "cc", false, 100).execute().get()));
        print("by name", slice(query("one").setColumnNames("e", "a", "x").execute().get()));
        print("no row", slice(query("nothing").setRange(null, null, false, 100).execute().get()));
        print("numbers", slice(numbers().setRange(null, null, false, 100).execute().get()));
        print("numbers from -2 to 1", slice(numbers().setRange(-2L, 1L, false, 100).execute().get()));
        print("numbers reversed", slice(numbers().setRange(1L, null, true, 3).execute().get()));
        List<String> paged = new ArrayList<>();
        new ColumnSliceIterator<>(query("one"), null, "\uFFFF", false, 2).forEachRemaining(c -> paged.add(c.getName()));
        print("paged by two", paged);
        print("count", createCountQuery(s.keyspace, text, text)
                .setColumnFamily("Text").setKey("one").setRange("b", null, 100).execute().get());
    }

    static void manyRows() {
        title("many rows");
        print("multiget", sorted(createMultigetSliceQuery(s.keyspace, text, text, text).setColumnFamily("Text")
                .setKeys("one", "three", "nothing").setRange("b", "c", false, 10).execute().get()));
        RangeSlicesQuery<String, String, String> range = createRangeSlicesQuery(s.keyspace, text, text, text)
                .setColumnFamily("Text").setKeys("", "").setRange(null, null, true, 2).setRowCount(10);
        print("all rows", rows(range.execute().get()));
        print("two rows", rows(range.setRowCount(2).execute().get()));
        print("from row two", rows(range.setRowCount(10).setKeys("two", "").execute().get()));
        print("keys only", rows(range.setKeys("", "").setReturnKeysOnly().execute().get()));
        List<String> keys = new ArrayList<>();
        new KeyIterator<>(s.keyspace, "Text", text, 2).forEach(keys::add);
        print("keys, paged by two", keys);
    }

    static void expiring() {
        title("columns that expire");
        createMutator(s.keyspace, text).insert("ttl", "Text", createColumn("kept", "x", 3600, text, text));
        print("with a TTL", slice(query("ttl").setRange(null, null, false, 10).execute().get()));
    }

    static void deletions() {
        title("deletions");
        Mutator<String> m = createMutator(s.keyspace, text);
        m.delete("one", "Text", "b", text);
        print("a column", slice(query("one").setRange(null, null, false, 10).execute().get()));
        m.addDeletion("one", "Text", "c", text).addDeletion("two", "Text").execute();
        print("a batch", slice(query("one").setRange(null, null, false, 10).execute().get()));
        print("a row", slice(query("two").setRange(null, null, false, 10).execute().get()));
        print("ranges show it", rows(createRangeSlicesQuery(s.keyspace, text, text, text).setColumnFamily("Text")
                .setKeys("", "").setRange(null, null, false, 1).setRowCount(10).execute().get()));
        m.addDeletion("three", "Text", "a", text, 1L).execute();
        print("of an older time", slice(query("three").setRange(null, null, false, 10).execute().get()));
        s.cluster.truncate(s.name, "Numbers");
        print("truncated", slice(numbers().setRange(null, null, false, 100).execute().get()));
    }

    static void templates() {
        title("templates");
        ColumnFamilyTemplate<String, String> t = new ThriftColumnFamilyTemplate<>(s.keyspace, "Text", text, text);
        ColumnFamilyUpdater<String, String> u = t.createUpdater("template");
        u.setString("s", "text");
        u.setLong("l", 7L);
        u.setBoolean("b", true);
        u.setDouble("d", 1.5);
        t.update(u);
        ColumnFamilyResult<String, String> r = t.queryColumns("template");
        print("names", r.getColumnNames());
        print("values", r.getString("s") + " " + r.getLong("l") + " " + r.getBoolean("b") + " " + r.getDouble("d"));
        t.deleteColumn("template", "l");
        print("deleted", t.queryColumns("template").getColumnNames());
        print("exists", t.isColumnsExist("template") + " " + t.isColumnsExist("nothing"));
    }

    static void threads() throws Exception {
        title("many threads");
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            String row = "thread" + i;
            all.add(pool.submit(() -> {
                for (int j = 0; j < 50; j++) {
                    createMutator(s.keyspace, text).insert(row, "Text", createColumn(String.format("%03d", j), row, text, text));
                }
            }));
        }
        for (Future<?> f : all) {
            f.get();
        }
        pool.shutdown();
        TreeSet<String> counts = new TreeSet<>();
        for (int i = 0; i < 8; i++) {
            counts.add("thread" + i + " " + createCountQuery(s.keyspace, text, text)
                    .setColumnFamily("Text").setKey("thread" + i).setRange(null, null, 1000).execute().get());
        }
        print("columns", counts);
    }

    static void refusals() {
        title("refused");
        Mutator<String> m = createMutator(s.keyspace, text);
        refused("no family", () -> m.insert("k", "Nothing", createColumn("n", "v", text, text)));
        refused("no key", () -> m.insert("", "Text", createColumn("n", "v", text, text)));
        refused("no name", () -> m.insert("k", "Text", createColumn("", "v", text, text)));
        refused("a name of another type", () -> m.insert("k", "Numbers", createColumn("abc", "v", text, text)));
        refused("a long name", () -> m.insert("k", "Text", createColumn("n".repeat(65536), "v", text, text)));
        refused("ends in the wrong order", () -> query("one").setRange("d", "b", false, 10).execute());
        refused("reversed ends in the wrong order", () -> query("one").setRange("b", "d", true, 10).execute());
        refused("an index that is not there", () -> createIndexedSlicesQuery(s.keyspace, text, text, text)
                .setColumnFamily("Text").addEqualsExpression("a", "x").setRange(null, null, false, 1).execute());
        refused("a counter in a family without", () -> m.insertCounter("k", "Text", createCounterColumn("n", 1)));
        refused("truncating no family", () -> s.cluster.truncate(s.name, "Nothing"));
    }
}
