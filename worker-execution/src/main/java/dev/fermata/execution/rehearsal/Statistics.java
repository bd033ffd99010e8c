package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.QualifiedName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * No rows, but what the target's ANALYZE found out about them. The functions that take it over are new in PostgreSQL 18.
 * The planner still goes by the size of the files, which are empty; so selectivities are the target's, and costs are not.
 */
class Statistics implements DumpClones.Rows {
    private static final int FIRST_WITH_STATISTICS = 18;
    private static final String NO_ROWS =
            "the clone has no rows: what the change does to rows, and how long it takes, is" + " not tried";

    /** The user's tables that have been analyzed. Read on the target. */
    private static final String RELATIONS = """
        SELECT n.nspname, c.relname, c.relpages, c.reltuples, c.relallvisible
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0 AND n.nspname !~ '^(pg_|fermata_attic)'
          AND n.nspname NOT IN ('information_schema', 'fermata')
        """;

    private static final String RESTORE_RELATION = """
        SELECT pg_restore_relation_stats('schemaname', ?::text, 'relname', ?::text, 'relpages', ?::integer,
            'reltuples', ?::real, 'relallvisible', ?::integer)
        """;

    private static final String ATTRIBUTES = """
        SELECT s.schemaname, s.tablename, s.attname, s.inherited::text, s.null_frac::text, s.avg_width::text,
               s.n_distinct::text, s.most_common_vals::text, s.most_common_freqs::text, s.histogram_bounds::text,
               s.correlation::text, s.most_common_elems::text, s.most_common_elem_freqs::text,
               s.elem_count_histogram::text
        FROM pg_stats s JOIN pg_namespace n ON n.nspname = s.schemaname
          JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
        WHERE c.relkind IN ('r', 'p', 'm') AND s.schemaname !~ '^(pg_|fermata_attic)'
          AND s.schemaname NOT IN ('information_schema', 'fermata') AND s.attname !~ '^fermata_attic_'
          AND c.relname !~ '^fermata_attic_'
        """;

    private static final String RESTORE_ATTRIBUTE = """
        SELECT pg_restore_attribute_stats('schemaname', ?::text, 'relname', ?::text, 'attname', ?::text,
            'inherited', ?::boolean, 'null_frac', ?::real, 'avg_width', ?::integer, 'n_distinct', ?::real,
            'most_common_vals', ?::text, 'most_common_freqs', ?::real[], 'histogram_bounds', ?::text,
            'correlation', ?::real, 'most_common_elems', ?::text, 'most_common_elem_freqs', ?::real[],
            'elem_count_histogram', ?::real[])
        """;

    private static final int ATTRIBUTE_FIELDS = 14;
    private static final int RELATION_FIELDS = 5;

    @Override
    public String kind() {
        return "schema";
    }

    @Override
    public CloneProvider.Extent extent() {
        return CloneProvider.Extent.NONE;
    }

    @Override
    public String describe() {
        return "a database beside the target with its schema and, from PostgreSQL 18 on, its statistics, but no rows";
    }

    @Override
    public List<String> copy(Connection source, Connection clone) throws SQLException {
        return List.of();
    }

    @Override
    public List<String> finish(Connection source, Connection clone) throws SQLException {
        if (clone.getMetaData().getDatabaseMajorVersion() < FIRST_WITH_STATISTICS) {
            return List.of(NO_ROWS, "statistics cannot be taken over to a server before PostgreSQL 18");
        }
        Set<QualifiedName> there = relations(clone);
        int tables = transfer(source, RELATIONS, clone, RESTORE_RELATION, RELATION_FIELDS, there);
        int columns = transfer(source, ATTRIBUTES, clone, RESTORE_ATTRIBUTE, ATTRIBUTE_FIELDS, there);
        return List.of(NO_ROWS, "the statistics of " + tables + " tables and " + columns + " columns are the target's");
    }

    private static Set<QualifiedName> relations(Connection clone) throws SQLException {
        String sql = "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace";
        Set<QualifiedName> names = new HashSet<>();
        try (PreparedStatement select = clone.prepareStatement(sql);
                ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                names.add(new QualifiedName(rows.getString(1), rows.getString(2)));
            }
        }
        return names;
    }

    /** Values pass through as texts; none is kept or logged. */
    private static int transfer(
            Connection source, String read, Connection clone, String restore, int fields, Set<QualifiedName> there)
            throws SQLException {
        int count = 0;
        try (PreparedStatement select = source.prepareStatement(read);
                ResultSet rows = select.executeQuery();
                PreparedStatement call = clone.prepareStatement(restore)) {
            while (rows.next()) {
                if (!there.contains(new QualifiedName(rows.getString(1), rows.getString(2)))) {
                    continue; // made by others since the clone was begun
                }
                for (int field = 1; field <= fields; field++) {
                    call.setString(field, rows.getString(field));
                }
                try (ResultSet answer = call.executeQuery()) {
                    answer.next();
                }
                count++;
            }
        }
        return count;
    }
}
