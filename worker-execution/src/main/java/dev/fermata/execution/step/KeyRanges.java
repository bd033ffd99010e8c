package dev.fermata.execution.step;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.fermata.contracts.json.Json;
import dev.fermata.contracts.plan.Batching;
import dev.fermata.contracts.plan.Batching.KeyColumn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The ranges that a table is gone through in: of a unique key of any types, or of pages where it has none. */
abstract sealed class KeyRanges {
    /**
     * How far it has come, and where it ends. Keys are texts, as the server writes them.
     *
     * @param reached the last key that is done; empty at the beginning
     * @param upper the last key there was when it began; empty for a table without rows
     * @param rowsSeen about how many rows are done
     * @param rowsInAll about how many there were
     */
    record Bounds(List<String> reached, List<String> upper, long rowsSeen, long rowsInAll) {
        Bounds {
            reached = List.copyOf(reached);
            upper = List.copyOf(upper);
        }

        static Bounds nothing() {
            return new Bounds(List.of(), List.of(), 0, 0);
        }

        static Bounds parse(String text) {
            try {
                return Json.mapper().readValue(text, Bounds.class);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("the checkpoint in the ledger cannot be read", e);
            }
        }

        boolean reachedEnd() {
            return reached.equals(upper);
        }

        @Override
        public String toString() {
            try {
                return Json.mapper().writeValueAsString(this);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a checkpoint is always JSON", e);
            }
        }
    }

    final Batching batching;

    private KeyRanges(Batching batching) {
        this.batching = batching;
    }

    static KeyRanges of(Batching batching) {
        return batching.key().isEmpty() ? new OfPages(batching) : new OfKeys(batching);
    }

    /** The key columns, separated by commas. */
    String columns() {
        return batching.key().stream().map(KeyColumn::name).collect(Collectors.joining(", "));
    }

    /** From before the first row to the last there is now. */
    abstract Bounds all(Connection connection) throws SQLException;

    /** So many rows further, or to the end. */
    abstract Bounds next(Connection connection, Bounds from, int rows) throws SQLException;

    /** The condition on a row of {@code alias} to be in the range. */
    abstract String condition(String alias, Bounds from, Bounds to);

    /**
     * Whether a row may have moved behind what was gone through before its turn came, so that all is gone through again
     * until nothing is left to do.
     */
    abstract boolean mayMiss();

    /** About how many rows there are. */
    final long estimate(Connection connection) throws SQLException {
        return ask(connection, "sum(greatest(reltuples, 0)) FILTER (WHERE relkind <> 'p')");
    }

    /** Of the table and all that inherits from it: partitions, which hold the rows of a partitioned one, and heirs. */
    final long ask(Connection connection, String what) throws SQLException {
        String sql = "WITH RECURSIVE family AS (SELECT to_regclass('"
                + batching.table().replace("'", "''") + "')::oid AS member UNION SELECT inhrelid FROM pg_inherits"
                + " JOIN family ON inhparent = member) SELECT coalesce(" + what
                + ", 0)::bigint FROM family JOIN pg_class AS c ON c.oid = member";
        try (Statement select = connection.createStatement();
                ResultSet row = select.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Of a unique index, compared as rows are (PostgreSQL documentation, 9.25.5). */
    private static final class OfKeys extends KeyRanges {
        OfKeys(Batching batching) {
            super(batching);
        }

        @Override
        Bounds all(Connection connection) throws SQLException {
            String last = "SELECT " + texts() + " FROM " + batching.table() + " AS range ORDER BY " + descending()
                    + " LIMIT 1";
            List<List<String>> found = keys(connection, last);
            return found.isEmpty() ? Bounds.nothing() : new Bounds(List.of(), found.get(0), 0, estimate(connection));
        }

        @Override
        boolean mayMiss() {
            return false;
        }

        @Override
        Bounds next(Connection connection, Bounds from, int rows) throws SQLException {
            String sql = "SELECT " + texts() + " FROM " + batching.table() + " AS range WHERE "
                    + condition("range", from, new Bounds(from.upper(), from.upper(), 0, 0)) + " ORDER BY "
                    + ascending()
                    + " OFFSET " + (rows - 1) + " LIMIT 1";
            List<List<String>> found = keys(connection, sql);
            List<String> reached = found.isEmpty() ? from.upper() : found.get(0);
            long seen = from.rowsSeen() + rows;
            return new Bounds(reached, from.upper(), seen, Math.max(seen, from.rowsInAll()));
        }

        @Override
        String condition(String alias, Bounds from, Bounds to) {
            String columns = batching.key().stream()
                    .map(column -> alias + "." + column.name())
                    .collect(Collectors.joining(", ", "(", ")"));
            String below = columns + " <= " + literals(to.reached());
            return from.reached().isEmpty()
                    ? "(" + below + ")"
                    : "(" + columns + " > " + literals(from.reached()) + " AND " + below + ")";
        }

        private String literals(List<String> key) {
            List<String> literals = new ArrayList<>();
            for (int i = 0; i < key.size(); i++) {
                literals.add("'" + key.get(i).replace("'", "''") + "'::"
                        + batching.key().get(i).type());
            }
            return literals.stream().collect(Collectors.joining(", ", "(", ")"));
        }

        private String texts() {
            return each("range.%s::text");
        }

        /** With the table's name: a bare one would be that of the output column, which is a text and sorts as one. */
        private String ascending() {
            return each("range.%s");
        }

        private String descending() {
            return each("range.%s DESC");
        }

        private String each(String format) {
            return batching.key().stream()
                    .map(column -> String.format(Locale.ROOT, format, column.name()))
                    .collect(Collectors.joining(", "));
        }

        private List<List<String>> keys(Connection connection, String sql) throws SQLException {
            List<List<String>> keys = new ArrayList<>();
            try (Statement select = connection.createStatement()) {
                select.setEscapeProcessing(false);
                try (ResultSet rows = select.executeQuery(sql)) {
                    while (rows.next()) {
                        List<String> key = new ArrayList<>();
                        for (int i = 1; i <= batching.key().size(); i++) {
                            key.add(rows.getString(i));
                        }
                        keys.add(key);
                    }
                }
            }
            return keys;
        }
    }

    /**
     * Of pages, for a table without a key: TID range scans. A row that is updated moves to another page and may come by
     * again, or be gone through already. A range is the same pages of all partitions and heirs.
     */
    private static final class OfPages extends KeyRanges {
        /** As many are counted where nothing is known of the table. */
        private static final int SAMPLE = 16;

        OfPages(Batching batching) {
            super(batching);
        }

        @Override
        Bounds all(Connection connection) throws SQLException {
            long pages = ask(connection, "max(pg_relation_size(c.oid)) / current_setting('block_size')::bigint");
            return pages == 0
                    ? Bounds.nothing()
                    : new Bounds(List.of("0"), List.of(Long.toString(pages)), 0, rows(connection, pages));
        }

        /** What is kept is changed by nobody. */
        @Override
        boolean mayMiss() {
            return !batching.changedColumns().isEmpty();
        }

        private long rows(Connection connection, long pages) throws SQLException {
            long known = estimate(connection);
            if (known > 0) {
                return known;
            }
            long counted = Math.min(SAMPLE, pages);
            try (Statement select = connection.createStatement();
                    ResultSet row = select.executeQuery(
                            "SELECT count(*) FROM " + batching.table() + " WHERE ctid < '(" + counted + ",0)'::tid")) {
                row.next();
                return row.getLong(1) * pages / counted;
            }
        }

        @Override
        Bounds next(Connection connection, Bounds from, int rows) {
            long upper = Long.parseLong(from.upper().get(0));
            long reached = Long.parseLong(from.reached().get(0));
            long pages = Math.max(1, from.rowsInAll() == 0 ? rows / 50 : upper * rows / from.rowsInAll());
            long to = Math.min(upper, reached + pages);
            return new Bounds(
                    List.of(Long.toString(to)), from.upper(), from.rowsInAll() * to / upper, from.rowsInAll());
        }

        @Override
        String condition(String alias, Bounds from, Bounds to) {
            return "(" + alias + ".ctid >= '(" + from.reached().get(0) + ",0)'::tid AND " + alias + ".ctid < '("
                    + to.reached().get(0) + ",0)'::tid)";
        }
    }
}
