package dev.fermata.acceptance.corpora;

import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.targets.Password;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.testsupport.RealPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** Databases of one test server, which are copied as they are. */
final class Databases {
    private final RealPostgres server;

    Databases(RealPostgres server) {
        this.server = server;
    }

    Database create(String name) throws SQLException {
        server.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name);
        return new Database(name);
    }

    /** One database; closing it drops it. */
    final class Database implements AutoCloseable {
        private final String name;

        private Database(String name) {
            this.name = name;
        }

        /** Nobody may be connected to this one meanwhile. One of that name is replaced. */
        Database copy(String suffix) throws SQLException {
            return copyTo(name + suffix);
        }

        private Database copyTo(String other) throws SQLException {
            server.execute(
                    "DROP DATABASE IF EXISTS " + other + " WITH (FORCE)",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'",
                    "CREATE DATABASE " + other + " TEMPLATE " + name);
            return new Database(other);
        }

        /** Makes the other one the same as this. */
        void replace(Database other) throws SQLException {
            copyTo(other.name);
        }

        TargetDatabase target() {
            return new TargetDatabase(new TargetAddress(
                    "corpus",
                    server.host(),
                    server.port(),
                    name,
                    server.superuser(),
                    Password.of(server.password()),
                    "test"));
        }

        Connection open() {
            return target().open(Session.writer("corpora")
                    .withLockTimeout(Duration.ofSeconds(5))
                    .withStatementTimeout(Duration.ofMinutes(2)));
        }

        CatalogSnapshot catalog() throws SQLException {
            try (Connection connection = target().open(Session.reader("corpora"))) {
                return CatalogSnapshot.read(connection);
            }
        }

        @Override
        public void close() throws SQLException {
            server.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        }
    }
}
