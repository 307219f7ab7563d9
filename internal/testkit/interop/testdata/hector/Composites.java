import static me.prettyprint.hector.api.factory.HFactory.*;
import static session.Session.*;

import java.util.UUID;
import me.prettyprint.cassandra.model.BasicColumnFamilyDefinition;
import me.prettyprint.cassandra.serializers.*;
import me.prettyprint.cassandra.service.ThriftCfDef;
import me.prettyprint.hector.api.beans.AbstractComposite.ComponentEquality;
import me.prettyprint.hector.api.beans.ColumnSlice;
import me.prettyprint.hector.api.beans.Composite;
import me.prettyprint.hector.api.beans.DynamicComposite;
import me.prettyprint.hector.api.beans.HColumn;
import me.prettyprint.hector.api.ddl.ColumnFamilyDefinition;
import me.prettyprint.hector.api.ddl.ComparatorType;
import me.prettyprint.hector.api.mutation.Mutator;
import session.Session;

/** Names of several components, whose types the family knows or each name says. */
final class Composites {
    static final StringSerializer text = StringSerializer.get();
    static final LongSerializer number = LongSerializer.get();
    static Session s;

    public static void main(String[] args) {
        try (Session session = new Session(args, "HectorComposites")) {
            s = session;
            s.create(family("Log", ComparatorType.COMPOSITETYPE, "(UTF8Type, LongType(reversed=true))"),
                    family("Mixed", ComparatorType.DYNAMICCOMPOSITETYPE, DynamicComposite.DEFAULT_DYNAMIC_COMPOSITE_ALIASES),
                    createColumnFamilyDefinition(s.name, "Times", ComparatorType.TIMEUUIDTYPE));
            composites();
            dynamic();
            times();
        }
    }

    static void composites() {
        title("composites");
        Mutator<String> m = createMutator(s.keyspace, text);
        for (String level : new String[] {"error", "info", "warn"}) {
            for (long t = 1; t <= 3; t++) {
                m.addInsertion("log", "Log", createColumn(name(level, t), level + t, new CompositeSerializer(), text));
            }
        }
        m.execute();
        print("all", log(null, null, false, 100));
        print("info", log(end("info", ComponentEquality.EQUAL), end("info", ComponentEquality.GREATER_THAN_EQUAL), false, 100));
        print("after info", log(end("info", ComponentEquality.GREATER_THAN_EQUAL), null, false, 100));
        print("before info", log(null, end("info", ComponentEquality.LESS_THAN_EQUAL), false, 100));
        print("info reversed", log(end("info", ComponentEquality.GREATER_THAN_EQUAL), end("info", ComponentEquality.EQUAL), true, 100));
        print("info from 2", log(name("info", 2), end("info", ComponentEquality.GREATER_THAN_EQUAL), false, 100));
        print("the last two", log(null, null, true, 2));
        refused("a name of other components", () -> createMutator(s.keyspace, text).insert(
                "log", "Log", createColumn(new Composite("info", "no number"), "x", new CompositeSerializer(), text)));
        refused("a name that is none", () -> createMutator(s.keyspace, text).insert(
                "log", "Log", createColumn("x", "x", text, text)));
    }

    static Composite name(String level, long time) {
        Composite c = new Composite();
        c.addComponent(level, text);
        c.addComponent(time, number);
        return c;
    }

    static Composite end(String level, ComponentEquality equality) {
        Composite c = new Composite();
        c.addComponent(0, level, equality);
        return c;
    }

    static String log(Composite start, Composite finish, boolean reversed, int count) {
        ColumnSlice<Composite, String> slice = createSliceQuery(s.keyspace, text, new CompositeSerializer(), text)
                .setColumnFamily("Log").setKey("log").setRange(start, finish, reversed, count).execute().get();
        StringBuilder b = new StringBuilder();
        for (HColumn<Composite, String> c : slice.getColumns()) {
            b.append(" " + c.getName().get(0, text) + ":" + c.getName().get(1, number) + "=" + c.getValue());
        }
        return b.toString();
    }

    static void dynamic() {
        title("dynamic composites");
        Mutator<String> m = createMutator(s.keyspace, text);
        DynamicComposite words = new DynamicComposite();
        words.addComponent("a", text);
        words.addComponent("b", text);
        DynamicComposite mixed = new DynamicComposite();
        mixed.addComponent("a", text);
        mixed.addComponent(5L, number);
        DynamicComposite numbers = new DynamicComposite();
        numbers.addComponent(-1L, number);
        for (DynamicComposite name : new DynamicComposite[] {words, mixed, numbers}) {
            m.addInsertion("k", "Mixed", createColumn(name, "x", new DynamicCompositeSerializer(), text));
        }
        m.execute();
        StringBuilder b = new StringBuilder();
        for (HColumn<DynamicComposite, String> c : createSliceQuery(
                        s.keyspace, text, new DynamicCompositeSerializer(), text)
                .setColumnFamily("Mixed").setKey("k").setRange(null, null, false, 10).execute().get().getColumns()) {
            b.append(" " + c.getName());
        }
        print("all", b);
    }

    static void times() {
        title("time UUIDs");
        Mutator<String> m = createMutator(s.keyspace, text);
        UUIDSerializer uuid = UUIDSerializer.get();
        for (String id : new String[] {
            "ffffffff-0000-11e2-8000-000000000000", "00000000-0001-11e2-8000-000000000000",
            "80000000-0000-11e1-8000-000000000000", "80000000-0000-11e1-8000-000000000001"}) {
            m.addInsertion("k", "Times", createColumn(UUID.fromString(id), id.substring(0, 8), uuid, text));
        }
        m.execute();
        print("in the order of time", slice(createSliceQuery(s.keyspace, text, uuid, text)
                .setColumnFamily("Times").setKey("k").setRange(null, null, false, 10).execute().get()));
        refused("another kind of UUID", () -> m.insert("k", "Times", createColumn(
                UUID.fromString("54947df8-0e9e-4471-a2f9-9af509fb5889"), "x", uuid, text)));
    }

    static ColumnFamilyDefinition family(String name, ComparatorType type, String alias) {
        BasicColumnFamilyDefinition f = new BasicColumnFamilyDefinition();
        f.setKeyspaceName("HectorComposites");
        f.setName(name);
        f.setComparatorType(type);
        f.setComparatorTypeAlias(alias);
        return new ThriftCfDef(f);
    }
}
