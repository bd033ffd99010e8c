package dev.fermata.postgres.catalog;

import dev.fermata.postgres.parser.SqlParser;
import dev.fermata.postgres.parser.Statement;
import dev.fermata.testsupport.RealPostgres;
import dev.fermata.testsupport.TestDatabase;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;

/** A superuser's connection to a database of its own, and the scripts beside the tests. */
final class Sql implements AutoCloseable {
    private static final SqlParser PARSER = new SqlParser(1);

    private final TestDatabase database = RealPostgres.shared().newDatabase();
    private final Connection connection;

    Sql() throws SQLException {
        connection = database.connectAsSuperuser();
    }

    static Sql empty() throws SQLException {
        return new Sql();
    }

    static Sql withRichSchema() throws SQLException {
        return new Sql().run(resource("rich-schema.sql"));
    }

    Connection connection() {
        return connection;
    }

    TestDatabase database() {
        return database;
    }

    Sql run(String script) throws SQLException {
        try (java.sql.Statement jdbc = connection.createStatement()) {
            jdbc.setEscapeProcessing(false);
            // The driver would split at the semicolons of function bodies.
            for (Statement statement : PARSER.parseScript(script)) {
                jdbc.execute(statement.text());
            }
        }
        return this;
    }

    String ask(String query) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }

    CatalogSnapshot snapshot() throws SQLException {
        return CatalogSnapshot.read(connection);
    }

    static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(Sql.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
        database.close();
    }
}
