package dev.fermata.cli.launcher;

import dev.fermata.embedded.EmbeddedKafka;
import dev.fermata.embedded.EmbeddedPostgres;
import dev.fermata.embedded.KafkaOptions;
import dev.fermata.embedded.PostgresAddress;
import dev.fermata.embedded.PostgresOptions;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A broker and a database of our own in a folder, with the control database in it. Both start at the same time. */
public final class EmbeddedServers implements AutoCloseable {
    private static final String CONTROL = "fermata";

    private final EmbeddedKafka kafka;
    private final EmbeddedPostgres postgres;
    private final Secrets secrets;

    private EmbeddedServers(EmbeddedKafka kafka, EmbeddedPostgres postgres, Secrets secrets) {
        this.kafka = kafka;
        this.postgres = postgres;
        this.secrets = secrets;
    }

    /**
     * @param kafkaPort 0 for any free one
     * @param postgresPort 0 for any free one
     */
    public static EmbeddedServers start(Path folder, int kafkaPort, int postgresPort) {
        CompletableFuture<EmbeddedKafka> kafka = CompletableFuture.supplyAsync(() -> EmbeddedKafka.start(
                folder.resolve("kafka"), KafkaOptions.defaults().withPort(kafkaPort)));
        EmbeddedPostgres postgres = null;
        try {
            postgres = EmbeddedPostgres.start(
                    folder.resolve("postgres"), PostgresOptions.defaults().withPort(postgresPort));
            EmbeddedServers servers =
                    new EmbeddedServers(kafka.join(), postgres, new Secrets(folder.resolve("secrets")));
            servers.createDatabase(CONTROL, CONTROL);
            return servers;
        } catch (RuntimeException e) {
            if (postgres != null) {
                postgres.close();
            }
            closeWhenStarted(kafka);
            throw e;
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // whoever failed is told by the exception that follows
    private static void closeWhenStarted(CompletableFuture<EmbeddedKafka> kafka) {
        kafka.thenAccept(EmbeddedKafka::close);
    }

    /**
     * A database and a role that owns it, made when missing. The role is no superuser, may make databases (for clones), and
     * its password is in the file that {@link #secretFile} names.
     */
    public void createDatabase(String database, String role) {
        try (Connection connection = asSuperuser("postgres");
                Statement statement = connection.createStatement()) {
            String password = secrets.read(role);
            boolean known = exists(statement, "SELECT 1 FROM pg_roles WHERE rolname = '" + role + "'");
            statement.execute((known ? "ALTER" : "CREATE") + " ROLE \"" + role
                    + "\" LOGIN NOSUPERUSER CREATEDB NOCREATEROLE PASSWORD '" + password + "'");
            if (!exists(statement, "SELECT 1 FROM pg_database WHERE datname = '" + database + "'")) {
                statement.execute("CREATE DATABASE \"" + database + "\" OWNER \"" + role + "\"");
            }
        } catch (SQLException e) {
            throw new IllegalStateException("database '" + database + "' cannot be made: " + e.getMessage(), e);
        }
    }

    private static boolean exists(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            return row.next();
        }
    }

    Connection asSuperuser(String database) throws SQLException {
        PostgresAddress address = postgres.address();
        return DriverManager.getConnection(address.jdbcUrl(database), address.superuser(), address.password());
    }

    Connection as(String role, String database) throws SQLException {
        return DriverManager.getConnection(postgres.address().jdbcUrl(database), role, secrets.read(role));
    }

    /** The file with the password of a role. */
    public Path secretFile(String role) {
        return secrets.file(role);
    }

    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    public String postgresHost() {
        return postgres.address().host();
    }

    public int postgresPort() {
        return postgres.address().port();
    }

    /** The keys that tell services where these servers are. */
    public Map<String, String> settings() {
        return Map.of(
                "kafka.bootstrap-servers", bootstrapServers(),
                "control.host", postgresHost(),
                "control.port", Integer.toString(postgresPort()),
                "control.database", CONTROL,
                "control.user", CONTROL,
                "control.password-file", secretFile(CONTROL).toString());
    }

    @Override
    public void close() {
        kafka.close();
        postgres.close();
    }
}
