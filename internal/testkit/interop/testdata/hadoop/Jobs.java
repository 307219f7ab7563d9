import java.nio.ByteBuffer;
import java.util.*;

import org.apache.cassandra.db.IColumn;
import org.apache.cassandra.db.SuperColumn;
import org.apache.cassandra.hadoop.ColumnFamilyOutputFormat;
import org.apache.cassandra.hadoop.ConfigHelper;
import org.apache.cassandra.thrift.*;
import org.apache.cassandra.utils.ByteBufferUtil;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.Mapper;
import org.apache.hadoop.mapreduce.Reducer;
import org.apache.hadoop.mapreduce.lib.output.NullOutputFormat;

import session.Session;

/** Jobs over families of each sort: by names, by slices, wide rows, super columns, an index, a range; words are counted into a family. */
public class Jobs {
    /** Counts the words of the columns that the predicate names. */
    public static class Words extends Mapper<ByteBuffer, SortedMap<ByteBuffer, IColumn>, Text, IntWritable> {
        protected void map(ByteBuffer key, SortedMap<ByteBuffer, IColumn> columns, Context context) throws java.io.IOException, InterruptedException {
            for (IColumn c : columns.values())
                for (String word : ByteBufferUtil.string(c.value()).split(" "))
                    context.write(new Text(word), new IntWritable(1));
        }
    }

    /** Writes a row for each word. */
    public static class Sums extends Reducer<Text, IntWritable, ByteBuffer, List<Mutation>> {
        protected void reduce(Text word, Iterable<IntWritable> ones, Context context) throws java.io.IOException, InterruptedException {
            int sum = 0;
            for (IntWritable one : ones)
                sum += one.get();
            Column c = new Column(Session.bytes("count")).setValue(Session.bytes("" + sum)).setTimestamp(2);
            Mutation m = new Mutation();
            m.setColumn_or_supercolumn(new ColumnOrSuperColumn().setColumn(c));
            context.write(Session.bytes(word.toString()), Collections.singletonList(m));
        }
    }

    /** Finds each row, or part of one, with its columns. */
    public static class Rows extends Mapper<ByteBuffer, SortedMap<ByteBuffer, IColumn>, NullWritable, NullWritable> {
        protected void map(ByteBuffer key, SortedMap<ByteBuffer, IColumn> columns, Context context) throws java.io.IOException, InterruptedException {
            boolean numbers = context.getConfiguration().getBoolean("numbers", false);
            StringBuilder line = new StringBuilder(ByteBufferUtil.string(key));
            for (Map.Entry<ByteBuffer, IColumn> e : columns.entrySet()) {
                IColumn c = e.getValue();
                line.append(' ').append(numbers ? Session.number(e.getKey()) : Session.text(e.getKey()));
                if (!(c instanceof SuperColumn)) {
                    line.append('=').append(Session.text(c.value())).append('@').append(c.timestamp());
                    continue;
                }
                line.append('{');
                for (IColumn sub : c.getSubColumns())
                    line.append(' ').append(Session.number(sub.name())).append('=').append(Session.text(sub.value()));
                line.append(" }");
            }
            Session.found.add(line.toString());
        }
    }

    /** Counts the columns of wide rows, of which it gets one at a time. */
    public static class Columns extends Mapper<ByteBuffer, SortedMap<ByteBuffer, IColumn>, Text, IntWritable> {
        protected void map(ByteBuffer key, SortedMap<ByteBuffer, IColumn> columns, Context context) throws java.io.IOException, InterruptedException {
            context.write(new Text(ByteBufferUtil.string(key)), new IntWritable(columns.size()));
        }
    }

    public static class Totals extends Reducer<Text, IntWritable, NullWritable, NullWritable> {
        protected void reduce(Text key, Iterable<IntWritable> counts, Context context) {
            int sum = 0;
            for (IntWritable n : counts)
                sum += n.get();
            Session.found.add(key + ": " + sum);
        }
    }

    static Job rows(Job job) {
        job.setMapperClass(Rows.class);
        job.setNumReduceTasks(0);
        job.setOutputFormatClass(NullOutputFormat.class);
        return job;
    }

    public static void main(String[] args) throws Exception {
        Session s = new Session(args[0]);
        CfDef users = Session.family("Users", "UTF8Type", "UTF8Type");
        users.addToColumn_metadata(new ColumnDef(Session.bytes("state"), "UTF8Type").setIndex_type(IndexType.KEYS).setIndex_name("users_state"));
        CfDef groups = Session.family("Groups", "UTF8Type", "UTF8Type");
        groups.setColumn_type("Super");
        groups.setSubcomparator_type("LongType");
        s.create(Session.family("Texts", "UTF8Type", "UTF8Type"), Session.family("Counts", "UTF8Type", "UTF8Type"),
            Session.family("Wide", "LongType", "UTF8Type"), Session.family("Empty", "BytesType", "BytesType"), users, groups);
        String[] words = {"the", "quick", "brown", "fox", "jumps", "over", "lazy", "dog", "ünïcode"};
        for (int i = 0; i < 200; i++) {
            String key = String.format("text%03d", i);
            s.insert("Texts", key, Session.bytes("title"), Session.bytes(words[i % 9]));
            s.insert("Texts", key, Session.bytes("body"), Session.bytes(words[i % 3] + " " + words[i % 7]));
            s.insert("Texts", key, Session.bytes("note"), Session.bytes("not counted"));
        }
        for (int i = 0; i < 60; i++) {
            s.insert("Users", "user" + i, Session.bytes("name"), Session.bytes("name " + i));
            s.insert("Users", "user" + i, Session.bytes("state"), Session.bytes(i % 4 == 0 ? "UT" : "TX"));
        }
        for (int i = 0; i < 5; i++)
            for (int j = 0; j < 300 * i; j++)
                s.insert("Wide", "wide" + i, ByteBufferUtil.bytes((long) j), Session.bytes("v" + j));
        for (int i = 0; i < 20; i++)
            for (int j = 0; j < 3; j++)
                s.client.insert(Session.bytes("group" + i), new ColumnParent("Groups").setSuper_column(Session.bytes("super" + j)),
                    new Column(ByteBufferUtil.bytes((long) i * j)).setValue(Session.bytes("v" + j)).setTimestamp(1), ConsistencyLevel.ONE);

        Job count = s.job("words into a family", "Texts", false, Session.names("title", "body"));
        count.setMapperClass(Words.class);
        count.setReducerClass(Sums.class);
        count.setMapOutputKeyClass(Text.class);
        count.setMapOutputValueClass(IntWritable.class);
        count.setOutputKeyClass(ByteBuffer.class);
        count.setOutputValueClass(List.class);
        count.setOutputFormatClass(ColumnFamilyOutputFormat.class);
        ConfigHelper.setOutputColumnFamily(count.getConfiguration(), Session.KEYSPACE, "Counts");
        Session.run(count);
        s.print("Counts");

        Session.run(rows(s.job("whole rows", "Users", false, Session.all())));

        SlicePredicate last = new SlicePredicate().setSlice_range(new SliceRange(Session.bytes(""), Session.bytes(""), true, 1));
        Session.run(rows(s.job("the last column", "Texts", false, last)));

        Job filtered = rows(s.job("rows of an index", "Users", false, Session.all()));
        ConfigHelper.setInputRange(filtered.getConfiguration(), Collections.singletonList(
            new IndexExpression(Session.bytes("state"), IndexOperator.EQ, Session.bytes("UT"))));
        Session.run(filtered);

        Job range = rows(s.job("a range of tokens", "Users", false, Session.all()));
        ConfigHelper.setInputRange(range.getConfiguration(), "0", "85070591730234615865843651857942052864");
        Session.run(range);

        Job supers = rows(s.job("super columns", "Groups", false, Session.all()));
        Session.run(supers);

        SlicePredicate few = new SlicePredicate().setSlice_range(new SliceRange(ByteBufferUtil.bytes(7L), ByteBufferUtil.bytes(1000L), false, 5));
        Job numbers = rows(s.job("names that are numbers", "Wide", false, few));
        numbers.getConfiguration().setBoolean("numbers", true);
        Session.run(numbers);

        Job wide = s.job("wide rows", "Wide", true, Session.all());
        wide.setMapperClass(Columns.class);
        wide.setReducerClass(Totals.class);
        wide.setMapOutputKeyClass(Text.class);
        wide.setMapOutputValueClass(IntWritable.class);
        wide.setOutputFormatClass(NullOutputFormat.class);
        Session.run(wide);

        Session.run(rows(s.job("nothing", "Empty", false, Session.all())));
    }
}
