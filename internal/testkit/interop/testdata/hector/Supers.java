import static me.prettyprint.hector.api.factory.HFactory.*;
import static session.Session.*;

import java.util.List;
import me.prettyprint.cassandra.model.BasicColumnFamilyDefinition;
import me.prettyprint.cassandra.serializers.LongSerializer;
import me.prettyprint.cassandra.serializers.StringSerializer;
import me.prettyprint.cassandra.service.ThriftCfDef;
import me.prettyprint.hector.api.ddl.ColumnType;
import me.prettyprint.hector.api.ddl.ComparatorType;
import me.prettyprint.hector.api.mutation.Mutator;
import me.prettyprint.hector.api.query.SubSliceQuery;
import me.prettyprint.hector.api.query.SuperSliceQuery;
import session.Session;

/** Super columns. */
final class Supers {
    static final StringSerializer text = StringSerializer.get();
    static final LongSerializer number = LongSerializer.get();
    static Session s;

    public static void main(String[] args) {
        try (Session session = new Session(args, "HectorSupers")) {
            s = session;
            BasicColumnFamilyDefinition posts = new BasicColumnFamilyDefinition();
            posts.setKeyspaceName(s.name);
            posts.setName("Posts");
            posts.setColumnType(ColumnType.SUPER);
            posts.setComparatorType(ComparatorType.LONGTYPE);
            posts.setSubComparatorType(ComparatorType.UTF8TYPE);
            s.create(new ThriftCfDef(posts));

            Mutator<String> m = createMutator(s.keyspace, text);
            for (long i = 1; i <= 4; i++) {
                m.addInsertion("blog", "Posts", createSuperColumn(i, List.of(
                        createColumn("body", "text " + i, text, text), createColumn("title", "post " + i, text, text)),
                        number, text, text));
            }
            m.addInsertion("diary", "Posts", createSuperColumn(1L, List.of(
                    createColumn("body", "dear", text, text)), number, text, text));
            m.execute();

            title("slices");
            print("all", supers(blog().setRange(null, null, false, 10).execute().get().getSuperColumns()));
            print("from 2 to 3", supers(blog().setRange(2L, 3L, false, 10).execute().get().getSuperColumns()));
            print("reversed, two", supers(blog().setRange(null, null, true, 2).execute().get().getSuperColumns()));
            print("by name", supers(blog().setColumnNames(4L, 1L, 9L).execute().get().getSuperColumns()));
            print("one", createSuperColumnQuery(s.keyspace, text, number, text, text)
                    .setColumnFamily("Posts").setKey("blog").setSuperName(2L).execute().get().getName());
            print("a column", column(createSubColumnQuery(s.keyspace, text, number, text, text)
                    .setColumnFamily("Posts").setKey("blog").setSuperColumn(2L).setColumn("title").execute().get()));
            print("inside", slice(sub(2).setRange(null, null, false, 10).execute().get()));
            print("inside, reversed", slice(sub(2).setRange(null, null, true, 1).execute().get()));
            print("inside, by name", slice(sub(2).setColumnNames("title", "nothing").execute().get()));
            print("count", createSuperCountQuery(s.keyspace, text, number)
                    .setColumnFamily("Posts").setKey("blog").setRange(2L, null, 10).execute().get());
            print("count inside", createSubCountQuery(s.keyspace, text, number, text)
                    .setColumnFamily("Posts").setKey("blog").setSuperColumn(2L).setRange(null, null, 10).execute().get());

            title("rows");
            StringBuilder b = new StringBuilder();
            createRangeSuperSlicesQuery(s.keyspace, text, number, text, text).setColumnFamily("Posts")
                    .setKeys("", "").setRange(null, null, false, 2).setRowCount(10).execute().get()
                    .forEach(r -> b.append("\n  " + r.getKey() + " " + supers(r.getSuperSlice().getSuperColumns())));
            print("range", b);
            print("range inside", rows(createRangeSubSlicesQuery(s.keyspace, text, number, text, text)
                    .setColumnFamily("Posts").setKeys("", "").setSuperColumn(1L).setRange(null, null, false, 10)
                    .setRowCount(10).execute().get()));

            title("deletions");
            m.subDelete("blog", "Posts", 1L, "body", number, text);
            print("a column", slice(sub(1).setRange(null, null, false, 10).execute().get()));
            m.superDelete("blog", "Posts", 2L, number);
            print("a super column", supers(blog().setRange(null, null, false, 10).execute().get().getSuperColumns()));
            m.addSubDelete("blog", "Posts", 3L, "title", number, text).addSuperDelete("blog", "Posts", 4L, number).execute();
            print("a batch", supers(blog().setRange(null, null, false, 10).execute().get().getSuperColumns()));

            title("refused");
            refused("a plain column", () -> m.insert("blog", "Posts", createColumn(1L, "x", number, text)));
        }
    }

    static SuperSliceQuery<String, Long, String, String> blog() {
        return createSuperSliceQuery(s.keyspace, text, number, text, text).setColumnFamily("Posts").setKey("blog");
    }

    static SubSliceQuery<String, Long, String, String> sub(long post) {
        return createSubSliceQuery(s.keyspace, text, number, text, text)
                .setColumnFamily("Posts").setKey("blog").setSuperColumn(post);
    }
}
