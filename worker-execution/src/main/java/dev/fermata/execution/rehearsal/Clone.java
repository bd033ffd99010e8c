package dev.fermata.execution.rehearsal;

import dev.fermata.contracts.id.RunId;
import dev.fermata.contracts.json.CanonicalJson;
import dev.fermata.contracts.order.WorkOrder;
import dev.fermata.postgres.catalog.CatalogDiff;
import dev.fermata.postgres.catalog.CatalogSnapshot;
import dev.fermata.postgres.catalog.QualifiedName;
import dev.fermata.postgres.catalog.SchemaScript;
import dev.fermata.postgres.catalog.TableCopy;
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
import java.util.List;

/**
 * A database beside the target, on the same server, that looks like it. Its name is fixed by the run, so that whatever a
 * crash left behind is replaced by the next attempt and removed at the end.
 */
public final class Clone implements AutoCloseable {
    private final TargetDatabase origin;
    private final TargetDatabase database;
    private final String kind;

    private Clone(TargetDatabase origin, TargetDatabase database, String kind) {
        this.origin = origin;
        this.database = database;
        this.kind = kind;
    }

    /** The clone as a target of its own. */
    public TargetDatabase database() {
        return database;
    }

    /** {@code dump}, {@code schema} or {@code template}. */
    public String kind() {
        return kind;
    }

    /**
     * Makes a clone.
     *
     * @param largestDump bytes of a database up to which {@code auto} copies the rows, too
     * @throws TargetException when the server does not let us, for example without CREATEDB
     */
    public static Clone make(TargetDatabase origin, RunId run, WorkOrder.Clone wanted, long largestDump) {
        Clone clone = null;
        try (Connection admin = origin.open(session(run))) {
            String kind = kind(admin, wanted, largestDump);
            clone = new Clone(origin, beside(origin, name("fermata_clone_", run)), kind);
            create(
                    admin,
                    clone.name(),
                    kind.equals("template") ? origin.address().database() : "template0");
            if (!kind.equals("template")) {
                clone.fill(run, kind.equals("dump"));
            }
            return clone;
        } catch (SQLException e) {
            if (clone != null) {
                clone.close();
            }
            throw TargetException.of(
                    "making a clone of target '" + origin.address().name() + "'", e);
        } catch (RuntimeException e) {
            if (clone != null) {
                clone.close();
            }
            throw e;
        }
    }

    /** An empty database beside the target, for restoring a backup into. */
    public static Clone scratch(TargetDatabase origin, RunId run) {
        Clone scratch = new Clone(origin, beside(origin, name("fermata_scratch_", run)), "scratch");
        try (Connection admin = origin.open(session(run))) {
            create(admin, scratch.name(), "template0");
            return scratch;
        } catch (SQLException e) {
            throw TargetException.of(
                    "making a scratch database beside target '"
                            + origin.address().name() + "'",
                    e);
        }
    }

    private static Session session(RunId run) {
        return Session.writer("fermata-clone/" + run.order()).withLockTimeout(Duration.ofSeconds(10));
    }

    private static String name(String prefix, RunId run) {
        return prefix
                + CanonicalJson.sha256(run.toString().getBytes(StandardCharsets.UTF_8))
                        .substring(7, 19);
    }

    private static TargetDatabase beside(TargetDatabase origin, String database) {
        TargetAddress address = origin.address();
        return new TargetDatabase(new TargetAddress(
                address.name(),
                address.host(),
                address.port(),
                database,
                address.user(),
                address.password(),
                address.environment()));
    }

    private static String kind(Connection connection, WorkOrder.Clone wanted, long largestDump) throws SQLException {
        return switch (wanted) {
            case DUMP, SCHEMA, TEMPLATE -> wanted.wire();
            case AUTO -> size(connection) <= largestDump ? "dump" : "schema";
            case NONE -> throw new IllegalArgumentException("no clone is wanted");
        };
    }

    private static long size(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT pg_database_size(current_database())");
                ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void create(Connection admin, String name, String template) throws SQLException {
        try (Statement statement = admin.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + QualifiedName.quote(name) + " WITH (FORCE)");
            statement.execute(
                    "CREATE DATABASE " + QualifiedName.quote(name) + " TEMPLATE " + QualifiedName.quote(template));
        }
    }

    private void fill(RunId run, boolean rows) throws SQLException {
        Session reading = Session.reader("fermata-clone/" + run.order()).withStatementTimeout(Duration.ZERO);
        Session writing = Session.writer("fermata-clone/" + run.order());
        try (Connection source = origin.open(reading);
                Connection clone = database.open(writing)) {
            source.setAutoCommit(false);
            source.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            SchemaScript script = SchemaScript.read(source);
            CatalogSnapshot wanted = CatalogSnapshot.read(source).withoutOwnership();
            script.applyBeforeData(clone);
            if (rows) {
                TableCopy.copyAll(source, clone);
            }
            script.applyAfterData(clone);
            script.applySequencePositions(clone);
            source.rollback();
            analyze(clone);
            List<String> differences = CatalogDiff.between(
                            wanted, CatalogSnapshot.read(clone).withoutOwnership())
                    .describe(10);
            if (!differences.isEmpty()) {
                throw new CloneDiffersException(differences);
            }
        }
    }

    private static void analyze(Connection clone) throws SQLException {
        try (Statement statement = clone.createStatement()) {
            statement.execute("ANALYZE");
        }
    }

    private String name() {
        return database.address().database();
    }

    /** Removes the database, and whoever is still in it. */
    @Override
    public void close() {
        try (Connection admin = origin.open(Session.writer("fermata-clone"));
                Statement statement = admin.createStatement()) {
            statement.execute("DROP DATABASE IF EXISTS " + QualifiedName.quote(name()) + " WITH (FORCE)");
        } catch (SQLException e) {
            throw TargetException.of("removing database '" + name() + "'", e);
        }
    }
}
