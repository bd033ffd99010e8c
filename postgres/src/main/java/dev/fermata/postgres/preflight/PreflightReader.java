package dev.fermata.postgres.preflight;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.SafeMessage;
import dev.fermata.postgres.targets.Trouble;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Asks questions of a database: counts, reads no row out of it and writes nothing.
 *
 * <p>Each question has a READ ONLY transaction of its own, so no lock (ACCESS SHARE on the tables counted) outlives its
 * answer. The role's rights are looked up first, and row level security is switched off, so that a table which would
 * hide rows makes the query fail instead of the count wrong. One query uses one process: no parallel workers.
 */
public final class PreflightReader {
    private static final double ALL = 100;

    private static final String SETTINGS = """
        SELECT set_config('statement_timeout', ?, true), set_config('lock_timeout', ?, true),
               set_config('search_path', ?, true), set_config('row_security', 'off', true),
               set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)
        """;

    /** Of the table and all that inherits from it, as files are, whatever the statistics say. */
    private static final String PAGES = """
        WITH RECURSIVE tree (oid) AS (
          SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = ? AND c.relname = ?
          UNION
          SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree t ON t.oid = i.inhparent)
        SELECT coalesce(sum(pg_catalog.pg_relation_size(t.oid)), 0) / current_setting('block_size')::bigint FROM tree t
        """;

    private final Connection connection;
    private final PreflightLimits limits;
    private final long start = System.nanoTime();

    private PreflightReader(Connection connection, PreflightLimits limits) {
        this.connection = connection;
        this.limits = limits;
    }

    /**
     * One answer for each question, in the same order.
     *
     * @param connection in autocommit mode, and so again afterwards
     * @throws SQLException only when the connection is lost
     */
    public static List<Answer> ask(Connection connection, List<Question> questions, PreflightLimits limits)
            throws SQLException {
        if (!connection.getAutoCommit()) {
            throw new IllegalArgumentException(
                    "connection: in a transaction (expected: autocommit, as every question has a transaction of its"
                            + " own)");
        }
        PreflightReader reader = new PreflightReader(connection, limits);
        List<Answer> answers = new ArrayList<>();
        for (Question question : questions) {
            answers.add(
                    switch (question) {
                        case Question.Unanswerable one -> new Answer.NotAsked(one, one.why());
                        case Question.Countable one -> reader.answer(one);
                    });
        }
        return List.copyOf(answers);
    }

    private Answer answer(Question.Countable question) throws SQLException {
        if (left().isZero()) {
            return new Answer.TimedOut(question, Answer.Slow.OTHERS, limits.total(), OptionalLong.empty());
        }
        Duration limit = limit();
        long began = System.nanoTime();
        try {
            return inTransaction(question, limit, () -> count(question));
        } catch (SQLException e) {
            return failed(question, e, Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private Answer count(Question.Countable question) throws SQLException {
        Optional<Answer> missing = Rights.missing(connection, question);
        if (missing.isPresent()) {
            return missing.get();
        }
        Optional<String> objection =
                Harmless.objection(connection, question.counting().calls());
        if (objection.isPresent()) {
            return new Answer.NotAsked(question, objection.get());
        }
        long rows = number(question.counting().sql(limits.atMost()));
        return new Answer.Counted(question, Math.min(rows, limits.atMost()), rows <= limits.atMost());
    }

    private Answer failed(Question.Countable question, SQLException e, Duration after) throws SQLException {
        return switch (Trouble.of(e)) {
            case CONNECTION_LOST -> throw e;
            case LOCK_NOT_AVAILABLE ->
                new Answer.TimedOut(question, Answer.Slow.LOCK, limits.lockWait(), OptionalLong.empty());
            case CANCELLED -> new Answer.TimedOut(question, Answer.Slow.COUNT, rounded(after), sample(question));
            default -> new Answer.Failed(question, SafeMessage.of(e));
        };
    }

    /** A second, smaller try; whatever stops it, there is no estimate then. */
    private OptionalLong sample(Question.Countable question) throws SQLException {
        if (limits.sampledPages() == 0 || left().isZero()) {
            return OptionalLong.empty();
        }
        try {
            return inTransaction(question, limit(), () -> {
                long pages = pages(question.relation());
                double percent = Math.min(ALL, ALL * limits.sampledPages() / Math.max(1, pages));
                Optional<String> sql = question.counting().sampleSql(percent);
                return percent < ALL && sql.isPresent()
                        ? OptionalLong.of(Math.round(number(sql.get()) * ALL / percent))
                        : OptionalLong.empty();
            });
        } catch (SQLException e) {
            if (Trouble.of(e) == Trouble.CONNECTION_LOST) {
                throw e;
            }
            return OptionalLong.empty();
        }
    }

    private interface Work<T> {
        T apply() throws SQLException;
    }

    private <T> T inTransaction(Question.Countable question, Duration limit, Work<T> work) throws SQLException {
        connection.setAutoCommit(false);
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TRANSACTION READ ONLY");
            }
            settings(question, limit);
            return work.apply();
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    private void settings(Question.Countable question, Duration limit) throws SQLException {
        List<String> path = question.counting().searchPath();
        try (PreparedStatement settings = connection.prepareStatement(SETTINGS)) {
            settings.setString(1, limit.toMillis() + "ms");
            settings.setString(2, limits.lockWait().toMillis() + "ms");
            settings.setString(
                    3,
                    path.isEmpty()
                            ? "pg_catalog"
                            : String.join(
                                    ", ",
                                    path.stream().map(QualifiedName::quote).toList()));
            settings.execute();
        }
    }

    private long pages(QualifiedName relation) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(PAGES)) {
            statement.setString(1, relation.schema());
            statement.setString(2, relation.name());
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    /** The text goes as it is: question marks in it are operators, and braces are no escapes. */
    private long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            try (ResultSet row = statement.executeQuery(sql)) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private Duration limit() {
        Duration left = left();
        return left.compareTo(limits.perQuestion()) < 0 ? left : limits.perQuestion();
    }

    /** In whole milliseconds, as the server counts them; 0 would be no limit at all to it. */
    private Duration left() {
        long millis = limits.total().toMillis() - (System.nanoTime() - start) / 1_000_000;
        return Duration.ofMillis(Math.max(0, millis));
    }

    private static Duration rounded(Duration time) {
        return Duration.ofMillis(time.toMillis());
    }
}
