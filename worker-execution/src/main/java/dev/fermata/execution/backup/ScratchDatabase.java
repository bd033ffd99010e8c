package dev.fermata.execution.backup;

import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.targets.Session;
import dev.fermata.postgres.targets.TargetAddress;
import dev.fermata.postgres.targets.TargetDatabase;
import dev.fermata.postgres.targets.TargetException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;

/**
 * An empty database on the server of a target, to restore a backup into. The name is fixed by what it is for, so that
 * what a crash left behind is replaced by the next attempt.
 */
final class ScratchDatabase implements AutoCloseable {
    /** Encoding and locale of the current database; the catalog's columns for the locale differ from 15 to 18. */
    private static final String OPTIONS = """
        SELECT format('ENCODING %L LC_COLLATE %L LC_CTYPE %L', pg_encoding_to_char(d.encoding), d.datcollate, d.datctype)
          || CASE d.datlocprovider
               WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', coalesce(j ->> 'datlocale', j ->> 'daticulocale'))
               WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', j ->> 'datlocale')
               ELSE ' LOCALE_PROVIDER libc' END
        FROM pg_database d CROSS JOIN LATERAL to_jsonb(d) j WHERE d.datname = current_database()
        """;

    private final TargetDatabase origin;
    private final TargetDatabase database;

    private ScratchDatabase(TargetDatabase origin, TargetDatabase database) {
        this.origin = origin;
        this.database = database;
    }

    /** What {@link #create} takes to make a database like this one. */
    static String options(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(OPTIONS);
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    /** @param purpose what it is for, such as a run and what is done with it */
    static ScratchDatabase create(TargetDatabase origin, String purpose, String options) {
        byte[] hash = Sums.sha256().digest(purpose.getBytes(StandardCharsets.UTF_8));
        String name = "fermata_scratch_" + HexFormat.of().formatHex(hash, 0, 6);
        ScratchDatabase scratch = new ScratchDatabase(origin, beside(origin, name));
        try (Connection admin = origin.open(session());
                Statement statement = admin.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + QualifiedName.quote(name) + " WITH (FORCE)");
            create(statement, name, options);
            return scratch;
        } catch (SQLException e) {
            throw TargetException.of(
                    "making a scratch database beside target '"
                            + origin.address().name() + "'",
                    e);
        }
    }

    static void create(Statement statement, String name, String options) throws SQLException {
        statement.execute("CREATE DATABASE " + QualifiedName.quote(name) + " TEMPLATE template0 " + options);
    }

    /** Another database of the same server and role. */
    static TargetDatabase beside(TargetDatabase origin, String name) {
        TargetAddress address = origin.address();
        return new TargetDatabase(new TargetAddress(
                address.name(),
                address.host(),
                address.port(),
                name,
                address.user(),
                address.password(),
                address.environment()));
    }

    private static Session session() {
        return Session.writer("fermata-scratch").withLockTimeout(Duration.ofSeconds(10));
    }

    TargetDatabase database() {
        return database;
    }

    /** Removes it, and whoever is still in it. */
    @Override
    public void close() {
        String name = database.address().database();
        try (Connection admin = origin.open(session());
                Statement statement = admin.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + QualifiedName.quote(name) + " WITH (FORCE)");
        } catch (SQLException e) {
            throw TargetException.of("removing database '" + name + "'", e);
        }
    }
}
