package dev.fermata.execution.rehearsal;

import dev.fermata.postgres.catalog.Attic;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.SafeMessage;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Whether an application can write to a table while triggers of the plan are on it: a row is updated to itself, and a copy
 * of one inserted, between any two steps. Both are rolled back. What fails without those triggers as well is no fault of
 * theirs; and tables that have none are left alone, as what triggers of the application do elsewhere is not ours to set off.
 */
final class TriedWrites implements AutoCloseable {
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(2);

    private static final String TRIGGERS = """
        SELECT quote_ident(t.tgname) FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE t.tgrelid = to_regclass(?) AND p.pronamespace = to_regnamespace('%s') ORDER BY t.tgname
        """.formatted(Attic.SCHEMA);

    /** Those that an application knows and may write, with the one to update first. */
    private static final String COLUMNS = """
        SELECT quote_ident(attname) FROM pg_attribute
        WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
          AND attname !~ '^fermata_attic_' ORDER BY attidentity = 'a', attnum
        """;

    private final Connection connection;
    private final List<QualifiedName> tables;

    private TriedWrites(Connection connection, Collection<QualifiedName> tables) {
        this.connection = connection;
        this.tables = tables.stream().sorted().toList();
    }

    static TriedWrites start(TargetDatabase database, Collection<QualifiedName> tables) throws SQLException {
        Connection connection =
                database.open(Session.writer("fermata-rehearsal-writes").withLockTimeout(LOCK_TIMEOUT));
        TriedWrites writes = new TriedWrites(connection, tables);
        connection.setAutoCommit(false);
        return writes;
    }

    /** What an application could not do now, for people. */
    List<String> failures() throws SQLException {
        List<String> failures = new ArrayList<>();
        for (QualifiedName table : tables) {
            List<String> triggers = names(TRIGGERS, table);
            List<String> columns = triggers.isEmpty() ? List.of() : names(COLUMNS, table);
            if (!columns.isEmpty()) {
                for (String write : writes(table, columns)) {
                    failure(table, triggers, write)
                            .ifPresent(error -> failures.add(write.substring(0, write.indexOf(' ')) + " of table "
                                    + table + " fails: " + error));
                }
            }
            connection.rollback();
        }
        return failures;
    }

    private static List<String> writes(QualifiedName table, List<String> columns) {
        String all = String.join(", ", columns);
        String first = columns.getFirst();
        return List.of(
                "UPDATE " + table.sql() + " SET " + first + " = " + first + " WHERE ctid = (SELECT ctid FROM "
                        + table.sql() + " LIMIT 1)",
                "INSERT INTO " + table.sql() + " (" + all + ") OVERRIDING SYSTEM VALUE SELECT " + all + " FROM "
                        + table.sql() + " LIMIT 1 ON CONFLICT DO NOTHING");
    }

    private Optional<SafeMessage> failure(QualifiedName table, List<String> triggers, String write)
            throws SQLException {
        Optional<SQLException> with = tried(List.of(write));
        if (with.isEmpty() || saysNothing(with.get())) {
            return Optional.empty();
        }
        List<String> without = new ArrayList<>();
        triggers.forEach(trigger -> without.add("ALTER TABLE " + table.sql() + " DISABLE TRIGGER " + trigger));
        without.add(write);
        return tried(without)
                        .filter(other -> String.valueOf(other.getSQLState())
                                        .equals(with.get().getSQLState())
                                || saysNothing(other))
                        .isPresent()
                ? Optional.empty()
                : with.map(SafeMessage::of);
    }

    /** What the server does not expect, or finds in use, comes of the write: nobody else is in the clone. */
    private static boolean saysNothing(SQLException e) {
        Trouble trouble = Trouble.of(e);
        return trouble.mayPass() && trouble != Trouble.UNEXPECTED && trouble != Trouble.IN_USE;
    }

    private Optional<SQLException> tried(List<String> statements) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            return Optional.empty();
        } catch (SQLException e) {
            if (connection.isClosed()) {
                throw e;
            }
            return Optional.of(e);
        } finally {
            if (!connection.isClosed()) {
                connection.rollback(before);
            }
        }
    }

    private List<String> names(String query, QualifiedName table) throws SQLException {
        List<String> names = new ArrayList<>();
        try (PreparedStatement select = connection.prepareStatement(query)) {
            select.setString(1, table.sql());
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    names.add(rows.getString(1));
                }
            }
        }
        return names;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
