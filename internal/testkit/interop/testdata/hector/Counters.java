import static me.prettyprint.hector.api.factory.HFactory.*;
import static session.Session.*;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import me.prettyprint.cassandra.model.BasicColumnFamilyDefinition;
import me.prettyprint.cassandra.serializers.StringSerializer;
import me.prettyprint.cassandra.service.ThriftCfDef;
import me.prettyprint.hector.api.ddl.ColumnFamilyDefinition;
import me.prettyprint.hector.api.ddl.ColumnType;
import me.prettyprint.hector.api.ddl.ComparatorType;
import me.prettyprint.hector.api.beans.HCounterColumn;
import me.prettyprint.hector.api.mutation.Mutator;
import session.Session;

/** Counters, plain and in super columns. */
final class Counters {
    static final StringSerializer text = StringSerializer.get();
    static Session s;

    public static void main(String[] args) throws Exception {
        try (Session session = new Session(args, "HectorCounters")) {
            s = session;
            s.create(family("Hits", ColumnType.STANDARD), family("Nested", ColumnType.SUPER));
            Mutator<String> m = createMutator(s.keyspace, text);

            title("additions");
            m.insertCounter("page", "Hits", createCounterColumn("home", 5));
            m.incrementCounter("page", "Hits", "home", 3);
            m.decrementCounter("page", "Hits", "home", 10);
            m.addCounter("page", "Hits", createCounterColumn("about", 1))
                    .addCounter("page", "Hits", createCounterColumn("help", 2))
                    .addCounter("other", "Hits", createCounterColumn("home", -7)).execute();
            print("one", value("page", "home"));
            print("none", value("page", "nothing"));
            print("slice", hits("page", false));
            print("reversed", hits("page", true));
            StringBuilder b = new StringBuilder();
            createRangeSlicesCounterQuery(s.keyspace, text, text).setColumnFamily("Hits").setKeys("", "")
                    .setRange(null, null, false, 10).setRowCount(10).execute().get()
                    .forEach(r -> b.append("\n  " + r.getKey() + " " + counters(r.getColumnSlice().getColumns())));
            print("rows", b);

            title("many threads");
            ExecutorService pool = Executors.newFixedThreadPool(4);
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                all.add(pool.submit(() -> {
                    for (int j = 0; j < 25; j++) {
                        createMutator(s.keyspace, text).incrementCounter("shared", "Hits", "n", 1);
                    }
                }));
            }
            for (Future<?> f : all) {
                f.get();
            }
            pool.shutdown();
            print("sum", value("shared", "n"));

            title("deletions");
            m.deleteCounter("page", "Hits", "about", text);
            print("one", hits("page", false));
            m.addCounterDeletion("page", "Hits").execute();
            print("a row", hits("page", false));

            title("in super columns");
            m.insertCounter("site", "Nested", createCounterSuperColumn("june", List.of(
                    createCounterColumn("home", 4), createCounterColumn("about", 2)), text, text));
            m.insertCounter("site", "Nested", createCounterSuperColumn("july", List.of(
                    createCounterColumn("home", 1)), text, text));
            m.insertCounter("site", "Nested", createCounterSuperColumn("june", List.of(
                    createCounterColumn("home", 6)), text, text));
            print("all", nested());
            m.addCounterSubDeletion("site", "Nested", createCounterSuperColumn("june", List.of(
                    createCounterColumn("about", 0)), text, text)).execute();
            print("without one", nested());

            title("refused");
            refused("a column that does not count", () -> m.insert("page", "Hits", createColumn("home", "x", text, text)));
        }
    }

    static ColumnFamilyDefinition family(String name, ColumnType type) {
        BasicColumnFamilyDefinition f = new BasicColumnFamilyDefinition();
        f.setKeyspaceName("HectorCounters");
        f.setName(name);
        f.setColumnType(type);
        f.setComparatorType(ComparatorType.UTF8TYPE);
        if (type == ColumnType.SUPER) {
            f.setSubComparatorType(ComparatorType.UTF8TYPE);
        }
        f.setDefaultValidationClass("CounterColumnType");
        f.setReplicateOnWrite(true);
        return new ThriftCfDef(f);
    }

    static String value(String row, String name) {
        HCounterColumn<String> c = createCounterColumnQuery(s.keyspace, text, text)
                .setColumnFamily("Hits").setKey(row).setName(name).execute().get();
        return c == null ? "none" : c.getValue().toString();
    }

    static String hits(String row, boolean reversed) {
        return counters(createCounterSliceQuery(s.keyspace, text, text).setColumnFamily("Hits").setKey(row)
                .setRange(null, null, reversed, 10).execute().get().getColumns());
    }

    static String nested() {
        StringBuilder b = new StringBuilder();
        createSuperSliceCounterQuery(s.keyspace, text, text, text).setColumnFamily("Nested").setKey("site")
                .setRange(null, null, false, 10).execute().get().getSuperColumns()
                .forEach(c -> b.append(" " + c.getName() + counters(c.getColumns())));
        return b.toString();
    }
}
