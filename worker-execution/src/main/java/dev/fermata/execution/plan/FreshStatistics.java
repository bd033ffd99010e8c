package dev.fermata.execution.plan;

import dev.fermata.contracts.plan.Phase;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.TableStats;

/**
 * ANALYZE where a step has made values, or an expression to keep statistics of, that the planner of queries knows nothing of
 * until autovacuum comes by (PostgreSQL documentation, 14.2 and 11.12).
 */
final class FreshStatistics {
    /** Of a small table the server thinks of the size alone, and autovacuum is there at once. */
    private static final long SMALL_BYTES = 8L << 20;

    private FreshStatistics() {}

    static boolean matter(Scene scene, QualifiedName table) {
        return scene.online() && scene.stats(table).map(TableStats::heapBytes).orElse(0L) > SMALL_BYTES;
    }

    /** @param columns quoted, with commas; empty for all */
    static Draft draft(QualifiedName table, String columns) {
        return Draft.transaction(
                Phase.MIGRATE,
                "the server should know the new values when it plans queries",
                Undo.by(),
                sql(table, columns));
    }

    /**
     * An autovacuum that is at work on the table may be for an hour, as after a change of all rows, and reads the values itself
     * after it: it is not waited for.
     *
     * @param columns quoted, with commas; empty for all
     */
    static String sql(QualifiedName table, String columns) {
        return "ANALYZE (SKIP_LOCKED) " + table.sql() + (columns.isEmpty() ? "" : " (" + columns + ")");
    }
}
