package session;

import static me.prettyprint.hector.api.factory.HFactory.createKeyspace;
import static me.prettyprint.hector.api.factory.HFactory.createKeyspaceDefinition;
import static me.prettyprint.hector.api.factory.HFactory.getOrCreateCluster;
import static me.prettyprint.hector.api.factory.HFactory.shutdownCluster;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import me.prettyprint.cassandra.service.CassandraHostConfigurator;
import me.prettyprint.hector.api.Cluster;
import me.prettyprint.hector.api.Keyspace;
import me.prettyprint.hector.api.beans.ColumnSlice;
import me.prettyprint.hector.api.beans.HColumn;
import me.prettyprint.hector.api.beans.HCounterColumn;
import me.prettyprint.hector.api.beans.HSuperColumn;
import me.prettyprint.hector.api.beans.Row;
import me.prettyprint.hector.api.ddl.ColumnFamilyDefinition;
import me.prettyprint.hector.api.exceptions.HectorException;
import me.prettyprint.cassandra.service.ThriftKsDef;

/** A session is a keyspace that is created for one script and dropped at its end, and how results are printed. */
public final class Session implements AutoCloseable {
    public final Cluster cluster;
    public final String name;
    public Keyspace keyspace;

    /** The arguments are the server's host:port. */
    public Session(String[] args, String name) {
        this.name = name;
        CassandraHostConfigurator hosts = new CassandraHostConfigurator(args[0]);
        hosts.setMaxActive(4);
        hosts.setCassandraThriftSocketTimeout(30_000);
        cluster = getOrCreateCluster("any name", hosts);
    }

    /** Creates the keyspace with its column families. */
    public Session create(ColumnFamilyDefinition... families) {
        cluster.addKeyspace(
                createKeyspaceDefinition(name, ThriftKsDef.DEF_STRATEGY_CLASS, 1, Arrays.asList(families)), true);
        keyspace = createKeyspace(name, cluster);
        return this;
    }

    @Override
    public void close() {
        cluster.dropKeyspace(name, true);
        shutdownCluster(cluster);
    }

    public static void title(String text) {
        System.out.println("\n# " + text);
    }

    public static void print(String what, Object value) {
        System.out.println(what + ": " + value);
    }

    /** What the server says against an operation, which must not succeed. */
    public static void refused(String what, Runnable operation) {
        try {
            operation.run();
            print(what, "not refused");
        } catch (HectorException e) {
            print(what, e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    public static <N, V> String column(HColumn<N, V> c) {
        if (c == null) {
            return "none";
        }
        return c.getName() + "=" + c.getValue() + (c.getTtl() > 0 ? " for " + c.getTtl() + " s" : "");
    }

    public static <N, V> String slice(ColumnSlice<N, V> s) {
        return list(s.getColumns());
    }

    public static <N, V> String list(List<HColumn<N, V>> columns) {
        return columns.stream().map(Session::column).collect(Collectors.joining(", ", "[", "]"));
    }

    public static <N> String counters(List<HCounterColumn<N>> columns) {
        return columns.stream().map(c -> c.getName() + "=" + c.getValue()).collect(Collectors.joining(", ", "[", "]"));
    }

    public static <S, N, V> String supers(List<HSuperColumn<S, N, V>> columns) {
        return columns.stream().map(s -> s.getName() + list(s.getColumns())).collect(Collectors.joining(", ", "[", "]"));
    }

    /** Rows as they came. */
    public static <K, N, V> String rows(Iterable<? extends Row<K, N, V>> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .map(r -> "\n  " + r.getKey() + " " + slice(r.getColumnSlice()))
                .collect(Collectors.joining());
    }

    /** Rows of a multiget, which have no order, by their keys. */
    public static <K extends Comparable<K>, N, V> String sorted(Iterable<? extends Row<K, N, V>> rows) {
        return StreamSupport.stream(rows.spliterator(), false)
                .sorted(Comparator.comparing(r -> r.getKey()))
                .map(r -> "\n  " + r.getKey() + " " + slice(r.getColumnSlice()))
                .collect(Collectors.joining());
    }
}
