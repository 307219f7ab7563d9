import static me.prettyprint.hector.api.factory.HFactory.*;
import static session.Session.*;

import java.util.List;
import me.prettyprint.cassandra.model.BasicColumnDefinition;
import me.prettyprint.cassandra.model.BasicColumnFamilyDefinition;
import me.prettyprint.cassandra.model.IndexedSlicesQuery;
import me.prettyprint.cassandra.serializers.LongSerializer;
import me.prettyprint.cassandra.serializers.StringSerializer;
import me.prettyprint.cassandra.service.ThriftCfDef;
import me.prettyprint.hector.api.ddl.*;
import me.prettyprint.hector.api.mutation.Mutator;
import session.Session;

/** Queries of indexes. */
final class Indexes {
    static final StringSerializer text = StringSerializer.get();
    static final LongSerializer number = LongSerializer.get();
    static Session s;

    public static void main(String[] args) {
        try (Session session = new Session(args, "HectorIndexes")) {
            s = session;
            BasicColumnFamilyDefinition users = new BasicColumnFamilyDefinition();
            users.setKeyspaceName(s.name);
            users.setName("Users");
            users.setComparatorType(ComparatorType.UTF8TYPE);
            users.addColumnDefinition(indexed("born"));
            users.addColumnDefinition(indexed("height"));
            s.create(new ThriftCfDef(users));

            Mutator<String> m = createMutator(s.keyspace, text);
            for (long i = 0; i < 40; i++) {
                String row = String.format("user%02d", i);
                m.addInsertion(row, "Users", createColumn("born", 1970 + i % 4, text, number));
                m.addInsertion(row, "Users", createColumn("height", 160 + i % 10, text, number));
                m.addInsertion(row, "Users", createColumn("number", i, text, number));
            }
            m.execute();

            title("equal");
            print("rows", rows(born(1971).execute().get()));
            print("none", rows(born(1900).execute().get()));
            title("equal, and more");
            print("height over 165", rows(born(1971).addGtExpression("height", 165L).execute().get()));
            print("height 165 and less", rows(born(1971).addLteExpression("height", 165L).execute().get()));
            print("two indexes", rows(born(1971).addEqualsExpression("height", 163L).execute().get()));
            print("no index", rows(born(1971).addLtExpression("number", 10L).execute().get()));
            title("some rows, some columns");
            print("three rows", rows(born(1971).setRowCount(3).execute().get()));
            print("from a row", rows(born(1971).setStartKey("user21").setRowCount(3).execute().get()));
            print("by name", rows(born(1971).setColumnNames("number").setRowCount(2).execute().get()));
            print("keys only", rows(born(1971).setReturnKeysOnly().setRowCount(2).execute().get()));
            title("after changes");
            m.insert("user01", "Users", createColumn("born", 1999L, text, number));
            m.delete("user05", "Users", "born", text);
            m.addDeletion("user09", "Users").execute();
            print("rows", rows(born(1971).setColumnNames("number").execute().get()));
            print("moved", rows(born(1999).setColumnNames("number").execute().get()));
            title("refused");
            refused("no equality", () -> query().addGtExpression("born", 1L).execute());
            refused("no indexed column", () -> query().addEqualsExpression("number", 1L).execute());
        }
    }

    static IndexedSlicesQuery<String, String, Long> query() {
        return createIndexedSlicesQuery(s.keyspace, text, text, number)
                .setColumnFamily("Users").setStartKey("").setRange(null, null, false, 10);
    }

    static IndexedSlicesQuery<String, String, Long> born(long year) {
        return query().addEqualsExpression("born", year);
    }

    static ColumnDefinition indexed(String name) {
        BasicColumnDefinition c = new BasicColumnDefinition();
        c.setName(text.toByteBuffer(name));
        c.setIndexName("by_" + name);
        c.setIndexType(ColumnIndexType.KEYS);
        c.setValidationClass(ComparatorType.LONGTYPE.getClassName());
        return c;
    }
}
