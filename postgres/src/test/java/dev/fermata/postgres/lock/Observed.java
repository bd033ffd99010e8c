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
 * What a statement did to each relation that was there before, tables and indexes alike, seen from inside its own
 * transaction, which is then rolled back. Names without schema.
 *
 * @param rewritten those with another file; an index that was dropped and made again is one of them if its new
 *     namesake has another file
 * @param scanned those that were read from end to end
 */
record Observed(Map<String, LockMode> locks, Set<String> rewritten, Set<String> scanned) {
    private static final String BEFORE = """
        create temporary table before_it as
        select oid, relname, relnamespace, relkind, relfilenode from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c', 'i', 'I')\
        """;

    /** As if never analysed: the check of a foreign key reads a table end to end once autovacuum has found it to be tiny. */
    private static final String FORGET_SIZES = """
        update pg_class set relpages = 0, reltuples = -1
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relpages > 0\
        """;

    private static final String LOCKS = """
        select b.relname, l.mode from pg_locks l join before_it b on b.oid = l.relation
        where l.pid = pg_backend_pid() and l.granted and l.locktype = 'relation'\
        """;

    private static final String REWRITTEN = """
        select b.relname from before_it b join pg_class c on c.oid = b.oid
          or (c.relname = b.relname and c.relnamespace = b.relnamespace and b.relkind = 'i' and not exists (
            select from pg_class gone where gone.oid = b.oid))
        where c.relfilenode <> b.relfilenode\
        """;

    private static final String SCANNED =
            "select b.relname from before_it b join pg_stat_xact_user_tables s on s.relid = b.oid where s.seq_scan > 0";

    static Observed on(TestDatabase database, String sql) throws SQLException {
        try (Connection connection = database.connectAsSuperuser();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute(BEFORE);
            statement.execute("set allow_system_table_mods = on");
            statement.execute(FORGET_SIZES);
            statement.execute("set allow_system_table_mods = off");
            connection.commit();
            try {
                statement.execute(sql);
                return new Observed(locks(statement), names(statement, REWRITTEN), names(statement, SCANNED));
            } finally {
                connection.rollback();
            }
        }
    }

    private static Map<String, LockMode> locks(Statement statement) throws SQLException {
        Map<String, LockMode> locks = new TreeMap<>();
        try (ResultSet rows = statement.executeQuery(LOCKS)) {
            while (rows.next()) {
                locks.merge(rows.getString(1), LockMode.ofPgName(rows.getString(2)), LockMode::strongest);
            }
        }
        return locks;
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
