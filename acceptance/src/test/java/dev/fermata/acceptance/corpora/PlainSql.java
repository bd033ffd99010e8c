package dev.fermata.acceptance.corpora;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.parser.SqlInputException;
import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Applies a script as psql would: in one transaction, or where the server refuses that, statement by statement. */
final class PlainSql {
    private static final String TRANSACTION_CONTROL = "TransactionStmt";

    private final SqlParser parser;

    PlainSql(SqlParser parser) {
        this.parser = parser;
    }

    /** Empty when it was applied; else why not, and the database is as it was. */
    Optional<String> apply(String script, Databases.Database database) throws SQLException {
        List<Statement> statements;
        try {
            statements = parser.parseScript(script);
        } catch (SqlInputException e) {
            return Optional.of("cannot be read: " + e.getMessage());
        }
        Optional<String> inOne = inOneTransaction(statements, database);
        if (inOne.isEmpty()) {
            return inOne;
        }
        try (Databases.Database trial = database.copy("_trial")) {
            if (oneByOne(statements, trial).isPresent()) {
                return inOne;
            }
        }
        return oneByOne(statements, database);
    }

    /**
     * What the catalog would be after the script, which is taken back again; empty where it cannot run in one transaction,
     * be it that the server refuses that or that something is wrong with it.
     */
    Optional<CatalogSnapshot> tryOut(String script, Databases.Database database) throws SQLException {
        try (Connection connection = database.open()) {
            connection.setAutoCommit(false);
            try {
                return run(parser.parseScript(script), connection).isPresent()
                        ? Optional.empty()
                        : Optional.of(CatalogSnapshot.read(connection));
            } catch (SqlInputException e) {
                return Optional.empty();
            } finally {
                connection.rollback();
            }
        }
    }

    /** The script without BEGIN and COMMIT around its statements; empty where it has none. */
    Optional<String> withoutTransactionControl(String script) {
        try {
            List<Statement> statements = parser.parseScript(script);
            List<String> rest = statements.stream()
                    .filter(statement -> !statement.kind().equals(TRANSACTION_CONTROL))
                    .map(Statement::text)
                    .toList();
            return rest.size() == statements.size() ? Optional.empty() : Optional.of(String.join(";\n", rest) + ";\n");
        } catch (SqlInputException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> inOneTransaction(List<Statement> statements, Databases.Database database)
            throws SQLException {
        try (Connection connection = database.open()) {
            connection.setAutoCommit(false);
            Optional<String> refused = run(statements, connection);
            if (refused.isEmpty()) {
                connection.commit();
            } else {
                connection.rollback();
            }
            return refused;
        } catch (SQLException e) {
            return Optional.of(code(e)); // deferred constraints speak up at the end
        }
    }

    private static Optional<String> oneByOne(List<Statement> statements, Databases.Database database)
            throws SQLException {
        try (Connection connection = database.open()) {
            return run(statements, connection);
        }
    }

    private static Optional<String> run(List<Statement> statements, Connection connection) throws SQLException {
        for (Statement statement : statements) {
            if (statement.kind().equals(TRANSACTION_CONTROL)) {
                continue;
            }
            try (java.sql.Statement sql = connection.createStatement()) {
                sql.setEscapeProcessing(false);
                sql.execute(statement.text());
            } catch (SQLException e) {
                return Optional.of(code(e) + " at " + statement);
            }
        }
        return Optional.empty();
    }

    private static String code(SQLException e) {
        return "SQLSTATE " + e.getSQLState();
    }
}
