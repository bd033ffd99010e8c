package dev.fermata.supervisor.probe;

import dev.fermata.runtime.config.TargetConfig;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.core.Parser;

/**
 * One statement, in a read-only transaction, with a time limit.
 *
 * <p>The text comes from the author, and no approval names it. That it cannot write rests on three things: the transaction
 * begins READ ONLY; PostgreSQL lets nobody make it READ WRITE once a query has run in it; and the text is one statement, so
 * it cannot end the transaction and go on.
 */
final class SqlProbe {
    private SqlProbe() {}

    static Optional<String> ask(TargetConfig target, String sql) {
        try {
            if (Parser.parseJdbcSql(sql, true, false, true, false, false).size() != 1) {
                return Optional.of("is not one statement");
            }
            try (Connection connection = connect(target);
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                connection.setReadOnly(true);
                statement.execute("SELECT 1");
                return look(statement, sql);
            }
        } catch (SQLException e) {
            return Optional.of("failed with SQLSTATE " + e.getSQLState());
        }
    }

    private static Optional<String> look(Statement statement, String sql) throws SQLException {
        statement.setMaxRows(1);
        try (ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                return Optional.of("returned no row");
            }
            return Boolean.FALSE.equals(row.getObject(1)) ? Optional.of("returned false") : Optional.empty();
        }
    }

    private static Connection connect(TargetConfig target) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", target.user());
        properties.setProperty("password", target.password().reveal());
        properties.setProperty("ApplicationName", "fermata-probe");
        properties.setProperty("connectTimeout", "3");
        properties.setProperty("socketTimeout", Long.toString(Probes.LONGEST.toSeconds() + 2));
        properties.setProperty("options", "-c statement_timeout=" + Probes.LONGEST.toMillis() + " -c lock_timeout=1s");
        return DriverManager.getConnection(target.jdbcUrl(), properties);
    }
}
