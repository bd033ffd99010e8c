package dev.fermata.postgres.preflight;

import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.schema.SchemaReader;
import dev.fermata.testsupport.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A change on a real database: what is asked and answered before it, and what the server then says to it. */
final class Trial {
    private static final SqlParser PARSER = new SqlParser(1);

    private Trial() {}

    static List<Question> questions(TestDatabase database, String change) throws SQLException {
        try (Connection connection = database.connect()) {
            return Preflight.questions(
                    PARSER.parseScript(change),
                    connection.getMetaData().getDatabaseMajorVersion(),
                    SchemaReader.read(connection));
        }
    }

    static List<Answer> answers(TestDatabase database, String change) throws SQLException {
        return answers(database, change, PreflightLimits.standard());
    }

    static List<Answer> answers(TestDatabase database, String change, PreflightLimits limits) throws SQLException {
        try (Connection connection = database.connect()) {
            return PreflightReader.ask(connection, questions(database, change), limits);
        }
    }

    static Optional<String> refusal(TestDatabase database, String change) throws SQLException {
        try (Connection connection = database.connect()) {
            return refusal(connection, change);
        }
    }

    /** The SQLState with which the server refuses the change; empty: it takes it. Either way nothing stays. */
    static Optional<String> refusal(Connection connection, String change) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(change);
            return Optional.empty();
        } catch (SQLException e) {
            return Optional.of(String.valueOf(e.getSQLState()));
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    /** All rows counted; fails for any answer that is no exact number. */
    static long rows(List<Answer> answers) {
        return answers.stream().mapToLong(Trial::rows).sum();
    }

    static long rows(Answer answer) {
        if (answer instanceof Answer.Counted counted && counted.exact()) {
            return counted.rows();
        }
        throw new AssertionError("not an exact count: " + answer.text() + "\n  "
                + (answer.question() instanceof Question.Countable one
                        ? one.counting().sql(1)
                        : answer.question()));
    }

    /** Whether the refusal is of the sort that one of the questions with rows foretells. */
    static Predicate<String> foretold(List<Answer> answers) {
        return state -> answers.stream()
                .filter(answer -> rows(answer) > 0)
                .anyMatch(answer -> answer.question().kind().sqlStates().contains(state));
    }
}
