package dev.fermata.benchmarks;

import dev.fermata.embedded.EmbeddedPostgres;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** A database server of one benchmark, in a temporary folder. */
final class Databases implements AutoCloseable {
    private final EmbeddedPostgres postgres;
    private int copies;

    Databases() throws IOException {
        Path folder = Files.createTempDirectory("fermata-benchmark");
        postgres = EmbeddedPostgres.start(folder.resolve("data"));
    }

    /** To a database that is made for it. */
    Connection create(String name) throws SQLException {
        try (Connection connection = connect("postgres")) {
            execute(connection, "CREATE DATABASE " + name);
        }
        return connect(name);
    }

    /** A copy of a database that nobody is connected to. */
    String copy(String source) throws SQLException {
        String name = source + "_copy_" + copies++;
        try (Connection connection = connect("postgres")) {
            execute(connection, "CREATE DATABASE " + name + " TEMPLATE " + source + " STRATEGY file_copy");
            execute(connection, "CHECKPOINT");
        }
        return name;
    }

    void drop(String name) throws SQLException {
        try (Connection connection = connect("postgres")) {
            execute(connection, "DROP DATABASE " + name + " WITH (FORCE)");
        }
    }

    Connection connect(String name) throws SQLException {
        var address = postgres.address();
        return DriverManager.getConnection(address.jdbcUrl(name), address.superuser(), address.password());
    }

    /** As the execution worker reaches it. */
    TargetDatabase target(String name) {
        var address = postgres.address();
        return new TargetDatabase(new TargetAddress(
                name,
                address.host(),
                address.port(),
                name,
                address.superuser(),
                Password.of(address.password()),
                "benchmark"));
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        postgres.close();
    }
}
