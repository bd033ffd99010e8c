package dev.fermata.postgres.lock;

import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a statement really did, seen from inside its own transaction, which is then rolled back: the strongest lock on
 * each table, view or sequence that was there before, which of them have another file or an index with one, and which
 * were read from end to end. Names without schema.
 */
record Measured(Map<String, LockMode> locks, Set<String> rewritten, Set<String> scanned) {
    private static final String BEFORE = """
        create temporary table before_it as
        select c.oid, c.relname, c.relkind, c.relfilenode, coalesce(i.indrelid::regclass::text, c.relname) as owner
        from pg_class c left join pg_index i on i.indexrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S', 'i', 'I')\
        """;

    private static final String LOCKS = """
        select b.relname, l.mode from pg_locks l join before_it b on b.oid = l.relation
        where l.pid = pg_backend_pid() and l.granted and l.locktype = 'relation' and b.relkind not in ('i', 'I')\
        """;

    private static final String REWRITTEN = """
        select distinct unnest(array[b.owner, b.relname::text]) from before_it b join pg_class c using (oid)
        where c.relfilenode <> b.relfilenode and b.relkind <> 'S'\
        """;

    private static final String SCANNED =
            "select b.relname from before_it b join pg_stat_xact_user_tables s on s.relid = b.oid where s.seq_scan > 0";

    static Measured on(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connectAsSuperuser();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(BEFORE);
            connection.commit();
            statement.execute(sql);
            Map<String, LockMode> locks = new TreeMap<>();
            try (ResultSet rows = statement.executeQuery(LOCKS)) {
                while (rows.next()) {
                    locks.merge(rows.getString(1), LockMode.ofPgName(rows.getString(2)), LockMode::strongest);
                }
            }
            Measured measured = new Measured(locks, names(statement, REWRITTEN), names(statement, SCANNED));
            connection.rollback();
            return measured;
        }
    }

    private static Set<String> names(Statement statement, String query) throws SQLException {
        Set<String> names = new TreeSet<>();
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }
}
